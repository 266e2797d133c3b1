// SPDX-License-Identifier: MIT
//
// Median over a wide window. Every column of the picture has a histogram of the window's height,
// moved down by one pixel in and one out; the window's histogram is moved right by adding one
// column and taking one away. Histograms have two tiers: 16 coarse bins that are always moved, and
// under each of them 16 fine ones that are brought up to date only when the median falls there.
//
// Bins are cumulative: each counts its samples and those of the bins before it (under one coarse
// bin: of the fine ones before it). They still add up, a pixel goes in as one vector, and the bin
// of a rank is the number of bins that do not reach it, found without a branch.
//
// The picture is done in blocks of columns whose histograms stay in the second cache, band by band.
#include "mpi_worker/kernels/median.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BLOCK 256 // output columns worked on together
#define BINS 16
#define NEVER (-2 * DM_MEDIAN_MAX_SIZE)

/** A row of BINS counts, wherever it lies. */
typedef uint16_t bins __attribute__((vector_size(2 * BINS), aligned(2), may_alias));

// At most 255 pixels in a column of the window, 65025 in the window.
struct column {
    uint16_t fine[BINS][BINS];
    uint16_t coarse[BINS];
};

struct window {
    uint16_t coarse[BINS];
    uint16_t fine[BINS][BINS];
    int valid_at[BINS]; // the output column for which fine[] of this bin was right, or NEVER
};

/** One block of one band: samples are read at rows[y][offset + column * step]. */
struct block {
    const struct dm_area *area;
    size_t offset, step;
    int width; // of the output; the columns are 2 * radius more
    struct column *columns;
};

size_t dm_median_wide_scratch(const struct dm_area *area, const void *params) {
    (void)params;
    return ((size_t)BLOCK + 2 * (size_t)area->radius) * sizeof(struct column);
}

/** What a sample in bin @row adds to each of the cumulative bins. */
static const uint16_t steps[BINS][BINS] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
};

DM_INLINE void add(uint16_t *to, const uint16_t *in) {
    *(bins *)to += *(const bins *)in;
}

DM_INLINE void take(uint16_t *from, const uint16_t *out) {
    *(bins *)from -= *(const bins *)out;
}

DM_INLINE void slide(uint16_t *sum, const uint16_t *in, const uint16_t *out) {
    *(bins *)sum += *(const bins *)in - *(const bins *)out;
}

/** Count row @y of the area in, or out. */
DM_INLINE void count_row(const struct block *block, int y, bool in) {
    const uint8_t *samples = (const uint8_t *)block->area->rows[y] + block->offset;
    int columns = block->width + 2 * block->area->radius;

    for (int x = 0; x < columns; x++) {
        uint8_t v = samples[(size_t)x * block->step];
        struct column *column = &block->columns[x];
        if (in) {
            add(column->fine[v / BINS], steps[v % BINS]);
            add(column->coarse, steps[v / BINS]);
        } else {
            take(column->fine[v / BINS], steps[v % BINS]);
            take(column->coarse, steps[v / BINS]);
        }
    }
}

/** Bring the fine bins under coarse @bin up to date for output column @x. */
DM_INLINE void refresh(struct window *window, const struct column *columns, int size, int bin,
                       int x) {
    uint16_t *fine = window->fine[bin];
    int at = window->valid_at[bin];

    if (x - at > size / 2) {
        memset(fine, 0, sizeof(window->fine[bin]));
        for (int i = x; i < x + size; i++) {
            add(fine, columns[i].fine[bin]);
        }
    } else {
        for (; at < x; at++) {
            slide(fine, columns[at + size].fine[bin], columns[at].fine[bin]);
        }
    }
    window->valid_at[bin] = x;
}

/** The first bin that counts more than @rank. */
DM_INLINE int find(const uint16_t *counts, int rank) {
    uint64_t reached[BINS / 4]; // 16 ones for each bin that counts no more
    bins v = (bins)(*(const bins *)counts <= (uint16_t)rank);
    memcpy(reached, &v, sizeof(v));
    return (__builtin_popcountll(reached[0]) + __builtin_popcountll(reached[1]) +
            __builtin_popcountll(reached[2]) + __builtin_popcountll(reached[3])) /
           16;
}

DM_INLINE void median_row(const struct block *block, uint8_t *out) {
    const struct column *columns = block->columns;
    int size = 2 * block->area->radius + 1;
    struct window window = {0};

    for (int bin = 0; bin < BINS; bin++) {
        window.valid_at[bin] = NEVER;
    }
    for (int i = 0; i < size; i++) {
        add(window.coarse, columns[i].coarse);
    }
    for (int x = 0; x < block->width; x++) {
        int rank = size * size / 2;
        int bin = find(window.coarse, rank);
        refresh(&window, columns, size, bin, x);
        rank -= bin > 0 ? window.coarse[bin - 1] : 0;
        out[(size_t)x * block->step] = (uint8_t)(bin * BINS + find(window.fine[bin], rank));
        if (x + 1 < block->width) {
            slide(window.coarse, columns[x + size].coarse, columns[x].coarse);
        }
    }
}

DM_INLINE void median_block(const struct block *block) {
    const struct dm_area *area = block->area;

    memset(block->columns, 0, dm_median_wide_scratch(area, NULL));
    for (int y = 0; y < 2 * area->radius; y++) {
        count_row(block, y, true);
    }
    for (int y = 0; y < area->height; y++) {
        count_row(block, y + 2 * area->radius, true);
        median_row(block, (uint8_t *)dm_area_out(area, y) + block->offset);
        count_row(block, y, false);
    }
}

DM_CLONES void dm_median_wide_u8(const struct dm_area *area, const void *params, void *scratch) {
    int bands = *(const int *)params;

    for (int band = 0; band < bands; band++) {
        for (int x = 0; x < area->width; x += BLOCK) {
            struct block block = {
                .area = area,
                .offset = (size_t)x * (size_t)area->bands + (size_t)band,
                .step = (size_t)area->bands,
                .width = area->width - x < BLOCK ? area->width - x : BLOCK,
                .columns = scratch,
            };
            median_block(&block);
        }
    }
}
