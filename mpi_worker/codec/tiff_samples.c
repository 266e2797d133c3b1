// SPDX-License-Identifier: MIT
//
// See tiff_samples.h. One block of rows at a time lies decoded in memory: a row where the file has
// strips, a row of tiles, or what a strip of each plane holds. What each row's numbers mean for a
// sample of 16 bits is decided before the first one, which may take a walk over the whole file:
//
//      floats           0 to 1 where all of them lie there, or nearly
//      whole numbers    0 to their greatest, unless all would be black in 8 bits
//      all others       the file's own range
#include "mpi_worker/codec/tiff_samples.h"

#include "mpi_worker/codec/tiff_file.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/remark.h"

#include <math.h>
#include <string.h>

enum { BLACK_BITS = 8 }; // below 1 / 2^8 all is black
#define SLIGHTLY 0.1     // beyond 0 to 1: what a sharpening filter leaves

/** Samples become (value - low) / (high - low). */
struct range {
    double low, high;
};

/** The one decoder of a picture; only the thread that works on the picture comes here. */
struct reader {
    TIFF *tiff;
    struct dm_tiff_source source;
    struct dm_tiff_kind kind;
    GString *remarks;               // (nullable)
    int planes;                     // 1, or one for each sample
    size_t row_bytes;               // of a plane
    uint8_t *block;                 // planes, one behind the other
    uint8_t *tile;                  // (nullable)
    uint32_t *raster;               // of YCbCr
    uint32_t block_rows, top, rows; // rows are 0 before the first
    TIFFRGBAImage rgba;
    struct range range;
    bool ranged, is_rgba, allocated, failed;
};

// ---- blocks

static uint8_t *plane_row(const struct reader *reader, int plane, uint32_t y) {
    size_t row = (size_t)plane * reader->block_rows + (y - reader->top);
    return reader->block + row * reader->row_bytes;
}

/** Read the row of tiles that @reader->top begins, of one plane. */
static bool read_tiles(struct reader *reader, int plane) {
    uint32_t width = 0;
    TIFFGetField(reader->tiff, TIFFTAG_TILEWIDTH, &width);
    size_t tile_row = (size_t)TIFFTileRowSize(reader->tiff);
    for (uint32_t x = 0; x < reader->kind.width; x += width) {
        size_t at = x / width * tile_row;
        if (TIFFReadTile(reader->tiff, reader->tile, x, reader->top, 0, (uint16_t)plane) < 0) {
            return false;
        }
        for (uint32_t y = 0; y < reader->rows; y++) {
            memcpy(plane_row(reader, plane, reader->top + y) + at, reader->tile + y * tile_row,
                   MIN(tile_row, reader->row_bytes - at));
        }
    }
    return true;
}

static bool read_strip(struct reader *reader, int plane) {
    uint32_t strip = TIFFComputeStrip(reader->tiff, reader->top, (uint16_t)plane);
    size_t size = (size_t)reader->rows * reader->row_bytes;
    return TIFFReadEncodedStrip(reader->tiff, strip, plane_row(reader, plane, reader->top),
                                (tmsize_t)size) == (tmsize_t)size;
}

static bool read_plane(struct reader *reader, int plane) {
    if (reader->tile != NULL) {
        return read_tiles(reader, plane);
    }
    return reader->planes > 1 ? read_strip(reader, plane)
                              : TIFFReadScanline(reader->tiff, reader->block, reader->top, 0) > 0;
}

static bool read_ycc(struct reader *reader) {
    reader->rgba.row_offset = (int)reader->top;
    return TIFFRGBAImageGet(&reader->rgba, reader->raster, reader->kind.width, reader->rows);
}

/** Only once pixels are asked for: by then the size is known to be allowed. */
static bool allocate(struct reader *reader) {
    size_t rows = (size_t)reader->block_rows * (size_t)reader->planes;
    if (reader->is_rgba) {
        reader->raster = g_try_new(uint32_t, (size_t)reader->kind.width * reader->block_rows);
    } else {
        reader->block = g_try_malloc0(rows * reader->row_bytes);
    }
    if (TIFFIsTiled(reader->tiff) && !reader->is_rgba) {
        reader->tile = g_try_malloc0((size_t)TIFFTileSize(reader->tiff));
    }
    reader->allocated = true;
    return (reader->raster != NULL || reader->block != NULL) &&
           (reader->tile != NULL || reader->is_rgba || !TIFFIsTiled(reader->tiff));
}

