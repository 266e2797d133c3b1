// SPDX-License-Identifier: MIT
//
// Two pictures are walked through the chain: the real one, of which only the size is known, and the
// one that is seen. Their ratio is the scale: where it stands, a length in pixels is so much
// shorter in the preview.
//
//   whole    the copy is smaller by its scale, say 0.32. A step that makes the picture smaller brings
//            the two together: it is left out, or shrinks less, as long as the copy has no more
//            pixels than the real picture. So the preview of resize-400 has 400 pixels, and what
//            follows is done at its true scale. Windows and margins are scaled, and so are radii.
//            A kernel has a whole number of pixels: the copy is enlarged by what is missing to the
//            next one (a kernel of 5 at 0.32: to 0.6, where it has 3). Steps that look at the finest
//            pixels (sharpen, edges) see in a smaller copy another picture, coarser by the scale:
//            for them it is enlarged to what the original has. Nothing comes back that way, but
//            what they do to the rest is as small as in the result. In the end it is made as small
//            again as the copy. A kernel without sigma has one by a rule of OpenCV, and is given it.
//   detail   the scale is 1. A step that resamples does so by its ratio; what cuts, adds a margin or
//            depends on the place is left out.
//
// What an output step does to pixels shows in the detail of a JPEG only. How near it comes, and
// what it costs: tests/bench/page_preview.py.
#include "watcher/page/preview_chain.h"

#include "common/error.h"
#include "watcher/page/preview_lengths.h"

#include <math.h>
#include <string.h>

#define WELL_WRITTEN "jpeg-90"
#define USUAL_QUALITY 85   // of a JPEG for which none is given
#define MOST_PIXELS 12.5e6 // that a copy is enlarged to; a tenth of a second

/** The two pictures, as the steps so far leave them. */
struct walk {
    const struct dm_catalogue *catalogue;
    struct dm_extent real, seen;
    // Of the result's pixels to the original's.
    double ratio;
    // The scale that it would have if it had not been enlarged.
    double base;
    // There is room in a chain for a step before each of this one's.
    bool short_enough;
    bool exact, rough;
    GString *text;
    // The last output step, when that writes JPEG; whether there is one at all.
    const struct dm_step *jpeg;
    bool chosen;
};

static const char *const mode_names[] = {
    [DM_PREVIEW_WHOLE] = "whole", [DM_PREVIEW_DETAIL] = "detail", [DM_PREVIEW_FILE] = "file"};

bool dm_preview_mode_from_name(const char *name, enum dm_preview_mode *ret) {
    for (size_t i = 0; i < G_N_ELEMENTS(mode_names); i++) {
        if (strcmp(mode_names[i], name) == 0) {
            *ret = (enum dm_preview_mode)i;
            return true;
        }
    }
    return false;
}

// ---- extents

static bool is_same(struct dm_extent a, struct dm_extent b) {
    return a.width == b.width && a.height == b.height;
}

/** Say whether the two differ by no more than rounding. */
static bool is_near(struct dm_extent a, struct dm_extent b) {
    return abs(a.width - b.width) <= 1 && abs(a.height - b.height) <= 1;
}

static double across(struct dm_extent to, struct dm_extent from) {
    return (double)to.width / from.width;
}

static double down(struct dm_extent to, struct dm_extent from) {
    return (double)to.height / from.height;
}

/** Of the seen picture to the real one. */
static double scale_of(const struct walk *walk) {
    return sqrt(across(walk->seen, walk->real) * down(walk->seen, walk->real));
}

// ---- steps

static bool has(const struct dm_step *step, unsigned flag) {
    return (step->operation->flags & flag) != 0;
}

/** A step whose values can be changed. */
static struct dm_step copy_of(const struct dm_step *step) {
    struct dm_step copy;
    dm_step_init(&copy, step->operation, step->name);
    memcpy(copy.values, step->values, step->operation->param_count * sizeof(*copy.values));
    return copy;
}

static void append(struct walk *walk, const char *step) {
    g_string_append_printf(walk->text, "%s%s", walk->text->len > 0 ? "_" : "", step);
}

/** Append a step with changed values: all of them are written, for they find their places by order.
 */
static void append_changed(struct walk *walk, struct dm_step *step) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        step->values[i].given = step->values[i].set;
    }
    g_autofree char *text = dm_step_print(step);
    append(walk, text);
}

