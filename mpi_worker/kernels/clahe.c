// SPDX-License-Identifier: MIT
//
// See clahe.h. The mix is computed in float in OpenCV's order, across before down; the other order
// would save two look-ups a pixel and round one pixel in a thousand the other way.
#include "mpi_worker/kernels/clahe.h"

#include "mpi_worker/kernels/area.h"

#include <math.h>
#include <stddef.h>

void dm_clahe_init(struct dm_clahe *clahe, int tiles, int max, int width, int height) {
    int right = 0;
    int bottom = 0;
    if (width % tiles != 0 || height % tiles != 0) {
        right = tiles - width % tiles;
        bottom = tiles - height % tiles;
    }
    *clahe = (struct dm_clahe){
        .tiles = tiles,
        .tile_width = (width + right) / tiles,
        .tile_height = (height + bottom) / tiles,
        .max = max,
    };
}

int dm_clahe_source(int v, int size) {
    while (size > 1 && v >= size) {
        v = v < 2 * size - 1 ? 2 * (size - 1) - v : v - 2 * (size - 1);
    }
    return size > 1 ? v : 0;
}

/** Cut the bins down to @most each, and hand out evenly what was cut off. */
static void clip_bins(uint32_t *bins, int count, uint32_t most) {
    uint32_t clipped = 0;
    for (int v = 0; v < count; v++) {
        if (bins[v] > most) {
            clipped += bins[v] - most;
            bins[v] = most;
        }
    }
    uint32_t each = clipped / (uint32_t)count;
    uint32_t rest = clipped - each * (uint32_t)count;
    for (int v = 0; v < count; v++) {
        bins[v] += each;
    }
    if (rest == 0) {
        return;
    }
    int step = count / (int)rest > 1 ? count / (int)rest : 1;
    for (int v = 0; v < count && rest > 0; v += step, rest--) {
        bins[v]++;
    }
}

static void clip_to(uint32_t *bins, double limit, int area) {
    if (limit > 0) {
        int most = (int)(limit * area / 256);
        clip_bins(bins, 256, (uint32_t)(most > 1 ? most : 1));
    }
}

static uint16_t limited(float level, int max) {
    return (uint16_t)(level < (float)max ? level : (float)max);
}

/**
 * 16 bits: the histogram of the 8 bits that they would be, and lines between its levels. (OpenCV
 * clips 65536 bins instead: of one sample each in any tile of a photo, which limits nothing.)
 */
static void wide_table(double limit, int area, const uint32_t *bins, uint16_t *table) {
    uint32_t coarse[256] = {0};
    float levels[257];
    for (int v = 0; v <= 65535; v++) {
        coarse[(v + 128) / 257] += bins[v];
    }
    clip_to(coarse, limit, area);
    uint32_t sum = 0;
    for (int v = 0; v < 256; v++) {
        sum += coarse[v];
        levels[v] = (float)sum * (65535.0f / (float)area);
    }
    levels[256] = levels[255];
    for (int v = 0; v <= 65535; v++) {
        float part = (float)(v % 257) / 257.0f;
        float level = levels[v / 257] * (1.0f - part) + levels[v / 257 + 1] * part;
        table[v] = limited(rintf(level), 65535);
    }
}

void dm_clahe_table(const struct dm_clahe *clahe, double limit, uint32_t *bins, uint16_t *table) {
    int area = clahe->tile_width * clahe->tile_height;
    if (clahe->max != 255) {
        wide_table(limit, area, bins, table);
        return;
    }
    clip_to(bins, limit, area);
    uint32_t sum = 0;
    for (int v = 0; v < 256; v++) {
        sum += bins[v];
        table[v] = limited(rintf((float)sum * (255.0f / (float)area)), 255);
    }
}

/** Where row or column @v lies, in tiles from the centre of the first one. */
DM_INLINE float place(int v, float inverse) {
    return (float)v * inverse - 0.5f;
}

/** Between which two tiles a row or column lies, and how far from the first. */
struct between {
    int before; // the one whose centre lies before, -1 at the edge
    int first, second;
    float part;
};

static struct between between_tiles(int v, float inverse, int tiles) {
    int first = (int)floorf(place(v, inverse));
    return (struct between){
        .before = first,
        .first = first > 0 ? first : 0,
        .second = first + 1 < tiles ? first + 1 : tiles - 1,
        .part = place(v, inverse) - (float)first,
    };
}

static const uint16_t *tables_of_row(const struct dm_clahe *clahe, int tile_y) {
    return clahe->tables + (size_t)tile_y * (size_t)clahe->tiles * ((size_t)clahe->max + 1);
}

