// SPDX-License-Identifier: MIT
//
// Sizes, windows and resampling: what resize, enlarge, fill and crop have in common.
#ifndef DM_MPI_WORKER_OPS_GEOMETRY_H
#define DM_MPI_WORKER_OPS_GEOMETRY_H

#include "common/catalogue.h"
#include "mpi_worker/ops/op.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

#define DM_SIDE_MAX_PX 65535
#define DM_RESIZE_MIN_PX 16 // what is smaller was meant otherwise: "2x" as twice

/**
 * Where something lies in its surroundings: the forms of a WORD parameter, in the order of the
 * enum. Compass words, and the ones that people bring.
 */
#define DM_PLACE_FORMS                                                                             \
    "center north south east west northeast northwest southeast southwest "                        \
    "centre middle top bottom left right topleft topright bottomleft bottomright"
#define DM_GRAVITY_FORMS DM_PLACE_FORMS " smart"

enum dm_gravity {
    DM_GRAVITY_CENTER,
    DM_GRAVITY_NORTH,
    DM_GRAVITY_SOUTH,
    DM_GRAVITY_EAST,
    DM_GRAVITY_WEST,
    DM_GRAVITY_NORTHEAST,
    DM_GRAVITY_NORTHWEST,
    DM_GRAVITY_SOUTHEAST,
    DM_GRAVITY_SOUTHWEST,
    DM_GRAVITY_CENTRE,
    DM_GRAVITY_MIDDLE,
    DM_GRAVITY_TOP,
    DM_GRAVITY_BOTTOM,
    DM_GRAVITY_LEFT,
    DM_GRAVITY_RIGHT,
    DM_GRAVITY_TOPLEFT,
    DM_GRAVITY_TOPRIGHT,
    DM_GRAVITY_BOTTOMLEFT,
    DM_GRAVITY_BOTTOMRIGHT,
    DM_GRAVITY_SMART, // the part with most detail: not a place, and not in DM_PLACE_FORMS
};

/** The picture's size before the decoder shrank it. */
struct dm_extent dm_extent_of(VipsImage *image);

/** @from with its aspect kept, just large enough to cover @box. */
struct dm_extent dm_extent_cover(struct dm_extent from, struct dm_extent box);

/** By which factor a decoder may shrink @from before it becomes @to; 1 or more. */
double dm_extent_shrink(struct dm_extent from, struct dm_extent to);

/** Resample by Lanczos3 to exactly @to; with alpha premultiplied. Errors: DM_ERROR_INPUT. */
bool dm_resample_to(VipsImage *in, struct dm_extent to, VipsImage **ret_out, GError **error);

/** Cover @box and cut away what sticks out of it, by gravity. Errors: DM_ERROR_INPUT. */
bool dm_fill(VipsImage *in, struct dm_extent box, enum dm_gravity gravity, VipsImage **ret_out,
             GError **error);

/**
 * Gravity `smart` on several pictures of one size, as op.h's look and apply_decided: the window of
 * all of them is the mean of where each would have it. The first two cut, the others cover @box
 * before.
 */
void *dm_look_smart(VipsImage *in, struct dm_extent size, void *decision);
bool dm_cut_smart(VipsImage *in, struct dm_extent size, const void *decision, VipsImage **ret_out,
                  GError **error);
void *dm_fill_look(VipsImage *in, struct dm_extent box, void *decision);
bool dm_fill_decided(VipsImage *in, struct dm_extent box, const void *decision, VipsImage **ret_out,
                     GError **error);

/** Where something that leaves @room free in its surroundings has its left top corner. */
struct dm_extent dm_place(struct dm_extent room, enum dm_gravity place);

/** Cut out a window of @size, which fits @in, by gravity. Errors: DM_ERROR_INPUT. */
bool dm_cut_gravity(VipsImage *in, struct dm_extent size, enum dm_gravity gravity,
                    VipsImage **ret_out, GError **error);

/** Cut out a window. Errors: DM_ERROR_INPUT. */
bool dm_cut(VipsImage *in, int left, int top, struct dm_extent size, VipsImage **ret_out,
            GError **error);

#endif
