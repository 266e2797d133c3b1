// SPDX-License-Identifier: MIT
//
// Which files make up the configuration, in the order in which they are read: what a later one says
// replaces what an earlier one said.
#ifndef DM_WATCHER_CONFIG_FILES_H
#define DM_WATCHER_CONFIG_FILES_H

#include <glib.h>

#define DM_CONFIG_PATH "/etc/dropmill/dropmill.conf"

/** Below the configuration's directory: files of packages and of `dropmill setup`; recipes. */
#define DM_CONFIG_PARTS "conf.d"
#define DM_CONFIG_RECIPES "recipes.d"

/** The directory of the configuration: $CONFIGURATION_DIRECTORY of a service manager, else
 * /etc/dropmill; (transfer full). */
char *dm_config_dir(void);

/**
 * The files to read; (transfer full). Those that must be there are.
 *
 * @path  (nullable) that file alone; NULL: dropmill.conf of dm_config_dir(), if there is one, then
 *        all conf.d/NAME.conf beside it, by the bytes of their names.
 */
char **dm_config_files(const char *path);

/** The files of recipes to read after them; (transfer full): all recipes.d/NAME.conf, in the same
 * order; none with @path. */
char **dm_config_recipe_files(const char *path);

#endif
