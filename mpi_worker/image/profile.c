// SPDX-License-Identifier: MIT
//
// See profile.h. ICC.1:2010, 7.2 and 7.3: a header of 128 bytes, the number of tags, and 12 bytes
// for each of them, which begin with its name.
#include "mpi_worker/image/profile.h"

#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/vips_setup.h"

#include <lcms2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 128, TAG_BYTES = 12 };
enum { NEAR = 5 }; // of 255

static bool has_tag(const uint8_t *profile, size_t size, const char name[static 4]) {
    if (size < HEADER_BYTES + 4) {
        return false;
    }
    uint32_t count;
    memcpy(&count, profile + HEADER_BYTES, sizeof(count));
    size_t room = (size - HEADER_BYTES - 4) / TAG_BYTES;
    for (size_t i = 0; i < MIN(GUINT32_FROM_BE(count), room); i++) {
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

// ---- into sRGB, whatever it is

/** Whether a profile names itself so, in ASCII or, since version 4, in UTF-16. */
static bool calls_itself_srgb(const void *profile, size_t size) {
    static const char wide[] = "s\0R\0G\0B"; // from its second byte on
    return memmem(profile, size, "sRGB", 4) != NULL ||
           memmem(profile, size, wide, sizeof(wide) - 1) != NULL;
}

/** A transform of single samples into sRGB; NULL: lcms refused. */
static cmsHTRANSFORM transform_to_srgb(const void *profile, size_t size) {
    cmsHPROFILE from = cmsOpenProfileFromMem(profile, (cmsUInt32Number)size);
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform = NULL;
    if (from != NULL) {
        bool gray = cmsGetColorSpace(from) == cmsSigGrayData;
        transform = cmsCreateTransform(from, gray ? TYPE_GRAY_8 : TYPE_RGB_8, to, TYPE_RGB_8,
                                       INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
        cmsCloseProfile(from);
    }
    cmsCloseProfile(to);
    return transform;
}

bool dm_profile_has_srgb_curve(const void *profile, size_t size) {
    static const uint8_t grays[] = {24, 128}; // a power of 2.2 differs in the first, linear in both
    cmsHTRANSFORM transform = transform_to_srgb(profile, size);
    bool same = true;
    for (size_t i = 0; transform != NULL && i < sizeof(grays); i++) {
        uint8_t in[3] = {grays[i], grays[i], grays[i]}, out[3] = {0};
        cmsDoTransform(transform, in, out, 1);
        same = same && abs(out[1] - grays[i]) < NEAR;
    }
    if (transform != NULL) {
        cmsDeleteTransform(transform);
    }
    return same;
}

bool dm_profile_is_srgb(const void *profile, size_t size) {
    return size <= G_MAXUINT32 && calls_itself_srgb(profile, size) &&
           dm_profile_has_srgb_curve(profile, size);
}

bool dm_profile_is_foreign(VipsImage *in) {
    const void *profile = NULL;
    size_t size = 0;
    return vips_image_get_typeof(in, VIPS_META_ICC_NAME) == VIPS_TYPE_BLOB &&
           vips_image_get_blob(in, VIPS_META_ICC_NAME, &profile, &size) == 0 &&
           !dm_profile_is_srgb(profile, size);
}

/** A gray picture has come out as RGB with three equal bands. */
static bool back_to_gray(VipsImage *rgb, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) gray = NULL;
    VipsImage *alpha = NULL, *out = NULL;
    VipsInterpretation space =
        dm_image_wide(rgb) ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
    if (vips_extract_band(rgb, &gray, 1, NULL) != 0) {
        return dm_vips_fail(error, "srgb");
    }
    if (dm_image_alpha(rgb)) {
        g_autoptr(VipsImage) colour = g_steal_pointer(&gray);
        int status =
            vips_extract_band(rgb, &alpha, 3, NULL) || vips_bandjoin2(colour, alpha, &gray, NULL);
        g_clear_object(&alpha);
        if (status != 0) {
            return dm_vips_fail(error, "srgb");
        }
    }
    if (vips_copy(gray, &out, "interpretation", space, NULL) != 0) {
        return dm_vips_fail(error, "picture");
    }
    vips_image_remove(out, VIPS_META_ICC_NAME);
    *ret_out = out;
    return true;
}

/** Whether lcms makes something of the profile: libvips would silently take its own instead. */
static bool is_usable(VipsImage *in) {
    const void *profile = NULL;
    size_t size = 0;
    if (vips_image_get_blob(in, VIPS_META_ICC_NAME, &profile, &size) != 0 || size > G_MAXUINT32) {
        return false;
    }
    cmsHTRANSFORM transform = transform_to_srgb(profile, size);
    if (transform != NULL) {
        cmsDeleteTransform(transform);
    }
    return transform != NULL;
}

/** A profile that lcms cannot use says nothing. */
static bool ignore_profile(VipsImage *in, VipsImage **ret_out, GError **error) {
    vips_error_clear();
    if (vips_copy(in, ret_out, NULL) != 0) {
        return dm_vips_fail(error, "picture");
    }
    vips_image_remove(*ret_out, VIPS_META_ICC_NAME);
    dm_remark_on(*ret_out, "its colour profile is broken, so it is ignored");
    return true;
}

bool dm_profile_normalise(VipsImage *in, VipsImage **ret_out, GError **error) {
    VipsImage *out = NULL;
    if (!dm_profile_is_foreign(in)) {
        *ret_out = g_object_ref(in);
        return true;
    }
    if (!is_usable(in) || dm_profile_to_srgb(in, NULL, &out) != 0) {
        return ignore_profile(in, ret_out, error);
    }
    if (dm_image_colours(in) == 3) {
        *ret_out = out;
        return true;
    }
    bool good = back_to_gray(out, ret_out, error);
    g_object_unref(out);
    return good;
}
