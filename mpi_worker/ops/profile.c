// SPDX-License-Identifier: MIT
//
// See profile.h. ICC.1:2010, 7.2 and 7.3: a header of 128 bytes, the number of tags, and 12 bytes
// for each of them, which begin with its name.
#include "mpi_worker/ops/profile.h"

#include "mpi_worker/codec/bytes.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { HEADER_BYTES = 128, TAG_BYTES = 12 };

static bool has_tag(const uint8_t *profile, size_t size, const char name[static 4]) {
    if (size < HEADER_BYTES + 4) {
        return false;
    }
    size_t count = dm_be32(profile + HEADER_BYTES), room = (size - HEADER_BYTES - 4) / TAG_BYTES;
    for (size_t i = 0; i < MIN(count, room); i++) {
        if (memcmp(profile + HEADER_BYTES + 4 + i * TAG_BYTES, name, 4) == 0) {
            return true;
        }
    }
    return false;
}

/** libvips takes its fallback in place of a profile that lacks the table for an intent. */
static VipsIntent choose_intent(const VipsImage *image) {
    const void *profile = NULL;
    size_t size = 0;
    if (vips_image_get_typeof(image, VIPS_META_ICC_NAME) != VIPS_TYPE_BLOB ||
        vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &size) != 0) {
        return VIPS_INTENT_RELATIVE;
    }
    return has_tag(profile, size, "A2B0") && !has_tag(profile, size, "A2B1")
               ? VIPS_INTENT_PERCEPTUAL
               : VIPS_INTENT_RELATIVE;
}

int dm_profile_to_srgb(VipsImage *in, const char *fallback, VipsImage **ret_out) {
    const char *option = fallback != NULL ? "input_profile" : NULL; // NULL ends the arguments
    return vips_icc_transform(in, ret_out, "srgb", "embedded", TRUE, "intent", choose_intent(in),
                              "black_point_compensation", TRUE, "depth",
                              in->BandFmt == VIPS_FORMAT_USHORT ? 16 : 8, option, fallback, NULL);
}
