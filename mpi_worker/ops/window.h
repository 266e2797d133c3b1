// SPDX-License-Identifier: MIT
//
// The moving window of an area node: a ring of input rows, each with its left and right margin
// already made. Rows that the next strip needs again are kept, so that the input is asked for each
// row once, in order: a decoder that can only go forward is enough, and nothing upstream is
// computed twice.
#ifndef DM_MPI_WORKER_OPS_WINDOW_H
#define DM_MPI_WORKER_OPS_WINDOW_H

#include "mpi_worker/ops/node.h"

struct dm_window;

/** Make an empty window onto @in for @node; both are borrowed. NULL: libvips refused. */
struct dm_window *dm_window_new(VipsImage *in, const struct dm_area_node *node);
void dm_window_free(struct dm_window *window);

/** Bring in what output region @r needs and describe it in @area. False: the input failed. */
bool dm_window_move(struct dm_window *window, const VipsRect *r, struct dm_area *area);

/** The kernel's scratch memory for @area; NULL when it wants none. */
void *dm_window_scratch(struct dm_window *window, const struct dm_area *area);

/** Copy the input's last band over the output's. */
void dm_window_restore_alpha(const struct dm_window *window, const struct dm_area *area);

#endif
