// SPDX-License-Identifier: MIT
//
// Nodes that recolour: what sepia, tint and duotone have in common. Gray pictures become RGB first
// (and lose a gray profile); alpha is kept; 8 and 16 bits. Kernels: ../kernels/colour.h.
#ifndef DM_MPI_WORKER_OPS_COLOUR_H
#define DM_MPI_WORKER_OPS_COLOUR_H

#include "common/catalogue.h"
#include "mpi_worker/kernels/colour.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/** Put every pixel through @matrix. Errors: DM_ERROR_INPUT. */
bool dm_node_matrix(VipsImage *in, const struct dm_matrix *matrix, VipsImage **ret_out,
                    GError **error);

/**
 * Give @ret_rgb, each from 0 to 1, for a luma of @luma, from 0 to 1.
 */
typedef void dm_ramp_fn(double luma, const void *params, double ret_rgb[3]);

/** Draw every pixel by @percent towards the colour that @ramp has for its luma. */
bool dm_node_ramp(VipsImage *in, dm_ramp_fn *ramp, const void *params, double percent,
                  VipsImage **ret_out, GError **error);

/** A parameter's colour as numbers from 0 to 1. */
void dm_colour_unit(struct dm_colour colour, double ret_rgb[3]);

#endif