/** The column behind the last one that lies between the same centres as column @x. */
static int stretch_end(const struct dm_clahe *clahe, int x, float inverse) {
    float origin = floorf(place(x, inverse));
    int end = (int)((origin + 1.5f) * (float)clahe->tile_width); // but for rounding
    while (floorf(place(end, inverse)) == origin) {
        end++;
    }
    while (floorf(place(end - 1, inverse)) != origin) {
        end--;
    }
    return end;
}

/** The tables that a stretch of a row lies between: upper left and right, lower left and right. */
struct corners {
    const uint16_t *table[4];
};

static struct corners corners_of(const struct dm_clahe *clahe, struct between down,
                                 struct between across) {
    size_t size = (size_t)clahe->max + 1;
    const uint16_t *up = tables_of_row(clahe, down.first);
    const uint16_t *low = tables_of_row(clahe, down.second);
    size_t left = (size_t)across.first * size;
    size_t right = (size_t)across.second * size;
    return (struct corners){{up + left, up + right, low + left, low + right}};
}

/** Where the quads of the field behind tile (@x, @y), which may be -1, begin. */
static int field_at(const struct dm_clahe *clahe, int x, int y) {
    return ((y + 1) * (clahe->tiles + 1) + x + 1) * 256;
}

void dm_clahe_pack(const struct dm_clahe *clahe, uint32_t *quads) {
    int last = clahe->tiles - 1;
    for (int y = -1; y <= last; y++) {
        for (int x = -1; x <= last; x++) {
            struct between down = {y, y > 0 ? y : 0, y < last ? y + 1 : last, 0};
            struct between across = {x, x > 0 ? x : 0, x < last ? x + 1 : last, 0};
            struct corners corners = corners_of(clahe, down, across);
            uint32_t *field = quads + field_at(clahe, x, y);
            for (int v = 0; v < 256; v++) {
                field[v] = (uint32_t)corners.table[0][v] | (uint32_t)corners.table[1][v] << 8 |
                           (uint32_t)corners.table[2][v] << 16 |
                           (uint32_t)corners.table[3][v] << 24;
            }
        }
    }
}

/** A stretch of a row between the same tile centres. */
struct stretch {
    int left, width;
    float inverse, origin; // part across: place(x, inverse) - origin
    float down;
};

/** Half to even without a call, for 0 to 65535: the sum has no bits left for a fraction. */
DM_INLINE uint16_t nearest(float v) {
    const float no_fraction = 12582912.0f; // 1.5 * 2^23
    return (uint16_t)(int)((v + no_fraction) - no_fraction);
}

DM_INLINE uint16_t mix(const float levels[4], float across, float down) {
    float up = levels[0] * (1.0f - across) + levels[1] * across;
    float low = levels[2] * (1.0f - across) + levels[3] * across;
    return nearest(up * (1.0f - down) + low * down);
}

DM_CLONES static void map_by_quads(const struct stretch *stretch, const uint32_t *field,
                                   uint16_t *luma) {
    const struct stretch s = *stretch;
    for (int x = 0; x < s.width; x++) {
        uint32_t quad = field[luma[x]];
        const float levels[4] = {(float)(int)(quad & 255), (float)(int)(quad >> 8 & 255),
                                 (float)(int)(quad >> 16 & 255), (float)(int)(quad >> 24)};
        luma[x] = mix(levels, place(s.left + x, s.inverse) - s.origin, s.down);
    }
}

static void map_by_tables(const struct stretch *stretch, const struct corners *corners,
                          uint16_t *luma) {
    for (int x = 0; x < stretch->width; x++) {
        uint16_t v = luma[x];
        const float levels[4] = {(float)corners->table[0][v], (float)corners->table[1][v],
                                 (float)corners->table[2][v], (float)corners->table[3][v]};
        float across = place(stretch->left + x, stretch->inverse) - stretch->origin;
        luma[x] = mix(levels, across, stretch->down);
    }
}

void dm_clahe_row(const struct dm_clahe *clahe, int left, int y, int width, uint16_t *luma) {
    float inverse = 1.0f / (float)clahe->tile_width;
    struct between down = between_tiles(y, 1.0f / (float)clahe->tile_height, clahe->tiles);

    int end;
    for (int x = left; x < left + width; x = end) {
        struct between across = between_tiles(x, inverse, clahe->tiles);
        end = stretch_end(clahe, x, inverse);
        end = end < left + width ? end : left + width;
        struct stretch stretch = {x, end - x, inverse, (float)across.before, down.part};
        if (clahe->quads != NULL) {
            map_by_quads(&stretch, clahe->quads + field_at(clahe, across.before, down.before),
                         luma + (x - left));
        } else {
            struct corners corners = corners_of(clahe, down, across);
            map_by_tables(&stretch, &corners, luma + (x - left));
        }
    }
}