/** Remember an output step that writes JPEG, forget the one before. */
static void note_output(struct walk *walk, const struct dm_step *step) {
    const struct dm_format *format =
        dm_catalogue_find_format(walk->catalogue, step->operation->name);
    bool jpeg = format != NULL && strcmp(format->mime, "image/jpeg") == 0;
    walk->jpeg = jpeg ? step : NULL;
    walk->chosen = true;
}

// ---- larger, and smaller again

/** The first operation that has all of @wanted and none of @unwanted; NULL: there is none. */
static const struct dm_operation *operation_with(const struct dm_catalogue *catalogue,
                                                 unsigned wanted, unsigned unwanted) {
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        const struct dm_operation *operation = dm_catalogue_operation(catalogue, i);
        if ((operation->flags & (wanted | unwanted)) == wanted) {
            return operation;
        }
    }
    return NULL;
}

/** Append an operation with a size as its first argument. */
static void append_sized(struct walk *walk, const struct dm_operation *operation,
                         const struct dm_size *size) {
    struct dm_step step;
    dm_step_init(&step, operation, operation->name);
    step.values[0] = (struct dm_value){.set = true, .size = *size};
    if (size->percent == 0) {
        dm_lengths_scale_sizes(&step, 1, round, walk->seen); // within what it allows
    }
    append_changed(walk, &step);
    dm_step_clear(&step);
}

/** Resample what is seen to another scale, by a percentage: how large it is may not be known. */
static void rescale(struct walk *walk, double scale) {
    const struct dm_operation *operation =
        operation_with(walk->catalogue, DM_OP_SCALES | DM_OP_RESAMPLES, DM_OP_SHRINKS);
    struct dm_size size = {.percent = dm_lengths_written(scale / scale_of(walk) * 100)};
    if (operation != NULL && size.percent >= 1 && size.percent <= 1000) {
        append_sized(walk, operation, &size);
        walk->seen = dm_extent_scaled(walk->seen, &size);
    }
}

/** Have the scale that @step wants, as far as that can be paid. */
static void enlarge_for(struct walk *walk, const struct dm_step *step) {
    double most = sqrt(MOST_PIXELS / walk->real.width / walk->real.height);
    double scale = scale_of(walk), wanted = dm_lengths_scale_wanted(step, scale);
    if (walk->short_enough && MIN(wanted, most) > scale * DM_LENGTHS_NEARLY) {
        rescale(walk, MIN(wanted, most));
    }
    walk->rough |= has(step, DM_OP_FINE) && scale_of(walk) * DM_LENGTHS_NEARLY < 1;
}

/** Make it as small as it would be if it had never been enlarged. */
static void shrink_again(struct walk *walk) {
    if (scale_of(walk) > walk->base * DM_LENGTHS_NEARLY) {
        rescale(walk, walk->base);
    }
}

// ---- whole

/** A step that resamples: it makes no more of the copy smaller than has to be. */
static void whole_resample(struct walk *walk, const struct dm_step *step, struct dm_extent after) {
    double factor = MAX(across(after, walk->real), down(after, walk->real));
    double scale = MIN(across(walk->seen, walk->real), down(walk->seen, walk->real)) / factor;
    struct dm_step own = copy_of(step);
    struct dm_extent seen = walk->seen;
    dm_lengths_scale_sizes(&own, MIN(scale, 1), round, after);
    dm_extent_after(&own, walk->seen, &seen);
    bool nothing = has(step, DM_OP_CUTS) ? is_same(seen, walk->seen) : is_near(seen, walk->seen);
    if (!nothing) {
        append_changed(walk, &own);
        walk->seen = seen;
    }
    walk->ratio *= factor;
    walk->base = MIN(walk->base / factor, 1);
    dm_step_clear(&own);
}

static bool check_window(const struct walk *walk, const struct dm_step *step,
                         struct dm_extent window, GError **error) {
    return (window.width <= walk->real.width && window.height <= walk->real.height) ||
           dm_fail(error, DM_ERROR_INPUT,
                   "%s: it reaches outside the picture, which has %dx%d pixels here", step->text,
                   walk->real.width, walk->real.height);
}

