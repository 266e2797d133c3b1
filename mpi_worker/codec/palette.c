// SPDX-License-Identifier: MIT
//
// See palette.h. A hash of at most 256 colours in 1024 slots; photos give up within the first rows.
#include "mpi_worker/codec/palette.h"

#include <string.h>

static void read_colour(const uint8_t *pixel, int bands, uint8_t colour[4]) {
    bool gray = bands < 3;
    colour[0] = pixel[0];
    colour[1] = gray ? pixel[0] : pixel[1];
    colour[2] = gray ? pixel[0] : pixel[2];
    colour[3] = bands == 2 || bands == 4 ? pixel[bands - 1] : 255;
}

/** The slot where @colour is, or where it belongs. There is always a free one. */
static unsigned find_slot(const struct dm_palette *palette, const uint8_t colour[4]) {
    uint32_t key;
    memcpy(&key, colour, sizeof(key));
    unsigned slot = (key * 2654435761U) >> 22; // the upper 10 bits
    while (palette->slots[slot] != 0 &&
           memcmp(palette->colours[palette->slots[slot] - 1], colour, 4) != 0) {
        slot = (slot + 1) % DM_PALETTE_SLOTS;
    }
    return slot;
}

static bool learn_row(struct dm_palette *palette, const uint8_t *pixels, int width) {
    for (int x = 0; x < width; x++, pixels += palette->bands) {
        uint8_t colour[4];
        read_colour(pixels, palette->bands, colour);
        unsigned slot = find_slot(palette, colour);
        if (palette->slots[slot] != 0) {
            continue;
        }
        if (palette->count == 256) {
            return false;
        }
        memcpy(palette->colours[palette->count++], colour, 4);
        palette->slots[slot] = (int16_t)palette->count;
    }
    return true;
}

static int depth_for(int count) {
    if (count <= 4) {
        return count <= 2 ? 1 : 2;
    }
    return count <= 16 ? 4 : 8;
}

/** The fewest bits whose gray values, spread over 0 to 255, hold every colour here; else 8. */
static int gray_depth(const struct dm_palette *palette) {
    for (int depth = 1; depth < 8; depth *= 2) {
        int step = 255 / ((1 << depth) - 1), fits = 0;
        for (int i = 0; i < palette->count; i++) {
            fits += palette->colours[i][3] == 255 && palette->colours[i][0] % step == 0;
        }
        if (fits == palette->count) {
            return depth;
        }
    }
    return 8;
}

struct dm_palette *dm_palette_new(VipsImage *image, bool gray_only) {
    if (gray_only && image->Bands != 1) {
        return NULL;
    }
    struct dm_palette *palette = g_new0(struct dm_palette, 1);
    palette->bands = image->Bands;
    size_t row_bytes = (size_t)image->Xsize * (size_t)image->Bands;
    for (int y = 0; y < image->Ysize; y++) {
        if (!learn_row(palette, image->data + (size_t)y * row_bytes, image->Xsize)) {
            g_free(palette);
            return NULL;
        }
    }
    palette->gray = gray_only;
    palette->depth_bits = gray_only ? gray_depth(palette) : depth_for(palette->count);
    if (gray_only && palette->depth_bits == 8) {
        g_clear_pointer(&palette, g_free);
    }
    return palette;
}

void dm_palette_free(struct dm_palette *palette) {
    g_free(palette);
}

void dm_palette_map_row(const struct dm_palette *palette, const uint8_t *pixels, int width,
                        uint8_t *ret_indices) {
    int shift = 8 - palette->depth_bits;
    for (int x = 0; x < width; x++, pixels += palette->bands) {
        uint8_t colour[4];
        read_colour(pixels, palette->bands, colour);
        int index =
            palette->gray ? pixels[0] >> shift : palette->slots[find_slot(palette, colour)] - 1;
        ret_indices[x] = (uint8_t)index;
    }
}
