// SPDX-License-Identifier: MIT
//
// Source: the bytes of a file for those who walk over its structure: all of them in memory (the
// worker), or a window at a time from a descriptor, with a bound on what is read (the watcher,
// which must not read every large file before the worker does).
#ifndef DM_COMMON_SOURCE_H
#define DM_COMMON_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** As many bytes may be asked for at once: a JPEG's longest segment and its marker. */
#define DM_SOURCE_NEED_MAX 65540

/** A plain value; its members are its own. */
struct dm_source {
    // All of it; NULL: it is read from `fd`.
    const uint8_t *data;
    uint64_t size;
    int fd;
    // What was read last, and where.
    uint8_t *window;
    uint64_t window_at;
    size_t window_bytes;
    // How much more may be read.
    uint64_t budget_bytes;
    // Something was asked for that the budget did not allow.
    bool spent;
    // Errno of a read that failed; 0: none.
    int error;
};

/** The @size bytes at @data, borrowed. */
struct dm_source dm_source_memory(const uint8_t *data, size_t size);

/** The file @fd (borrowed) of @size bytes, of which at most @budget_bytes are read. */
struct dm_source dm_source_file(int fd, uint64_t size, uint64_t budget_bytes);

/** Free the window. */
void dm_source_clear(struct dm_source *source);

/**
 * The bytes at @at, at least @need (1 to DM_SOURCE_NEED_MAX) of them in a row, or NULL: the file
 * ends before, or they may not or cannot be read (`spent`, `error`). Good until the next call.
 *
 * @ret_have  (nullable) how many there are in a row; more are seen for nothing.
 */
const uint8_t *dm_source_at(struct dm_source *source, uint64_t at, size_t need, size_t *ret_have);

#endif
