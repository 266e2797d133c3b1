// SPDX-License-Identifier: MIT
//
// strip: takes the metadata away (EXIF with GPS, XMP, IPTC, comments, thumbnails) and keeps what
// the pixels need: the colour profile, the pages and their timing, the resolution. The orientation
// is in the pixels by then, because of the GEOMETRY flag.
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/ops/op.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    VipsImage *out = NULL;
    if (vips_copy(in, &out, NULL) != 0) {
        return dm_vips_fail(error, "strip");
    }
    vips_image_set_int(out, DM_STRIPPED_FIELD, 1);
    *ret_out = out;
    return true;
}

const struct dm_op dm_op_strip = {
    .info =
        {
            .name = "strip",
            .aliases = "strip-metadata remove-metadata remove-exif strip-exif remove-gps",
            .summary = "Removes metadata such as place and camera, keeps the colours",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_GEOMETRY,
            .group = "output",
            .example = "strip",
        },
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_TWICE_IS_ONCE |
                DM_PROMISE_MIRRORS,
    .apply = apply,
};
