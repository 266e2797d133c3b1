// SPDX-License-Identifier: MIT
//
// Settings by the environment, for containers and cron jobs: the few keys that have a variable in
// the table of keys. An empty variable counts as none.
#ifndef DM_WATCHER_CONFIG_ENVIRONMENT_H
#define DM_WATCHER_CONFIG_ENVIRONMENT_H

#include "watcher/settings.h"

#include <glib.h>

/**
 * Take what @environment (of g_get_environ(), say) says. Mistakes, "VARIABLE: ...", are added to
 * @mistakes; variables that look like ours and are none, to @config->warnings.
 */
void dm_config_environment_read(struct dm_config *config, char **environment, GPtrArray *mistakes);

#endif
