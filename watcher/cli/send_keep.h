// SPDX-License-Identifier: MIT
//
// A result of `dropmill send` in the directory of --get: written beside its place under another
// name, then renamed. A file that is there stays, unless it is to be replaced; an input always.
#ifndef DM_WATCHER_CLI_SEND_KEEP_H
#define DM_WATCHER_CLI_SEND_KEEP_H

#include "watcher/cli/send.h"

/** A result that is not whole yet. */
struct dm_send_half {
    // Of its directory; of itself, to be written. -1: not open.
    int dir_fd, fd;
    // Below --get's directory; what it is called until it is whole.
    char *path, *temp;
};

/** Begin with one for @path (relative, without dots). Errors: DM_ERROR_SYSTEM, _TRANSIENT. */
bool dm_send_keep_begin(const struct dm_send *send, const char *path, struct dm_send_half *ret,
                        GError **error);

/**
 * It is whole, and has the sum @sha256: it gets its name, or "a (2).jpg" if that is taken by
 * another one; if the very same is there, that is it.
 *
 * @ret_path  absolute, (transfer full).
 */
bool dm_send_keep_end(const struct dm_send *send, struct dm_send_half *half, const char *sha256,
                      char **ret_path, GError **error);

/** Remove what is not whole, close all. Accepts what is closed already. */
void dm_send_keep_drop(struct dm_send_half *half);

#endif
