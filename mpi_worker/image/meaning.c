// SPDX-License-Identifier: MIT
//
// See meaning.h.
#include "mpi_worker/image/meaning.h"

#include "mpi_worker/image/code_points.h"
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/profile.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/kernels/tone.h"

#include <string.h>

// Whole-number fields of what is HDR: code points of H.273.
#define PRIMARIES_FIELD "dropmill-hdr-primaries"
#define TRANSFER_FIELD "dropmill-hdr-transfer"

enum { TRANSFER_HLG = 18, HEADER_BYTES = 128, SPACE_AT = 16, ADOBE_RGB = 2 };

// ---- entry

static const char *space_of(const VipsImage *image) {
    switch (vips_image_guess_interpretation(image)) {
    case VIPS_INTERPRETATION_CMYK:
        return "CMYK";
    case VIPS_INTERPRETATION_LAB:
    case VIPS_INTERPRETATION_LABQ:
    case VIPS_INTERPRETATION_LABS:
        return NULL; // says by itself what it is
    default:
        return image->Bands < 3 ? "GRAY" : "RGB ";
    }
}

static bool is_gray(const VipsImage *image) {
    return g_strcmp0(space_of(image), "GRAY") == 0;
}

static void set_profile(VipsImage *image, GBytes *profile) {
    size_t size = 0;
    const void *data = g_bytes_get_data(profile, &size);
    vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, data, size);
}

/** Set @profile (transfer full, nullable) on @image; without one it is taken for sRGB. */
static void take_profile(VipsImage *image, GBytes *profile, GString *remarks) {
    vips_image_remove(image, VIPS_META_ICC_NAME);
    if (profile != NULL) {
        set_profile(image, profile);
        g_bytes_unref(profile);
    } else {
        dm_remark(remarks, "the note about its colours makes no sense, so it is taken for sRGB");
    }
}

/** A profile of another space than the picture's: of a gray picture the curve is of use. */
static void take_foreign(VipsImage *image, const void *profile, size_t size, GString *remarks) {
    GBytes *gray = NULL;
    if (is_gray(image) && memcmp((const char *)profile + SPACE_AT, "RGB ", 4) == 0 &&
        size <= G_MAXUINT32 && !dm_profile_has_srgb_curve(profile, size)) {
        gray = dm_codes_gray_of(profile, size);
    }
    vips_image_remove(image, VIPS_META_ICC_NAME);
    if (gray != NULL) {
        set_profile(image, gray);
        g_bytes_unref(gray);
        dm_remark(remarks,
                  "its profile is for colours: of a gray picture it is used for the grays");
        return;
    }
    dm_remark(remarks, "its colour profile is for another kind of picture, so it is ignored");
}

/** Look at the profile that the picture has. False: it has none that fits. */
static bool check_profile(VipsImage *image, GString *remarks) {
    const char *wanted = space_of(image);
    const void *profile = NULL;
    size_t size = 0;
    if (vips_image_get_typeof(image, VIPS_META_ICC_NAME) != VIPS_TYPE_BLOB ||
        vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &size) != 0) {
        return false;
    }
    if (wanted == NULL) {
        return true;
    }
    if (size < HEADER_BYTES) {
        vips_image_remove(image, VIPS_META_ICC_NAME);
        dm_remark(remarks, "its colour profile is broken, so it is ignored");
        return false;
    }
    if (memcmp((const char *)profile + SPACE_AT, wanted, 4) == 0) {
        return true;
    }
    take_foreign(image, profile, size, remarks);
    return vips_image_get_typeof(image, VIPS_META_ICC_NAME) != 0;
}

/** By code points. False: they say nothing. */
static bool enter_points(VipsImage *image, const struct dm_meta_colour *said, GString *remarks) {
    switch (dm_codes_of_points(said)) {
    case DM_CODES_HDR:
        vips_image_remove(image, VIPS_META_ICC_NAME);
        vips_image_set_int(image, PRIMARIES_FIELD, said->primaries);
        vips_image_set_int(image, TRANSFER_FIELD, said->transfer);
        return true;
    case DM_CODES_PROFILE:
        take_profile(image, dm_codes_profile_of_points(said, is_gray(image)), remarks);
        return true;
    case DM_CODES_SRGB:
        vips_image_remove(image, VIPS_META_ICC_NAME);
        return true;
    default:
        dm_remark(remarks, "the code points of its colours are unknown, so they are ignored");
        return false;
    }
}

