// SPDX-License-Identifier: MIT
//
// See containers.h. The table in README.md ("What is kept") is written from this one.
#include "mpi_worker/meta/containers.h"

#include "mpi_worker/meta/exif.h"
#include "mpi_worker/meta/jpeg_parts.h"
#include "mpi_worker/meta/tiff_tags.h"
#include "mpi_worker/meta/xmp_encoding.h"

#include <string.h>

#define HOLDS(kind) (1U << DM_META_##kind)

static const struct dm_meta_container containers[] = {
    {.format = "jpeg",
     .mime = "image/jpeg",
     .holds = HOLDS(EXIF) | HOLDS(XMP) | HOLDS(PHOTOSHOP) | HOLDS(TEXT) | HOLDS(COMMENT) |
              HOLDS(PROFILE) | HOLDS(RESOLUTION) | HOLDS(OTHERS) | HOLDS(GAIN),
     .read = dm_meta_read_jpeg},
    {.format = "png",
     .mime = "image/png",
     .holds = HOLDS(EXIF) | HOLDS(XMP) | HOLDS(PHOTOSHOP) | HOLDS(TEXT) | HOLDS(COMMENT) |
              HOLDS(PROFILE) | HOLDS(CODES) | HOLDS(RESOLUTION) | HOLDS(OTHERS),
     .read = dm_meta_read_png},
    {.format = "webp",
     .mime = "image/webp",
     .holds = HOLDS(EXIF) | HOLDS(XMP) | HOLDS(PROFILE) | HOLDS(OTHERS),
     .read = dm_meta_read_webp,
     .write = dm_meta_write_webp},
    {.format = "tiff",
     .mime = "image/tiff",
     .holds = HOLDS(EXIF) | HOLDS(XMP) | HOLDS(PHOTOSHOP) | HOLDS(PROFILE) | HOLDS(RESOLUTION) |
              HOLDS(OTHERS),
     .read = dm_meta_read_tiff,
     .write = dm_meta_write_tiff},
    {.format = "gif",
     .mime = "image/gif",
     .holds = HOLDS(XMP) | HOLDS(TEXT) | HOLDS(COMMENT) | HOLDS(OTHERS),
     .read = dm_meta_read_gif,
     .write = dm_meta_write_gif},
    {.format = "avif",
     .mime = "image/avif",
     .holds = HOLDS(EXIF) | HOLDS(XMP) | HOLDS(PROFILE) | HOLDS(CODES),
     .read = dm_meta_read_isobmff,
     .write = dm_meta_write_isobmff},
    {.format = "heif", .mime = "image/heif", .read = dm_meta_read_isobmff},
};

static const char *const kind_names[] = {
    [DM_META_EXIF] = "EXIF",
    [DM_META_XMP] = "XMP",
    [DM_META_PHOTOSHOP] = "IPTC and Photoshop's block",
    [DM_META_TEXT] = "texts",
    [DM_META_COMMENT] = "comments",
    [DM_META_PROFILE] = "colour profile",
    [DM_META_CODES] = "colour code points",
    [DM_META_RESOLUTION] = "resolution",
    [DM_META_OTHERS] = "application data",
    [DM_META_GAIN] = "HDR gain map",
};

_Static_assert(G_N_ELEMENTS(kind_names) == DM_META_KINDS, "each kind has its name");

const struct dm_meta_container *dm_meta_container(const char *format) {
    for (size_t i = 0; i < G_N_ELEMENTS(containers); i++) {
        if (strcmp(containers[i].format, format) == 0) {
            return &containers[i];
        }
    }
    return NULL;
}

const char *dm_meta_kind_name(enum dm_meta_kind kind) {
    return kind_names[kind];
}

// ---- reading

/** What the blocks say of the picture as a whole. */
static void read_facts(struct dm_meta *meta) {
    static const enum dm_meta_unit units[] = {DM_META_UNIT_INCH, DM_META_UNIT_NONE,
                                              DM_META_UNIT_INCH, DM_META_UNIT_CM};
    struct dm_exif exif;
    struct dm_exif_entry entry, x, y;
    gsize size = 0;
    const void *data = meta->exif != NULL ? g_bytes_get_data(meta->exif, &size) : NULL;
    // Nothing is changed by what is called here.
    if (data == NULL || !dm_exif_open(&exif, (uint8_t *)data, size)) {
        return;
    }
    if (dm_exif_find(&exif, DM_EXIF_IFD0, DM_TAG_ORIENTATION, &entry)) {
        int64_t orientation = dm_exif_number(&exif, &entry, 0, 1);
        meta->orientation = orientation >= 1 && orientation <= 8 ? (int)orientation : 1;
    }
    if (meta->resolution.x == 0 && dm_exif_find(&exif, DM_EXIF_IFD0, DM_TAG_X_RESOLUTION, &x) &&
        dm_exif_find(&exif, DM_EXIF_IFD0, DM_TAG_Y_RESOLUTION, &y)) {
        bool said = dm_exif_find(&exif, DM_EXIF_IFD0, DM_TAG_RESOLUTION_UNIT, &entry);
        int64_t unit = said ? dm_exif_number(&exif, &entry, 0, 2) : 2;
        meta->resolution =
            (struct dm_meta_resolution){dm_exif_rational(&exif, &x), dm_exif_rational(&exif, &y),
                                        units[unit >= 1 && unit <= 3 ? unit : 0]};
    }
    if (dm_exif_find(&exif, DM_EXIF_EXIF, 0xA001, &entry)) {
        meta->colour.exif_space = (int)dm_exif_number(&exif, &entry, 0, 0);
    }
    if (dm_exif_find(&exif, DM_EXIF_INTEROP, 1, &entry) && entry.value_bytes == 4 &&
        memcmp(exif.data + entry.value_at, "R03", 3) == 0) {
        meta->colour.exif_space = 2;
    }
}

