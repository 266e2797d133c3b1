// SPDX-License-Identifier: MIT
//
// What the user should know about a result that was made: sentences about how this picture had to
// be treated. Codecs and conversions add them to a string; an operation, which builds a lazy
// picture and has no string, lays one upon its picture.
#ifndef DM_MPI_WORKER_IMAGE_REMARK_H
#define DM_MPI_WORKER_IMAGE_REMARK_H

#include <glib.h>
#include <vips/vips.h>

/** Add @text to @remarks; once each. */
void dm_remark(GString *remarks, const char *text);

/** Lay @text upon @image, in place of what lay there. */
void dm_remark_on(VipsImage *image, const char *text);

/** Add what lies upon @image to @remarks. */
void dm_remark_collect(VipsImage *image, GString *remarks);

#endif
