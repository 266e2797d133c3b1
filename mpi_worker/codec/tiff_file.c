// SPDX-License-Identifier: MIT
//
// See tiff_file.h. libtiff's own messages go where libvips' do: it has set their handler.
#include "mpi_worker/codec/tiff_file.h"

#include <stdio.h>
#include <string.h>

// ---- reading

static tmsize_t read_source(thandle_t handle, void *to, tmsize_t size) {
    struct dm_tiff_source *source = handle;
    uint64_t there = source->bytes->size;
    uint64_t count = source->at < there ? MIN((uint64_t)size, there - source->at) : 0;
    if (count > 0) {
        memcpy(to, source->bytes->data + source->at, count);
    }
    source->at += count;
    return (tmsize_t)count;
}

static tmsize_t write_nowhere(thandle_t handle, void *from, tmsize_t size) {
    (void)handle;
    (void)from;
    (void)size;
    return -1;
}

static toff_t seek(uint64_t *at, uint64_t end, toff_t offset, int whence) {
    *at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? *at + offset : end + offset;
    return *at;
}

static toff_t seek_source(thandle_t handle, toff_t offset, int whence) {
    struct dm_tiff_source *source = handle;
    return seek(&source->at, source->bytes->size, offset, whence);
}

static toff_t size_source(thandle_t handle) {
    return ((struct dm_tiff_source *)handle)->bytes->size;
}

static int leave_open(thandle_t handle) {
    (void)handle;
    return 0;
}

static int map_source(thandle_t handle, void **ret_base, toff_t *ret_size) {
    struct dm_tiff_source *source = handle;
    *ret_base = source->bytes->data;
    *ret_size = source->bytes->size;
    return 1;
}

static void unmap(thandle_t handle, void *base, toff_t size) {
    (void)handle;
    (void)base;
    (void)size;
}

TIFF *dm_tiff_file_open(struct dm_tiff_source *source, const struct dm_bytes *bytes) {
    *source = (struct dm_tiff_source){.bytes = bytes};
    return TIFFClientOpen("tiff", "r", source, read_source, write_nowhere, seek_source, leave_open,
                          size_source, map_source, unmap);
}

// ---- writing

static tmsize_t read_target(thandle_t handle, void *to, tmsize_t size) {
    struct dm_tiff_target *target = handle;
    uint64_t there = target->bytes->len;
    uint64_t count = target->at < there ? MIN((uint64_t)size, there - target->at) : 0;
    if (count > 0) {
        memcpy(to, target->bytes->data + target->at, count);
    }
    target->at += count;
    return (tmsize_t)count;
}

static tmsize_t write_target(thandle_t handle, void *from, tmsize_t size) {
    struct dm_tiff_target *target = handle;
    uint64_t end = target->at + (uint64_t)size;
    if (end > G_MAXUINT32 - (1 << 20)) { // of a GByteArray
        return -1;
    }
    if (end > target->bytes->len) {
        guint old = target->bytes->len;
        g_byte_array_set_size(target->bytes, (guint)end);
        memset(target->bytes->data + old, 0, (size_t)end - old); // there may be a gap
    }
    memcpy(target->bytes->data + target->at, from, (size_t)size);
    target->at = end;
    return size;
}

static toff_t seek_target(thandle_t handle, toff_t offset, int whence) {
    struct dm_tiff_target *target = handle;
    return seek(&target->at, target->bytes->len, offset, whence);
}

static toff_t size_target(thandle_t handle) {
    return ((struct dm_tiff_target *)handle)->bytes->len;
}

static int map_nothing(thandle_t handle, void **ret_base, toff_t *ret_size) {
    (void)handle;
    (void)ret_base;
    (void)ret_size;
    return 0;
}

TIFF *dm_tiff_file_create(struct dm_tiff_target *target, bool big) {
    *target = (struct dm_tiff_target){.bytes = g_byte_array_new()};
    return TIFFClientOpen("tiff", big ? "w8l" : "wl", target, read_target, write_target,
                          seek_target, leave_open, size_target, map_nothing, unmap);
}

