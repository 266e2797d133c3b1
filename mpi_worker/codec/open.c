// SPDX-License-Identifier: MIT
//
// Opening by libvips' loaders. See open.h.
#include "mpi_worker/codec/open.h"

VipsImage *dm_open_by_loader(const char *loader, const struct dm_bytes *bytes, const char *option,
                             int value) {
    VipsBlob *blob = vips_blob_new(NULL, bytes->data, bytes->size);
    VipsImage *out = NULL;
    int status = vips_call(loader, blob, &out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                           VIPS_FAIL_ON_TRUNCATED, option, value, NULL);
    vips_area_unref(VIPS_AREA(blob));
    return status == 0 ? out : NULL;
}

static VipsImage *open_by_vips(const struct dm_codec *codec, const struct dm_bytes *bytes,
                               const struct dm_decode *how) {
    if (how->shrink > 1 && codec->shrinks) {
        return dm_open_by_loader(codec->loader, bytes, "shrink", how->shrink);
    }
    if (how->all_pages && codec->many != DM_MANY_NONE) {
        return dm_open_by_loader(codec->loader, bytes, "n", -1);
    }
    if (how->page > 0 && codec->many != DM_MANY_NONE) {
        return dm_open_by_loader(codec->loader, bytes, "page", how->page);
    }
    return dm_open_by_loader(codec->loader, bytes, NULL, 0);
}

VipsImage *dm_codec_open(const struct dm_codec *codec, const struct dm_bytes *bytes,
                         const struct dm_decode *how) {
    VipsImage *out =
        codec->open != NULL ? codec->open(bytes, how) : open_by_vips(codec, bytes, how);
    return out != NULL && codec->decode != NULL ? codec->decode(out, bytes, how) : out;
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

// What a file says of itself is the business of meta/. By beginning: libvips spreads EXIF over
// fields such as exif-ifd3-GPSLatitude.
static const char *const said_fields[] = {
    "exif-",           "xmp-data",          "iptc-data",   "photoshop-data",
    "jpeg-thumbnail-", "image-description", "png-comment", "gif-comment",
    "orientation",     "imagedescription",
};

static void drop_said(VipsImage *image) {
    g_auto(GStrv) fields = vips_image_get_fields(image);
    for (char **field = fields; *field != NULL; field++) {
        for (size_t i = 0; i < G_N_ELEMENTS(said_fields); i++) {
            if (g_str_has_prefix(*field, said_fields[i])) {
                vips_image_remove(image, *field);
                break;
            }
        }
    }
}

VipsImage *dm_codec_watch(VipsImage *in, struct dm_watch *watch) {
    VipsImage *out = vips_image_new();
    vips_object_local(out, in);
    *watch = (struct dm_watch){0};
    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, in, NULL) != 0 ||
        vips_image_generate(out, vips_start_one, pass_on, vips_stop_one, in, watch) != 0) {
        g_clear_object(&out);
    }
    if (out != NULL) {
        drop_said(out);
    }
    return out;
}
