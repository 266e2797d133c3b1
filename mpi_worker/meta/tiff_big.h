// SPDX-License-Identifier: MIT
//
// BigTIFF (TIFF with offsets of 64 bits): what its directory says, as a TIFF of 32 bits, so that no
// other file has to know of it.
#ifndef DM_MPI_WORKER_META_TIFF_BIG_H
#define DM_MPI_WORKER_META_TIFF_BIG_H

#include "mpi_worker/meta/meta.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Make a TIFF of one directory, the one of @page (from 0; reduced copies are no pages), with those
 * that it points at and without pixels. (transfer full); NULL: @data is no BigTIFF, or says
 * nothing.
 */
GByteArray *dm_tiff_big_narrow(struct dm_meta *meta, const uint8_t *data, size_t size, int page);

#endif
