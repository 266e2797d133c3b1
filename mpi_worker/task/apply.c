// SPDX-License-Identifier: MIT
//
// See apply.h. libvips' pictures are lazy: `at_hand` says whether the one that we have reached lies
// in memory as it is. Everything streams until a step needs to read in another order; there the
// rows so far are computed into memory, once, by this thread. (libvips itself would fail with "out
// of order read", and only on pictures taller than its line cache.)
#include "mpi_worker/task/apply.h"

#include "common/error.h"
#include "mpi_worker/image/meaning.h"
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/placement.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"

#include <inttypes.h>

/** Where a run has got to. */
struct run {
    const struct dm_plan *plan;
    const struct dm_apply *how;
    VipsImage *image; // owned
    bool at_hand;     // image is a plain picture in memory
    bool costly;      // computing a row of image again costs more than keeping it
    bool oriented;    // it is upright
    enum dm_reason reason;
    GError **error;
};

static bool fail_vips(struct run *run, const char *what) {
    g_autofree char *why = dm_vips_error();
    run->reason = DM_REASON_INTERNAL;
    return dm_fail(run->error, DM_ERROR_INPUT, "%s: %s", what, why);
}

static bool need_memory(struct run *run) {
    if (run->at_hand) {
        return true;
    }
    VipsImage *memory = dm_strips_to_memory(run->image);
    if (memory == NULL) {
        return fail_vips(run, "computing into memory");
    }
    g_object_unref(run->image);
    run->image = memory;
    run->at_hand = true;
    return true;
}

static bool orient(struct run *run) {
    VipsImage *next = NULL;
    int orientation = vips_image_get_orientation(run->image);
    if (orientation <= 1) {
        return true;
    }
    if (orientation > 2 && !need_memory(run)) { // 2 is a mirror: rows stay in order
        return false;
    }
    int width = run->image->Xsize, height = run->image->Ysize;
    run->at_hand = false;
    if (!dm_vips_replace(&run->image, vips_autorot(run->image, &next, NULL), &next)) {
        return fail_vips(run, "turning upright");
    }
    dm_placement_turn(run->image, orientation, width, height);
    return true;
}

static bool check_limit(struct run *run, const struct dm_plan_step *step) {
    int64_t width = run->image->Xsize, height = run->image->Ysize;
    if (run->how->max_pixels <= 0 || width * height <= run->how->max_pixels) {
        return true;
    }
    run->reason = DM_REASON_TOO_LARGE;
    return dm_fail(run->error, DM_ERROR_INPUT,
                   "%s would make %" PRId64 " x %" PRId64 " pixels, at most %" PRId64
                   " million are allowed",
                   step->text, width, height, run->how->max_pixels / 1000000);
}

/** Compose point steps from @index on into one table. Returns the index behind them. */
static size_t fold(const struct dm_plan *plan, size_t index, int max, uint16_t *table) {
    uint16_t *own = g_new(uint16_t, (size_t)max + 1);
    for (int v = 0; v <= max; v++) {
        table[v] = (uint16_t)v;
    }
    for (; index < plan->step_count && plan->steps[index].op->point != NULL; index++) {
        plan->steps[index].op->point(plan->steps[index].params, max, own);
        for (int v = 0; v <= max; v++) {
            table[v] = own[MIN(table[v], max)];
        }
    }
    g_free(own);
    return index;
}

/** Apply the point steps from @index on. Returns the index behind them, 0 on failure. */
static size_t apply_points(struct run *run, size_t index) {
    int max = dm_image_max(run->image);
    uint16_t *table = g_new(uint16_t, (size_t)max + 1);
    size_t behind = fold(run->plan, index, max, table);
    VipsImage *next = NULL;
    run->reason = DM_REASON_INTERNAL;
    bool good = dm_node_table(run->image, table, &next, run->error);
    g_free(table);
    if (!good) {
        return 0;
    }
    dm_vips_replace(&run->image, 0, &next);
    run->at_hand = false;
    return behind;
}

/**
 * A step that looks at neighbours asks for overlapping strips; what is below it would be computed
 * once for each of them, so its rows are kept for a while.
 */
static bool keep_rows(struct run *run) {
    VipsImage *next = NULL;
    if (!run->costly || run->at_hand) {
        return true;
    }
    return dm_vips_replace(&run->image,
                           vips_linecache(run->image, &next, "access", VIPS_ACCESS_SEQUENTIAL,
                                          "tile_height", 16, NULL),
                           &next) ||
           fail_vips(run, "keeping rows");
}

