// SPDX-License-Identifier: MIT
//
// See normalise.h.
#include "mpi_worker/image/normalise.h"

#include "common/colour.h"
#include "mpi_worker/image/compose.h"
#include "mpi_worker/image/meaning.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/profile.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/vips_setup.h"

// ---- colour spaces

/** Through the picture's own profile; libvips' built-in one where it has none. */
static bool from_cmyk(VipsImage **image, GString *remarks) {
    VipsImage *next = NULL;
    if (!dm_vips_replace(image, dm_profile_to_srgb(*image, "cmyk", &next), &next)) {
        return false;
    }
    dm_remark(remarks, "CMYK converted to sRGB");
    return true;
}

/** In files, Lab's white is D50, as lcms takes it; libvips' own conversion takes it for D65. */
static bool is_lab(const VipsImage *image) {
    return image->Type == VIPS_INTERPRETATION_LAB || image->Type == VIPS_INTERPRETATION_LABQ ||
           image->Type == VIPS_INTERPRETATION_LABS;
}

static bool from_colour(VipsImage **image, GString *remarks) {
    VipsImage *next = NULL;
    bool deep = (*image)->Type == VIPS_INTERPRETATION_scRGB ||
                (*image)->BandFmt == VIPS_FORMAT_SHORT || (*image)->BandFmt == VIPS_FORMAT_USHORT;
    VipsInterpretation space = deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
    int status = is_lab(*image) ? vips_icc_export(*image, &next, "output_profile", "srgb", "depth",
                                                  deep ? 16 : 8, NULL)
                                : vips_colourspace(*image, &next, space, NULL);
    if (!dm_vips_replace(image, status, &next)) {
        return false;
    }
    dm_remark(remarks, deep ? "converted to 16-bit sRGB" : "converted to sRGB");
    return true;
}

static bool is_plain(VipsInterpretation space) {
    return space == VIPS_INTERPRETATION_B_W || space == VIPS_INTERPRETATION_sRGB ||
           space == VIPS_INTERPRETATION_GREY16 || space == VIPS_INTERPRETATION_RGB16 ||
           space == VIPS_INTERPRETATION_RGB || space == VIPS_INTERPRETATION_MULTIBAND ||
           space == VIPS_INTERPRETATION_MATRIX || space == VIPS_INTERPRETATION_HISTOGRAM;
}

static bool to_plain_colour(VipsImage **image, GString *remarks) {
    VipsInterpretation space = vips_image_guess_interpretation(*image);
    if ((*image)->Coding == VIPS_CODING_NONE && is_plain(space)) {
        return true;
    }
    return space == VIPS_INTERPRETATION_CMYK ? from_cmyk(image, remarks)
                                             : from_colour(image, remarks);
}

// ---- sample formats

/** Floats count from 0 to 1, as other programs write them. */
static bool from_floats(VipsImage **image) {
    VipsImage *next = NULL;
    return dm_vips_replace(image, vips_linear1(*image, &next, 65535, 0.5, NULL), &next) &&
           dm_vips_replace(image, vips_cast(*image, &next, VIPS_FORMAT_USHORT, NULL), &next);
}

static bool to_8_or_16_bits(VipsImage **image, GString *remarks) {
    VipsBandFormat format = (*image)->BandFmt;
    if (format == VIPS_FORMAT_UCHAR || format == VIPS_FORMAT_USHORT) {
        return true;
    }
    dm_remark(remarks, "converted to 16 bits");
    if (vips_band_format_isfloat(format)) {
        return from_floats(image);
    }
    VipsImage *next = NULL;
    bool wide = format == VIPS_FORMAT_UINT || format == VIPS_FORMAT_INT;
    return dm_vips_replace(image, vips_cast(*image, &next, VIPS_FORMAT_USHORT, "shift", wide, NULL),
                           &next);
}

/** Leave out what is neither colour nor alpha. */
static bool without_extras(VipsImage **image, GString *remarks) {
    int colours = dm_image_field(*image, DM_COLOUR_BANDS_FIELD);
    int alpha = dm_image_field(*image, DM_ALPHA_BAND_FIELD);
    VipsImage *next = NULL;
    if (colours == 0) {
        return true;
    }
    dm_remark(remarks, "extra samples left out");
    if (alpha == 0) {
        return dm_vips_replace(image, vips_extract_band(*image, &next, 0, "n", colours, NULL),
                               &next);
    }
    g_autoptr(VipsImage) front = NULL;
    g_autoptr(VipsImage) back = NULL;
    int status = vips_extract_band(*image, &front, 0, "n", colours, NULL) ||
                 vips_extract_band(*image, &back, alpha, NULL) ||
                 vips_bandjoin2(front, back, &next, NULL);
    return dm_vips_replace(image, status, &next);
}

/** At most three colours and one alpha, named for what they are. */
static bool to_four_bands(VipsImage **image) {
    VipsImage *next = NULL;
    if ((*image)->Bands > 4 &&
        !dm_vips_replace(image, vips_extract_band(*image, &next, 0, "n", 4, NULL), &next)) {
        return false;
    }
    bool gray = (*image)->Bands < 3, deep = (*image)->BandFmt == VIPS_FORMAT_USHORT;
    VipsInterpretation space = gray ? (deep ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W)
                                    : (deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB);
    return (*image)->Type == space ||
           dm_vips_replace(image, vips_copy(*image, &next, "interpretation", space, NULL), &next);
}

static bool with_meaning(VipsImage **image, const struct dm_meta *file, GString *remarks) {
    VipsImage *next = NULL;
    bool good = dm_meaning_enter(*image, file, remarks, &next);
    return dm_vips_replace(image, good ? 0 : -1, &next);
}

bool dm_normalise(VipsImage *in, const struct dm_meta *file, GString *remarks,
                  VipsImage **ret_out) {
    VipsImage *image = g_object_ref(in);
    if (without_extras(&image, remarks) && with_meaning(&image, file, remarks) &&
        to_plain_colour(&image, remarks) && to_8_or_16_bits(&image, remarks) &&
        to_four_bands(&image)) {
        *ret_out = image;
        return true;
    }
    g_object_unref(image);
    return false;
}

// ---- what a format can hold

bool dm_flatten(VipsImage *in, struct dm_colour background, GString *remarks, VipsImage **ret_out) {
    g_autoptr(VipsImage) roomy = NULL;
    if (!dm_image_alpha(in)) {
        *ret_out = g_object_ref(in);
        return true;
    }
    if (!dm_with_room_for(in, background, &roomy, NULL)) {
        return false;
    }
    VipsArrayDouble *ink = dm_ink(roomy, background, roomy->Bands - 1);
    double max = dm_image_max(roomy);
    int status = vips_flatten(roomy, ret_out, "background", ink, "max_alpha", max, NULL);
    vips_area_unref(VIPS_AREA(ink));
    g_autofree char *colour = dm_colour_print(background);
    g_autofree char *remark = g_strdup_printf("transparency laid on %s", colour);
    dm_remark(remarks, remark);
    return status == 0;
}

bool dm_narrow(VipsImage *in, GString *remarks, VipsImage **ret_out) {
    VipsImage *next = NULL;
    if (!dm_image_wide(in)) {
        *ret_out = g_object_ref(in);
        return true;
    }
    dm_remark(remarks, "reduced from 16 to 8 bits");
    if (vips_cast(in, &next, VIPS_FORMAT_UCHAR, "shift", TRUE, NULL) != 0) {
        return false;
    }
    if (!to_four_bands(&next)) {
        g_object_unref(next);
        return false;
    }
    *ret_out = next;
    return true;
}
