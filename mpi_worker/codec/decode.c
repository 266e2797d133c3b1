// SPDX-License-Identifier: MIT
//
// Decoding by libvips' loaders, and the conversions around the operations. See decode.h.
#include "mpi_worker/codec/decode.h"

#include "common/colour.h"
#include "mpi_worker/codec/vips_setup.h"
#include "mpi_worker/ops/compose.h"
#include "mpi_worker/ops/profile.h"

VipsImage *dm_decode(const struct dm_codec *codec, const struct dm_bytes *bytes,
                     const struct dm_decode *how) {
    VipsBlob *blob = vips_blob_new(NULL, bytes->data, bytes->size);
    VipsImage *out = NULL;
    const char *option = NULL; // ends the list of arguments when there is none
    int value = 0;
    if (how->shrink > 1 && codec->shrinks) {
        option = "shrink";
        value = how->shrink;
    } else if (how->all_pages && codec->pages) {
        option = "n";
        value = -1;
    } else if (how->page > 0 && codec->pages) {
        option = "page";
        value = how->page;
    }
    int status = vips_call(codec->loader, blob, &out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                           VIPS_FAIL_ON_TRUNCATED, option, value, NULL);
    vips_area_unref(VIPS_AREA(blob));
    if (status != 0) {
        return NULL;
    }
    return codec->decode != NULL ? codec->decode(out, bytes, how) : out;
}

static int pass_on(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop) {
    (void)a;
    (void)stop;
    struct dm_watch *watch = b;
    const VipsRect *rect = &out->valid;
    if (vips_region_prepare(sequence, rect) != 0) {
        watch->failed = true;
        return -1;
    }
    watch->rows_read = MAX(watch->rows_read, rect->top + rect->height);
    return vips_region_region(out, sequence, rect, rect->left, rect->top);
}

VipsImage *dm_decode_watch(VipsImage *in, struct dm_watch *watch) {
    VipsImage *out = vips_image_new();
    vips_object_local(out, in);
    *watch = (struct dm_watch){0};
    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, in, NULL) != 0 ||
        vips_image_generate(out, vips_start_one, pass_on, vips_stop_one, in, watch) != 0)
        g_clear_object(&out);
    return out;
}

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

bool dm_normalise(VipsImage *in, GString *remarks, VipsImage **ret_out) {
    VipsImage *image = g_object_ref(in);
    if (to_plain_colour(&image, remarks) && to_8_or_16_bits(&image, remarks) &&
        to_four_bands(&image)) {
        *ret_out = image;
        return true;
    }
    g_object_unref(image);
    return false;
}

// ---- what the output can hold

/** A background that is not gray makes gray pictures RGB. */
static bool flatten(VipsImage **image, struct dm_colour background, GString *remarks) {
    VipsImage *next = NULL;
    if (!dm_vips_replace(image, !dm_with_room_for(*image, background, &next, NULL), &next)) {
        return false;
    }
    VipsArrayDouble *ink = dm_ink(*image, background, (*image)->Bands - 1);
    double max = (*image)->BandFmt == VIPS_FORMAT_USHORT ? 65535 : 255;
    int status = vips_flatten(*image, &next, "background", ink, "max_alpha", max, NULL);
    vips_area_unref(VIPS_AREA(ink));
    g_autofree char *colour = dm_colour_print(background);
    g_autofree char *remark = g_strdup_printf("transparency laid on %s", colour);
    dm_remark(remarks, remark);
    return dm_vips_replace(image, status, &next);
}

static bool to_8_bits(VipsImage **image, GString *remarks) {
    VipsImage *next = NULL;
    dm_remark(remarks, "reduced from 16 to 8 bits");
    return dm_vips_replace(image, vips_cast(*image, &next, VIPS_FORMAT_UCHAR, "shift", TRUE, NULL),
                           &next) &&
           to_four_bands(image);
}

bool dm_adapt(VipsImage *in, const struct dm_codec *codec, struct dm_colour background,
              GString *remarks, VipsImage **ret_out) {
    VipsImage *image = g_object_ref(in);
    bool good = true;
    if (!codec->alpha && (image->Bands == 2 || image->Bands == 4)) {
        good = flatten(&image, background, remarks);
    }
    if (good && !codec->depth16 && image->BandFmt == VIPS_FORMAT_USHORT) {
        good = to_8_bits(&image, remarks);
    }
    if (!good) {
        g_object_unref(image);
        return false;
    }
    *ret_out = image;
    return true;
}
