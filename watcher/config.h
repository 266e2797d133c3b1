// SPDX-License-Identifier: MIT
//
// The configuration: one table of keys in config_keys.c (name, type, default as text, unit,
// sentence) drives reading, checking, --print-config, the sample file's test and the man page's
// test; config_files.c: which files. Adding a setting: a row there, a member in the settings of the
// room that obeys it (here only if no room does), its line in conf/dropmill.conf.
#ifndef DM_WATCHER_CONFIG_H
#define DM_WATCHER_CONFIG_H

#include "watcher/config_files.h"
#include "watcher/settings.h"

#include <glib.h>
#include <stdbool.h>

/**
 * Read the defaults, then the configuration.
 *
 * @path        (nullable) that file; NULL: DM_CONFIG_PATH and conf.d beside it, as far as they are
 *              there (config_files.h).
 * Returns the configuration, or NULL when there was any mistake; @error: DM_ERROR_CONFIG, all
 * mistakes joined by newlines.
 */
struct dm_config *dm_config_load(const char *path, GError **error);

/** The same, with what is good of it and all mistakes, "FILE:LINE: ...", added to @mistakes. */
struct dm_config *dm_config_read(const char *path, GPtrArray *mistakes);
void dm_config_free(struct dm_config *config);

/** Say whether everyone, and not only the share's group, may read what is made in the share. */
bool dm_config_is_for_everyone(const struct dm_config *config);

/** Let what this process makes be for whom the share is: set the umask. */
void dm_config_set_umask(const struct dm_config *config);

/** The settings that differ from the defaults, as "inbox.grace = \"2s\", ..."; "" for none. Secrets
 * are named and not shown; (transfer full). */
char *dm_config_print_changes(const struct dm_config *config);

/** The effective configuration as a file that dm_config_load() reads back; (transfer full). */
char *dm_config_print(const struct dm_config *config);

#endif
