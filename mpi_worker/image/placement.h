// SPDX-License-Identifier: MIT
//
// Where the points of a picture have got to: a matrix that lies upon it, from the source as it is
// stored, in fractions of its sides, to pixels of the picture at hand.
//
//     x' = m[0] x + m[1] y + m[2]        y' = m[3] x + m[4] y + m[5]
//
// What moves pixels (a cut, a change of size, a turn, a margin) says so here, in the few functions
// that all operations share; what is told of places in the picture (faces, a gain map) follows it.
#ifndef DM_MPI_WORKER_IMAGE_PLACEMENT_H
#define DM_MPI_WORKER_IMAGE_PLACEMENT_H

#include <stdbool.h>
#include <vips/vips.h>

/** Begin: @image is the source, decoded at whatever size. */
void dm_placement_begin(VipsImage *image);

/** Go on: @image's pixels came from (x, y) to m (x, y) in the last step, counted in pixels. */
void dm_placement_move(VipsImage *image, const double m[6]);

/** The same for the steps that there are. */
void dm_placement_cut(VipsImage *image, int left, int top);
void dm_placement_scale(VipsImage *image, double across, double down);
/** @orientation: as EXIF has it, what was done; @width, @height: of the picture before. */
void dm_placement_turn(VipsImage *image, int orientation, int width, int height);

/** Say that nobody knows any more. */
void dm_placement_forget(VipsImage *image);

/** From fractions of the source to fractions of @image, @page_height_px high. False: unknown. */
bool dm_placement_of(VipsImage *image, int page_height_px, double ret[6]);

#endif
