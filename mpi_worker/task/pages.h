// SPDX-License-Identifier: MIT
//
// All the pages of a picture, decoded, through the steps, and written. A single picture streams
// from the decoder to the encoder. Where a file of pages can be joined from files of one page
// (TIFF), so does each page, whatever its size. Else pages go through the steps one by one, into
// one tall picture that the saver cuts again; what a step decides by the whole of a picture it
// decides once for all frames of an animation, which takes a walk over them before.
#ifndef DM_MPI_WORKER_TASK_PAGES_H
#define DM_MPI_WORKER_TASK_PAGES_H

#include "mpi_worker/task/picture.h"

#include <stdbool.h>

/**
 * Decode what dm_picture_open() opened, run the plan, encode into the open temporary and check the
 * file. False: the verdict is in work->ret.
 */
bool dm_pages_make(struct dm_work *work);

#endif
