// SPDX-License-Identifier: MIT
//
// The lengths in a step, at another scale: which of its values are pixels is what the catalogue's
// units say. Pure. For what: the essay in preview_chain.c.
#ifndef DM_WATCHER_PAGE_PREVIEW_LENGTHS_H
#define DM_WATCHER_PAGE_PREVIEW_LENGTHS_H

#include "common/extent.h"
#include "common/step.h"

#include <stdbool.h>

/** Scales that differ by less than this factor are the same. */
#define DM_LENGTHS_NEARLY 1.005

/** @number with as many digits as are read again from a folder name. */
double dm_lengths_written(double number);

/** @px as @param allows it. */
int dm_lengths_side(const struct dm_param *param, double px);

/** Say whether a number of pixels is among its values: a radius, a kernel, a margin. */
bool dm_lengths_reach(const struct dm_step *step);

/**
 * The scale, @scale or more and at most 1, that does justice to @step: at which its kernels have a
 * whole number of pixels, or nearly; and in a grid, where what is missing adds up, really. 1 for
 * what is seen at single pixels.
 */
double dm_lengths_scale_wanted(const struct dm_step *step, double scale);

/** Scale what a step reaches. False: that is too little to be seen, and nothing is left of it. */
bool dm_lengths_scale_reach(struct dm_step *step, double scale);

/** Scale its sizes, @rounded by round() or floor(); a percentage becomes its part of @whole. */
void dm_lengths_scale_sizes(struct dm_step *step, double scale, double (*rounded)(double),
                            struct dm_extent whole);

/** Scale its margin, or its distances from the edges. */
void dm_lengths_scale_places(struct dm_step *step, double scale, double (*rounded)(double));

/**
 * Let a kernel that is there for want of a sigma give way to it: to that of
 * cv2.getGaussianKernel(), unless another is given.
 */
void dm_lengths_prefer_sigma(struct dm_step *step);

/** Write down the margin that a step has when nothing is said of it. */
void dm_lengths_name_margin(struct dm_step *step);

#endif
