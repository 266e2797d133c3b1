// SPDX-License-Identifier: MIT
//
// A plan run on one picture: orientation once, point steps folded into one table, memory before
// what reads out of order, limits checked on the size of each result before its pixels are
// computed.
#ifndef DM_MPI_WORKER_TASK_APPLY_H
#define DM_MPI_WORKER_TASK_APPLY_H

#include "common/reason.h"
#include "mpi_worker/task/plan.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <vips/vips.h>

/** What a plan is run with besides the picture. */
struct dm_apply {
    // Of each step's result; 0: no limit.
    int64_t max_pixels;
    // The output cannot say how it is to be turned: turn it in any case.
    bool upright;
    // (nullable) What had to be done to the picture.
    GString *remarks;
    // (nullable) For each step what it has decided by a look at all frames, or NULL: as a single
    // picture.
    void **decisions;
};

/** Whether a step decides by a look at the whole picture. */
bool dm_step_looks(const struct dm_plan_step *step);

/**
 * Put the steps before step @index onto @in, and let that one look at what comes of them, into
 * how->decisions. False: as dm_apply().
 */
bool dm_apply_look(const struct dm_plan *plan, const struct dm_apply *how, size_t index,
                   VipsImage *in, enum dm_reason *ret_reason, GError **error);

/**
 * Put the steps onto @in, a normalised picture that can be read once from top to bottom. *@ret_out
 * is a new reference that can be read likewise. On failure @ret_reason is TOO_LARGE, BAD_STEP, or
 * DAMAGED when pixels were needed and could not be decoded. Errors: DM_ERROR_INPUT.
 */
bool dm_apply(const struct dm_plan *plan, const struct dm_apply *how, VipsImage *in,
              VipsImage **ret_out, enum dm_reason *ret_reason, GError **error);

#endif
