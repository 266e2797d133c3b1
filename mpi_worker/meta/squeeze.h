// SPDX-License-Identifier: MIT
//
// zlib streams, which PNG keeps profiles and texts in, and the digits of its "raw profiles".
#ifndef DM_MPI_WORKER_META_SQUEEZE_H
#define DM_MPI_WORKER_META_SQUEEZE_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/** Inflate; NULL: it is damaged, or larger than 32 MB. (transfer full) */
GByteArray *dm_inflate(const uint8_t *data, size_t size);

/** Deflate. (transfer full) */
GByteArray *dm_deflate(const uint8_t *data, size_t size);

/** The bytes of ImageMagick's raw profile: name, length, hexadecimal digits; NULL: none. */
GByteArray *dm_raw_profile_read(const char *text, size_t size);

/** The text of one. (transfer full) */
char *dm_raw_profile_write(const char *name, const uint8_t *data, size_t size);

#endif