/** Have row @y at hand. */
static bool need_row(struct reader *reader, uint32_t y) {
    if (!reader->allocated && !allocate(reader)) {
        vips_error("tiff", "out of memory");
        return false;
    }
    if (reader->rows > 0 && y >= reader->top && y - reader->top < reader->rows) {
        return true;
    }
    reader->top = y - y % reader->block_rows;
    reader->rows = MIN(reader->block_rows, reader->kind.height - reader->top);
    bool good = true;
    if (reader->is_rgba) {
        good = read_ycc(reader);
    }
    for (int plane = 0; good && !reader->is_rgba && plane < reader->planes; plane++) {
        good = read_plane(reader, plane);
    }
    if (!good) {
        reader->rows = 0;
        vips_error("tiff", "row %u cannot be read", y);
    }
    return good;
}

// ---- samples

/** Of 16 or 24 bits: a sign, an exponent of @exponent_bits, the rest. */
static double small_float(uint32_t bits, int total, int exponent_bits) {
    int mantissa_bits = total - 1 - exponent_bits;
    int bias = (1 << (exponent_bits - 1)) - 1;
    uint32_t mantissa = bits & ((1U << mantissa_bits) - 1);
    int exponent = (int)(bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
    double sign = bits >> (total - 1) ? -1 : 1;
    if (exponent == (1 << exponent_bits) - 1) {
        return mantissa != 0 ? NAN : sign * INFINITY;
    }
    return exponent == 0
               ? sign * ldexp(mantissa, 1 - bias - mantissa_bits)
               : sign * ldexp(mantissa | 1U << mantissa_bits, exponent - bias - mantissa_bits);
}

static double get_float(const uint8_t *row, size_t index, int bits) {
    if (bits == 64) {
        double value;
        memcpy(&value, row + index * 8, sizeof(value));
        return value;
    }
    if (bits == 32) {
        float value;
        memcpy(&value, row + index * 4, sizeof(value));
        return (double)value;
    }
    uint32_t value = 0;
    memcpy(&value, row + index * (size_t)bits / 8, (size_t)bits / 8); // in our byte order
    return bits == 16 ? small_float(value, 16, 5) : small_float(value, 24, 7);
}

/** Whole numbers of any width; libtiff brings 16, 24, 32 and 64 bits into our order. */
static uint64_t get_bits(const uint8_t *row, size_t index, int bits) {
    uint64_t value = 0;
    if (bits == 16 || bits == 24 || bits == 32 || bits == 64) {
        memcpy(&value, row + index * (size_t)bits / 8, (size_t)bits / 8);
        return value;
    }
    for (size_t at = index * (size_t)bits, end = at + (size_t)bits; at < end; at++) {
        value = value << 1 | (row[at / 8] >> (7 - at % 8) & 1);
    }
    return value;
}

static double get_sample(const struct dm_tiff_kind *kind, const uint8_t *row, size_t index) {
    if (kind->format == SAMPLEFORMAT_IEEEFP) {
        return get_float(row, index, kind->bits);
    }
    uint64_t value = get_bits(row, index, kind->bits);
    if (kind->format != SAMPLEFORMAT_INT) {
        return (double)value;
    }
    uint64_t sign = 1ULL << (kind->bits - 1);
    return (double)(int64_t)((value ^ sign) - sign);
}

/** Sample @sample of pixel @x of the row at hand. */
static double sample_at(const struct reader *reader, uint32_t x, uint32_t y, int sample) {
    bool apart = reader->planes > 1;
    const uint8_t *row = plane_row(reader, apart ? sample : 0, y);
    size_t index = apart ? x : (size_t)x * reader->kind.samples + (size_t)sample;
    return get_sample(&reader->kind, row, index);
}

// ---- what they mean

static double greatest(const struct dm_tiff_kind *kind) {
    return kind->format == SAMPLEFORMAT_IEEEFP ? 1 : ldexp(1, kind->bits) - 1;
}

/** Widen @range by a row that is at hand. */
static void widen(const struct reader *reader, uint32_t y, struct range *range) {
    for (uint32_t x = 0; x < reader->kind.width; x++) {
        for (int sample = 0; sample < reader->kind.colours; sample++) {
            double value = sample_at(reader, x, y, sample);
            if (isfinite(value)) {
                range->low = MIN(range->low, value);
                range->high = MAX(range->high, value);
            }
        }
    }
}

static bool find_range(struct reader *reader, struct range *ret) {
    *ret = (struct range){INFINITY, -INFINITY};
    for (uint32_t y = 0; y < reader->kind.height; y++) {
        if (!need_row(reader, y)) {
            return false;
        }
        widen(reader, y, ret);
    }
    return true;
}

/** The range that the file's own numbers are colours in. False: they are none by themselves. */
static bool is_encoded(const struct dm_tiff_kind *kind, const struct range *found) {
    double most = greatest(kind);
    if (kind->format == SAMPLEFORMAT_IEEEFP) {
        return found->low >= -SLIGHTLY && found->high <= 1 + SLIGHTLY;
    }
    return kind->format != SAMPLEFORMAT_INT && ldexp(found->high, BLACK_BITS) >= most;
}

static void say_range(struct reader *reader, const struct range *found) {
    if (reader->remarks != NULL) {
        g_autofree char *text = g_strdup_printf("its samples run from %g to %g, spread from black "
                                                "to white",
                                                found->low, found->high);
        dm_remark(reader->remarks, text);
    }
}

/** Decide what black and white are. False: the file cannot be read. */
static bool choose_range(struct reader *reader) {
    struct range found, said = {0, greatest(&reader->kind)};
    bool has_low = TIFFGetField(reader->tiff, TIFFTAG_SMINSAMPLEVALUE, &said.low);
    bool has_high = TIFFGetField(reader->tiff, TIFFTAG_SMAXSAMPLEVALUE, &said.high);
    reader->range = (struct range){0, greatest(&reader->kind)};
    reader->ranged = true;
    if ((has_low || has_high) && said.low < said.high) {
        reader->range = said;
        return true;
    }
    if (reader->kind.format != SAMPLEFORMAT_IEEEFP && reader->kind.format != SAMPLEFORMAT_INT &&
        reader->kind.bits < 32) {
        return true;
    }
    if (!find_range(reader, &found)) {
        return false;
    }
    if (found.low < found.high && !is_encoded(&reader->kind, &found)) {
        reader->range = found;
        say_range(reader, &found);
    } else if (found.low == found.high && !is_encoded(&reader->kind, &found)) {
        reader->range = (struct range){found.low, found.low + 1}; // of one value: black
        say_range(reader, &found);
    }
    return true;
}

static uint16_t spread(const struct range *range, double value) {
    double part = (value - range->low) / (range->high - range->low);
    return part >= 1 ? 65535 : part > 0 ? (uint16_t)lround(part * 65535) : 0; // not a number: 0
}

/** Extra samples have no meaning that a range could give them: alpha runs from 0 to its greatest.
 */
static void convert_pixel(const struct reader *reader, uint32_t x, uint32_t y, uint16_t *to) {
    const struct dm_tiff_kind *kind = &reader->kind;
    const struct range plain = {0, greatest(kind)};
    double alpha = 1;
    if (kind->associated) {
        alpha = sample_at(reader, x, y, kind->alpha) / plain.high;
    }
    for (int sample = 0; sample < kind->samples; sample++) {
        double value = sample_at(reader, x, y, sample);
        if (sample >= kind->colours) {
            to[sample] = spread(&plain, value);
            continue;
        }
        to[sample] = spread(&reader->range, alpha > 0 && alpha < 1 ? value / alpha : value);
        if (kind->photometric == PHOTOMETRIC_MINISWHITE) {
            to[sample] = (uint16_t)(65535 - to[sample]);
        }
    }
}

// ---- the picture

static void fill_ycc(const struct reader *reader, const VipsRect *rect, int y, uint8_t *to) {
    const uint32_t *from =
        reader->raster + (size_t)((uint32_t)y - reader->top) * reader->kind.width + rect->left;
    for (int x = 0; x < rect->width; x++) {
        to[3 * x] = (uint8_t)TIFFGetR(from[x]);
        to[3 * x + 1] = (uint8_t)TIFFGetG(from[x]);
        to[3 * x + 2] = (uint8_t)TIFFGetB(from[x]);
    }
}

static void fill(const struct reader *reader, const VipsRect *rect, int y, uint16_t *to) {
    for (int x = 0; x < rect->width; x++) {
        convert_pixel(reader, (uint32_t)(rect->left + x), (uint32_t)y,
                      to + (size_t)x * reader->kind.samples);
    }
}

static int generate(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop) {
    (void)sequence;
    (void)a;
    (void)stop;
    struct reader *reader = b;
    const VipsRect *rect = &out->valid;
    if (!reader->is_rgba && !reader->ranged && !choose_range(reader)) {
        reader->failed = true;
    }
    for (int y = rect->top; y < VIPS_RECT_BOTTOM(rect); y++) {
        if (reader->failed || !need_row(reader, (uint32_t)y)) {
            reader->failed = true;
            return -1;
        }
        if (reader->is_rgba) {
            fill_ycc(reader, rect, y, dm_region_at(out, rect->left, y));
        } else {
            fill(reader, rect, y, dm_region_at(out, rect->left, y));
        }
    }
    return 0;
}

static void close_reader(VipsImage *image, void *data) {
    (void)image;
    struct reader *reader = data;
    if (reader->is_rgba) {
        TIFFRGBAImageEnd(&reader->rgba);
    }
    if (reader->tiff != NULL) {
        TIFFClose(reader->tiff);
    }
    g_free(reader->block);
    g_free(reader->tile);
    g_free(reader->raster);
    g_free(reader);
}

static bool open_ycc(struct reader *reader) {
    char why[1024] = "";
    if (!TIFFRGBAImageOK(reader->tiff, why) ||
        !TIFFRGBAImageBegin(&reader->rgba, reader->tiff, 1, why)) {
        vips_error("tiff", "%s", why);
        return false;
    }
    reader->is_rgba = true;
    reader->rgba.orientation = reader->rgba.req_orientation = ORIENTATION_TOPLEFT; // rows as stored
    if (!TIFFIsTiled(reader->tiff)) {
        TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_ROWSPERSTRIP, &reader->block_rows);
    } else {
        TIFFGetField(reader->tiff, TIFFTAG_TILELENGTH, &reader->block_rows);
    }
    reader->block_rows = MIN(MAX(reader->block_rows, 1), reader->kind.height);
    return true;
}

