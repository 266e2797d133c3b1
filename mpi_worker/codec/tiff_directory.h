// SPDX-License-Identifier: MIT
//
// Directories of little-endian TIFF structures, read from one and appended to another.
#ifndef DM_MPI_WORKER_CODEC_TIFF_DIRECTORY_H
#define DM_MPI_WORKER_CODEC_TIFF_DIRECTORY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DM_TIFF_ENTRY_BYTES = 12, DM_TIFF_MAX_DEPTH = 3 };
enum { DM_TIFF_SHORT = 3, DM_TIFF_LONG = 4, DM_TIFF_UNDEFINED = 7 };
enum { DM_TIFF_EXIF = 0x8769, DM_TIFF_GPS = 0x8825, DM_TIFF_INTEROP = 0xA005 };

/** Tag, type, count, and the value or its offset, as they lie in the file. */
struct dm_tiff_entry {
    uint8_t bytes[DM_TIFF_ENTRY_BYTES];
};

/** A TIFF structure that is read. */
struct dm_tiff_block {
    const uint8_t *data;
    size_t size;
};

/** Whether it begins as a little-endian TIFF of a size that offsets of 32 bits reach. */
bool dm_tiff_is_little_endian(const uint8_t *data, size_t size);

uint32_t dm_tiff_tag(const struct dm_tiff_entry *entry);

/** How much room an entry's value takes; 0 when its type is unknown. */
size_t dm_tiff_value_bytes(const struct dm_tiff_entry *entry);

/** The entries of the directory at @offset (transfer full); NULL when it is not one. */
GArray *dm_tiff_read(const struct dm_tiff_block *block, uint32_t offset);

/** Append bytes at an even offset. Returns it. */
uint32_t dm_tiff_append(GByteArray *out, const uint8_t *data, size_t size);

/** Append @entries as a directory. Returns its offset. */
uint32_t dm_tiff_append_directory(GByteArray *out, const GArray *entries, uint32_t next);

/**
 * Append what @entries of @from point at, and make them point there; those that point at nothing
 * go. @depth: of sub-directories. False: none is left.
 */
bool dm_tiff_move(GByteArray *out, const struct dm_tiff_block *from, GArray *entries, int depth);

#endif
