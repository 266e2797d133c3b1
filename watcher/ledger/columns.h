// SPDX-License-Identifier: MIT
//
// Inside the ledger: the columns of the table `file` stand once, in columns.c, beside the members
// of struct dm_row that they hold. The texts of the statements, binding and reading are walks over
// them. Below db.h, which has the connection; pure but for the statement that it is given.
#ifndef DM_WATCHER_LEDGER_COLUMNS_H
#define DM_WATCHER_LEDGER_COLUMNS_H

#include "watcher/ledger/ledger.h"

#include <sqlite3.h>

/** "id, state, ...": what dm_columns_take() reads; (transfer full), as all texts here. */
char *dm_columns_list(void);

/**
 * Write a row: a new one; all that may change in one that is in the state dm_columns_from(); the
 * same but its state, whatever that is.
 */
char *dm_columns_insert_text(void);
char *dm_columns_move_text(void);
char *dm_columns_save_text(void);

/** The parameter of dm_columns_move_text() that is the state before. */
int dm_columns_from(void);

/** Bind @row to one of these texts. */
void dm_columns_bind(sqlite3_stmt *statement, const struct dm_row *row);

/** The row that @statement, a SELECT of dm_columns_list(), stands at; (transfer full). */
struct dm_row *dm_columns_take(sqlite3_stmt *statement);

/** Single values. Paths are bytes: BLOBs. */
void dm_bind_bytes(sqlite3_stmt *statement, int index, const char *bytes);
void dm_bind_text(sqlite3_stmt *statement, int index, const char *text);

/** A column of text or bytes; (transfer full). */
char *dm_take_text(sqlite3_stmt *statement, int index);

#endif
