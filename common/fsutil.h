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

/**
 * Create the file @name in @dir_fd, which others may write into, too, and open it for reading and
 * writing: nothing that is there is opened, followed or waited for. A regular file of ours that is
 * there (what a kill left) goes first. Returns a descriptor, or -1 with errno; EEXIST: something of
 * somebody else's has the name.
 */
int dm_create_new(int dir_fd, const char *name, mode_t mode);

/**
 * The same for a file that gets its final name when it is whole: where somebody else's has @name, a
 * random one is taken. @ret_name: what it is called, (transfer full).
 */
int dm_create_half(int dir_fd, const char *name, mode_t mode, char **ret_name);

/** Say whether @name in @dir_fd may be removed as what we left there: a regular file of ours. (Who
 * we are on a network file system only its server knows: there every regular file.) */
bool dm_is_our_file(int dir_fd, const char *name);

/** Write all of @data. Returns whether that went well; else errno says why. */
bool dm_write_all(int fd, const char *data, size_t length);

/** Take the fingerprint of an open file. Returns 0, or -1 with errno. */
int dm_fingerprint_fd(int fd, struct dm_fingerprint *ret);

/** Take the mark of an open file. Returns 0, or -1 with errno. */
int dm_mark_fd(int fd, struct dm_mark *ret);

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

/** Say whether @errnum, from anything beneath the root of a share, means that the share itself is
 * in trouble, and nothing about the file. Pure. */
bool dm_errno_is_offline(int errnum);

/** Say whether @fd lies on a network file system (NFS, SMB, FUSE, 9p, Ceph, Lustre, ...). */
bool dm_is_network_fs(int fd);

#endif
