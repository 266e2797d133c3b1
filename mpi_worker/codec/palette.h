// SPDX-License-Identifier: MIT
//
// The colours of a picture that has few of them, and the way back from a colour to its index.
#ifndef DM_MPI_WORKER_CODEC_PALETTE_H
#define DM_MPI_WORKER_CODEC_PALETTE_H

#include <stdbool.h>
#include <stdint.h>
#include <vips/vips.h>

enum { DM_PALETTE_SLOTS = 1024 };

struct dm_palette {
    // R G B A, in the order of their first appearance.
    uint8_t colours[256][4];
    int count;
    // Of the picture.
    int bands;
    // What an index needs: 1, 2, 4 or 8.
    int depth_bits;
    // The indices are the gray values themselves, scaled down.
    bool gray;
    // Open addressing: index + 1, or 0.
    int16_t slots[DM_PALETTE_SLOTS];
};

/**
 * Collect the colours of an 8-bit picture that lies in memory. @gray_only: look only whether its
 * gray values fit into 1, 2 or 4 bits. Returns NULL when there are too many.
 */
struct dm_palette *dm_palette_new(VipsImage *image, bool gray_only);
void dm_palette_free(struct dm_palette *palette);

/** Turn @width pixels into indices, one byte each. */
void dm_palette_map_row(const struct dm_palette *palette, const uint8_t *pixels, int width,
                        uint8_t *ret_indices);

#endif
