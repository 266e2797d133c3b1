// SPDX-License-Identifier: MIT
//
// What changes from one frame of a roll to the next.
#ifndef DM_MPI_WORKER_CODEC_DIFFERENCE_H
#define DM_MPI_WORKER_CODEC_DIFFERENCE_H

#include <vips/vips.h>

/**
 * The smallest box, from the top of its page, outside of which page @index of @roll (in memory,
 * pages of @height) is the same as the page before; all of it for the first, and never empty. Left
 * and top are multiples of @grid.
 */
VipsRect dm_difference(VipsImage *roll, int height, int index, int grid);

#endif
