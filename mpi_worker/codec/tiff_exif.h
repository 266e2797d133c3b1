// SPDX-License-Identifier: MIT
//
// EXIF and IPTC in TIFF files. An EXIF block has the very structure of a TIFF, and libvips neither
// reads it from one nor writes it into one, and of IPTC it writes a quarter: so directories are
// moved from one to the other here.
#ifndef DM_MPI_WORKER_CODEC_TIFF_EXIF_H
#define DM_MPI_WORKER_CODEC_TIFF_EXIF_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Put metadata into the first directory of a little-endian TIFF: of an EXIF block (little-endian,
 * "Exif\0\0" in front; nullable) what describes the picture (Make, Artist, ...) and the
 * sub-directories (EXIF, GPS); bare IPTC records (nullable). What the TIFF says itself stays.
 * Returns the new file (transfer full), or NULL when something is not understood: a BigTIFF, broken
 * offsets.
 */
GByteArray *dm_tiff_add_metadata(const uint8_t *tiff, size_t tiff_size, const uint8_t *exif,
                                 size_t exif_size, const uint8_t *iptc, size_t iptc_size);

#endif
