// SPDX-License-Identifier: MIT
//
// From an original in memory to an encoded result: one attempt at the pixels of one task.
// task.c says what stands around it.
#ifndef DM_MPI_WORKER_TASK_PICTURE_H
#define DM_MPI_WORKER_TASK_PICTURE_H

#include "common/catalogue.h"
#include "common/wire.h"
#include "mpi_worker/codec/open.h"
#include "mpi_worker/codec/sniff.h"
#include "mpi_worker/task/files.h"
#include "mpi_worker/task/plan.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/** One task under way. */
struct dm_work {
    const struct dm_task *task;
    const struct dm_plan *plan;
    struct dm_original original;
    struct dm_sniff sniff;
    struct dm_temp temp; // open before a picture is made
    struct dm_result *ret;
    struct dm_colour background; // of what has no transparency
    GString *remarks;

    // Set by dm_picture_open():
    VipsImage *image;              // the first page, or all of them
    int pages_apart;               // how many are opened, made and written one by one; 0: none are
    struct dm_picture picture;     // what is known of it before decoding
    const struct dm_codec *target; // what will be written
    int shrink;
    struct dm_watch watch; // over its decoding
};

/**
 * Look at the original's header: limits, what it becomes, how it is decoded. No pixel is touched.
 * False: the verdict is in work->ret. Called again for another attempt.
 */
bool dm_picture_open(struct dm_work *work);

/** Decode, run the plan, encode into the open temporary, check the file. False: as above. */
bool dm_picture_make(struct dm_work *work);

/** Let go of what dm_picture_open() made. */
void dm_picture_close(struct dm_work *work);

/** Check @width x @height x @pages against the task's limit. False: the verdict is in @ret. */
bool dm_picture_within(const struct dm_task *task, int64_t width, int64_t height, int64_t pages,
                       struct dm_result *ret);

#endif
