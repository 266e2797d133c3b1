// SPDX-License-Identifier: MIT
//
// What the numbers of a picture mean, from the file that it comes from to the one that it goes
// into. On entry the meaning is an ICC profile on the picture (nothing: sRGB), or a note that it is
// HDR. It stays there as long as it is true. What cannot go on with it, be it a step that makes
// colours of grays or a format without profiles, gets sRGB.
#ifndef DM_MPI_WORKER_IMAGE_MEANING_H
#define DM_MPI_WORKER_IMAGE_MEANING_H

#include "mpi_worker/meta/meta.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/**
 * Whole-number field: the numbers mean what the file said that they come from, so that the like of
 * it may say so again, in its own words. Gone once they were converted.
 */
#define DM_MEANING_KEPT_FIELD "dropmill-meaning-kept"

/** What a target can say. */
struct dm_meaning_room {
    // ICC profiles.
    bool profile;
    // That a picture is gray.
    bool gray;
    // PQ and HLG.
    bool hdr;
};

/**
 * Give @in, as a loader left it but for extra samples, its meaning: by what its @file says
 * (nullable: by its own profile alone). What does not fit its channels is ignored with a remark.
 * *@ret_out is a new reference. False: libvips refused.
 */
bool dm_meaning_enter(VipsImage *in, const struct dm_meta *file, GString *remarks,
                      VipsImage **ret_out);

/** Whether @in, which is normalised, is anything but sRGB. */
bool dm_meaning_is_special(VipsImage *in);

/**
 * Bring a normalised picture into sRGB: gray stays gray, and what has no profile, or one that calls
 * itself sRGB, stays as it is. *@ret_out is a new reference. Errors: DM_ERROR_INPUT.
 */
bool dm_meaning_to_srgb(VipsImage *in, VipsImage **ret_out, GError **error);

/** Bring a normalised picture into sRGB if its target cannot say what it is; as above. */
bool dm_meaning_leave(VipsImage *in, const struct dm_meaning_room *room, GString *remarks,
                      VipsImage **ret_out, GError **error);

/**
 * Make the colour of @meta, which the source said, what the finished @image's file in @format
 * ("png", ...) shall say: as it was where the numbers are what they were and the format has the
 * words, else a profile, else nothing, which is sRGB. Returns whether the numbers were converted;
 * into sRGB.
 */
bool dm_meaning_say(VipsImage *image, const char *format, struct dm_meta *meta);

#endif
