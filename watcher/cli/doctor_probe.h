// SPDX-License-Identifier: MIT
//
// A file that a check lays into a directory of the share for a moment. Its name begins with a dot,
// so that nobody takes it for a picture.
#ifndef DM_WATCHER_CLI_DOCTOR_PROBE_H
#define DM_WATCHER_CLI_DOCTOR_PROBE_H

/** Two names in a directory. */
struct dm_probe {
    int dir_fd;
    char name[64], other[64];
    // Open for writing.
    int fd;
};

/** Make a probe of a few bytes in the open directory @dir_fd, which is borrowed. Returns 0, or an
 * errno, and then nothing is there. */
int dm_probe_put(int dir_fd, struct dm_probe *ret);

/** Take it away, under whichever of its names it is there. Returns 0, or an errno. */
int dm_probe_take(struct dm_probe *probe);

#endif
