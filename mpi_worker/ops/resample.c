// SPDX-License-Identifier: MIT
//
// The ring of a resampling node. Slot y % capacity holds input row y in planes, for y in
// [first, end), always the whole row: what happens to a pixel must not depend on which region was
// asked for. It is filled in batches, because a node upstream has work to do for each request. See
// resample.h.
#include "mpi_worker/ops/resample.h"

#include "mpi_worker/image/node.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/kernels/resample.h"
#include "mpi_worker/ops/op.h"

#define BATCH 32 // rows

/** For each sample width, by whether colours are weighed with alpha. */
static dm_resample_kernel *const kernels[2][2] = {
    {dm_resample_u8, dm_resample_alpha_u8},
    {dm_resample_u16, dm_resample_alpha_u16},
};

/** One walk over the output: vips calls this a sequence. */
struct ring {
    VipsRegion *from;
    struct dm_resample_axis across, down;
    int first, end; // input rows held
    int capacity;   // slots
    size_t slot_size;
    uint8_t *slots;
    bool *opaque;      // for each slot: no alpha, or full alpha everywhere
    const void **rows; // for the kernel
    void *column;
};

static int stop_ring(void *sequence, void *a, void *b) {
    (void)a;
    (void)b;
    struct ring *ring = sequence;
    if (ring != NULL) {
        dm_resample_axis_clear(&ring->across);
        dm_resample_axis_clear(&ring->down);
        g_free(ring->slots);
        g_free(ring->opaque);
        g_free(ring->rows);
        g_free(ring->column);
        g_clear_object(&ring->from);
        g_free(ring);
    }
    return 0;
}

static void *start_ring(VipsImage *out, void *a, void *b) {
    VipsImage *in = a;
    struct ring *ring = g_new0(struct ring, 1);
    ring->from = vips_region_new(in);
    bool good = ring->from != NULL && dm_resample_axis_init(&ring->across, in->Xsize, out->Xsize) &&
                dm_resample_axis_init(&ring->down, in->Ysize, out->Ysize);
    if (!good) {
        stop_ring(ring, a, b);
        return NULL;
    }
    ring->capacity = MIN(ring->down.taps + BATCH, in->Ysize);
    ring->slot_size = dm_image_row_size(in);
    ring->slots = g_malloc_n((size_t)ring->capacity, ring->slot_size);
    ring->opaque = g_new0(bool, (size_t)ring->capacity);
    ring->rows = g_new0(const void *, (size_t)ring->down.taps + 1);
    ring->column = g_malloc0(dm_resample_column_size(&ring->across, in->Bands));
    return ring;
}

static uint8_t *slot(const struct ring *ring, int y) {
    return ring->slots + (size_t)(y % ring->capacity) * ring->slot_size;
}

/** Whether the last plane of a slot is full alpha. */
static bool is_opaque(const struct ring *ring, const uint8_t *planes) {
    size_t plane = ring->slot_size / (size_t)ring->from->im->Bands;
    const uint8_t *alpha = planes + ring->slot_size - plane;
    uint8_t all = 0xff;
    for (size_t i = 0; i < plane; i++) { // full alpha is 0xff in every byte
        all &= alpha[i];
    }
    return all == 0xff;
}

static void fill_slot(const struct ring *ring, int y) {
    const VipsImage *in = ring->from->im;
    const void *row = dm_region_at(ring->from, 0, y);
    uint8_t *to = slot(ring, y);

    if (dm_image_wide(in)) {
        dm_resample_split_u16(row, in->Xsize, in->Bands, (uint16_t *)(void *)to);
    } else {
        dm_resample_split_u8(row, in->Xsize, in->Bands, to);
    }
    ring->opaque[y % ring->capacity] = !dm_image_alpha(in) || is_opaque(ring, to);
}

/** Bring in a batch of rows from @begin on; the oldest ones make room. */
static bool fetch_batch(struct ring *ring, int begin) {
    int end = MIN(begin + BATCH, ring->from->im->Ysize);
    int kept = MAX(ring->first, end - ring->capacity);

    // Nothing is held while rows are overwritten, in case reading them fails.
    ring->first = ring->end = 0;
    VipsRect wanted = {0, begin, ring->from->im->Xsize, end - begin};
    if (vips_region_prepare(ring->from, &wanted) != 0) {
        return false;
    }
    for (int y = begin; y < end; y++) {
        fill_slot(ring, y);
    }
    ring->first = kept;
    ring->end = end;
    return true;
}

/** Have input rows [top, bottom), and perhaps some more that will be wanted next. */
static bool hold_rows(struct ring *ring, int top, int bottom) {
    if (top < ring->first || top > ring->end) { // neither held nor next
        ring->first = ring->end = top;
    }
    while (ring->end < bottom) {
        if (!fetch_batch(ring, ring->end)) {
            return false;
        }
    }
    return true;
}

/** Point at the input rows of output row @y. Returns whether they are opaque. */
static bool point_at_rows(const struct ring *ring, struct dm_resample_span span) {
    bool opaque = true;
    for (int k = 0; k < span.count; k++) {
        ring->rows[k] = slot(ring, span.first + k);
        opaque &= ring->opaque[(span.first + k) % ring->capacity];
    }
    // Kernels take up to 3 rows more than there are, with a weight of 0.
    for (int k = span.count; k < ring->down.taps; k++) {
        ring->rows[k] = ring->rows[0];
    }
    return opaque;
}

static int generate(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop) {
    (void)b;
    (void)stop;
    struct ring *ring = sequence;
    const VipsImage *in = a;
    const VipsRect *r = &out->valid;

    for (int y = r->top; y < VIPS_RECT_BOTTOM(r); y++) {
        struct dm_resample_span span = ring->down.spans[y];
        if (!hold_rows(ring, span.first, span.first + span.count)) {
            return -1;
        }
        bool opaque = point_at_rows(ring, span);
        kernels[dm_image_wide(in)][!opaque](&(struct dm_resample_row){
            .across = &ring->across,
            .down = &ring->down,
            .rows = ring->rows,
            .y = y,
            .left = r->left,
            .width = r->width,
            .bands = in->Bands,
            .column = ring->column,
            .out = dm_region_at(out, r->left, y),
        });
    }
    return 0;
}

bool dm_node_resample(VipsImage *in, int width, int height, VipsImage **ret_out, GError **error) {
    VipsImage *out = dm_node_new(in, &(struct dm_node_shape){.width = width, .height = height});
    if (out == NULL) {
        return dm_vips_fail(error, "resampling");
    }
    int status = vips_image_generate(out, start_ring, generate, stop_ring, in, NULL);
    return dm_node_finish(out, status, ret_out, error);
}
