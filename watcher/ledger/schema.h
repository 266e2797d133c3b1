// SPDX-License-Identifier: MIT
//
// The tables of the ledger, as migrations: row N of dm_migrations brings user_version N to N + 1.
// Never change a row that was released; add one. Read next: columns.c.
#ifndef DM_WATCHER_LEDGER_SCHEMA_H
#define DM_WATCHER_LEDGER_SCHEMA_H

#include "common/error.h"

#include <sqlite3.h>
#include <stdbool.h>

/** Bring the database to this build's version. Errors: DM_ERROR_SYSTEM; CONFIG when it is newer. */
bool dm_schema_migrate(sqlite3 *db, const char *path, GError **error);

/** Only check that the version is ours (a read-only opening). */
bool dm_schema_check(sqlite3 *db, const char *path, GError **error);

#endif
