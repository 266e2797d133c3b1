// SPDX-License-Identifier: MIT
//
// Several TIFF files of one page each become one of several pages, of whatever sizes and kinds,
// which libvips writes only when all have one size.
#ifndef DM_MPI_WORKER_CODEC_TIFF_PAGES_H
#define DM_MPI_WORKER_CODEC_TIFF_PAGES_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Add the first page of @tiff, little-endian, behind the pages in @file, which is empty at first.
 * False: it is not understood, or the file would become larger than a TIFF may be.
 */
bool dm_tiff_add_page(GByteArray *file, const uint8_t *tiff, size_t size);

#endif
