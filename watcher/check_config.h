// SPDX-License-Identifier: MIT
//
// --check-config: all that can be found out about a configuration before it is used.
#ifndef DM_WATCHER_CHECK_CONFIG_H
#define DM_WATCHER_CHECK_CONFIG_H

#include "watcher/options.h"

#include <glib.h>
#include <stdbool.h>

/**
 * Check the configuration that @options name, and say so on stdout when it is good. What may be
 * otherwise when the daemon starts (a share that is not mounted, a program that is not installed,
 * hosts) is logged as a warning. Errors: DM_ERROR_CONFIG with a line for each mistake.
 */
bool dm_check_config(const struct dm_options *options, GError **error);

#endif
