// SPDX-License-Identifier: MIT
//
// strip: takes the metadata away (EXIF with GPS, XMP, IPTC, comments, thumbnails) and keeps what
// the pixels need: the colour profile, the pages and their timing, the resolution. The orientation
// is in the pixels by then, because of the GEOMETRY flag.
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/ops/op.h"

// By beginning: libvips spreads EXIF over fields such as exif-ifd3-GPSLatitude.
static const char *const private_fields[] = {
    "exif-",           "xmp-data",          "iptc-data",    "photoshop-data",
    "jpeg-thumbnail-", "image-description", "png-comment-", "gif-comment",
    "orientation",     "imagedescription",  "heif-",
};

static bool is_private(const char *field) {
    for (size_t i = 0; i < G_N_ELEMENTS(private_fields); i++) {
        if (g_str_has_prefix(field, private_fields[i])) {
            return true;
        }
    }
    return false;
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    VipsImage *out = NULL;
    if (vips_copy(in, &out, NULL) != 0) {
        return dm_vips_fail(error, "strip");
    }
    g_auto(GStrv) fields = vips_image_get_fields(out);
    for (char **field = fields; *field != NULL; field++) {
        if (is_private(*field)) {
            vips_image_remove(out, *field);
        }
    }
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
