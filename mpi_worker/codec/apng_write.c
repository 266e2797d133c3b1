// SPDX-License-Identifier: MIT
//
// Writing PNG: a still is png.c's; of one that moves libpng encodes each frame as a still; its
// picture data becomes the frame's. Of a frame only the box is written in which it differs from the
// one before.
#include "common/bytes.h"
#include "mpi_worker/codec/apng.h"
#include "mpi_worker/codec/difference.h"
#include "mpi_worker/codec/encode.h"
#include "mpi_worker/codec/png.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/strips.h"

#include <string.h>

enum { SIGNATURE_BYTES = 8, FRAMING_BYTES = 12, NAME_AT = 4, DATA_AT = 8, CONTROL_BYTES = 26 };
enum { DELAYS_IN_MS = 1000, LONGEST_DELAY = 65535 };

struct writer {
    struct dm_encode *job;
    VipsImage *roll; // in memory
    int pages, height;
    GByteArray *out;
    uint32_t number; // of the next chunk that has one
};

static void add_animation_control(struct writer *writer) {
    uint8_t control[8];
    dm_png_put32(control, (uint32_t)writer->pages);
    dm_png_put32(control + 4, (uint32_t)dm_image_field(writer->roll, "loop"));
    dm_png_add_chunk(writer->out, "acTL", NULL, 0, control, sizeof(control));
}

/** Each frame takes the place of what was there, and stays. */
static void add_frame_control(struct writer *writer, int index, const VipsRect *box) {
    uint8_t control[CONTROL_BYTES] = {0};
    int *delays = NULL, count = 0, delay = 100;
    if (vips_image_get_typeof(writer->roll, "delay") != 0 &&
        vips_image_get_array_int(writer->roll, "delay", &delays, &count) == 0 && index < count) {
        delay = CLAMP(delays[index], 0, LONGEST_DELAY);
    }
    dm_png_put32(control, writer->number++);
    dm_png_put32(control + 4, (uint32_t)box->width);
    dm_png_put32(control + 8, (uint32_t)box->height);
    dm_png_put32(control + 12, (uint32_t)box->left);
    dm_png_put32(control + 16, (uint32_t)box->top);
    control[20] = (uint8_t)(delay >> 8);
    control[21] = (uint8_t)delay;
    control[22] = DELAYS_IN_MS >> 8;
    control[23] = DELAYS_IN_MS & 255;
    dm_png_add_chunk(writer->out, "fcTL", NULL, 0, control, sizeof(control));
}

/** Take over a still: all of the first one, of others the picture data. */
static void add_still(struct writer *writer, const GByteArray *still, int index,
                      const VipsRect *box) {
    bool begun = false;
    uint8_t number[4];
    if (index == 0) {
        g_byte_array_append(writer->out, still->data, SIGNATURE_BYTES);
    } else {
        add_frame_control(writer, index, box);
    }
    for (size_t at = SIGNATURE_BYTES; at + FRAMING_BYTES <= still->len;) {
        const uint8_t *chunk = still->data + at;
        uint32_t length = dm_be32(chunk);
        bool data = memcmp(chunk + NAME_AT, "IDAT", 4) == 0;
        bool end = memcmp(chunk + NAME_AT, "IEND", 4) == 0;
        if (index == 0 && data && !begun) {
            begun = true;
            add_animation_control(writer);
            add_frame_control(writer, 0, box);
        }
        if (index > 0 && data) {
            dm_png_put32(number, writer->number++);
            dm_png_add_chunk(writer->out, "fdAT", number, 4, chunk + DATA_AT, length);
        } else if (index == 0 && !end) {
            g_byte_array_append(writer->out, chunk, length + FRAMING_BYTES);
        }
        at += FRAMING_BYTES + length;
    }
}

static bool add_frame(struct writer *writer, int index, GError **error) {
    VipsRect box = dm_difference(writer->roll, writer->height, index, 1);
    VipsImage *picture = NULL;
    g_autoptr(GByteArray) still = g_byte_array_new();
    if (vips_extract_area(writer->roll, &picture, box.left, index * writer->height + box.top,
                          box.width, box.height, NULL) != 0) {
        writer->job->pixels_failed = true;
        return false;
    }
    bool good = dm_png_in_memory(picture, writer->job, index > 0, still, error);
    g_object_unref(picture);
    if (good) {
        add_still(writer, still, index, &box);
        good = dm_sink_write(writer->job->sink, writer->out->data, writer->out->len);
        g_byte_array_set_size(writer->out, 0);
    }
    return good;
}

static bool encode_roll(struct dm_encode *job, GError **error) {
    struct writer writer = {
        .job = job,
        .roll = dm_strips_to_memory(job->image),
        .pages = vips_image_get_n_pages(job->image),
        .height = vips_image_get_page_height(job->image),
    };
    job->pixels_failed = writer.roll == NULL;
    bool good = !job->pixels_failed;
    writer.out = g_byte_array_new();
    for (int i = 0; good && i < writer.pages; i++) {
        good = add_frame(&writer, i, error);
    }
    if (good) {
        dm_png_add_chunk(writer.out, "IEND", NULL, 0, NULL, 0);
        good = dm_sink_write(job->sink, writer.out->data, writer.out->len);
    }
    g_byte_array_unref(writer.out);
    g_clear_object(&writer.roll);
    return good;
}

bool dm_encode_png(struct dm_encode *job, GError **error) {
    bool roll = vips_image_get_page_height(job->image) < job->image->Ysize;
    return roll ? encode_roll(job, error) : dm_png_encode_still(job, error);
}
