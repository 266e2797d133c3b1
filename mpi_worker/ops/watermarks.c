// SPDX-License-Identifier: MIT
//
// See watermarks.h. A file becomes a picture as a task's does: told by its first bytes, decoded by
// an allowed loader, turned upright, brought into sRGB.
#include "mpi_worker/ops/watermarks.h"

#include "common/error.h"
#include "mpi_worker/codec/open.h"
#include "mpi_worker/codec/sniff.h"
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/normalise.h"
#include "mpi_worker/image/profile.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/ops/geometry.h"

#include <errno.h>
#include <string.h>

enum { FORMS_BYTES = 4096 };
enum { MAX_PIXELS = 50000000 };

char dm_watermark_forms[FORMS_BYTES];

static GPtrArray *watermarks; // of struct dm_watermark
static GPtrArray *troubles;   // of char *

static void free_watermark(void *data) {
    struct dm_watermark *watermark = data;
    g_free(watermark->name);
    g_free(watermark->trouble);
    g_clear_object(&watermark->image);
    g_free(watermark);
}

void dm_watermarks_clear(void) {
    g_clear_pointer(&watermarks, g_ptr_array_unref);
    g_clear_pointer(&troubles, g_ptr_array_unref);
    dm_watermark_forms[0] = '\0';
}

// ---- one file

/** Pixels are decoded here: @bytes need not outlive the picture. */
static VipsImage *decode(const struct dm_codec *codec, const struct dm_bytes *bytes,
                         GError **error) {
    g_autoptr(VipsImage) lazy = dm_codec_open(codec, bytes, &(struct dm_decode){.shrink = 1});
    if (lazy != NULL && (int64_t)lazy->Xsize * lazy->Ysize > MAX_PIXELS) {
        dm_fail(error, DM_ERROR_CONFIG, "it has more than %d million pixels", MAX_PIXELS / 1000000);
        return NULL;
    }
    VipsImage *memory = lazy != NULL ? dm_strips_to_memory(lazy) : NULL;
    if (memory == NULL) {
        dm_vips_fail(error, "it cannot be decoded");
    }
    return memory;
}

/** Upright, sRGB or gray, 8 bits. */
static VipsImage *convert(VipsImage *in, GError **error) {
    g_autoptr(GString) remarks = g_string_new(NULL);
    g_autoptr(VipsImage) upright = NULL;
    g_autoptr(VipsImage) plain = NULL;
    g_autoptr(VipsImage) srgb = NULL;
    g_autoptr(VipsImage) narrow = NULL;
    VipsImage *out = NULL;
    if (vips_autorot(in, &upright, NULL) != 0 || !dm_normalise(upright, remarks, &plain)) {
        dm_vips_fail(error, "it cannot be converted");
        return NULL;
    }
    if (!dm_profile_normalise(plain, &srgb, error) ||
        !dm_node_reduce(srgb, "watermark", &narrow, error)) {
        return NULL;
    }
    int status =
        dm_image_alpha(narrow) ? vips_copy(narrow, &out, NULL) : vips_addalpha(narrow, &out, NULL);
    return dm_node_finish(out, status, &out, error) ? out : NULL;
}

static VipsImage *read_picture(const char *path, GError **error) {
    g_autofree char *data = NULL;
    gsize size = 0;
    struct dm_sniff sniff;
    if (!g_file_get_contents(path, &data, &size, NULL)) {
        dm_fail(error, DM_ERROR_CONFIG, "'%s' cannot be read: %s", path, g_strerror(errno));
        return NULL;
    }
    dm_sniff((const uint8_t *)data, size, &sniff);
    if (sniff.codec == NULL) {
        g_autofree char *refusal = dm_sniff_refusal(&sniff);
        dm_fail(error, DM_ERROR_CONFIG, "'%s': %s", path, refusal);
        return NULL;
    }
    struct dm_bytes bytes = {(uint8_t *)data, size};
    g_autoptr(VipsImage) decoded = decode(sniff.codec, &bytes, error);
    g_autoptr(VipsImage) converted = decoded != NULL ? convert(decoded, error) : NULL;
    VipsImage *memory = converted != NULL ? dm_strips_to_memory(converted) : NULL;
    if (converted != NULL && memory == NULL) {
        dm_vips_fail(error, "it cannot be converted");
    }
    return memory;
}

// ---- all of them

/** Say what is wrong with @name as one in a folder name, or NULL. */
static const char *name_trouble(const char *name) {
    g_auto(GStrv) places = g_strsplit(DM_PLACE_FORMS, " ", -1);
    if (!g_ascii_islower(*name) ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(name)) {
        return "bad name, expected small letters and digits, a letter first";
    }
    if (g_strv_contains((const char *const *)places, name)) {
        return "this name says where a watermark lies, expected another";
    }
    return strlen(dm_watermark_forms) + strlen(name) + 2 > FORMS_BYTES ? "there are too many"
                                                                       : NULL;
}

static void add_trouble(const char *name, const char *why) {
    g_ptr_array_add(troubles, g_strdup_printf("watermark '%s': %s", name, why));
}

static void load_one(const char *name, const char *path) {
    g_autoptr(GError) error = NULL;
    const char *misnamed = name_trouble(name);
    if (misnamed != NULL) {
        add_trouble(name, misnamed);
        return;
    }
    struct dm_watermark *watermark = g_new0(struct dm_watermark, 1);
    watermark->name = g_strdup(name);
    watermark->image = read_picture(path, &error);
    if (watermark->image == NULL) {
        watermark->trouble = g_strdup(error->message);
        add_trouble(name, error->message);
    }
    g_strlcat(dm_watermark_forms, watermarks->len > 0 ? " " : "", FORMS_BYTES);
    g_strlcat(dm_watermark_forms, name, FORMS_BYTES);
    g_ptr_array_add(watermarks, watermark);
}

void dm_watermarks_load(const char *const *specs) {
    dm_watermarks_clear();
    watermarks = g_ptr_array_new_with_free_func(free_watermark);
    troubles = g_ptr_array_new_with_free_func(g_free);
    for (; specs != NULL && *specs != NULL; specs++) {
        g_auto(GStrv) parts = g_strsplit(*specs, "=", 2);
        if (parts[0] != NULL) {
            load_one(parts[0], parts[1] != NULL ? parts[1] : "");
        }
    }
}

const struct dm_watermark *dm_watermark_at(int index) {
    g_assert(watermarks != NULL && index >= 0 && (guint)index < watermarks->len);
    return g_ptr_array_index(watermarks, index);
}

const char *dm_watermarks_trouble(guint index) {
    return troubles != NULL && index < troubles->len ? g_ptr_array_index(troubles, index) : NULL;
}
