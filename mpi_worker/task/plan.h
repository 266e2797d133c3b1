// SPDX-License-Identifier: MIT
//
// A chain made ready to run: each step's operation with its parameters filled in, and what is
// decided before any pixel: the output, how much the decoder may shrink, how much memory it takes.
// Immutable once made, so any number of threads share one. How it is run on a picture: apply.h.
#ifndef DM_MPI_WORKER_TASK_PLAN_H
#define DM_MPI_WORKER_TASK_PLAN_H

#include "common/catalogue.h"
#include "mpi_worker/ops/op.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One step that changes the picture. */
struct dm_plan_step {
    const struct dm_op *op;
    // op->params_size bytes.
    void *params;
    // Canonical, for messages: "crop-800x600".
    char *text;
};

struct dm_plan {
    char *chain;
    // Without the output steps.
    struct dm_plan_step *steps;
    size_t step_count;
    // Of the last output step; format NULL: as the input.
    struct dm_output output;
};

/** What is known of a picture before it is decoded. */
struct dm_picture {
    // As stored, before orientation.
    int64_t width_px;
    int64_t height_px;
    // How many will be processed.
    int64_t pages;
    int64_t file_bytes;
    int bands;
    int sample_bytes;
    // EXIF's, 1 to 8.
    int orientation;
    // The output cannot say how it is to be turned: it must be turned.
    bool upright;
    // The decoder holds the whole picture (several scans, interlace, WebP ...).
    bool buffered;
    // The decoder can do 1/2, 1/4, 1/8.
    bool shrinks;
    // The encoder needs the whole result in memory.
    bool result_kept;
    // Bytes that the encoder takes for each pixel besides.
    int encoder_bytes;
};

/**
 * Make the plan of @chain (canonical, expanded). Errors: DM_ERROR_INPUT.
 */
struct dm_plan *dm_plan_new(const struct dm_catalogue *catalogue, const char *chain,
                            GError **error);
void dm_plan_free(struct dm_plan *plan);

/**
 * By what the decoder shall shrink @picture: 1, 2, 4 or 8. Only a chain whose first step says how
 * much it can spare shrinks at all, and at least twice the detail that it needs is left for it,
 * because the decoder's box filter is coarser than the step's own.
 */
int dm_plan_shrink(const struct dm_plan *plan, const struct dm_picture *picture);

/** How many bytes the task will take, about. @shrink: what dm_plan_shrink() said. */
int64_t dm_plan_memory(const struct dm_plan *plan, const struct dm_picture *picture, int shrink);

/**
 * How many pixels of work there are: what is decoded, each step, and the result. @shrink as above.
 */
int64_t dm_plan_pixels(const struct dm_plan *plan, const struct dm_picture *picture, int shrink);

/** Say whether all that its steps do to pixels is to move them. */
bool dm_plan_only_moves(const struct dm_plan *plan);

/** Say whether a step of this plan turns the picture upright. */
bool dm_plan_orients(const struct dm_plan *plan);

#endif
