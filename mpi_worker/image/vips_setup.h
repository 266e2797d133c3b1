// SPDX-License-Identifier: MIT
//
// libvips, set up once for a worker: one thread, no cache, allow-listed decoders, its chatter in
// our debug log. Why each of these: the table "What libvips is for here" in docs, and the comments
// inside.
#ifndef DM_MPI_WORKER_IMAGE_VIPS_SETUP_H
#define DM_MPI_WORKER_IMAGE_VIPS_SETUP_H

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/** Start libvips and tune malloc; a second call does nothing. Errors: DM_ERROR_SYSTEM. */
bool dm_vips_setup(GError **error);

/**
 * Take and clear what libvips said last, as one line; (transfer full). The buffer is one for the
 * whole process: only what runs alone can be sure that the words are its own.
 */
char *dm_vips_error(void);

/** Fail with DM_ERROR_INPUT and what libvips said last on this thread's behalf, and clear that. */
bool dm_vips_fail(GError **error, const char *what);

/**
 * Put the picture that a libvips call made (*@next, transferred) in the place of *@image, if the
 * call returned 0. Says whether it did; *@image stays as it was otherwise.
 */
bool dm_vips_replace(VipsImage **image, int status, VipsImage **next);

#endif
