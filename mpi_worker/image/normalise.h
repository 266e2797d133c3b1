// SPDX-License-Identifier: MIT
//
// The conversions around the operations: from any picture to one that they may rely on, and from
// there to what a format can hold. All of them are lazy.
#ifndef DM_MPI_WORKER_IMAGE_NORMALISE_H
#define DM_MPI_WORKER_IMAGE_NORMALISE_H

#include "common/catalogue.h"
#include "mpi_worker/meta/meta.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/**
 * Bring any picture to 1 or 3 bands (+ alpha) of 8 or 16 bits, b-w or RGB: CMYK through its own
 * profile, Lab and kin into sRGB, wide integers and floats to 16 bits. What its numbers mean is by
 * meaning.h, from what its @file (nullable) says; pixels are not touched for that. *@ret_out is a
 * new reference. False: libvips refused.
 */
bool dm_normalise(VipsImage *in, const struct dm_meta *file, GString *remarks, VipsImage **ret_out);

/**
 * Lay a normalised picture on @background if it has alpha, with a remark; a background that is not
 * gray makes gray pictures RGB. *@ret_out is a new reference. False: libvips refused.
 */
bool dm_flatten(VipsImage *in, struct dm_colour background, GString *remarks, VipsImage **ret_out);

/** Bring a normalised picture to 8 bits if it has 16, with a remark. As above. */
bool dm_narrow(VipsImage *in, GString *remarks, VipsImage **ret_out);

#endif
