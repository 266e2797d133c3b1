// SPDX-License-Identifier: MIT
//
// A finished picture into the temporary: encoded, and its size read back from the file. On
// failure the verdict is in work->ret.
#ifndef DM_MPI_WORKER_TASK_RESULT_H
#define DM_MPI_WORKER_TASK_RESULT_H

#include "mpi_worker/task/picture.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/**
 * Encode @image, whose pages are @page_height_px high, and tell format, size and bytes in
 * work->ret.
 *
 * @in_memory  nothing of it is left to compute.
 */
bool dm_result_write(struct dm_work *work, VipsImage *image, int page_height_px, bool in_memory);

/** Append what was just written to @file, as its next page. */
bool dm_result_append_to(struct dm_work *work, GByteArray *file);

/** Write @file in place of what was written. */
bool dm_result_write_file(struct dm_work *work, const GByteArray *file);

#endif
