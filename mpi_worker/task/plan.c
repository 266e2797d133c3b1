// SPDX-License-Identifier: MIT
//
// See plan.h. The figures of dm_plan_memory() are measured peaks, rounded up.
#include "mpi_worker/task/plan.h"

#include "mpi_worker/ops/geometry.h"

#include "common/chain.h"

enum { ROWS_IN_FLIGHT = 40 };    // of a streaming picture, in all its nodes together
enum { FIXED_BYTES = 30 << 20 }; // code, tables, encoder
enum { MAX_BANDS = 4 };
enum { LANCZOS_WIDTH = 6 };            // source rows for each one of the result, times the factor
enum { WORST_STREAMING_COPIES = 4 };   // of a row, in float, through a resize
enum { SWAPPED_ORIENTATION_FROM = 5 }; // 5 to 8 exchange width and height
enum { SLOW_ENCODER = 4 };             // one that takes memory (AVIF) takes time
enum { UPRIGHT_AT_ONCE = 2 };          // 1 and 2 keep the order of the rows

static void clear_step(struct dm_plan_step *step) {
    g_free(step->params);
    g_free(step->text);
}

void dm_plan_free(struct dm_plan *plan) {
    if (plan == NULL) {
        return;
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        clear_step(&plan->steps[i]);
    }
    g_free(plan->steps);
    g_free(plan->chain);
    g_free(plan);
}

/** Take one step of the chain into the plan: as a step, or as its output. */
static bool add_step(struct dm_plan *plan, const struct dm_step *step, GError **error) {
    const struct dm_op *op = dm_op_find(step->operation->name);
    g_assert(op != NULL); // the catalogue was made from the same list
    struct dm_plan_step added = {.op = op, .params = g_malloc0(MAX(op->params_size, 1))};
    if (!dm_op_fill_params(op, step, added.params, error)) {
        clear_step(&added);
        return false;
    }
    if (op->output != NULL) {
        plan->output = (struct dm_output){0};
        op->output(added.params, &plan->output);
        clear_step(&added);
        return true;
    }
    added.text = g_strdup(step->text);
    plan->steps[plan->step_count++] = added;
    return true;
}

struct dm_plan *dm_plan_new(const struct dm_catalogue *catalogue, const char *chain,
                            GError **error) {
    struct dm_chain *parsed = NULL;
    if (!dm_chain_parse_expanded(catalogue, chain, &parsed, error)) {
        return NULL;
    }
    struct dm_plan *plan = g_new0(struct dm_plan, 1);
    plan->chain = g_strdup(chain);
    plan->steps = g_new0(struct dm_plan_step, parsed->step_count);
    for (size_t i = 0; plan != NULL && i < parsed->step_count; i++) {
        if (!add_step(plan, &parsed->steps[i], error)) {
            g_clear_pointer(&plan, dm_plan_free);
        }
    }
    dm_chain_free(parsed);
    return plan;
}

bool dm_plan_only_moves(const struct dm_plan *plan) {
    for (size_t i = 0; i < plan->step_count; i++) {
        if (!(plan->steps[i].op->promises & DM_PROMISE_ONLY_MOVES)) {
            return false;
        }
    }
    return true;
}

bool dm_plan_orients(const struct dm_plan *plan) {
    for (size_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].op->info.flags & DM_OP_GEOMETRY) {
            return true;
        }
    }
    return false;
}

/** The picture's size as steps see it: upright. */
static struct dm_extent upright_extent(const struct dm_picture *picture, int shrink) {
    int width = (int)MIN(picture->width_px / shrink, G_MAXINT);
    int height = (int)MIN(picture->height_px / shrink, G_MAXINT);
    bool swapped = picture->orientation >= SWAPPED_ORIENTATION_FROM;
    return swapped ? (struct dm_extent){height, width} : (struct dm_extent){width, height};
}

static struct dm_extent extent_after(const struct dm_plan_step *step, struct dm_extent from) {
    return step->op->extent != NULL ? step->op->extent(step->params, from) : from;
}

/** By which factor a step makes the picture smaller; 1 or more. */
static double reduction(const struct dm_plan_step *step, struct dm_extent from) {
    bool resamples = step->op->info.flags & DM_OP_RESAMPLES;
    return resamples ? dm_extent_shrink(from, extent_after(step, from)) : 1;
}

