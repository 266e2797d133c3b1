// SPDX-License-Identifier: MIT
//
// Canny. Each row goes through: gradients of every sample -> the strongest channel of each pixel ->
// marks, which need the magnitudes of the rows above and below; so three rows are kept. See
// canny.h.
#include "mpi_worker/kernels/canny.h"

#include <stdlib.h>
#include <string.h>

#define TAN_22_5 13573 // tan(22.5 degrees) in 1 / 2^15

/** One row's strongest gradients for x from -1 to width: index 0 is x = -1. */
struct gradients {
    int16_t *magnitude, *dx, *dy;
};

/** The rows kept, and the gradients of every sample of the row in hand. */
struct lines {
    struct gradients kept[3];
    struct gradients samples;
};

static size_t line_pixels(const struct dm_area *area) {
    return (size_t)area->width + 2;
}

size_t dm_canny_scratch(const struct dm_area *area, const void *params) {
    (void)params;
    return line_pixels(area) * (9 + 3 * (size_t)area->bands) * sizeof(int16_t);
}

static struct gradients carve(int16_t **next, size_t count) {
    struct gradients row = {*next, *next + count, *next + 2 * count};
    *next += 3 * count;
    return row;
}

static struct lines carve_lines(const struct dm_area *area, void *scratch) {
    struct lines lines;
    int16_t *next = scratch;
    for (int i = 0; i < 3; i++) {
        lines.kept[i] = carve(&next, line_pixels(area));
    }
    lines.samples = carve(&next, line_pixels(area) * (size_t)area->bands);
    return lines;
}

DM_INLINE void sobel(const uint8_t *up, const uint8_t *row, const uint8_t *down, size_t n,
                     size_t step, struct gradients ret) {
    DM_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        int16_t right = (int16_t)(up[i + 2 * step] + 2 * row[i + 2 * step] + down[i + 2 * step]);
        int16_t left = (int16_t)(up[i] + 2 * row[i] + down[i]);
        int16_t below = (int16_t)(down[i] + 2 * down[i + step] + down[i + 2 * step]);
        int16_t above = (int16_t)(up[i] + 2 * up[i + step] + up[i + 2 * step]);
        int16_t dx = (int16_t)(right - left);
        int16_t dy = (int16_t)(below - above);
        ret.dx[i] = dx;
        ret.dy[i] = dy;
        ret.magnitude[i] = (int16_t)((dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy));
    }
}

/** @a where @mask is -1, @b where it is 0: a choice that the compiler does not make a branch. */
DM_INLINE int16_t either(int16_t mask, int16_t a, int16_t b) {
    return (int16_t)((a & mask) | (b & ~mask));
}

/** Keep of each pixel the strongest channel; among equals blue, then green: OpenCV's order. */
DM_INLINE void strongest(struct gradients samples, size_t pixels, size_t bands,
                         struct gradients ret) {
    const int16_t *magnitude = samples.magnitude, *dx = samples.dx, *dy = samples.dy;
    DM_INDEPENDENT
    for (size_t x = 0; x < pixels; x++) {
        size_t red = x * bands, green = red + 1, blue = red + 2;
        int16_t greener = (int16_t) - (magnitude[green] > magnitude[blue]);
        int16_t most = either(greener, magnitude[green], magnitude[blue]);
        int16_t redder = (int16_t) - (magnitude[red] > most);
        ret.magnitude[x] = either(redder, magnitude[red], most);
        ret.dx[x] = either(redder, dx[red], either(greener, dx[green], dx[blue]));
        ret.dy[x] = either(redder, dy[red], either(greener, dy[green], dy[blue]));
    }
}

/** The first of two channels, the other being alpha. */
static void only(struct gradients samples, size_t pixels, struct gradients ret) {
    for (size_t x = 0; x < pixels; x++) {
        ret.magnitude[x] = samples.magnitude[2 * x];
        ret.dx[x] = samples.dx[2 * x];
        ret.dy[x] = samples.dy[2 * x];
    }
}

/** The gradients of row @y, which may be one above or below the area, or outside the picture. */
DM_INLINE void gradients_at(const struct dm_area *area, int y, struct gradients samples,
                            struct gradients ret) {
    size_t pixels = line_pixels(area);
    size_t bands = (size_t)area->bands;

    if (area->top + y < 0 || area->top + y >= area->picture_height) {
        memset(ret.magnitude, 0, pixels * sizeof(*ret.magnitude));
        return;
    }
    const void *const *rows = area->rows + y + 1;
    sobel(rows[0], rows[1], rows[2], pixels * bands, bands, bands == 1 ? ret : samples);
    if (bands == 2) {
        only(samples, pixels, ret);
    } else if (bands == 3) {
        strongest(samples, pixels, 3, ret);
    } else if (bands == 4) {
        strongest(samples, pixels, 4, ret);
    }
    if (area->left == 0) {
        ret.magnitude[0] = 0;
    }
    if (area->left + area->width == area->picture_width) {
        ret.magnitude[pixels - 1] = 0;
    }
}

DM_INLINE int16_t pick(bool first, int16_t a, int16_t b) {
    return (int16_t)(first ? a : b);
}

