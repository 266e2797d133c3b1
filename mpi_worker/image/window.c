// SPDX-License-Identifier: MIT
//
// The ring of an area node. Slot y % capacity holds picture row y, for y in [first, end); rows
// above and below the picture are not stored but pointed at, by the border rule. See window.h.
//
//        margin          pixels of the region          margin
//     +----------+---------------------------------+----------+
//     |  radius  |              width              |  radius  |    one slot
//     +----------+---------------------------------+----------+
//
// Only the part of a slot that lies outside the picture is made; the rest is copied from the input.
#include "mpi_worker/image/window.h"

#include "mpi_worker/image/pixels.h"

#include <stdint.h>
#include <string.h>

struct dm_window {
    int radius;
    enum dm_border border;
    VipsRegion *from;
    size_t pixel_size; // bytes
    int left, width;   // of the output region that the slots are for
    int first, end;    // picture rows held
    int capacity;      // slots
    size_t slot_size;
    uint8_t *slots;
    uint8_t *beyond;   // one slot for LOWEST and HIGHEST
    const void **rows; // for struct dm_area
    void *scratch;
    size_t scratch_size;
};

struct dm_window *dm_window_new(VipsImage *in, int radius, enum dm_border border) {
    VipsRegion *from = vips_region_new(in);
    if (from == NULL) {
        return NULL;
    }
    struct dm_window *window = g_new0(struct dm_window, 1);
    window->radius = radius;
    window->border = border;
    window->from = from;
    window->pixel_size = dm_image_pixel_size(in);
    return window;
}

static void free_slots(struct dm_window *window) {
    g_clear_pointer(&window->slots, g_free);
    g_clear_pointer(&window->beyond, g_free);
    g_clear_pointer(&window->rows, g_free);
}

void dm_window_free(struct dm_window *window) {
    if (window == NULL) {
        return;
    }
    free_slots(window);
    g_free(window->scratch);
    g_object_unref(window->from);
    g_free(window);
}

/** Where picture coordinate @v (of @size) is taken from, or -1 for the constant beyond it. */
static int source_of(enum dm_border border, int v, int size) {
    if (v >= 0 && v < size) {
        return v;
    }
    if (border == DM_BORDER_REPLICATE) {
        return v < 0 ? 0 : size - 1;
    }
    if (border != DM_BORDER_REFLECT) {
        return -1;
    }
    if (size == 1) {
        return 0;
    }
    int period = 2 * (size - 1);
    int at = ((v % period) + period) % period;
    return at < size ? at : period - at;
}

/** Make the ring fit regions of this width and height; forgets its rows if it has to change. */
static void fit_ring(struct dm_window *window, const VipsRect *r) {
    int capacity = MIN(r->height + 2 * window->radius, window->from->im->Ysize);

    if (window->left == r->left && window->width == r->width && window->capacity >= capacity) {
        return;
    }
    window->left = r->left;
    window->width = r->width;
    window->capacity = MAX(capacity, window->capacity);
    window->first = window->end = 0;
    window->slot_size = (size_t)(r->width + 2 * window->radius) * window->pixel_size;
    free_slots(window);
    window->slots = g_malloc_n((size_t)window->capacity, window->slot_size);
    window->beyond = g_malloc(window->slot_size);
    window->rows = g_new(const void *, (size_t)(window->capacity + 2 * window->radius));
    memset(window->beyond, window->border == DM_BORDER_HIGHEST ? 0xff : 0, window->slot_size);
}

static uint8_t *slot(const struct dm_window *window, int y) {
    return window->slots + (size_t)(y % window->capacity) * window->slot_size;
}

/** Copy the pixel for column @x into @to; @row points at column @row_left of the picture. */
static void make_margin_pixel(const struct dm_window *window, const uint8_t *row, int row_left,
                              int x, uint8_t *to) {
    int source = source_of(window->border, x, window->from->im->Xsize);
    const uint8_t *pixel =
        source < 0 ? window->beyond : row + (size_t)(source - row_left) * window->pixel_size;
    memcpy(to, pixel, window->pixel_size);
}

/** Fill the slot of picture row @y from the region, which holds columns @left to @right of it. */
static void fill_slot(const struct dm_window *window, int y, int left, int right) {
    const uint8_t *row = dm_region_at(window->from, left, y);
    uint8_t *to = slot(window, y);
    int begin = window->left - window->radius;
    int end = window->left + window->width + window->radius;

    memcpy(to + (size_t)(left - begin) * window->pixel_size, row,
           (size_t)(right - left) * window->pixel_size);
    for (int x = begin; x < left; x++) {
        make_margin_pixel(window, row, left, x, to + (size_t)(x - begin) * window->pixel_size);
    }
    for (int x = right; x < end; x++) {
        make_margin_pixel(window, row, left, x, to + (size_t)(x - begin) * window->pixel_size);
    }
}

/** Read picture rows [top, bottom) into their slots. */
static bool read_rows(struct dm_window *window, int top, int bottom) {
    int radius = window->radius;
    int left = MAX(window->left - radius, 0);
    int right = MIN(window->left + window->width + radius, window->from->im->Xsize);
    VipsRect wanted = {left, top, right - left, bottom - top};

    if (top >= bottom) {
        return true;
    }
    if (vips_region_prepare(window->from, &wanted) != 0) {
        return false;
    }
    for (int y = top; y < bottom; y++) {
        fill_slot(window, y, left, right);
    }
    return true;
}

/** Have picture rows [top, bottom), which the ring has room for. */
static bool hold_rows(struct dm_window *window, int top, int bottom) {
    bool goes_on = top >= window->first && top <= window->end;
    int from = goes_on ? MAX(window->end, top) : top;
    int kept = goes_on ? MAX(window->first, bottom - window->capacity) : top;

    // Nothing is held while rows are overwritten, in case reading them fails.
    int end = MAX(bottom, goes_on ? window->end : bottom);
    window->first = window->end = 0;
    if (!read_rows(window, from, bottom)) {
        return false;
    }
    window->first = kept;
    window->end = end;
    return true;
}

bool dm_window_move(struct dm_window *window, const VipsRect *r, struct dm_area *area) {
    const VipsImage *in = window->from->im;
    int radius = window->radius;

    fit_ring(window, r);
    if (!hold_rows(window, MAX(r->top - radius, 0), MIN(r->top + r->height + radius, in->Ysize))) {
        return false;
    }
    for (int i = 0; i < r->height + 2 * radius; i++) {
        int source = source_of(window->border, r->top - radius + i, in->Ysize);
        window->rows[i] = source < 0 ? window->beyond : slot(window, source);
    }
    area->rows = window->rows;
    area->width = r->width;
    area->height = r->height;
    area->bands = in->Bands;
    area->radius = radius;
    area->left = r->left;
    area->top = r->top;
    area->picture_width = in->Xsize;
    area->picture_height = in->Ysize;
    return true;
}

void *dm_window_scratch(struct dm_window *window, size_t size) {
    if (size > window->scratch_size) {
        g_free(window->scratch);
        window->scratch = g_malloc(size);
        window->scratch_size = size;
    }
    return window->scratch;
}

void dm_window_restore_alpha(const struct dm_window *window, const struct dm_area *area) {
    size_t margin = (size_t)area->radius * window->pixel_size;

    for (int y = 0; y < area->height; y++) {
        const uint8_t *row = area->rows[y + area->radius];
        dm_copy_alpha(window->from->im, row + margin, dm_area_out(area, y), area->width);
    }
}
