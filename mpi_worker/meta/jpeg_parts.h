// SPDX-License-Identifier: MIT
//
// What is behind the picture in a JPEG's file: gain maps, further pictures, films, trailers. They
// are told apart by their own first bytes: what the picture says of them (MPF, XMP) is a promise
// that others may have broken.
#ifndef DM_MPI_WORKER_META_JPEG_PARTS_H
#define DM_MPI_WORKER_META_JPEG_PARTS_H

#include "mpi_worker/meta/meta.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where a JPEG ends, going on from @at, among its segments or scans; 0: nowhere. */
size_t dm_jpeg_end(const uint8_t *data, size_t size, size_t at);

/** Add to meta->parts what is behind the picture whose first scan begins at @scan. */
void dm_meta_read_jpeg_parts(struct dm_meta *meta, const uint8_t *data, size_t size, size_t scan);

/** Whether a segment that we do not know tells of a gain map. */
bool dm_meta_jpeg_is_gain(const struct dm_meta_other *other);

/**
 * JPEG: put @gain_map, a JPEG, behind @picture, one without MPF, and tell of it in MPF.
 * (transfer full); NULL: not understood.
 */
GByteArray *dm_meta_jpeg_join(const GByteArray *picture, const GByteArray *gain_map);

#endif
