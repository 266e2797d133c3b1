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

void dm_clahe_table(const struct dm_clahe *clahe, double limit, uint32_t *bins, uint16_t *table) {
    int count = clahe->max + 1;
    int area = clahe->tile_width * clahe->tile_height;
    if (limit > 0) {
        int most = (int)(limit * area / count);
        clip_bins(bins, count, (uint32_t)(most > 1 ? most : 1));
    }
    float scale = (float)clahe->max / (float)area;
    uint32_t sum = 0;
    for (int v = 0; v < count; v++) {
        sum += bins[v];
        float level = rintf((float)sum * scale);
        table[v] = (uint16_t)(level < (float)clahe->max ? level : (float)clahe->max);
    }
}

/** Where row or column @v lies, in tiles from the centre of the first one. */
DM_INLINE float place(int v, float inverse) {
    return (float)v * inverse - 0.5f;
}

/** Between which two tiles a row or column lies, and how far from the first. */
struct between {
    int first, second;
    float part;
};

DM_INLINE struct between between_tiles(int v, float inverse, int tiles) {
    int first = (int)floorf(place(v, inverse));
    return (struct between){
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

/** The tables that a stretch of a row lies between: upper left, upper right, lower left and right.
 */
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

DM_CLONES void dm_clahe_row(const struct dm_clahe *clahe, int left, int y, int width,
                            uint16_t *luma) {
    float inverse = 1.0f / (float)clahe->tile_width;
    struct between down = between_tiles(y, 1.0f / (float)clahe->tile_height, clahe->tiles);

    for (int x = left; x < left + width;) {
        int end = stretch_end(clahe, x, inverse);
        end = end < left + width ? end : left + width;
        struct corners corners = corners_of(clahe, down, between_tiles(x, inverse, clahe->tiles));
        float origin = floorf(place(x, inverse));
        for (; x < end; x++) {
            uint16_t v = luma[x - left];
            float part = place(x, inverse) - origin;
            float up =
                (float)corners.table[0][v] * (1.0f - part) + (float)corners.table[1][v] * part;
            float low =
                (float)corners.table[2][v] * (1.0f - part) + (float)corners.table[3][v] * part;
            luma[x - left] = (uint16_t)rintf(up * (1.0f - down.part) + low * down.part);
        }
    }
}
