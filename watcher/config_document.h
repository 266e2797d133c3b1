// SPDX-License-Identifier: MIT
//
// One file of the configuration: of settings, or of recipes alone.
#ifndef DM_WATCHER_CONFIG_DOCUMENT_H
#define DM_WATCHER_CONFIG_DOCUMENT_H

#include "watcher/settings.h"

#include <glib.h>

/** Let the file at @path say what it says: settings replace, names are added to groups of names.
 * Its mistakes are added to @mistakes, "FILE:LINE: ...". */
void dm_config_document_read(struct dm_config *config, const char *path, GPtrArray *mistakes);

/** The same of a file of recipes: lines NAME = "CHAIN"; and nothing else. */
void dm_config_document_read_recipes(struct dm_config *config, const char *path,
                                     GPtrArray *mistakes);

#endif
