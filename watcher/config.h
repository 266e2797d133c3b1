// SPDX-License-Identifier: MIT
//
// The configuration. What is said later counts: defaults, files of settings, files of recipes,
// environment, options.
//
//   config_keys         the table of keys: name, type, default as text, range, sentence, variable;
//                       it drives all that is below, the sample file's test and the man page's
//   config_files        which files are read, in which order
//   config_document     one of them: settings, or recipes
//   config_environment  variables
//   config_value        how a value may be written, and how it comes to its member
//   config_folders      rules for single folders
//   config_print        the whole as a file again
//   settings            what all of it writes into
//
// Adding a setting: a row in config_keys.c, a member in the settings of the room that obeys it (in
// settings.h only if no room does), its line in conf/dropmill.conf, its paragraph in
// dropmill.conf(5).
#ifndef DM_WATCHER_CONFIG_H
#define DM_WATCHER_CONFIG_H

#include "watcher/config_files.h"
#include "watcher/settings.h"

#include <glib.h>
#include <stdbool.h>

// The origin of what nobody has said.
#define DM_CONFIG_DEFAULT "default"

/**
 * Read the defaults, then the files, then the environment.
 *
 * @path        (nullable) that file; NULL: DM_CONFIG_PATH, conf.d and recipes.d beside it, as far
 * as
 *              they are there (config_files.h).
 * Returns the configuration, or NULL when there was any mistake; @error: DM_ERROR_CONFIG, all
 * mistakes joined by newlines.
 */
struct dm_config *dm_config_load(const char *path, GError **error);

/** The same, with what is good of it and all mistakes, "ORIGIN: ...", added to @mistakes. */
struct dm_config *dm_config_read(const char *path, GPtrArray *mistakes);

/** The same without the environment: what the files say to a service. */
struct dm_config *dm_config_load_files(const char *path, GError **error);

/** What it is when nobody says anything. */
struct dm_config *dm_config_defaults(void);

/**
 * Let the option @option of the command line, "--share" say, set the key @name to @text (nullable:
 * it was not given, as an empty path was not); a path may be relative. Errors: DM_ERROR_CONFIG.
 */
bool dm_config_take_option(struct dm_config *config, const char *name, const char *text,
                           const char *option, GError **error);

/** Where the value of a key, or of a name in a map ("recipes.web-large"), comes from: "FILE:LINE",
 * a variable, an option, or DM_CONFIG_DEFAULT. Borrowed, until another value comes. */
const char *dm_config_origin(const struct dm_config *config, const char *name);

void dm_config_free(struct dm_config *config);

/** Say whether everyone, and not only the share's group, may read what is made in the share. */
bool dm_config_is_for_everyone(const struct dm_config *config);

/** Let what this process makes be for whom the share is: set the umask. */
void dm_config_set_umask(const struct dm_config *config);

/** The settings that differ from the defaults, as "inbox.grace = \"2s\", ..."; "" for none. Secrets
 * are named and not shown; (transfer full). */
char *dm_config_print_changes(const struct dm_config *config);

/** The effective configuration as a file that dm_config_load() reads back, but for secrets; where
 * each value comes from stands behind it; (transfer full). */
char *dm_config_print(const struct dm_config *config);

#endif
