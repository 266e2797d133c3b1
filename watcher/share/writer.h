// SPDX-License-Identifier: MIT
//
// Writer: whether a program of this machine (a file server, too) has a file open for writing.
#ifndef DM_WATCHER_SHARE_WRITER_H
#define DM_WATCHER_SHARE_WRITER_H

enum dm_writer {
    DM_WRITER_UNKNOWN, // the file system or its owner does not let us ask
    DM_WRITER_NONE,
    DM_WRITER_BUSY,
};

/**
 * Ask the kernel about the file that is open, for reading, as @fd. Only the owner of a file, or who
 * has CAP_LEASE, is told; of a network file system only this machine's writers are known. Takes
 * about 20 us. Threads: any.
 */
enum dm_writer dm_writer_of(int fd);

#endif
