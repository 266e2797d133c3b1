// SPDX-License-Identifier: MIT
//
// srgb: into the sRGB colour space by the embedded profile, through lcms (image/profile.h),
// relative colorimetric with black point compensation. The result carries an sRGB profile; gray
// stays gray and carries none. A picture without a profile is taken for sRGB and stays as it is,
// and so does one whose profile calls itself sRGB. 16 bits stay, alpha kept.
#include "mpi_worker/image/meaning.h"
#include "mpi_worker/ops/op.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    return dm_meaning_to_srgb(in, ret_out, error);
}

const struct dm_op dm_op_srgb = {
    .info =
        {
            .name = "srgb",
            .aliases = "to-srgb convert-to-srgb",
            .summary = "Brings the colours into sRGB, by the embedded profile",
            .flags = DM_OP_KEEPS_SIZE,
            .group = "output",
            .example = "srgb",
        },
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_TWICE_IS_ONCE |
                DM_PROMISE_MIRRORS,
    .apply = apply,
};
