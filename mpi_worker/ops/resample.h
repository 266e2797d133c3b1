// SPDX-License-Identifier: MIT
//
// Lanczos3 resampling as a lazy libvips picture, one more shape of node (see node.h). It asks for
// each input row once, from top to bottom, as long as its output is asked for so. What it computes:
// ../kernels/resample.h.
#ifndef DM_MPI_WORKER_OPS_RESAMPLE_H
#define DM_MPI_WORKER_OPS_RESAMPLE_H

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/** Make @in @width x @height; *@ret_out is a new reference. Errors: DM_ERROR_INPUT. */
bool dm_node_resample(VipsImage *in, int width, int height, VipsImage **ret_out, GError **error);

#endif
