// SPDX-License-Identifier: MIT
//
// The directories of a TIFF and the values in them, on a source, safe on any bytes. BigTIFF is not
// walked over.
#ifndef DM_COMMON_TIFF_WALK_H
#define DM_COMMON_TIFF_WALK_H

#include "common/source.h"

/** At one directory. A plain value. */
struct dm_tiff {
    struct dm_source *source;
    bool big_endian;
    // Offset of the first entry.
    uint64_t ifd;
    unsigned entries;
};

/** An array that an entry describes: where it lies, how many values of which width. */
struct dm_tiff_values {
    uint64_t at;
    uint32_t count;
    // 1, 2 or 4.
    unsigned width_bytes;
};

/** Say whether it is a BigTIFF, by its first bytes. */
bool dm_tiff_is_big(struct dm_source *source);

/** Go to the first directory; false: it is not there. */
bool dm_tiff_open(struct dm_source *source, struct dm_tiff *ret);

/** Go to the next directory, @ret_end saying that there is none. False: it is announced, and does
 * not lie within the file. */
bool dm_tiff_next(struct dm_tiff *tiff, bool *ret_end);

/** Count the directories, from @tiff on. False: one that another announces does not lie within the
 * file. */
bool dm_tiff_count(struct dm_tiff tiff, int64_t *ret_count);

/** Find @tag of type BYTE, SHORT, LONG or IFD; values of other types, or beyond the end, count as
 * absent. */
bool dm_tiff_find(const struct dm_tiff *tiff, unsigned tag, struct dm_tiff_values *ret);

/** One of the values; 0 when it cannot be read. */
uint32_t dm_tiff_value(const struct dm_tiff *tiff, const struct dm_tiff_values *values,
                       uint32_t index);

#endif