static void enter_chunks(VipsImage *image, const struct dm_meta_colour *said, GString *remarks) {
    if (dm_codes_of_chunks(said) == DM_CODES_PROFILE) {
        take_profile(image, dm_codes_profile_of_chunks(said, is_gray(image)), remarks);
    }
}

/** In the order of PNG, third edition, 4.3; elsewhere a profile comes before code points. */
static void give_meaning(VipsImage *image, const struct dm_meta *file, GString *remarks) {
    const struct dm_meta_colour *said = file != NULL ? &file->colour : NULL;
    bool codes_first = said != NULL && g_strcmp0(file->container, "png") == 0;
    if (codes_first && said->has_codes && enter_points(image, said, remarks)) {
        return;
    }
    if (check_profile(image, remarks) || said == NULL ||
        (!codes_first && said->has_codes && enter_points(image, said, remarks))) {
        return;
    }
    if (said->srgb || said->gamma > 0 || said->has_chroma) {
        enter_chunks(image, said, remarks);
    } else if (said->exif_space == ADOBE_RGB) {
        take_profile(image, dm_codes_adobe_rgb(is_gray(image)), remarks);
    }
}

bool dm_meaning_enter(VipsImage *in, const struct dm_meta *file, GString *remarks,
                      VipsImage **ret_out) {
    VipsImage *own = NULL; // metadata of a shared picture must not be changed
    if (vips_copy(in, &own, NULL) != 0) {
        return false;
    }
    if (file != NULL && file->colour.profile != NULL) {
        set_profile(own, file->colour.profile);
    }
    if (space_of(own) != NULL && g_strcmp0(space_of(own), "CMYK") != 0) {
        give_meaning(own, file, remarks);
    } else {
        check_profile(own, remarks);
    }
    vips_image_set_int(own, DM_MEANING_KEPT_FIELD, 1);
    *ret_out = own;
    return true;
}

// ---- sRGB

static bool is_hdr(VipsImage *image) {
    return vips_image_get_typeof(image, TRANSFER_FIELD) != 0;
}

bool dm_meaning_is_special(VipsImage *in) {
    return is_hdr(in) || dm_profile_is_foreign(in);
}

/** What lives as long as the picture. */
struct mapping {
    const struct dm_tone *tone;
};

static void tone_row(const struct dm_span *span, const void *params) {
    const struct mapping *mapping = params;
    dm_tone_row(mapping->tone, span->from, span->to, (size_t)span->width,
                dm_image_colours(span->in), dm_image_alpha(span->in));
}

/** HDR of 16 bits to sRGB of as many. */
static bool map_tones(VipsImage *in, VipsImage **ret_out, GError **error) {
    double matrix[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    struct dm_tone *tone = dm_node_alloc(in, sizeof(*tone));
    dm_codes_matrix_to_srgb(dm_image_field(in, PRIMARIES_FIELD), matrix);
    for (int i = 0; i < 9; i++) {
        tone->matrix[i] = (float)matrix[i];
    }
    for (int i = 0; i < 3; i++) { // luminance of sRGB, seen from there
        tone->luma[i] =
            (float)(0.2126 * matrix[i] + 0.7152 * matrix[3 + i] + 0.0722 * matrix[6 + i]);
    }
    if (dm_image_colours(in) == 1) {
        memset(tone->matrix, 0, sizeof(tone->matrix));
        tone->matrix[0] = 1;
    }
    tone->hlg = dm_image_field(in, TRANSFER_FIELD) == TRANSFER_HLG;
    dm_tone_init(tone);
    const struct mapping mapping = {tone};
    struct dm_rows_node node = {
        .run = tone_row, .params = &mapping, .params_size = sizeof(mapping)};
    return dm_node_rows(in, &node, ret_out, error);
}

static bool hdr_to_srgb(VipsImage *in, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) deep = NULL;
    VipsImage *mapped = NULL, *out = NULL;
    if (dm_image_wide(in)) {
        deep = g_object_ref(in);
    } else if (vips_cast(in, &deep, VIPS_FORMAT_USHORT, "shift", TRUE, NULL) != 0) {
        return dm_vips_fail(error, "srgb");
    }
    VipsInterpretation space =
        dm_image_colours(in) == 1 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
    if (!map_tones(deep, &mapped, error)) {
        return false;
    }
    int status = vips_copy(mapped, &out, "interpretation", space, NULL);
    g_object_unref(mapped);
    if (status == 0) {
        vips_image_remove(out, PRIMARIES_FIELD);
        vips_image_remove(out, TRANSFER_FIELD);
        dm_remark_on(out, "HDR brought down to the range of ordinary screens");
    }
    return dm_node_finish(out, status, ret_out, error);
}