/**
 * Mark the ridges: pixels stronger than both neighbours across the edge, that is along the
 * gradient, in the nearest of four directions. The limits between directions are |dy| = t |dx| and
 * |dy| = (t + 2) |dx| with t = tan(22.5 degrees) in 15 bits; `flat` is t |dx| rounded down, which
 * decides the same, since t |dx| is no whole number. No branches: all of it is vectorised.
 */
DM_INLINE void mark(const int16_t *up, struct gradients row, const int16_t *down,
                    const struct dm_canny *canny, size_t width, uint8_t *out) {
    const int16_t low = (int16_t)canny->low, high = (int16_t)canny->high;
    uint8_t *restrict marks = out;
    for (size_t x = 0; x < width; x++) {
        int16_t m = row.magnitude[x + 1], dx = row.dx[x + 1], dy = row.dy[x + 1];
        int16_t left = row.magnitude[x], right = row.magnitude[x + 2];
        int16_t up_left = up[x], above = up[x + 1], up_right = up[x + 2];
        int16_t down_left = down[x], below = down[x + 1], down_right = down[x + 2];
        int16_t wide = (int16_t)(dx < 0 ? -dx : dx), tall = (int16_t)(dy < 0 ? -dy : dy);
        int16_t flat = (int16_t)((2 * wide * TAN_22_5) >> 16);
        int16_t steep = (int16_t)(tall - 2 * wide);
        int16_t turned = (int16_t)(dx ^ dy);
        int16_t before = pick(turned < 0, up_right, up_left);
        int16_t behind = pick(turned < 0, down_left, down_right);
        before = pick(steep > flat, above, before);
        behind = pick(steep > flat, (int16_t)(below - 1), behind); // a tie does not count
        before = pick(tall <= flat, left, before);
        behind = pick(tall <= flat, (int16_t)(right - 1), behind);
        int16_t beaten = pick(before > behind, before, behind);
        int16_t bar = pick(beaten > low, beaten, low);
        int16_t mark = m > high ? DM_CANNY_EDGE : DM_CANNY_WEAK;
        marks[x] = (uint8_t)(m > bar ? mark : DM_CANNY_NONE);
    }
}

DM_CLONES void dm_canny_marks_u8(const struct dm_area *area, const void *params, void *scratch) {
    const struct dm_canny *canny = params;
    struct lines lines = carve_lines(area, scratch);
    struct gradients *kept = lines.kept;

    gradients_at(area, -1, lines.samples, kept[0]);
    gradients_at(area, 0, lines.samples, kept[1]);
    for (int y = 0; y < area->height; y++) {
        struct gradients *up = &kept[y % 3];
        struct gradients *row = &kept[(y + 1) % 3];
        struct gradients *down = &kept[(y + 2) % 3];
        gradients_at(area, y + 1, lines.samples, *down);
        mark(up->magnitude, *row, down->magnitude, canny, (size_t)area->width,
             dm_area_out(area, y));
    }
}

/** Positions whose neighbours have still to be looked at. */
struct stack {
    size_t *items;
    size_t count, capacity;
};

/** Make room for @more items. */
static bool stack_reserve(struct stack *stack, size_t more) {
    if (stack->count + more <= stack->capacity) {
        return true;
    }
    size_t capacity = 2 * stack->capacity + 4096 + more;
    size_t *items = realloc(stack->items, capacity * sizeof(*items));
    if (!items) {
        return false;
    }
    stack->items = items;
    stack->capacity = capacity;
    return true;
}

/** Promote and stack the weak neighbours of one edge pixel; the stack has room for 8 more. */
static void promote_neighbours(uint8_t *marks, int width, int height, size_t at,
                               struct stack *stack) {
    int x = (int)(at % (size_t)width);
    int y = (int)(at / (size_t)width);
    int x_end = x + 1 < width ? x + 1 : x;
    int y_end = y + 1 < height ? y + 1 : y;

    for (int v = y > 0 ? y - 1 : 0; v <= y_end; v++) {
        for (int u = x > 0 ? x - 1 : 0; u <= x_end; u++) {
            size_t near = (size_t)v * (size_t)width + (size_t)u;
            if (marks[near] != DM_CANNY_WEAK) {
                continue;
            }
            marks[near] = DM_CANNY_EDGE;
            stack->items[stack->count++] = near;
        }
    }
}

bool dm_canny_connect(uint8_t *marks, int width, int height) {
    size_t count = (size_t)width * (size_t)height;
    struct stack stack = {0};
    bool ok = stack_reserve(&stack, 8);

    for (size_t at = 0; ok && at < count; at++) {
        if (marks[at] != DM_CANNY_EDGE) {
            continue;
        }
        promote_neighbours(marks, width, height, at, &stack);
        while (ok && stack.count > 0) {
            size_t next = stack.items[--stack.count];
            promote_neighbours(marks, width, height, next, &stack);
            ok = stack_reserve(&stack, 8);
        }
    }
    free(stack.items);
    for (size_t at = 0; ok && at < count; at++) {
        marks[at] = marks[at] == DM_CANNY_EDGE ? DM_CANNY_EDGE : DM_CANNY_NONE;
    }
    return ok;
}
