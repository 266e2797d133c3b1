// SPDX-License-Identifier: MIT
//
// Stronger and weaker colours: what saturate and desaturate do.
#ifndef DM_MPI_WORKER_OPS_CHROMA_H
#define DM_MPI_WORKER_OPS_CHROMA_H

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/**
 * Multiply the chroma of CIE LCh(ab) by @scale, see kernels/chroma.h. Grays stay exactly what they
 * are, and so do gray pictures; 8 and 16 bits; alpha kept. Errors: DM_ERROR_INPUT.
 */
bool dm_scale_chroma(VipsImage *in, double scale, VipsImage **ret_out, GError **error);

#endif
