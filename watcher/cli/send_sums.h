// SPDX-License-Identifier: MIT
//
// The sums of a file, by which what is in a bucket is known again.
#ifndef DM_WATCHER_CLI_SEND_SUMS_H
#define DM_WATCHER_CLI_SEND_SUMS_H

#include <stdbool.h>
#include <stdint.h>

/** Owns its texts. */
struct dm_send_sums {
    // Hexadecimal.
    char *sha256;
    // What most stores call an object of these bytes, put at once or in parts of a size: the MD5,
    // or that of the parts' and how many; NULL if that was not wanted.
    char *etag;
};

/**
 * Read all @bytes of @fd.
 *
 * @part_bytes  of a file that is larger: it is put in parts of this size. 0: no etag is wanted.
 * Returns false, with errno, if it cannot be read or has become shorter (EIO).
 */
bool dm_send_sum(int fd, int64_t bytes, int64_t part_bytes, struct dm_send_sums *ret);
void dm_send_sums_clear(struct dm_send_sums *sums);

#endif
