// SPDX-License-Identifier: MIT
//
// The gray picture that `gray` gives and `threshold` starts from.
#ifndef DM_MPI_WORKER_OPS_GRAY_H
#define DM_MPI_WORKER_OPS_GRAY_H

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/** Turn colours into luma; alpha is kept. Errors: DM_ERROR_INPUT. */
bool dm_gray(VipsImage *in, VipsImage **ret_out, GError **error);

#endif