static bool open_numbers(struct reader *reader) {
    const struct dm_tiff_kind *kind = &reader->kind;
    reader->planes = kind->planar == PLANARCONFIG_SEPARATE ? kind->samples : 1;
    reader->row_bytes = (size_t)TIFFScanlineSize(reader->tiff);
    reader->block_rows = 1;
    if (TIFFIsTiled(reader->tiff)) {
        TIFFGetField(reader->tiff, TIFFTAG_TILELENGTH, &reader->block_rows);
    } else if (reader->planes > 1) {
        TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_ROWSPERSTRIP, &reader->block_rows);
        reader->block_rows = MIN(reader->block_rows, kind->height);
    }
    uint64_t together = reader->planes > 1 ? 1 : kind->samples;
    uint64_t needed = ((uint64_t)kind->width * kind->bits * together + 7) / 8;
    if (reader->block_rows == 0 || reader->block_rows > VIPS_MAX_COORD ||
        reader->row_bytes < needed || reader->row_bytes > G_MAXINT) {
        vips_error("tiff", "its rows are not as long as its width says");
        return false;
    }
    return true;
}

static bool is_read(const struct dm_tiff_kind *kind) {
    g_autofree char *unsupported = dm_tiff_unsupported(kind);
    return unsupported == NULL && kind->width <= VIPS_MAX_COORD && kind->height <= VIPS_MAX_COORD &&
           kind->samples >= kind->colours;
}

