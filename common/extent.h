// SPDX-License-Identifier: MIT
//
// Width and height of a picture, and what a step makes of them: the arithmetic that the worker
// obeys, and that the watcher foretells a result by, from the flags of the catalogue. Pure.
#ifndef DM_COMMON_EXTENT_H
#define DM_COMMON_EXTENT_H

#include "common/catalogue.h"
#include "common/step.h"

#include <stdbool.h>

#define DM_PAD_MARGIN_PX 20 // when neither a margin nor a canvas is given

/** Width and height in px. */
struct dm_extent {
    int width, height;
};

/**
 * @from with its aspect kept: its longest side, its width or its height as @size says, within the
 * box, or by the percentage.
 */
struct dm_extent dm_extent_scaled(struct dm_extent from, const struct dm_size *size);

/** The same, but only a percentage enlarges: @from stays where it is small enough. */
struct dm_extent dm_extent_shrunk(struct dm_extent from, const struct dm_size *size);

/** The box that "WxH" or "W" (a square) asks for. */
struct dm_extent dm_extent_box(const struct dm_size *size);

/** @from with @margin_px on each side, or as large as @canvas where that is larger. */
struct dm_extent dm_extent_padded(struct dm_extent from, int margin_px,
                                  const struct dm_size *canvas);

/** How large a canvas shows every corner of @from turned by so much, to either side. */
struct dm_extent dm_extent_turned(struct dm_extent from, double degrees);

/**
 * Foretell how large a picture of @from is after @step. False: that depends on what is in it, or
 * the catalogue does not say. Threads: any.
 */
bool dm_extent_after(const struct dm_step *step, struct dm_extent from, struct dm_extent *ret);

#endif
