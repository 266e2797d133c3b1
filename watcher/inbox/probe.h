// SPDX-License-Identifier: MIT
//
// Probe: a look into a file that is not finished yet, on the I/O thread. Each finding makes us wait
// longer or shorter (settle.h); none is believed for ever, for each is wrong somewhere: an NFSv3
// server has a file open long after its writer is gone, a sparse TIFF has holes by right, and end
// markers can be damaged.
#ifndef DM_WATCHER_INBOX_PROBE_H
#define DM_WATCHER_INBOX_PROBE_H

#include "common/ending.h"
#include "common/wire.h"
#include "watcher/share/writer.h"

#include <stdbool.h>
#include <stdint.h>

/** What there was to be seen. A plain value. */
struct dm_probe {
    // Of the file that was opened, and the same when it had been read.
    struct dm_fingerprint fingerprint;
    struct dm_ending_look ending;
    enum dm_writer writer;
    // Offset of the first hole; -1: none.
    int64_t hole_at;
    // macOS says, beside the file, that it is still copying.
    bool finder_copies;
    // The second file that says that it is finished is there. True if none was asked for.
    bool triggered;
};

/** How to look. */
struct dm_probe_question {
    // Behind the name: the second file; "": none.
    const char *trigger;
    // On a network file system its server's writers cannot be seen.
    bool remote;
};

/**
 * Look into the file @name in @dir_fd: some reads, of at most 8 MB. Returns 0; an errno when it
 * cannot be opened or read; EAGAIN when it changed meanwhile, or is no regular file.
 */
int dm_probe_file(int dir_fd, const char *name, const struct dm_probe_question *question,
                  struct dm_probe *ret);

/**
 * Say whether the AppleDouble file of @size bytes at @data says that Finder still copies: type
 * "brok", creator "MACS", or one of the creation dates that it gives to halves. Pure.
 */
bool dm_probe_finder_copies(const uint8_t *data, size_t size);

#endif
