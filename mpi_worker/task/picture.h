// SPDX-License-Identifier: MIT
//
// One attempt at the pixels of one task: what its header says, what will be written, and the steps.
// Next: pages.h (every page of it), result.h (into the temporary), inside.c (what stands around
// it).
#ifndef DM_MPI_WORKER_TASK_PICTURE_H
#define DM_MPI_WORKER_TASK_PICTURE_H

#include "common/catalogue.h"
#include "common/wire.h"
#include "mpi_worker/codec/open.h"
#include "mpi_worker/codec/sniff.h"
#include "mpi_worker/meta/meta.h"
#include "mpi_worker/task/files.h"
#include "mpi_worker/task/plan.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/** One task under way. What it points at is borrowed, but for the picture. */
struct dm_work {
    const struct dm_task *task;
    const struct dm_plan *plan;
    // The whole input.
    struct dm_bytes bytes;
    struct dm_sniff sniff;
    // Open before a picture is made.
    struct dm_temp temp;
    struct dm_result *ret;
    // Of what has no transparency.
    struct dm_colour background;
    GString *remarks;

    // Set by dm_picture_open():

    // Owned: the first page, or all of them.
    VipsImage *image;
    // Owned: what the file says of itself, of that page.
    struct dm_meta *meta;
    // (nullable) Owned: what goes behind the result, set before that is written.
    GByteArray *gain_map;
    // As it is stored in the file, of one page.
    int64_t full_width_px, full_height_px;
    // How many pages are opened, made and written one by one; 0: none are.
    int pages_apart;
    // What is known of it before decoding.
    struct dm_picture picture;
    // What will be written.
    const struct dm_codec *target;
    int shrink;
    // (nullable) Owned, each g_free()d: what each step of an animation has decided.
    void **decisions;
    // Over its decoding.
    struct dm_watch watch;
    // (nullable) Owned: what kind of file the last one that was opened is, which is not read.
    char *unsupported;
};

/**
 * Look at the original's header: limits, what it becomes, how it is decoded. No pixel is touched.
 * False: the verdict is in work->ret. Called again for another attempt.
 */
bool dm_picture_open(struct dm_work *work);

/** Let go of what dm_picture_open() made. */
void dm_picture_close(struct dm_work *work);

/** Read what the file says of page @page. */
void dm_picture_read_meta(struct dm_work *work, int page);

/** Open the original another way, in place of what is open. False: libvips refused. */
bool dm_picture_reopen(struct dm_work *work, const struct dm_decode *how);

/**
 * Put one page through to its end: to what operations expect, the steps, to what the target can
 * hold. *@ret_out is a new reference, and still lazy. False: the verdict is in work->ret.
 */
bool dm_picture_steps(struct dm_work *work, VipsImage *page, VipsImage **ret_out);

/** Let step @index of the plan look at one frame, as it is before it. False: as above. */
bool dm_picture_look(struct dm_work *work, VipsImage *page, size_t index);

/** Check @width x @height x @pages against the task's limit. False: the verdict is in @ret. */
bool dm_picture_within(const struct dm_task *task, int64_t width, int64_t height, int64_t pages,
                       struct dm_result *ret);

/** Check the number of @pages against the task's limit. False: the verdict is in @ret. */
bool dm_picture_pages_within(const struct dm_task *task, int64_t pages, struct dm_result *ret);

/**
 * Say in work->ret that libvips refused @what: for the decoder in it if the watch says so, else as
 * a defect of ours. Returns false.
 */
bool dm_picture_fail(struct dm_work *work, const char *what);

/** Say that the decoder refused: the file ends too early, or for a reason of its own, @why. */
bool dm_picture_fail_decoding(struct dm_work *work, const char *why);

#endif
