// SPDX-License-Identifier: MIT
//
// The worker as a program: where it is, and what it says that it can do.
#ifndef DM_WATCHER_WORKER_PROGRAM_H
#define DM_WATCHER_WORKER_PROGRAM_H

#include "common/catalogue.h"
#include "watcher/config.h"

#include <glib.h>

/**
 * The worker: as configured, else beside this program, else in ../libexec/dropmill from there, else
 * in /usr/libexec/dropmill; (transfer full). Errors: DM_ERROR_CONFIG.
 */
char *dm_find_worker(const struct dm_config *config, GError **error);

/**
 * Run `WORKER --catalogue` with @args (nullable, NULL-terminated) and parse it. Errors:
 * DM_ERROR_CONFIG, DM_ERROR_REMOTE.
 */
struct dm_catalogue *dm_read_catalogue(const char *worker, const char *const *args, GError **error);

#endif
