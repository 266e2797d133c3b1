// SPDX-License-Identifier: MIT
//
// A word for a whole configuration: two that say the same have the same, so that `dropmill doctor`
// can tell whether the daemon uses what the files say.
#ifndef DM_WATCHER_CONFIG_SUM_H
#define DM_WATCHER_CONFIG_SUM_H

#include "watcher/settings.h"

/** Of all settings but the share that differ from their defaults; of a secret only that it is set.
 * (transfer full) */
char *dm_config_sum(const struct dm_config *config);

#endif
