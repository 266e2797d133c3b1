// SPDX-License-Identifier: MIT
//
// What dropmilld and dropmill-page, the programs that run for years, do alike: how they take their
// configuration, and how they end.
#ifndef DM_WATCHER_PROGRAM_H
#define DM_WATCHER_PROGRAM_H

#include "watcher/config.h"

#include <glib.h>

/**
 * Load the configuration, be as it says (log level, umask), and log what may be a slip in it.
 *
 * @name   of the program, for the log: a literal.
 * @path   (nullable) of --config.
 * @share  (nullable) of --share.
 * Returns it, (transfer full), or NULL. Errors: DM_ERROR_CONFIG, a line a mistake.
 * Threads: before the first one.
 */
struct dm_config *dm_program_configure(const char *name, const char *path, const char *share,
                                       GError **error);

/** Log @error (nullable, transfer full), a message a line, and return the exit code for it. */
int dm_program_end(GError *error);

#endif