int dm_plan_shrink(const struct dm_plan *plan, const struct dm_picture *picture) {
    if (!picture->shrinks || picture->pages > 1 || plan->step_count == 0) {
        return 1;
    }
    double spare = reduction(&plan->steps[0], upright_extent(picture, 1));
    for (int shrink = 8; shrink > 1; shrink /= 2) {
        if (spare >= 2.0 * shrink) {
            return shrink;
        }
    }
    return 1;
}

/** What the steps need, from the first to the last. */
struct needs {
    struct dm_extent extent; // of the picture that is reached
    int64_t pixel_bytes;     // of it
    int64_t rows_bytes;      // of what streams
    int64_t whole_bytes[2];  // of pictures in memory, the two largest: one goes when the next but
                             // one is made
};

static int64_t extent_bytes(const struct needs *needs) {
    return (int64_t)needs->extent.width * needs->extent.height * needs->pixel_bytes;
}

/** The picture that is reached has to lie in memory. */
static void need_whole(struct needs *needs) {
    int64_t bytes = extent_bytes(needs);
    if (bytes > needs->whole_bytes[0]) {
        needs->whole_bytes[1] = needs->whole_bytes[0];
        needs->whole_bytes[0] = bytes;
    } else {
        needs->whole_bytes[1] = MAX(bytes, needs->whole_bytes[1]);
    }
}

static void need_rows(struct needs *needs, double count) {
    int64_t row_bytes = needs->extent.width * needs->pixel_bytes;
    needs->rows_bytes += (int64_t)MIN(count, needs->extent.height) * row_bytes;
}

static void add_needs(struct needs *needs, const struct dm_plan_step *step) {
    if (step->op->info.flags & DM_OP_RANDOM_ACCESS) {
        need_whole(needs);
    }
    need_rows(needs, LANCZOS_WIDTH * (reduction(step, needs->extent) - 1)); // under the filter
    needs->extent = extent_after(step, needs->extent);
    if (step->op->promises & DM_PROMISE_MAY_ADD_BANDS) {
        needs->pixel_bytes = MAX_BANDS * MAX(needs->pixel_bytes / MAX_BANDS, 1);
    }
}

int64_t dm_plan_memory(const struct dm_plan *plan, const struct dm_picture *picture, int shrink) {
    struct needs needs = {
        .extent = upright_extent(picture, shrink),
        .pixel_bytes = (int64_t)picture->bands * picture->sample_bytes,
    };
    bool turned = picture->upright || dm_plan_orients(plan);
    if (turned && picture->orientation > UPRIGHT_AT_ONCE) {
        need_whole(&needs);
    }
    needs.rows_bytes =
        ROWS_IN_FLIGHT * WORST_STREAMING_COPIES * (picture->width_px / shrink) * needs.pixel_bytes;
    for (size_t i = 0; i < plan->step_count; i++) {
        add_needs(&needs, &plan->steps[i]);
    }
    int64_t bytes = FIXED_BYTES + picture->file_bytes + needs.rows_bytes + needs.whole_bytes[0] +
                    needs.whole_bytes[1];
    if (picture
            ->buffered) { // a decoder's coefficients take two bytes a sample, whatever the shrink
        bytes += picture->width_px * picture->height_px * picture->bands * 2;
    }
    if (picture->result_kept) {
        bytes += 2 * extent_bytes(&needs) * picture->pages;
    }
    bytes +=
        (int64_t)needs.extent.width * needs.extent.height * picture->encoder_bytes * picture->pages;
    return bytes;
}

static int64_t area(struct dm_extent extent) {
    return (int64_t)extent.width * extent.height;
}

static int64_t looking_steps(const struct dm_plan *plan) {
    int64_t count = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        count += plan->steps[i].op->look != NULL;
    }
    return count;
}

int64_t dm_plan_pixels(const struct dm_plan *plan, const struct dm_picture *picture, int shrink) {
    struct dm_extent extent = upright_extent(picture, shrink);
    int64_t pixels = area(extent);
    for (size_t i = 0; i < plan->step_count; i++) {
        struct dm_extent after = extent_after(&plan->steps[i], extent);
        pixels += MAX(area(extent), area(after));
        extent = after;
    }
    if (picture->pages > 1) { // each step that looks at all frames has them made up to there
        pixels *= 1 + looking_steps(plan);
    }
    int64_t encoding = picture->encoder_bytes > 0 ? SLOW_ENCODER : 1;
    return (pixels + encoding * area(extent)) * picture->pages;
}