static bool open_directory(struct reader *reader, const struct dm_bytes *bytes,
                           uint32_t directory) {
    reader->tiff = dm_tiff_file_open(&reader->source, bytes);
    return reader->tiff != NULL && TIFFSetDirectory(reader->tiff, (tdir_t)directory) &&
           dm_tiff_kind(reader->tiff, &reader->kind) && is_read(&reader->kind) &&
           (dm_tiff_is_ycc(&reader->kind) ? open_ycc(reader) : open_numbers(reader));
}

VipsImage *dm_tiff_samples(const struct dm_bytes *bytes, uint32_t directory, GString *remarks) {
    VipsImage *out = vips_image_new();
    struct reader *reader = g_new0(struct reader, 1);
    g_signal_connect(out, "postclose", G_CALLBACK(close_reader), reader);
    reader->remarks = remarks;
    if (!open_directory(reader, bytes, directory)) {
        g_object_unref(out);
        return NULL;
    }
    const struct dm_tiff_kind *kind = &reader->kind;
    bool gray = kind->colours == 1;
    if (remarks != NULL && !reader->is_rgba &&
        (kind->bits > 16 || kind->format == SAMPLEFORMAT_IEEEFP)) {
        dm_remark(remarks, "converted to 16 bits");
    }
    if (reader->is_rgba) {
        vips_image_init_fields(out, (int)kind->width, (int)kind->height, 3, VIPS_FORMAT_UCHAR,
                               VIPS_CODING_NONE, VIPS_INTERPRETATION_sRGB, 1, 1);
    } else {
        vips_image_init_fields(out, (int)kind->width, (int)kind->height, kind->samples,
                               VIPS_FORMAT_USHORT, VIPS_CODING_NONE,
                               gray ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16, 1, 1);
    }
    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, NULL) != 0 ||
        vips_image_generate(out, NULL, generate, NULL, NULL, reader) != 0) {
        g_object_unref(out);
        return NULL;
    }
    return out;
}
