// SPDX-License-Identifier: MIT
//
// The colour temperature of the light, shifted: what warm and cool do.
#ifndef DM_MPI_WORKER_OPS_TEMPERATURE_H
#define DM_MPI_WORKER_OPS_TEMPERATURE_H

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/**
 * Make the picture look as if lit by daylight of another temperature: @percent of 90 mired warmer
 * (at 100: 4100 K instead of 6500 K), or cooler when it is below 0 (at -100: 15700 K). Gray
 * pictures become RGB; 8 and 16 bits; alpha kept. Errors: DM_ERROR_INPUT.
 */
bool dm_shift_temperature(VipsImage *in, double percent, VipsImage **ret_out, GError **error);

#endif
