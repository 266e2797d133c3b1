// SPDX-License-Identifier: MIT
//
// See extent.h. That the flags say what the operations do is tested for all of them
// (tests/unit/mpi_worker/test_extent.c).
#include "common/extent.h"

#include <math.h>
#include <string.h>

enum { QUARTER = 90, HALF = 180 };

#define MOST_PX 1e8 // a side; what is larger is no picture, and must not overflow

// ---- arithmetic

static int rounded(double side) {
    return (int)CLAMP(floor(side + 0.5), 1, MOST_PX);
}

static struct dm_extent scaled(struct dm_extent from, double scale) {
    return (struct dm_extent){rounded(from.width * scale), rounded(from.height * scale)};
}

struct dm_extent dm_extent_scaled(struct dm_extent from, const struct dm_size *size) {
    double by_width = (double)size->width_px / from.width;
    double by_height = (double)size->height_px / from.height;

    if (size->percent > 0) {
        return scaled(from, size->percent / 100);
    }
    if (size->side_px > 0) {
        return scaled(from, (double)size->side_px / MAX(from.width, from.height));
    }
    if (size->height_px == 0) {
        return scaled(from, by_width);
    }
    if (size->width_px == 0) {
        return scaled(from, by_height);
    }
    return scaled(from, MIN(by_width, by_height));
}

struct dm_extent dm_extent_shrunk(struct dm_extent from, const struct dm_size *size) {
    struct dm_extent to = dm_extent_scaled(from, size);
    return size->percent > 0 || to.width < from.width || to.height < from.height ? to : from;
}

struct dm_extent dm_extent_box(const struct dm_size *size) {
    return size->side_px > 0 ? (struct dm_extent){size->side_px, size->side_px}
                             : (struct dm_extent){size->width_px, size->height_px};
}

struct dm_extent dm_extent_padded(struct dm_extent from, int margin_px,
                                  const struct dm_size *canvas) {
    return (struct dm_extent){MAX(from.width + 2 * margin_px, canvas->width_px),
                              MAX(from.height + 2 * margin_px, canvas->height_px)};
}

/** A hair less, lest rounding noise add a row. */
struct dm_extent dm_extent_turned(struct dm_extent from, double degrees) {
    double across = fabs(cos(degrees * M_PI / HALF)), down = fabs(sin(degrees * M_PI / HALF));
    double width = ceil(from.width * across + from.height * down - 1e-6);
    double height = ceil(from.width * down + from.height * across - 1e-6);
    return (struct dm_extent){(int)MIN(width, MOST_PX), (int)MIN(height, MOST_PX)};
}

// ---- by the catalogue

/** The first parameter of @type that has a value, or NULL. */
static const struct dm_value *first_set(const struct dm_step *step, enum dm_param_type type) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        if (step->operation->params[i].type == type && step->values[i].set) {
            return &step->values[i];
        }
    }
    return NULL;
}

/** Say whether one of its words is @word. */
static bool says(const struct dm_step *step, const char *word) {
    bool found = false;
    for (size_t i = 0; i < step->operation->param_count && !found; i++) {
        const struct dm_param *param = &step->operation->params[i];
        if (param->type == DM_PARAM_WORD && step->values[i].set) {
            g_autofree char *said = dm_value_print(param, &step->values[i]);
            found = strcmp(said, word) == 0;
        }
    }
    return found;
}

static struct dm_extent boxed(const struct dm_step *step, struct dm_extent from) {
    const struct dm_value *size = first_set(step, DM_PARAM_SIZE);
    int shorter = MIN(from.width, from.height);
    return size != NULL ? dm_extent_box(&size->size) : (struct dm_extent){shorter, shorter};
}

static struct dm_extent padded(const struct dm_step *step, struct dm_extent from) {
    static const struct dm_size none;
    const struct dm_value *canvas = first_set(step, DM_PARAM_SIZE);
    const struct dm_value *margin = first_set(step, DM_PARAM_INT);
    int margin_px = margin != NULL ? (int)margin->number : canvas != NULL ? 0 : DM_PAD_MARGIN_PX;
    return dm_extent_padded(from, margin_px, canvas != NULL ? &canvas->size : &none);
}

static struct dm_extent turned(const struct dm_step *step, struct dm_extent from) {
    const struct dm_value *angle = first_set(step, DM_PARAM_NUMBER);
    double degrees = angle != NULL ? angle->number : says(step, "around") ? HALF : QUARTER;
    return says(step, "keep") ? from : dm_extent_turned(from, degrees);
}

bool dm_extent_after(const struct dm_step *step, struct dm_extent from, struct dm_extent *ret) {
    unsigned flags = step->operation->flags;
    const struct dm_value *size = first_set(step, DM_PARAM_SIZE);
    if (flags & DM_OP_KEEPS_SIZE) {
        *ret = from;
    } else if ((flags & DM_OP_SCALES) && size != NULL) {
        *ret = flags & DM_OP_SHRINKS ? dm_extent_shrunk(from, &size->size)
                                     : dm_extent_scaled(from, &size->size);
    } else if (flags & DM_OP_BOXES) {
        *ret = boxed(step, from);
    } else if (flags & DM_OP_PADS) {
        *ret = padded(step, from);
    } else if (flags & DM_OP_TURNS) {
        *ret = turned(step, from);
    } else {
        return false;
    }
    return true;
}