bool dm_meaning_to_srgb(VipsImage *in, VipsImage **ret_out, GError **error) {
    VipsImage *out = NULL;
    bool special = dm_meaning_is_special(in);
    bool good = is_hdr(in) ? hdr_to_srgb(in, &out, error) : dm_profile_normalise(in, &out, error);
    if (good && special) {
        vips_image_remove(out, DM_MEANING_KEPT_FIELD);
    }
    *ret_out = good ? out : *ret_out;
    return good;
}

bool dm_meaning_leave(VipsImage *in, const struct dm_meaning_room *room, GString *remarks,
                      VipsImage **ret_out, GError **error) {
    bool fits = is_hdr(in) ? room->hdr : room->profile && (room->gray || dm_image_colours(in) == 3);
    if (fits || !dm_meaning_is_special(in)) {
        *ret_out = g_object_ref(in);
        return true;
    }
    if (!is_hdr(in)) {
        dm_remark(remarks, "converted to sRGB, as its colour profile cannot stay");
    }
    return dm_meaning_to_srgb(in, ret_out, error);
}

// ---- what is said of it

static GBytes *profile_of(VipsImage *image) {
    const void *data = NULL;
    size_t size = 0;
    if (vips_image_get_typeof(image, VIPS_META_ICC_NAME) != VIPS_TYPE_BLOB ||
        vips_image_get_blob(image, VIPS_META_ICC_NAME, &data, &size) != 0) {
        return NULL;
    }
    return g_bytes_new(data, size);
}

/** Whether the words of the source, but for its profile, say it all in @format. */
static bool has_words(const char *format, const struct dm_meta_colour *said) {
    if (g_strcmp0(format, "png") == 0) {
        return said->has_codes || said->srgb || said->gamma > 0 || said->has_chroma;
    }
    return g_strcmp0(format, "avif") == 0 && said->has_codes;
}

/** Whether @profile (nullable) is for such pictures as @image. */
static bool fits(GBytes *profile, const VipsImage *image) {
    gsize size = 0;
    const char *data = profile != NULL ? g_bytes_get_data(profile, &size) : NULL;
    const char *space = is_gray(image) ? "GRAY" : "RGB ";
    return size >= HEADER_BYTES && memcmp(data + SPACE_AT, space, 4) == 0;
}

bool dm_meaning_say(VipsImage *image, const char *format, struct dm_meta *meta) {
    struct dm_meta_colour *colour = &meta->colour;
    bool kept = dm_image_field(image, DM_MEANING_KEPT_FIELD) != 0;
    if (!kept) {
        dm_meta_take(&colour->profile, NULL);
        *colour = (struct dm_meta_colour){.exif_space = colour->exif_space};
    }
    if (!kept || !has_words(format, colour)) {
        dm_meta_take(&colour->profile, profile_of(image));
    } else if (!fits(colour->profile, image)) {
        dm_meta_take(&colour->profile, NULL);
    }
    // Few readers of PNG know code points yet: what had them elsewhere gets a profile besides.
    bool foreign = g_strcmp0(format, "png") == 0 && g_strcmp0(meta->container, "png") != 0;
    if (kept && foreign && colour->profile == NULL) {
        colour->profile = profile_of(image);
    }
    return !kept;
}
