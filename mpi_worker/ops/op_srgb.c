// SPDX-License-Identifier: MIT
//
// srgb: into the sRGB colour space by the embedded profile, through lcms (profile.h), relative
// colorimetric with black point compensation. The result carries an sRGB profile; gray
// stays gray and carries none. A picture without a profile is taken for sRGB and stays as it is,
// and so does one whose profile calls itself sRGB. 16 bits stay, alpha kept.
#include "mpi_worker/ops/node.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/profile.h"

#include <string.h>

/** Whether a profile names itself so, in ASCII or, since version 4, in UTF-16. */
static bool calls_itself_srgb(const void *profile, size_t size) {
    static const char wide[] = "s\0R\0G\0B"; // from its second byte on
    return memmem(profile, size, "sRGB", 4) != NULL ||
           memmem(profile, size, wide, sizeof wide - 1) != NULL;
}

static bool needs_transform(VipsImage *in) {
    const void *profile = NULL;
    size_t size = 0;
    return vips_image_get_typeof(in, VIPS_META_ICC_NAME) == VIPS_TYPE_BLOB &&
           vips_image_get_blob(in, VIPS_META_ICC_NAME, &profile, &size) == 0 &&
           !calls_itself_srgb(profile, size);
}

/** A gray picture has come out as RGB with three equal bands. */
static bool back_to_gray(VipsImage *rgb, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) gray = NULL;
    VipsImage *alpha = NULL, *out = NULL;
    VipsInterpretation space =
        dm_image_wide(rgb) ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
    if (vips_extract_band(rgb, &gray, 1, NULL) != 0) {
        return dm_op_fail_vips(error, "srgb");
    }
    if (dm_image_alpha(rgb)) {
        g_autoptr(VipsImage) colour = g_steal_pointer(&gray);
        int status =
            vips_extract_band(rgb, &alpha, 3, NULL) || vips_bandjoin2(colour, alpha, &gray, NULL);
        g_clear_object(&alpha);
        if (status != 0) {
            return dm_op_fail_vips(error, "srgb");
        }
    }
    int status = vips_copy(gray, &out, "interpretation", space, NULL);
    if (status == 0) {
        vips_image_remove(out, VIPS_META_ICC_NAME);
    }
    return dm_node_finish(out, status, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    VipsImage *out = NULL;
    if (!needs_transform(in)) {
        *ret_out = g_object_ref(in);
        return true;
    }
    int status = dm_profile_to_srgb(in, NULL, &out);
    if (status != 0 || dm_image_colours(in) == 3) {
        return dm_node_finish(out, status, ret_out, error);
    }
    bool good = back_to_gray(out, ret_out, error);
    g_object_unref(out);
    return good;
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
