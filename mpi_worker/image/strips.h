// SPDX-License-Identifier: MIT
//
// The pixel loop: a lazy libvips picture, pulled from top to bottom in strips by the calling
// thread, so that libvips' own threads (which lose tasks and errors in 8.14) never run one of our
// nodes.
#ifndef DM_MPI_WORKER_IMAGE_STRIPS_H
#define DM_MPI_WORKER_IMAGE_STRIPS_H

#include <stdbool.h>
#include <vips/vips.h>

#define DM_STRIP_ROWS 64

/** A walk down one picture. Belongs to one thread. */
struct dm_strips {
    VipsRegion *region;
    // Of the first row of the strip at hand.
    int y;
    // In that strip; 0 before the first and after the last.
    int rows;
};

/** Begin at the top of @image, which the walk keeps alive. False: libvips refused. */
bool dm_strips_init(struct dm_strips *strips, VipsImage *image);

/** Accepts a zeroed one. */
void dm_strips_clear(struct dm_strips *strips);

/** Compute the next strip; after the last one `rows` is 0. False: computing it failed. */
bool dm_strips_next(struct dm_strips *strips);

/** Row @index of the strip at hand. */
VipsPel *dm_strips_row(const struct dm_strips *strips, int index);

/**
 * Compute all of @image into memory: a new picture with the same metadata, or NULL.
 */
VipsImage *dm_strips_to_memory(VipsImage *image);

/** Compute all of @image into the memory picture @target from row @top on. */
bool dm_strips_copy_into(VipsImage *image, VipsImage *target, int top);

/** Make an empty picture in memory with @like's width and metadata and @height rows, or NULL. */
VipsImage *dm_strips_new_memory(VipsImage *like, int height);

#endif
