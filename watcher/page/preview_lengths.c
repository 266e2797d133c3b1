// SPDX-License-Identifier: MIT
//
// See preview_lengths.h.
#include "watcher/page/preview_lengths.h"

#include "common/extent.h"

#include <math.h>
#include <string.h>

#define NEARLY_A_KERNEL 1.06

static bool has(const struct dm_step *step, unsigned flag) {
    return (step->operation->flags & flag) != 0;
}

static bool is_length(const struct dm_param *param) {
    return strcmp(param->unit, "px") == 0;
}

int dm_lengths_side(const struct dm_param *param, double px) {
    return (int)CLAMP(px, param->min, param->max);
}

double dm_lengths_written(double number) {
    return round(number * 1e4) / 1e4;
}

/** A size at @scale; @rounded: round or floor. @whole: what a percentage comes to. */
static void scale_size(const struct dm_param *param, struct dm_size *size, double scale,
                       double (*rounded)(double), struct dm_extent whole) {
    if (size->percent > 0) {
        *size =
            (struct dm_size){.width_px = dm_lengths_side(param, rounded(whole.width * scale)),
                             .height_px = dm_lengths_side(param, rounded(whole.height * scale))};
        return;
    }
    int *sides[] = {&size->side_px, &size->width_px, &size->height_px};
    for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
        *sides[i] = *sides[i] > 0 ? dm_lengths_side(param, rounded(*sides[i] * scale)) : 0;
    }
}

void dm_lengths_scale_sizes(struct dm_step *step, double scale, double (*rounded)(double),
                            struct dm_extent whole) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        if (param->type == DM_PARAM_SIZE && step->values[i].set) {
            scale_size(param, &step->values[i].size, scale, rounded, whole);
        }
    }
}

/** Say whether @value is a number of pixels. */
static bool is_reach(const struct dm_param *param, const struct dm_value *value) {
    bool number = param->type == DM_PARAM_INT || param->type == DM_PARAM_NUMBER;
    return number && is_length(param) && value->set;
}

bool dm_lengths_reach(const struct dm_step *step) {
    bool found = false;
    for (size_t i = 0; i < step->operation->param_count && !found; i++) {
        found = is_reach(&step->operation->params[i], &step->values[i]);
    }
    return found;
}

/** By how much a whole number of pixels may be off: in a grid, which begins at a corner, it adds
 * up. */
static double slack(const struct dm_step *step) {
    return has(step, DM_OP_GEOMETRY) ? DM_LENGTHS_NEARLY : NEARLY_A_KERNEL;
}

/** What @px pixels become at @scale, or a little more: an odd number, which has a middle, stays
 * odd. */
static double count_at(const struct dm_step *step, const struct dm_param *param, double px,
                       double scale) {
    double least = MAX(px * scale / slack(step), MIN(MAX(param->min, 2), px));
    return fmod(px, 2) == 1 ? 2 * ceil((least - 1) / 2) + 1 : ceil(least);
}

double dm_lengths_scale_wanted(const struct dm_step *step, double scale) {
    double wanted = scale;
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        double px = step->values[i].number;
        if (param->type == DM_PARAM_INT && is_reach(param, &step->values[i]) && px > 1) {
            double exact = count_at(step, param, px, scale) / px;
            wanted = exact > scale * slack(step) ? MAX(wanted, exact) : wanted;
        }
    }
    return has(step, DM_OP_FINE) ? 1 : MIN(wanted, 1);
}

bool dm_lengths_scale_reach(struct dm_step *step, double scale) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        struct dm_value *value = &step->values[i];
        if (!is_reach(param, value)) {
            continue;
        }
        bool whole = param->type == DM_PARAM_INT;
        value->number = whole ? count_at(step, param, value->number, scale)
                              : dm_lengths_written(value->number * scale);
        if (value->number < param->min) {
            return false;
        }
    }
    return true;
}

void dm_lengths_scale_places(struct dm_step *step, double scale, double (*rounded)(double)) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        struct dm_value *value = &step->values[i];
        if (is_length(param) && value->set && param->type == DM_PARAM_INT) {
            value->number = dm_lengths_side(param, rounded(value->number * scale));
        }
    }
}

void dm_lengths_prefer_sigma(struct dm_step *step) {
    struct dm_value *sigma = NULL;
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        struct dm_value *value = &step->values[i];
        if (is_length(param) && param->type == DM_PARAM_NUMBER) {
            sigma = value;
        } else if (sigma != NULL && param->odd && is_reach(param, value)) {
            double own = 0.15 * value->number + 0.35;
            *sigma = (struct dm_value){.set = true, .number = sigma->set ? sigma->number : own};
            *value = (struct dm_value){0};
        }
    }
}

void dm_lengths_name_margin(struct dm_step *step) {
    struct dm_value *margin = NULL;
    for (size_t i = step->operation->param_count; i-- > 0;) {
        const struct dm_param *param = &step->operation->params[i];
        if (is_length(param) && step->values[i].set) {
            return;
        }
        margin = is_length(param) && param->type == DM_PARAM_INT ? &step->values[i] : margin;
    }
    if (margin != NULL) {
        *margin = (struct dm_value){.set = true, .number = DM_PAD_MARGIN_PX};
    }
}
