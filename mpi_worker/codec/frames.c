// SPDX-License-Identifier: MIT
//
// See frames.h.
#include "mpi_worker/codec/frames.h"

#include "mpi_worker/image/pixels.h"

#include <string.h>

enum { PIXEL_BYTES = 4 };

/** The one painter of a picture; only the thread that works on the picture comes here. */
struct painter {
    struct dm_frames *frames;
    int current;              // the frame that the canvas shows; -1: none yet
    uint8_t *canvas, *before; // of four bytes a pixel; before: when the current one came
    uint8_t *pixels;          // of one frame
    bool failed;
};

static const struct dm_frame *frame_at(const struct painter *painter, int index) {
    return &g_array_index(painter->frames->list, struct dm_frame, index);
}

static uint8_t *canvas_row(const struct painter *painter, uint8_t *canvas, int left, int y) {
    size_t width = (size_t)painter->frames->width;
    return canvas + ((size_t)y * width + (size_t)left) * PIXEL_BYTES;
}

// ---- painting

/** Straight alpha over straight alpha; PNG third edition, 13.16. */
static void put_over(const uint8_t *from, uint8_t *to) {
    unsigned above = from[3], below = to[3] * (255 - above);
    unsigned both = above * 255 + below; // 255 times the alpha of both
    if (above == 255 || both == 0) {
        memcpy(to, from, PIXEL_BYTES);
        return;
    }
    for (int i = 0; i < 3; i++) {
        to[i] = (uint8_t)((from[i] * above * 255 + to[i] * below + both / 2) / both);
    }
    to[3] = (uint8_t)((both + 127) / 255);
}

static void draw(const struct painter *painter, const struct dm_frame *frame) {
    for (int y = 0; y < frame->height; y++) {
        uint8_t *to = canvas_row(painter, painter->canvas, frame->left, frame->top + y);
        const uint8_t *from = painter->pixels + (size_t)y * (size_t)frame->width * PIXEL_BYTES;
        if (!frame->over) {
            memcpy(to, from, (size_t)frame->width * PIXEL_BYTES);
            continue;
        }
        for (int x = 0; x < frame->width; x++, from += PIXEL_BYTES, to += PIXEL_BYTES) {
            if (from[3] != 0) {
                put_over(from, to);
            }
        }
    }
}

static void dispose(const struct painter *painter, const struct dm_frame *frame) {
    size_t row_bytes = (size_t)frame->width * PIXEL_BYTES;
    for (int y = frame->top; y < frame->top + frame->height; y++) {
        uint8_t *row = canvas_row(painter, painter->canvas, frame->left, y);
        if (frame->dispose == DM_DISPOSE_CLEAR) {
            memset(row, 0, row_bytes);
        } else if (frame->dispose == DM_DISPOSE_RESTORE) {
            memcpy(row, canvas_row(painter, painter->before, frame->left, y), row_bytes);
        }
    }
}

/** Only once pixels are asked for: by then the size is known to be allowed. */
static bool begin(struct painter *painter) {
    size_t pixels = (size_t)painter->frames->width * (size_t)painter->frames->height;
    if (painter->canvas == NULL) {
        painter->canvas = g_try_malloc0_n(pixels, PIXEL_BYTES);
        painter->before = g_try_malloc0_n(pixels, PIXEL_BYTES);
        painter->pixels = g_try_malloc0_n(pixels, PIXEL_BYTES);
    }
    if (painter->canvas == NULL || painter->before == NULL || painter->pixels == NULL) {
        vips_error("frames", "out of memory");
        return false;
    }
    memset(painter->canvas, 0, pixels * PIXEL_BYTES);
    painter->current = -1;
    return true;
}

static bool show_next(struct painter *painter) {
    size_t bytes = (size_t)painter->frames->width * (size_t)painter->frames->height * PIXEL_BYTES;
    if (painter->current >= 0) {
        dispose(painter, frame_at(painter, painter->current));
    }
    const struct dm_frame *next = frame_at(painter, ++painter->current);
    if (next->dispose == DM_DISPOSE_RESTORE) {
        memcpy(painter->before, painter->canvas, bytes);
    }
    if (!painter->frames->decode(painter->frames, next, painter->pixels)) {
        vips_error("frames", "frame %d is damaged", painter->current + 1);
        return false;
    }
    draw(painter, next);
    return true;
}

