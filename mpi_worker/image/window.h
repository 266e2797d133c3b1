// SPDX-License-Identifier: MIT
//
// The moving window of an area node: a ring of input rows, each with its left and right margin
// already made. Rows that the next strip needs again are kept, so that the input is asked for each
// row once, in order: a decoder that can only go forward is enough, and nothing upstream is
// computed twice.
#ifndef DM_MPI_WORKER_IMAGE_WINDOW_H
#define DM_MPI_WORKER_IMAGE_WINDOW_H

#include "mpi_worker/kernels/area.h"

#include <stdbool.h>
#include <stddef.h>
#include <vips/vips.h>

/** What lies beyond the picture. */
enum dm_border {
    DM_BORDER_REFLECT,   // cba|abc without the edge twice: REFLECT_101
    DM_BORDER_REPLICATE, // aaa|abc
    DM_BORDER_LOWEST,    // 0
    DM_BORDER_HIGHEST,   // 255 or 65535
};

struct dm_window;

/** Make an empty window onto @in (borrowed), @radius pixels wide around each. NULL: refused. */
struct dm_window *dm_window_new(VipsImage *in, int radius, enum dm_border border);
void dm_window_free(struct dm_window *window);

/** Bring in what output region @r needs and describe it in @area. False: the input failed. */
bool dm_window_move(struct dm_window *window, const VipsRect *r, struct dm_area *area);

/** @size bytes for the kernel to work in, until the next call; NULL for none. */
void *dm_window_scratch(struct dm_window *window, size_t size);

/** Copy the input's last band over the output's. */
void dm_window_restore_alpha(const struct dm_window *window, const struct dm_area *area);

#endif
