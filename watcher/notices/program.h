// SPDX-License-Identifier: MIT
//
// A notice as the input of a program: no shell, one argument, few variables, a process group of its
// own that ends with it, or after a time.
#ifndef DM_WATCHER_NOTICES_PROGRAM_H
#define DM_WATCHER_NOTICES_PROGRAM_H

#include "watcher/notices/verdict.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Say whether @path is a program that we may run, and that nobody but us and root can change: a
 * file of theirs, executable, which neither its group nor others may write, in directories of
 * theirs which not all may write (but for those where each may remove only what is his, as /tmp).
 * Errors: DM_ERROR_CONFIG.
 */
bool dm_program_judge(const char *path, GError **error);

struct dm_program {
    const char *path;
    int64_t timeout_us;
    // Readable when we are to stop.
    int stop_fd;
};

/**
 * Run it with @kind as its argument and @text on standard input, and wait for its end.
 *
 * @ret_why  unless it is DELIVERED: a sentence without its full stop; (transfer full).
 * Threads: one that may wait.
 */
enum dm_verdict dm_program_run(const struct dm_program *program, const char *kind, const char *text,
                               char **ret_why);

#endif
