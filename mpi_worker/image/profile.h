// SPDX-License-Identifier: MIT
//
// The one way from a picture's own ICC profile into sRGB.
#ifndef DM_MPI_WORKER_IMAGE_PROFILE_H
#define DM_MPI_WORKER_IMAGE_PROFILE_H

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/**
 * Convert @in, RGB, gray or CMYK of 8 or 16 bits, into sRGB as vips_icc_transform() does: by the
 * embedded profile, or by libvips' built-in @fallback ("cmyk", "srgb"; nullable) where it has none.
 * Relative colorimetric with black point compensation; perceptual where the profile has a table for
 * that alone. Returns 0, or -1 when libvips refused.
 */
int dm_profile_to_srgb(VipsImage *in, const char *fallback, VipsImage **ret_out);

/** Whether a profile calls itself sRGB, and is something of the kind. */
bool dm_profile_is_srgb(const void *profile, size_t size);

/** Whether its grays, dark and middling, are sRGB's: "linear sRGB" is not sRGB. */
bool dm_profile_has_srgb_curve(const void *profile, size_t size);

/** Whether @in has a profile that is not sRGB. */
bool dm_profile_is_foreign(VipsImage *in);

/**
 * Bring a normalised picture into sRGB: gray stays gray, and what has no profile, or one that calls
 * itself sRGB, stays as it is. One that is broken goes, with a remark on the picture. *@ret_out is
 * a new reference. Errors: DM_ERROR_INPUT. Who wants sRGB of whatever there is: meaning.h.
 */
bool dm_profile_normalise(VipsImage *in, VipsImage **ret_out, GError **error);

#endif