/** A window: rounded down, so that it and its distance from the edge together stay inside. */
static void whole_cut(struct walk *walk, const struct dm_step *step) {
    double scale = MIN(across(walk->seen, walk->real), down(walk->seen, walk->real));
    struct dm_step own = copy_of(step);
    dm_lengths_scale_sizes(&own, scale, floor, walk->real);
    dm_lengths_scale_places(&own, scale, floor);
    append_changed(walk, &own);
    dm_extent_after(&own, walk->seen, &walk->seen);
    dm_step_clear(&own);
}

static void whole_pad(struct walk *walk, const struct dm_step *step) {
    double scale = scale_of(walk);
    struct dm_step own = copy_of(step);
    dm_lengths_name_margin(&own);
    dm_lengths_scale_sizes(&own, scale, round, walk->real);
    dm_lengths_scale_places(&own, scale, round);
    append_changed(walk, &own);
    dm_extent_after(&own, walk->seen, &walk->seen);
    dm_step_clear(&own);
}

/** A step that keeps the size: at the scale that it wants, with what it reaches scaled. */
static void whole_keep(struct walk *walk, const struct dm_step *step) {
    struct dm_step own = copy_of(step);
    bool smaller = scale_of(walk) * DM_LENGTHS_NEARLY < 1;
    if (smaller) {
        dm_lengths_prefer_sigma(&own);
        enlarge_for(walk, &own);
    }
    if (!smaller || !dm_lengths_reach(step)) {
        append(walk, step->text);
    } else if (dm_lengths_scale_reach(&own, MIN(scale_of(walk), 1))) {
        append_changed(walk, &own);
    }
    dm_step_clear(&own);
}

static bool whole_step(struct walk *walk, const struct dm_step *step, GError **error) {
    struct dm_extent after = walk->real;
    bool known = dm_extent_after(step, walk->real, &after);
    bool cuts = has(step, DM_OP_CUTS) && !has(step, DM_OP_RESAMPLES);
    walk->exact &= known;
    if (cuts && !check_window(walk, step, after, error)) {
        return false;
    }
    if (has(step, DM_OP_RESAMPLES) && known) {
        whole_resample(walk, step, after);
    } else if (cuts && known) {
        whole_cut(walk, step);
    } else if (has(step, DM_OP_PADS)) {
        whole_pad(walk, step);
    } else if (has(step, DM_OP_KEEPS_SIZE)) {
        whole_keep(walk, step);
    } else { // it turns, or does what nobody knows before
        append(walk, step->text);
        dm_extent_after(step, walk->seen, &walk->seen);
    }
    walk->real = after;
    return true;
}

// ---- detail

/** Resample the piece by what the step does to the whole picture; the aspect stays where it does.
 */
static void detail_resample(struct walk *walk, const struct dm_step *step, struct dm_extent after) {
    const struct dm_operation *exactly =
        operation_with(walk->catalogue, DM_OP_BOXES | DM_OP_RESAMPLES, DM_OP_CUTS);
    bool keeps_aspect = has(step, DM_OP_SCALES | DM_OP_CUTS);
    double x = across(after, walk->real), y = down(after, walk->real);
    double factor = MAX(x, y);
    struct dm_size size = {
        .width_px = MAX((int)round(walk->seen.width * (keeps_aspect ? factor : x)), 1),
        .height_px = MAX((int)round(walk->seen.height * (keeps_aspect ? factor : y)), 1),
    };
    struct dm_extent seen = {size.width_px, size.height_px};
    walk->ratio *= factor;
    if (!is_same(seen, walk->seen) && exactly != NULL) {
        append_sized(walk, exactly, &size);
        walk->seen = seen;
    }
}

static bool detail_step(struct walk *walk, const struct dm_step *step, GError **error) {
    struct dm_extent after = walk->real;
    bool known = dm_extent_after(step, walk->real, &after);
    bool cuts = has(step, DM_OP_CUTS) && !has(step, DM_OP_RESAMPLES);
    walk->exact &= known;
    if (cuts && !check_window(walk, step, after, error)) {
        return false;
    }
    if (has(step, DM_OP_RESAMPLES) && known) {
        detail_resample(walk, step, after);
    } else if (has(step, DM_OP_PLACED)) {
        walk->rough = true;
    } else if (!has(step, DM_OP_CUTS | DM_OP_PADS)) {
        append(walk, step->text);
        dm_extent_after(step, walk->seen, &walk->seen);
    }
    walk->real = after;
    return true;
}

// ---- all modes

