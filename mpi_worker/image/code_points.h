// SPDX-License-Identifier: MIT
//
// Colours that a file gives as numbers and not as a profile: the code points of ITU-T H.273 (nclx,
// cICP), PNG's gAMA and cHRM, EXIF's Adobe RGB. Profiles are made of them, by lcms.
#ifndef DM_MPI_WORKER_IMAGE_CODE_POINTS_H
#define DM_MPI_WORKER_IMAGE_CODE_POINTS_H

#include "mpi_worker/meta/meta.h"

#include <glib.h>
#include <stdbool.h>

/** What numbers amount to. */
enum dm_codes {
    DM_CODES_SRGB,    // sRGB, or nothing at all
    DM_CODES_PROFILE, // what a profile can say
    DM_CODES_HDR,     // PQ or HLG: brighter than white
    DM_CODES_UNKNOWN, // nothing that we know
};

/**
 * What the code points of @said (has_codes) mean. As browsers do, BT.709 is taken for sRGB, which
 * most files that say so are.
 */
enum dm_codes dm_codes_of_points(const struct dm_meta_colour *said);

/** What PNG's sRGB, gAMA and cHRM mean, in this order. */
enum dm_codes dm_codes_of_chunks(const struct dm_meta_colour *said);

/**
 * Profiles (transfer full) of what is DM_CODES_PROFILE; @gray: for pictures of one colour. NULL:
 * the numbers make no sense. The same numbers give the same bytes.
 */
GBytes *dm_codes_profile_of_points(const struct dm_meta_colour *said, bool gray);
GBytes *dm_codes_profile_of_chunks(const struct dm_meta_colour *said, bool gray);
GBytes *dm_codes_adobe_rgb(bool gray);

/** A gray profile (transfer full) with the curve of the RGB one in @profile; NULL: it has none. */
GBytes *dm_codes_gray_of(const void *profile, size_t size);

/** The matrix (rows of red, green, blue) from the light of these primaries to sRGB's. */
bool dm_codes_matrix_to_srgb(int primaries, double ret_matrix[static 9]);

#endif