/** Have frame @index on the canvas. */
static bool show(struct painter *painter, int index) {
    bool anew = painter->canvas == NULL || painter->current > index;
    if (painter->failed || (anew && !begin(painter))) {
        painter->failed = true;
    }
    while (!painter->failed && painter->current < index) {
        painter->failed = !show_next(painter);
    }
    return !painter->failed;
}

// ---- the picture

static void fill(const uint8_t *from, uint8_t *to, int width, const VipsImage *image) {
    int colours = dm_image_colours(image), bands = image->Bands;
    for (int x = 0; x < width; x++, from += PIXEL_BYTES, to += bands) {
        memcpy(to, from, (size_t)colours);
        if (bands > colours) {
            to[colours] = from[3];
        }
    }
}

static int generate(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop) {
    (void)sequence;
    (void)a;
    (void)stop;
    struct painter *painter = b;
    const VipsRect *rect = &out->valid;
    int height = painter->frames->height;
    for (int y = rect->top; y < VIPS_RECT_BOTTOM(rect); y++) {
        if (!show(painter, y / height)) {
            return -1;
        }
        fill(canvas_row(painter, painter->canvas, rect->left, y % height),
             dm_region_at(out, rect->left, y), rect->width, out->im);
    }
    return 0;
}

void dm_frames_free(struct dm_frames *frames) {
    if (frames != NULL) {
        g_array_unref(frames->list);
        g_free(frames);
    }
}

static void close_painter(VipsImage *image, void *data) {
    (void)image;
    struct painter *painter = data;
    dm_frames_free(painter->frames);
    g_free(painter->canvas);
    g_free(painter->before);
    g_free(painter->pixels);
    g_free(painter);
}

static void set_times(VipsImage *image, const struct dm_frames *frames) {
    int count = (int)frames->list->len;
    g_autofree int *delays = g_new(int, (size_t)count);
    for (int i = 0; i < count; i++) {
        delays[i] = g_array_index(frames->list, struct dm_frame, i).delay_ms;
    }
    vips_image_set_int(image, VIPS_META_N_PAGES, count);
    if (image->Ysize > frames->height) { // of one frame alone a resize would leave it untrue
        vips_image_set_int(image, VIPS_META_PAGE_HEIGHT, frames->height);
    }
    vips_image_set_int(image, "loop", frames->loops);
    vips_image_set_array_int(image, "delay", delays, count);
}

static bool lay_out(VipsImage *out, VipsImage *header, const struct dm_frames *frames, bool all) {
    int64_t height = (int64_t)frames->height * (all ? frames->list->len : 1);
    int bands = (frames->gray ? 1 : 3) + frames->alpha;
    if (height > VIPS_MAX_COORD) {
        vips_error("frames", "all frames together are too high");
        return false;
    }
    if (header != NULL &&
        vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, header, NULL) != 0) {
        return false;
    }
    double across = header != NULL ? header->Xres : 1, down = header != NULL ? header->Yres : 1;
    vips_image_init_fields(
        out, frames->width, (int)height, bands, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE,
        frames->gray ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB, across, down);
    return header != NULL || vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, NULL) == 0;
}

VipsImage *dm_frames_open(struct dm_frames *frames, VipsImage *header, bool all) {
    VipsImage *out = vips_image_new();
    struct painter *painter = g_new0(struct painter, 1);
    painter->frames = frames;
    g_signal_connect(out, "postclose", G_CALLBACK(close_painter), painter);
    if (!lay_out(out, header, frames, all) ||
        vips_image_generate(out, NULL, generate, NULL, NULL, painter) != 0) {
        g_object_unref(out);
        return NULL;
    }
    set_times(out, frames);
    return out;
}