static bool file_step(struct walk *walk, const struct dm_step *step, GError **error) {
    (void)error;
    append(walk, step->text);
    return true;
}

static const struct {
    bool (*step)(struct walk *walk, const struct dm_step *step, GError **error);
    bool own_jpeg; // what a JPEG loses is shown
} modes[] = {
    [DM_PREVIEW_WHOLE] = {whole_step, false},
    [DM_PREVIEW_DETAIL] = {detail_step, true},
    [DM_PREVIEW_FILE] = {file_step, true},
};

/** What a JPEG of 12 MP weighs to one of WELL_WRITTEN, in the mean of seven photos. */
static double weight_of(double quality) {
    static const struct {
        double quality, weight;
    } weights[] = {{0, 0.1}, {50, 0.37}, {70, 0.49}, {85, 0.75}, {90, 1}, {95, 1.55}, {101, 3}};
    size_t i = 1;
    while (i < G_N_ELEMENTS(weights) - 1 && quality >= weights[i].quality) {
        i++;
    }
    double part =
        (quality - weights[i - 1].quality) / (weights[i].quality - weights[i - 1].quality);
    return weights[i - 1].weight + part * (weights[i].weight - weights[i - 1].weight);
}

/** Bytes of the result for one of the preview: fewer a pixel, as detail is spread over more. */
static double bytes_of(const struct walk *walk, const struct dm_preview_view *view) {
    double quality = USUAL_QUALITY;
    if (walk->jpeg == NULL ? walk->chosen || !view->of_jpeg : view->mode == DM_PREVIEW_DETAIL) {
        return 0;
    }
    if (walk->jpeg != NULL && walk->jpeg->operation->param_count > 0 && walk->jpeg->values[0].set) {
        quality = walk->jpeg->values[0].number;
    }
    if (view->mode == DM_PREVIEW_FILE) {
        return walk->jpeg != NULL ? 1 : weight_of(quality);
    }
    double area = across(walk->real, walk->seen) * down(walk->real, walk->seen);
    return weight_of(quality) * pow(area, 0.85);
}

static void conclude(struct walk *walk, const struct dm_preview_view *view,
                     struct dm_preview_chain *ret) {
    enum dm_preview_mode mode = view->mode;
    bool file = mode == DM_PREVIEW_FILE;
    if (mode == DM_PREVIEW_WHOLE) {
        shrink_again(walk);
    }
    bool own = modes[mode].own_jpeg && walk->jpeg != NULL;
    append(walk, own ? walk->jpeg->text : WELL_WRITTEN);
    *ret = (struct dm_preview_chain){
        .text = g_string_free(walk->text, FALSE),
        .exact = walk->exact && !file,
        .scale = mode == DM_PREVIEW_WHOLE ? MIN(scale_of(walk), 1) : 1,
        .ratio = walk->ratio,
        .rough = walk->rough,
        .bytes = bytes_of(walk, view),
    };
    if (!file) {
        ret->result = walk->real;
    }
}

static bool take_step(struct walk *walk, enum dm_preview_mode mode, const struct dm_step *step,
                      GError **error) {
    if (has(step, DM_OP_OUTPUT)) {
        note_output(walk, step);
        return true;
    }
    return modes[mode].step(walk, step, error);
}

bool dm_preview_chain_make(const struct dm_catalogue *catalogue, const struct dm_chain *chain,
                           const struct dm_preview_view *view, struct dm_preview_chain *ret,
                           GError **error) {
    struct walk walk = {.catalogue = catalogue,
                        .real = view->original,
                        .seen = view->given,
                        .ratio = 1,
                        .short_enough = 2 * chain->step_count + 2 <= DM_CHAIN_MAX_EXPANDED,
                        .exact = true,
                        .text = g_string_new(NULL)};
    if (view->mode == DM_PREVIEW_WHOLE) {
        walk.base = MIN(across(view->given, view->original), down(view->given, view->original));
    }
    bool good = true;
    for (size_t i = 0; i < chain->step_count && good; i++) {
        good = take_step(&walk, view->mode, &chain->steps[i], error);
    }
    if (good) {
        conclude(&walk, view, ret);
    } else {
        g_string_free(walk.text, TRUE);
    }
    return good;
}

void dm_preview_chain_clear(struct dm_preview_chain *preview) {
    g_clear_pointer(&preview->text, g_free);
}
