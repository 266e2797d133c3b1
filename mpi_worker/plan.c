// SPDX-License-Identifier: MIT
//
// See plan.h. The figures of dm_plan_memory() are measured peaks, rounded up.
#include "mpi_worker/plan.h"

#include "common/chain.h"

enum { ROWS_IN_FLIGHT = 40 };          // of a streaming picture, in all its nodes together
enum { FIXED_BYTES = 30 << 20 };       // code, tables, encoder
enum { LANCZOS_WIDTH = 6 };            // source rows for each one of the result, times the factor
enum { WORST_STREAMING_COPIES = 4 };   // of a row, in float, through a resize
enum { SWAPPED_ORIENTATION_FROM = 5 }; // 5 to 8 exchange width and height
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
    if (!dm_chain_parse(catalogue, NULL, chain, &parsed, NULL, error)) {
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

bool dm_plan_orients(const struct dm_plan *plan) {
    for (size_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].op->info.flags & DM_OP_GEOMETRY) {
            return true;
        }
    }
    return false;
}

int dm_plan_shrink(const struct dm_plan *plan, const struct dm_picture *picture) {
    if (!picture->shrinks || picture->pages > 1 || plan->step_count == 0 ||
        plan->steps[0].op->shrink == NULL) {
        return 1;
    }
    bool swapped = picture->orientation >= SWAPPED_ORIENTATION_FROM;
    int width = (int)(swapped ? picture->height_px : picture->width_px);
    int height = (int)(swapped ? picture->width_px : picture->height_px);
    double spare = plan->steps[0].op->shrink(plan->steps[0].params, width, height);
    for (int shrink = 8; shrink > 1; shrink /= 2) {
        if (spare >= 2.0 * shrink) {
            return shrink;
        }
    }
    return 1;
}

/** How many whole pictures lie in memory at the same time, besides the decoder's and the result. */
static int64_t whole_pictures(const struct dm_plan *plan, const struct dm_picture *picture) {
    bool turned = picture->upright || dm_plan_orients(plan);
    int64_t count = turned && picture->orientation > UPRIGHT_AT_ONCE;
    for (size_t i = 0; i < plan->step_count; i++) {
        count += (plan->steps[i].op->info.flags & DM_OP_RANDOM_ACCESS) != 0;
    }
    return MIN(count, 2); // one is freed when the next but one is made
}

/** Rows of the decoded picture that a step which makes it smaller holds under its filter. */
static int64_t rows_under_filter(const struct dm_plan *plan, const struct dm_picture *picture,
                                 int shrink) {
    double factor = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct dm_plan_step *step = &plan->steps[i];
        if (step->op->shrink != NULL) {
            factor = MAX(factor, step->op->shrink(step->params, (int)picture->width_px,
                                                  (int)picture->height_px));
        }
    }
    int64_t rows = (int64_t)(LANCZOS_WIDTH * factor / shrink) + 1;
    return MIN(rows, picture->height_px / shrink);
}

int64_t dm_plan_memory(const struct dm_plan *plan, const struct dm_picture *picture, int shrink) {
    int64_t width = picture->width_px / shrink, height = picture->height_px / shrink;
    int64_t pixel_bytes = (int64_t)picture->bands * picture->sample_bytes;
    int64_t picture_bytes = width * height * pixel_bytes;
    int64_t bytes = FIXED_BYTES + picture->file_bytes;
    bytes += ROWS_IN_FLIGHT * WORST_STREAMING_COPIES * width * pixel_bytes;
    bytes += rows_under_filter(plan, picture, shrink) * width * pixel_bytes;
    bytes += picture_bytes * whole_pictures(plan, picture);
    if (picture
            ->buffered) { // a decoder's coefficients take two bytes a sample, whatever the shrink
        bytes += picture->width_px * picture->height_px * picture->bands * 2;
    }
    if (picture->result_kept) {
        bytes += 2 * picture_bytes * picture->pages;
    }
    bytes += width * height * picture->encoder_bytes * picture->pages;
    return bytes;
}