/** Run one operation; *ret_next is what it makes. */
static bool call(struct run *run, const struct dm_plan_step *step, VipsImage **ret_next) {
    GError *why = NULL;
    const void *decision =
        run->how->decisions != NULL ? run->how->decisions[step - run->plan->steps] : NULL;
    run->reason = DM_REASON_BAD_STEP;
    if (decision != NULL
            ? step->op->apply_decided(run->image, step->params, decision, ret_next, &why)
            : step->op->apply(run->image, step->params, ret_next, &why)) {
        return true;
    }
    if (why->code == DM_ERROR_CONFIG) { // a watermark that cannot be read
        run->reason = DM_REASON_INTERNAL;
    }
    if (!g_str_has_prefix(why->message, step->op->info.name)) { // many name themselves
        g_prefix_error(&why, "%s: ", step->text);
    }
    g_propagate_error(run->error, why);
    return false;
}

/** Have the rows in the order in which an operation reads them. */
static bool get_ready(struct run *run, const struct dm_plan_step *step) {
    bool any_order = step->op->info.flags & DM_OP_RANDOM_ACCESS;
    return any_order ? need_memory(run) : keep_rows(run);
}

/** A picture whose meaning does not survive that grays become colours, or colours grays. */
static bool to_srgb(struct run *run) {
    VipsImage *next = NULL;
    run->reason = DM_REASON_INTERNAL;
    if (!dm_meaning_to_srgb(run->image, &next, run->error)) {
        return false;
    }
    if (run->how->remarks != NULL) {
        dm_remark_collect(next, run->how->remarks);
    }
    dm_vips_replace(&run->image, 0, &next);
    run->at_hand = false;
    run->costly = true;
    return true;
}

static bool apply_step(struct run *run, const struct dm_plan_step *step) {
    VipsImage *next = NULL;
    int colours = dm_image_colours(run->image);
    if (!get_ready(run, step) || !call(run, step, &next)) {
        return false;
    }
    if (dm_image_colours(next) != colours && dm_meaning_is_special(run->image)) {
        g_clear_object(&next);
        if (!to_srgb(run) || !get_ready(run, step) || !call(run, step, &next)) {
            return false;
        }
    }
    bool changed = next != run->image;
    dm_vips_replace(&run->image, 0, &next);
    run->at_hand = run->at_hand && !changed;
    run->costly = changed;
    return check_limit(run, step);
}

/** Put the steps before @end onto the picture; upright before the first that wants it so. */
static bool apply_until(struct run *run, size_t end) {
    const struct dm_plan *plan = run->plan;
    for (size_t i = 0; i < plan->step_count;) {
        const struct dm_plan_step *step = &plan->steps[i];
        if (!run->oriented && (step->op->info.flags & DM_OP_GEOMETRY)) {
            run->oriented = true;
            if (!orient(run)) {
                return false;
            }
        }
        if (i == end) {
            return true;
        }
        if (step->op->point == NULL) {
            if (!apply_step(run, step)) {
                return false;
            }
            i++;
        } else if ((i = apply_points(run, i)) == 0) {
            return false;
        }
    }
    return run->oriented || !run->how->upright || orient(run);
}

bool dm_step_looks(const struct dm_plan_step *step) {
    return step->op->look != NULL && (step->op->looks == NULL || step->op->looks(step->params));
}

/** Let step @index look at the picture that has been reached. */
static bool look(struct run *run, size_t index) {
    const struct dm_plan_step *step = &run->plan->steps[index];
    void **decision = &run->how->decisions[index];
    if (!need_memory(run)) {
        return false;
    }
    *decision = step->op->look(run->image, step->params, *decision);
    return true;
}

bool dm_apply_look(const struct dm_plan *plan, const struct dm_apply *how, size_t index,
                   VipsImage *in, enum dm_reason *ret_reason, GError **error) {
    struct run run = {.plan = plan,
                      .how = how,
                      .image = g_object_ref(in),
                      .reason = DM_REASON_NONE,
                      .error = error};
    bool good = apply_until(&run, index) && look(&run, index);
    *ret_reason = good ? *ret_reason : run.reason;
    g_object_unref(run.image);
    return good;
}

bool dm_apply(const struct dm_plan *plan, const struct dm_apply *how, VipsImage *in,
              VipsImage **ret_out, enum dm_reason *ret_reason, GError **error) {
    struct run run = {.plan = plan,
                      .how = how,
                      .image = g_object_ref(in),
                      .reason = DM_REASON_NONE,
                      .error = error};
    if (apply_until(&run, plan->step_count)) {
        *ret_out = run.image;
        return true;
    }
    *ret_reason = run.reason;
    g_object_unref(run.image);
    return false;
}
