// SPDX-License-Identifier: MIT
//
// Animated WebP, frame by frame through libwebp: libvips would give the short ones another time,
// and libwebp's own animation encoder would join those that look alike.
#ifndef DM_MPI_WORKER_CODEC_WEBP_WRITE_H
#define DM_MPI_WORKER_CODEC_WEBP_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <vips/vips.h>

/** How the pictures are encoded. */
struct dm_webp_settings {
    int quality, effort;
    bool lossless;
};

/** Encode @roll, whose pages are frames. Returns 0, and data to be g_free()d; or -1. */
int dm_webp_write_frames(VipsImage *roll, const struct dm_webp_settings *settings, void **ret_data,
                         size_t *ret_size);

#endif
