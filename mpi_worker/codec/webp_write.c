// SPDX-License-Identifier: MIT
//
// See webp_write.h. Of a frame only the box is stored in which it differs from the one before.
#include "mpi_worker/codec/webp_write.h"

#include "mpi_worker/codec/difference.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/strips.h"

#include <string.h>
#include <webp/encode.h>
#include <webp/mux.h>

enum { GRID = 2, DEFAULT_DELAY_MS = 100, LONGEST_DELAY_MS = (1 << 24) - 1, OPAQUE = 255 };

struct writer {
    VipsImage *roll; // in memory
    WebPConfig config;
    WebPMux *mux;
    int height;
    int *delays, delay_count; // borrowed
};

/** Copy a box of page @index, as four bytes a pixel. */
static uint8_t *cut(const struct writer *writer, int index, const VipsRect *box) {
    int bands = writer->roll->Bands;
    int colours = dm_image_colours(writer->roll);
    uint8_t *rgba = g_malloc((size_t)box->width * (size_t)box->height * 4), *to = rgba;
    for (int y = 0; y < box->height; y++) {
        const uint8_t *from = dm_image_row(writer->roll, index * writer->height + box->top + y);
        from += (size_t)box->left * (size_t)bands;
        for (int x = 0; x < box->width; x++, from += bands, to += 4) {
            for (int i = 0; i < 3; i++) {
                to[i] = from[colours == 3 ? i : 0];
            }
            to[3] = bands > colours ? from[colours] : OPAQUE;
        }
    }
    return rgba;
}

static bool encode(const struct writer *writer, const VipsRect *box, const uint8_t *rgba,
                   WebPMemoryWriter *ret) {
    WebPPicture picture;
    if (!WebPPictureInit(&picture)) {
        return false;
    }
    picture.width = box->width;
    picture.height = box->height;
    picture.use_argb = writer->config.lossless;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = ret;
    bool alpha = writer->roll->Bands > dm_image_colours(writer->roll);
    int stride = box->width * 4;
    bool good = (alpha ? WebPPictureImportRGBA(&picture, rgba, stride)
                       : WebPPictureImportRGBX(&picture, rgba, stride)) &&
                WebPEncode(&writer->config, &picture);
    WebPPictureFree(&picture);
    return good;
}

static int delay_of(const struct writer *writer, int index) {
    return index < writer->delay_count ? CLAMP(writer->delays[index], 0, LONGEST_DELAY_MS)
                                       : DEFAULT_DELAY_MS;
}

static bool add_frame(const struct writer *writer, int index) {
    VipsRect box = dm_difference(writer->roll, writer->height, index, GRID);
    WebPMemoryWriter memory;
    WebPMemoryWriterInit(&memory);
    g_autofree uint8_t *rgba = cut(writer, index, &box);
    bool good = encode(writer, &box, rgba, &memory);
    const WebPMuxFrameInfo frame = {.bitstream = {memory.mem, memory.size},
                                    .x_offset = box.left,
                                    .y_offset = box.top,
                                    .duration = delay_of(writer, index),
                                    .id = WEBP_CHUNK_ANMF,
                                    .dispose_method = WEBP_MUX_DISPOSE_NONE,
                                    .blend_method = WEBP_MUX_NO_BLEND};
    good = good && WebPMuxPushFrame(writer->mux, &frame, 1) == WEBP_MUX_OK;
    WebPMemoryWriterClear(&memory);
    return good;
}

static bool assemble(const struct writer *writer, void **ret_data, size_t *ret_size) {
    const WebPMuxAnimParams animation = {.bgcolor = 0,
                                         .loop_count = dm_image_field(writer->roll, "loop")};
    WebPData file = {0};
    if (WebPMuxSetCanvasSize(writer->mux, writer->roll->Xsize, writer->height) != WEBP_MUX_OK ||
        WebPMuxSetAnimationParams(writer->mux, &animation) != WEBP_MUX_OK ||
        WebPMuxAssemble(writer->mux, &file) != WEBP_MUX_OK) {
        return false;
    }
    *ret_data = g_memdup2(file.bytes, file.size);
    *ret_size = file.size;
    WebPDataClear(&file);
    return true;
}

static bool configure(struct writer *writer, const struct dm_webp_settings *settings) {
    if (!WebPConfigInit(&writer->config)) {
        return false;
    }
    writer->config.lossless = settings->lossless;
    writer->config.quality = (float)settings->quality;
    writer->config.method = settings->effort;
    return WebPValidateConfig(&writer->config);
}

int dm_webp_write_frames(VipsImage *roll, const struct dm_webp_settings *settings, void **ret_data,
                         size_t *ret_size) {
    struct writer writer = {.roll = dm_strips_to_memory(roll),
                            .height = vips_image_get_page_height(roll)};
    if (writer.roll == NULL) {
        return -1;
    }
    writer.mux = WebPMuxNew();
    if (vips_image_get_typeof(roll, "delay") != 0) {
        vips_image_get_array_int(roll, "delay", &writer.delays, &writer.delay_count);
    }
    bool good = writer.mux != NULL && configure(&writer, settings);
    int pages = roll->Ysize / writer.height;
    for (int i = 0; good && i < pages; i++) {
        good = add_frame(&writer, i);
    }
    good = good && assemble(&writer, ret_data, ret_size);
    if (!good) {
        vips_error("webp", "libwebp refused a frame");
    }
    WebPMuxDelete(writer.mux);
    g_object_unref(writer.roll);
    return good ? 0 : -1;
}
