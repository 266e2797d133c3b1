// SPDX-License-Identifier: MIT
//
// Colours laid beside and under pictures: what pad and flattening have in common.
#ifndef DM_MPI_WORKER_IMAGE_COMPOSE_H
#define DM_MPI_WORKER_IMAGE_COMPOSE_H

#include "common/catalogue.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/**
 * Give @in the bands that @colour needs beside it: three colours unless it is a gray, alpha if it
 * is transparent. *@ret_out is a new reference. Errors: DM_ERROR_INPUT.
 */
bool dm_with_room_for(VipsImage *in, struct dm_colour colour, VipsImage **ret_out, GError **error);

bool dm_colour_is_gray(struct dm_colour colour);

/** A gray picture as RGB, others as they are. Errors: DM_ERROR_INPUT. */
bool dm_to_rgb(VipsImage *in, VipsImage **ret_out, GError **error);

/** @colour as the first @bands samples of a pixel of @image; (transfer full). */
VipsArrayDouble *dm_ink(const VipsImage *image, struct dm_colour colour, int bands);

#endif
