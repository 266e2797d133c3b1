// SPDX-License-Identifier: MIT
//
// Contrast-limited adaptive histogram equalization (K. Zuiderveld, Graphics Gems IV, 1994) as
// cv2.createCLAHE does it: a table for each tile from its clipped histogram, and between the
// centres of tiles the four nearest tables mixed. Works on luma of 8 or 16 bits, held in uint16_t.
#ifndef DM_MPI_WORKER_KERNELS_CLAHE_H
#define DM_MPI_WORKER_KERNELS_CLAHE_H

#include <stdint.h>

#define DM_CLAHE_MAX_TILES 32 // across, and down

struct dm_clahe {
    int tiles;                   // across, and down
    int tile_width, tile_height; // px; all tiles together reach beyond the picture
    int max;                     // 255 or 65535
    const uint16_t *tables;      // max + 1 entries for each tile, row by row of tiles
    const uint32_t *quads;       // by dm_clahe_pack(); NULL with 16 bits
};

/**
 * Fill in the size of tiles for a picture: where its sides are no multiple of @tiles both are
 * extended to the next one, as OpenCV does.
 */
void dm_clahe_init(struct dm_clahe *clahe, int tiles, int max, int width, int height);

/** Where row or column @v of the extended picture is taken from: REFLECT_101, @size pixels. */
int dm_clahe_source(int v, int size);

/** Make a tile's table of its histogram of max + 1 bins, which is spoilt. @limit: of contrast, from
 * 0 on. */
void dm_clahe_table(const struct dm_clahe *clahe, double limit, uint32_t *bins, uint16_t *table);

/** How many entries dm_clahe_pack() fills. */
static inline int dm_clahe_quad_count(const struct dm_clahe *clahe) {
    return (clahe->tiles + 1) * (clahe->tiles + 1) * 256;
}

/**
 * With 8 bits: bring what the four tables around each field between tile centres say of a value
 * into one word, so that a pixel costs one look-up: upper left in the lowest byte, upper right,
 * lower left, lower right.
 */
void dm_clahe_pack(const struct dm_clahe *clahe, uint32_t *quads);

/** Map @width lumas of row @y from column @left on, in place. */
void dm_clahe_row(const struct dm_clahe *clahe, int left, int y, int width, uint16_t *luma);

#endif
