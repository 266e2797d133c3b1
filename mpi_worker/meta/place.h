// SPDX-License-Identifier: MIT
//
// Where a point of the source has got to in the result: a matrix from the source as it is stored to
// the result, in fractions of their widths and heights.
//
//     x' = m[0] x + m[1] y + m[2]        y' = m[3] x + m[4] y + m[5]
#ifndef DM_MPI_WORKER_META_PLACE_H
#define DM_MPI_WORKER_META_PLACE_H

#include <stdbool.h>

/** Nothing moved. */
extern const double dm_place_nowhere[6];

/** A rectangle, in fractions of a picture. */
struct dm_box {
    double left, top, right, bottom;
};

/** Whether everything is where it was. */
bool dm_place_stays(const double m[6]);

/** Whether it turns by quarters, mirrors, cuts and scales, and does no more. */
bool dm_place_is_upright(const double m[6]);

/** Whether width and height have changed places. */
bool dm_place_swaps(const double m[6]);

/** Whether the result shows all of the source. */
bool dm_place_shows_all(const double m[6]);

/** Which of EXIF's orientations it undoes, of what is upright: 1 to 8. */
int dm_place_orientation(const double m[6]);

/** What @orientation (1 to 8) does to get a picture upright. */
void dm_place_of_orientation(int orientation, double ret[6]);

/** The smallest box around @box of the source, where it is in the result. */
struct dm_box dm_place_box(const double m[6], struct dm_box box);

/** First @first, then @second. */
void dm_place_join(const double first[6], const double second[6], double ret[6]);

/** The way back. False: there is none. */
bool dm_place_invert(const double m[6], double ret[6]);

#endif
