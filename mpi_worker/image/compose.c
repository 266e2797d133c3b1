// SPDX-License-Identifier: MIT
//
// See compose.h.
#include "mpi_worker/image/compose.h"

#include "mpi_worker/image/node.h"

bool dm_colour_is_gray(struct dm_colour colour) {
    return colour.red == colour.green && colour.green == colour.blue;
}

bool dm_to_rgb(VipsImage *in, VipsImage **ret_out, GError **error) {
    VipsInterpretation space =
        dm_image_wide(in) ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
    VipsImage *out = NULL;
    if (dm_image_colours(in) == 3) {
        *ret_out = g_object_ref(in);
        return true;
    }
    int status = vips_colourspace(in, &out, space, NULL);
    return dm_node_finish(out, status, ret_out, error);
}

bool dm_with_room_for(VipsImage *in, struct dm_colour colour, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) coloured = NULL;
    VipsImage *out = NULL;
    if (dm_colour_is_gray(colour)) {
        coloured = g_object_ref(in);
    } else if (!dm_to_rgb(in, &coloured, error)) {
        return false;
    }
    if (colour.alpha != 0 || dm_image_alpha(coloured)) {
        *ret_out = g_steal_pointer(&coloured);
        return true;
    }
    int status = vips_addalpha(coloured, &out, NULL);
    return dm_node_finish(out, status, ret_out, error);
}

VipsArrayDouble *dm_ink(const VipsImage *image, struct dm_colour colour, int bands) {
    double scale = dm_image_wide(image) ? 257 : 1;
    double samples[4] = {colour.red * scale, colour.green * scale, colour.blue * scale};
    if (dm_image_alpha(image)) {
        samples[image->Bands - 1] = colour.alpha * scale;
    }
    return vips_array_double_new(samples, bands);
}