// ---- pages

/** TIFF 6.0, NewSubfileType and the older SubfileType: what is only there for another one. */
static bool is_copy(TIFF *tiff) {
    uint32_t type = 0;
    uint16_t old = 0;
    if (TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &type) && type != 0) {
        return (type & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
    }
    return TIFFGetField(tiff, TIFFTAG_OSUBFILETYPE, &old) && old == OFILETYPE_REDUCEDIMAGE;
}

GArray *dm_tiff_pages(TIFF *tiff, int *ret_copies) {
    GArray *pages = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    uint32_t directory = 0;
    *ret_copies = 0;
    do {
        if (is_copy(tiff)) {
            ++*ret_copies;
        } else {
            g_array_append_val(pages, directory);
        }
        directory++;
    } while (TIFFReadDirectory(tiff));
    for (uint32_t i = 0; pages->len == 0 && i < directory; i++) {
        g_array_append_val(pages, i);
        *ret_copies = i + 1 == directory ? 0 : *ret_copies;
    }
    return pages;
}

// ---- kinds

static int colours_of(const struct dm_tiff_kind *kind) {
    switch (kind->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE:
    case PHOTOMETRIC_LOGL:
        return 1;
    case PHOTOMETRIC_SEPARATED:
        return 4;
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_ITULAB:
        return kind->samples == 1 ? 1 : 3;
    default:
        return 3;
    }
}

/**
 * Which of the extra samples is transparency: what says that it is. Where none says anything (the
 * tag is left out, as by OpenCV) one alone is.
 */
static void find_alpha(TIFF *tiff, struct dm_tiff_kind *kind) {
    uint16_t count = 0, *types = NULL;
    kind->alpha = -1;
    if (!TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &types)) {
        kind->alpha = kind->samples == kind->colours + 1 ? kind->colours : -1;
        return;
    }
    for (int i = 0; i < count && kind->alpha < 0; i++) {
        if (types[i] == EXTRASAMPLE_ASSOCALPHA || types[i] == EXTRASAMPLE_UNASSALPHA) {
            kind->alpha = kind->colours + i;
            kind->associated = types[i] == EXTRASAMPLE_ASSOCALPHA;
        }
    }
}

bool dm_tiff_kind(TIFF *tiff, struct dm_tiff_kind *ret) {
    *ret = (struct dm_tiff_kind){.photometric = PHOTOMETRIC_MINISBLACK};
    if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &ret->width) ||
        !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &ret->height) || ret->width == 0 ||
        ret->height == 0) {
        return false;
    }
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &ret->bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &ret->format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &ret->samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &ret->planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &ret->compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_YCBCRSUBSAMPLING, &ret->subsampling[0],
                          &ret->subsampling[1]);
    if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &ret->photometric)) {
        ret->photometric = ret->samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
    }
    ret->colours = colours_of(ret);
    find_alpha(tiff, ret);
    return ret->samples >= 1 && ret->alpha < ret->samples;
}

bool dm_tiff_is_ycc(const struct dm_tiff_kind *kind) {
    return kind->photometric == PHOTOMETRIC_YCBCR && kind->compression != COMPRESSION_JPEG;
}

static bool is_gray_or_rgb(const struct dm_tiff_kind *kind) {
    return kind->photometric == PHOTOMETRIC_RGB || kind->photometric == PHOTOMETRIC_MINISWHITE ||
           kind->photometric == PHOTOMETRIC_MINISBLACK;
}

static bool is_log(const struct dm_tiff_kind *kind) {
    return kind->photometric == PHOTOMETRIC_LOGL || kind->photometric == PHOTOMETRIC_LOGLUV;
}

