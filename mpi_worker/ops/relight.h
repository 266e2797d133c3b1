// SPDX-License-Identifier: MIT
//
// A node that changes how light each pixel is: luma (a gray picture's own samples, the Y of YCrCb
// otherwise) goes through a function of the operation's, colours follow, alpha stays.
#ifndef DM_MPI_WORKER_OPS_RELIGHT_H
#define DM_MPI_WORKER_OPS_RELIGHT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <vips/vips.h>

#define DM_RELIGHT_CHUNK 256 // pixels that a function is given at most

/** Change @luma of the @width pixels from (@left, @y) on, in place. */
typedef void dm_relight_fn(const void *params, int left, int y, int width, uint16_t *luma);

/** Build the node onto @in; @params is borrowed, see dm_node_alloc(). Errors: DM_ERROR_INPUT. */
bool dm_node_relight(VipsImage *in, dm_relight_fn *run, const void *params, VipsImage **ret_out,
                     GError **error);

/** The luma of one row of a picture in memory. */
void dm_image_luma(VipsImage *image, int y, uint16_t *luma);

#endif
