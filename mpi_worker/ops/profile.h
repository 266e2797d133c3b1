// SPDX-License-Identifier: MIT
//
// The one way from a picture's own ICC profile into sRGB.
#ifndef DM_MPI_WORKER_OPS_PROFILE_H
#define DM_MPI_WORKER_OPS_PROFILE_H

#include <vips/vips.h>

/**
 * Convert @in, RGB, gray or CMYK of 8 or 16 bits, into sRGB as vips_icc_transform() does: by the
 * embedded profile, or by libvips' built-in @fallback ("cmyk", "srgb"; nullable) where it has none.
 * Relative colorimetric with black point compensation; perceptual where the profile has a table for
 * that alone. Returns 0, or -1 when libvips refused.
 */
int dm_profile_to_srgb(VipsImage *in, const char *fallback, VipsImage **ret_out);

#endif