bool dm_tiff_is_plain(const struct dm_tiff_kind *kind) {
    bool few = kind->bits == 1 || kind->bits == 2 || kind->bits == 4;
    bool one = kind->samples == 1 && kind->photometric != PHOTOMETRIC_RGB;
    bool whole = kind->format == SAMPLEFORMAT_UINT || kind->format == SAMPLEFORMAT_VOID;
    return !dm_tiff_is_ycc(kind) &&
           (is_log(kind) || kind->photometric == PHOTOMETRIC_CIELAB ||
            (whole && (kind->bits == 8 || kind->bits == 16 || (few && one))));
}

static const char *name_of_photometric(uint16_t photometric) {
    static const struct {
        uint16_t photometric;
        const char *name;
    } names[] = {{PHOTOMETRIC_RGB, "RGB"},        {PHOTOMETRIC_PALETTE, "palette"},
                 {PHOTOMETRIC_SEPARATED, "inks"}, {PHOTOMETRIC_YCBCR, "YCbCr"},
                 {PHOTOMETRIC_CIELAB, "Lab"},     {PHOTOMETRIC_ICCLAB, "ICC Lab"},
                 {PHOTOMETRIC_ITULAB, "ITU Lab"}, {PHOTOMETRIC_CFA, "sensor mosaic"},
                 {PHOTOMETRIC_MASK, "mask"},      {PHOTOMETRIC_MINISWHITE, "gray"},
                 {PHOTOMETRIC_MINISBLACK, "gray"}};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].photometric == photometric) {
            return names[i].name;
        }
    }
    return "unknown colours";
}

static const char *name_of_format(uint16_t format) {
    static const char *const names[] = {[SAMPLEFORMAT_UINT] = "whole",
                                        [SAMPLEFORMAT_INT] = "signed",
                                        [SAMPLEFORMAT_IEEEFP] = "floating-point",
                                        [SAMPLEFORMAT_VOID] = "whole",
                                        [SAMPLEFORMAT_COMPLEXINT] = "complex",
                                        [SAMPLEFORMAT_COMPLEXIEEEFP] = "complex"};
    return format < G_N_ELEMENTS(names) && names[format] != NULL ? names[format] : "unknown";
}

/** Samples that tiff_samples.c makes sense of. */
static bool is_number(const struct dm_tiff_kind *kind) {
    switch (kind->format) {
    case SAMPLEFORMAT_IEEEFP:
        return kind->bits == 16 || kind->bits == 24 || kind->bits == 32 || kind->bits == 64;
    case SAMPLEFORMAT_INT:
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID:
        return kind->bits >= 1 && kind->bits <= 64;
    default:
        return false;
    }
}

static bool is_read(const struct dm_tiff_kind *kind) {
    bool enough = kind->samples >= kind->colours;
    if (dm_tiff_is_ycc(kind)) {
        return kind->bits == 8;
    }
    if (kind->photometric == PHOTOMETRIC_PALETTE) {
        return dm_tiff_is_plain(kind) && kind->bits <= 8;
    }
    if (dm_tiff_is_plain(kind)) {
        return enough && kind->photometric != PHOTOMETRIC_CFA &&
               kind->photometric != PHOTOMETRIC_ICCLAB && kind->photometric != PHOTOMETRIC_ITULAB;
    }
    return enough && is_gray_or_rgb(kind) && is_number(kind);
}

char *dm_tiff_unsupported(const struct dm_tiff_kind *kind) {
    if (!TIFFIsCODECConfigured(kind->compression)) {
        return g_strdup_printf("a TIFF of compression %d; save it with LZW or Deflate",
                               kind->compression);
    }
    if (is_read(kind)) {
        return NULL;
    }
    return g_strdup_printf("a TIFF of %d %s samples (%s) of %d bits; save it as RGB or gray of 8 "
                           "or 16 bits",
                           kind->samples, name_of_format(kind->format),
                           name_of_photometric(kind->photometric), kind->bits);
}
