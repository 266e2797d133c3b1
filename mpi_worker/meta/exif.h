// SPDX-License-Identifier: MIT
//
// EXIF edited in place. An EXIF block is a TIFF: directories of entries of 12 bytes, and values
// that lie wherever an offset says. Maker notes count offsets of their own, from anywhere: so
// nothing that is there ever moves. Numbers are overwritten where they stand; an entry that goes
// takes only its 12 bytes with it.
#ifndef DM_MPI_WORKER_META_EXIF_H
#define DM_MPI_WORKER_META_EXIF_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dm_exif_directory {
    DM_EXIF_IFD0,
    DM_EXIF_EXIF,
    DM_EXIF_GPS,
    DM_EXIF_INTEROP,
    DM_EXIF_IFD1, // the thumbnail's
    DM_EXIF_DIRECTORIES,
};

enum { DM_EXIF_ENTRY_BYTES = 12 };

enum dm_exif_type {
    DM_EXIF_BYTE = 1,
    DM_EXIF_ASCII,
    DM_EXIF_SHORT,
    DM_EXIF_LONG,
    DM_EXIF_RATIONAL,
    DM_EXIF_SBYTE,
    DM_EXIF_UNDEFINED,
    DM_EXIF_SSHORT,
    DM_EXIF_SLONG,
    DM_EXIF_SRATIONAL,
    DM_EXIF_FLOAT,
    DM_EXIF_DOUBLE,
    DM_EXIF_IFD,
};

/** An EXIF block, opened; the bytes are borrowed. */
struct dm_exif {
    uint8_t *data;
    size_t size;
    bool big_endian;
    // Where the count of each directory lies; 0: it is not there.
    size_t directories[DM_EXIF_DIRECTORIES];
};

/** An entry that was found, and its value, which lies within the block. */
struct dm_exif_entry {
    enum dm_exif_directory directory;
    // Where its 12 bytes lie.
    size_t at;
    unsigned type;
    uint32_t count;
    size_t value_at;
    size_t value_bytes;
};

/** Open a block, TIFF header first. False: it is not one. */
bool dm_exif_open(struct dm_exif *exif, uint8_t *data, size_t size);

/** Go on with the directory at @offset as the first. False: none begins there. */
bool dm_exif_open_at(struct dm_exif *exif, size_t offset);

/** How many whole entries a directory has. */
unsigned dm_exif_count(const struct dm_exif *exif, enum dm_exif_directory directory);

uint32_t dm_exif_get16(const struct dm_exif *exif, size_t at);
uint32_t dm_exif_get32(const struct dm_exif *exif, size_t at);
void dm_exif_put16(struct dm_exif *exif, size_t at, uint32_t value);
void dm_exif_put32(struct dm_exif *exif, size_t at, uint32_t value);

/** How many bytes a value of @type takes; 0: a type that nobody knows. */
size_t dm_exif_type_bytes(unsigned type);

/** Read entry @index of a directory. False: its value does not lie within the block. */
bool dm_exif_entry(const struct dm_exif *exif, enum dm_exif_directory directory, unsigned index,
                   struct dm_exif_entry *ret);

/** Find a tag. False: it is not there, or its value is not. */
bool dm_exif_find(const struct dm_exif *exif, enum dm_exif_directory directory, unsigned tag,
                  struct dm_exif_entry *ret);

/** Number @index of an entry of BYTE, SHORT or LONG; @otherwise when it is none. */
int64_t dm_exif_number(const struct dm_exif *exif, const struct dm_exif_entry *entry,
                       uint32_t index, int64_t otherwise);

/** Overwrite it; a single SHORT becomes a LONG where it has to. False: there is no room. */
bool dm_exif_set_number(struct dm_exif *exif, struct dm_exif_entry *entry, uint32_t index,
                        uint32_t value);

/** A rational number; 0 when it is none. */
double dm_exif_rational(const struct dm_exif *exif, const struct dm_exif_entry *entry);
bool dm_exif_set_rational(struct dm_exif *exif, const struct dm_exif_entry *entry, double value);

/** Take an entry out of its directory; its value stays where it lies, and is blanked. */
void dm_exif_remove(struct dm_exif *exif, const struct dm_exif_entry *entry);

/** Whether the bytes from @start to @end may go: no directory or value is there in part. */
bool dm_exif_may_blank(const struct dm_exif *exif, size_t start, size_t end);

/**
 * Cut the thumbnail's directory off and blank its picture. Returns how many bytes of the block are
 * left to keep: a thumbnail at its end goes.
 */
size_t dm_exif_drop_thumbnail(struct dm_exif *exif);

/** Turn the numbers of a value of @type into the other order of bytes. */
void dm_exif_swap_value(uint8_t *value, unsigned type, size_t bytes);

/** Turn all numbers into little-endian order, where they lie; maker notes stay as they are. */
void dm_exif_make_little_endian(struct dm_exif *exif);

/** A new block that says this and no more: orientation (0: not said). (transfer full) */
GBytes *dm_exif_build(int orientation);

#endif
