// SPDX-License-Identifier: MIT
//
// The few file-system moves that both programs make, each safe against what a stranger dropped:
// opening beneath a root, fingerprints, directories made on the way.
#ifndef DM_COMMON_FSUTIL_H
#define DM_COMMON_FSUTIL_H

#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/** Open the directory @path. Returns a descriptor, or -1 with @error. */
int dm_open_root(const char *path, GError **error);

/**
 * Open @path (relative) beneath the directory @root_fd: openat2 with RESOLVE_BENEATH and
 * RESOLVE_NO_SYMLINKS, O_CLOEXEC and O_NONBLOCK added (a FIFO never blocks).
 * Returns a descriptor, or -1 with errno.
 */
int dm_open_beneath(int root_fd, const char *path, int flags, mode_t mode);

/** Take the fingerprint of an open file. Returns 0, or -1 with errno. */
int dm_fingerprint_fd(int fd, struct dm_fingerprint *ret);

/**
 * Take fingerprint and mode of @name in the directory @dir_fd without following a symlink (@name
 * may be a path; its directories are followed). Returns 0, or -1 with errno.
 */
int dm_fingerprint_at(int dir_fd, const char *name, struct dm_fingerprint *ret, mode_t *ret_mode);

/**
 * Make the directory @path (relative) beneath @root_fd with all that lead to it; "" and "." are the
 * root itself. Returns an O_PATH-free directory descriptor, or -1 with errno.
 */
int dm_make_dirs_beneath(int root_fd, const char *path);

/** Remove the directory @path and all below it; absent is fine. Never follows a symlink. */
void dm_remove_tree(const char *path);

/** Say whether @fd lies on a network file system (NFS, SMB, FUSE, 9p, Ceph, Lustre, ...). */
bool dm_is_network_fs(int fd);

#endif
