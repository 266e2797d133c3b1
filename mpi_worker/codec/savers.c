// SPDX-License-Identifier: MIT
//
// WebP, GIF and AVIF (TIFF: tiff.c; WebP that moves: webp_write.c) through libvips' savers. The
// picture is computed into memory by this thread first: the savers pull pixels on libvips' own
// threads, which must find nothing left to compute or to fail.
#include "mpi_worker/codec/encode.h"
#include "mpi_worker/codec/webp_write.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/meta/containers.h"

#include "common/error.h"

enum { WEBP_QUALITY = 80, WEBP_EFFORT = 4, GIF_EFFORT = 7 };

// Measured with 12 MP: effort 3 takes 1.7 s and 16 % less room than 2, 4 takes 6.7 s for 9 % more.
// Quality 75 has the SSIM of a JPEG of 85 on a photo with fine detail, in 63 % of its room.
enum { AVIF_QUALITY = 75, AVIF_EFFORT = 3 };

// Not 10: libheif 1.15 and libaom 3.6 disagree on the profile of 10 bits, and libaom aborts.
enum { AVIF_DEEP_BITS = 12 };

static int save_webp(VipsImage *image, const struct dm_encode *job, void **ret_data,
                     size_t *ret_size) {
    const struct dm_output *output = job->output;
    bool asked = output->format != NULL;
    bool same = !asked && job->source != NULL && job->source->lossless;
    const struct dm_webp_settings settings = {
        .quality = output->quality > 0 ? output->quality : WEBP_QUALITY,
        .effort = asked && output->effort >= 0 ? output->effort : WEBP_EFFORT,
        .lossless = output->lossless || same,
    };
    if (vips_image_get_page_height(image) < image->Ysize) {
        return dm_webp_write_frames(image, &settings, ret_data, ret_size);
    }
    return vips_webpsave_buffer(image, ret_data, ret_size, "Q", settings.quality, "effort",
                                settings.effort, "lossless", settings.lossless, "strip", TRUE,
                                NULL);
}

static int save_gif(VipsImage *image, const struct dm_encode *job, void **ret_data,
                    size_t *ret_size) {
    int effort = job->output->effort;
    return vips_gifsave_buffer(image, ret_data, ret_size, "effort",
                               effort > 0 ? MIN(effort, 10) : GIF_EFFORT, "reoptimise", TRUE, NULL);
}

static int save_avif(VipsImage *image, const struct dm_encode *job, void **ret_data,
                     size_t *ret_size) {
    const struct dm_output *output = job->output;
    return vips_heifsave_buffer(
        image, ret_data, ret_size, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "Q",
        output->quality > 0 ? output->quality : AVIF_QUALITY, "effort",
        output->format != NULL && output->effort >= 0 ? output->effort : AVIF_EFFORT, "bitdepth",
        image->BandFmt == VIPS_FORMAT_USHORT ? AVIF_DEEP_BITS : 8, "strip", TRUE, NULL);
}

bool dm_encode_write_said(struct dm_encode *job, const char *format, const void *data,
                          size_t size) {
    GByteArray *file = dm_meta_write(job->meta, format, data, size);
    if (file == NULL) {
        g_autofree char *text =
            g_strdup_printf("what the file says of itself left out of the %s", format);
        dm_remark(job->remarks, text);
        return dm_sink_write(job->sink, data, size);
    }
    bool good = dm_sink_write(job->sink, file->data, file->len);
    g_byte_array_unref(file);
    return good;
}

/** The picture in memory, without a profile, which is not the saver's business. */
static VipsImage *get_ready(const struct dm_encode *job) {
    g_autoptr(VipsImage) image =
        job->in_memory ? g_object_ref(job->image) : dm_strips_to_memory(job->image);
    VipsImage *own = NULL;
    if (image == NULL || vips_copy(image, &own, NULL) != 0) {
        return NULL;
    }
    vips_image_remove(own, VIPS_META_ICC_NAME);
    return own;
}

bool dm_encode_by_saver(struct dm_encode *job, const char *format, dm_save_fn saver,
                        GError **error) {
    VipsImage *image = get_ready(job);
    void *data = NULL;
    size_t size = 0;
    job->pixels_failed = image == NULL;
    if (image == NULL) {
        return false;
    }
    bool good = saver(image, job, &data, &size) == 0;
    g_object_unref(image);
    if (!good) {
        g_autofree char *why = dm_vips_error();
        return dm_fail(error, DM_ERROR_INPUT, "writing the picture: %s", why);
    }
    good = dm_encode_write_said(job, format, data, size);
    g_free(data);
    return good;
}

bool dm_encode_webp(struct dm_encode *job, GError **error) {
    return dm_encode_by_saver(job, "webp", save_webp, error);
}

bool dm_encode_gif(struct dm_encode *job, GError **error) {
    return dm_encode_by_saver(job, "gif", save_gif, error);
}

bool dm_encode_avif(struct dm_encode *job, GError **error) {
    bool had_fewer = vips_image_get_typeof(job->image, "heif-bitdepth") != 0;
    if (job->image->BandFmt == VIPS_FORMAT_USHORT && !had_fewer) {
        dm_remark(job->remarks, "stored with 12 bits, the most that an avif has");
    }
    return dm_encode_by_saver(job, "avif", save_avif, error);
}