struct dm_meta *dm_meta_read(const char *container, const uint8_t *data, size_t size, int page) {
    const struct dm_meta_container *row = dm_meta_container(container);
    struct dm_meta *meta = dm_meta_new();
    if (row != NULL) {
        meta->container = row->format;
        row->read(meta, data, size, page);
    }
    if (meta->xmp != NULL) {
        meta->xmp = dm_xmp_to_utf8(meta->xmp);
    }
    read_facts(meta);
    if (row != NULL && row->read == dm_meta_read_isobmff) {
        meta->orientation = 1; // the decoder turned it
    }
    return meta;
}

// ---- fitting

static bool holds(const struct dm_meta_container *row, enum dm_meta_kind kind) {
    return row != NULL && row->holds >> kind & 1;
}

static void leave_out(struct dm_meta *meta, const char *format, enum dm_meta_kind kind) {
    dm_meta_remark(meta, "%s left out of the %s", kind_names[kind], format);
}

static void fit_block(struct dm_meta *meta, const struct dm_meta_container *row, const char *format,
                      enum dm_meta_kind kind, GBytes **block) {
    if (*block != NULL && !holds(row, kind)) {
        dm_meta_take(block, NULL);
        leave_out(meta, format, kind);
    }
}

static void fit_list(struct dm_meta *meta, const struct dm_meta_container *row, const char *format,
                     enum dm_meta_kind kind, GPtrArray *list) {
    if (list->len > 0 && !holds(row, kind)) {
        g_ptr_array_set_size(list, 0);
        leave_out(meta, format, kind);
    }
}

/** Pieces of one kind of container say nothing in another. */
static void fit_others(struct dm_meta *meta, const struct dm_meta_container *row,
                       const char *format) {
    bool same = row != NULL && g_strcmp0(meta->container, row->format) == 0;
    if (same && holds(row, DM_META_OTHERS)) {
        return;
    }
    for (guint i = 0; i < meta->others->len; i++) {
        const struct dm_meta_other *other = meta->others->pdata[i];
        dm_meta_remark(meta, "'%s' left out of the %s", other->name, format);
    }
    g_ptr_array_set_size(meta->others, 0);
}

/** Parts that are still listed here have not been put into the result. */
static void fit_parts(struct dm_meta *meta) {
    static const char *const names[] = {
        [DM_META_GAIN_MAP] = "the HDR gain map is left out, so this is a plain photo",
        [DM_META_FILM] = "the film is left out",
        [DM_META_PICTURE] = "further pictures in the file are left out",
    };
    for (guint i = 0; i < meta->parts->len; i++) {
        const struct dm_meta_part *part = meta->parts->pdata[i];
        if (part->kind == DM_META_TRAILER) {
            dm_meta_remark(meta, "%zu bytes behind the picture are left out", part->size);
        } else {
            dm_meta_remark(meta, "%s", names[part->kind]);
        }
    }
    g_ptr_array_set_size(meta->parts, 0);
}

void dm_meta_fit(struct dm_meta *meta, const char *format) {
    const struct dm_meta_container *row = dm_meta_container(format);
    fit_block(meta, row, format, DM_META_EXIF, &meta->exif);
    fit_block(meta, row, format, DM_META_XMP, &meta->xmp);
    fit_block(meta, row, format, DM_META_PHOTOSHOP, &meta->photoshop);
    if (!holds(row, DM_META_PROFILE)) { // the numbers were converted before, with a remark
        dm_meta_take(&meta->colour.profile, NULL);
    }
    fit_list(meta, row, format, DM_META_TEXT, meta->texts);
    fit_list(meta, row, format, DM_META_COMMENT, meta->comments);
    fit_others(meta, row, format);
    fit_parts(meta);
}

GByteArray *dm_meta_write(const struct dm_meta *meta, const char *format, const uint8_t *file,
                          size_t size) {
    const struct dm_meta_container *row = dm_meta_container(format);
    return row != NULL && row->write != NULL ? row->write(meta, file, size) : NULL;
}
