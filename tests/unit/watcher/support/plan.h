// SPDX-License-Identifier: MIT
//
// What SQLite is going to do for a statement.
#ifndef DM_TESTS_PLAN_H
#define DM_TESTS_PLAN_H

#include <sqlite3.h>

/** The plan, its lines joined; (transfer full). */
char *plan_of(sqlite3 *db, const char *text);

#endif
