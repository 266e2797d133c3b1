// SPDX-License-Identifier: MIT
//
// Ignore: which names are litter that file managers, sync tools and network clients leave behind,
// or the temporary name of something that is still being copied. Pure. The tables are in ignore.c.
#ifndef DM_WATCHER_INBOX_IGNORE_H
#define DM_WATCHER_INBOX_IGNORE_H

#include <stdbool.h>

/** Match bytes against `*` (any) and `?` (one character), ASCII letters in any case. */
bool dm_ignore_match(const char *pattern, const char *name);

/** Say whether a file of this name is left where it is. @extra: (nullable) NULL-terminated
 * patterns. */
bool dm_ignore_file(const char *name, const char *const *extra);

/** The same for a directory, and all that is in it. */
bool dm_ignore_dir(const char *name, const char *const *extra);

#endif
