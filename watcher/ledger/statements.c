// SPDX-License-Identifier: MIT
#include "watcher/ledger/statements.h"

#include "watcher/ledger/columns.h"

#include <glib.h>

#define UPLOAD_COLUMNS                                                                             \
    "id, path, state, generation, attempts, not_before_utc_us, since_utc_us, state_utc_us, bytes," \
    " etag, doubt_utc_us, multipart, part_bytes, source, reason, message, absent_utc_us"

#define NOTICE_COLUMNS                                                                             \
    "row, id, kind, about, text, attempts, made_utc_us, tried_utc_us, not_before_utc_us"

// Rows of a drop: a range of paths, of files loose in it alone, if that is meant.
#define DROP "FROM file WHERE path > ?1 AND path < ?2 AND (?3 = 0 OR length(subfolder) = 0)"

// Rows that may be handed out, in the order of their folders: the index has them, and no others.
#define WORK "FROM file INDEXED BY file_work WHERE state = 1 AND suspect = 0 AND temp = x''"

#define ARRIVAL_COLUMNS                                                                            \
    "id, key, etag, size_bytes, state, path, temp, ino, btime_ns, mtime_ns, generation, output,"   \
    " reason, message, attempts, not_before_utc_us, state_utc_us"

/** "*" stands for the id and all columns of a row; what is not here is made of them, too. */
static const char *const statement_texts[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [GET_FILE] = "SELECT * FROM file WHERE id = ?",
    [FIND_FILE] = "SELECT * FROM file WHERE path = ?",
    [LIST_LIVE] = "SELECT path FROM file INDEXED BY file_live"
                  " WHERE (state = 0 OR state = 1 OR state = 7) AND path >= ? AND path < ?"
                  " ORDER BY path LIMIT ?",
    [COUNT_FILES] = "SELECT state, count(id) FROM file GROUP BY state",
    // The first one again after the last. (Text is less than any BLOB.)
    [NEXT_FOLDER] = "SELECT coalesce("
                    "(SELECT folder " WORK " AND folder > ?1 ORDER BY folder LIMIT 1),"
                    "(SELECT folder " WORK " AND folder > '' ORDER BY folder LIMIT 1))",
    [NEXT_SUBFOLDER] =
        "SELECT coalesce("
        "(SELECT subfolder " WORK " AND folder = ?2 AND subfolder > ?1 ORDER BY subfolder LIMIT 1),"
        "(SELECT subfolder " WORK
        " AND folder = ?2 AND subfolder > '' ORDER BY subfolder LIMIT 1))",
    [LIST_WORK] = "SELECT * " WORK " AND folder = ? AND subfolder = ? ORDER BY id LIMIT ?",
    [LIST_UNDER_WAY] = "SELECT folder, seen_utc_us FROM file INDEXED BY file_by_state"
                       " WHERE state IN (0, 1, 2, 3, 4) AND (state > 0 OR message = '')",
    [SUM_QUEUE] = "SELECT sum(size_bytes), min(seen_utc_us) FROM file INDEXED BY file_by_state"
                  " WHERE state IN (0, 1, 2, 3, 7) AND (state > 0 OR message = '')",
    [DONE_SINCE] = "SELECT count(id) FROM file INDEXED BY file_done"
                   " WHERE state = 5 AND state_utc_us >= ? AND folder = ?",
    [DELETE_FILE] = "DELETE FROM file WHERE id = ? AND state = ?",
    [ADD_HISTORY] = "INSERT INTO history(utc_us, path, fact, state, reason, message)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
    [LIST_HISTORY] = "SELECT utc_us, path, fact, state, reason, message FROM history"
                     " ORDER BY id DESC LIMIT ?",
    [LIST_PATH_HISTORY] = "SELECT utc_us, path, fact, state, reason, message FROM history"
                          " WHERE path = ?2 ORDER BY id DESC LIMIT ?1",
    // The oldest lines come first: none is looked at behind those that a piece may take.
    [EXPIRE_HISTORY] = "DELETE FROM history WHERE id IN (SELECT id FROM history ORDER BY id"
                       " LIMIT ?2) AND utc_us < ?1",
    [EXPIRE_DONE] = "DELETE FROM file WHERE id IN (SELECT id FROM file INDEXED BY file_done"
                    " WHERE state = 5 AND state_utc_us < ?1 AND temp = x'' LIMIT ?2)",
    [EXPIRE_FAILED] = "DELETE FROM file WHERE id IN (SELECT id FROM file INDEXED BY file_failed"
                      " WHERE state = 6 AND retired = 1 AND state_utc_us < ?1 AND temp = x''"
                      " LIMIT ?2)",
    [GET_OUTPUT] = "SELECT owner, placed FROM output WHERE path = ?",
    [CLAIM_OUTPUT] = "INSERT INTO output(path, owner) VALUES (?, ?)"
                     " ON CONFLICT(path) DO NOTHING",
    [PLACE_OUTPUT] = "UPDATE output SET placed = 1 WHERE path = ?",
    [RELEASE_OUTPUT] = "DELETE FROM output WHERE path = ? AND placed = 0",
    [LIST_OUTPUTS] = "SELECT path, NOT EXISTS (SELECT 1 FROM file WHERE file.path = output.owner)"
                     " FROM output WHERE path > ?1 ORDER BY path LIMIT ?2",
    [FORGET_OUTPUT] = "DELETE FROM output WHERE path = ?1"
                      " AND NOT EXISTS (SELECT 1 FROM file WHERE file.path = output.owner)",
    [NEXT_JOB] = "INSERT INTO counter(name, value) VALUES ('job', 1)"
                 " ON CONFLICT(name) DO UPDATE SET value = value + 1 RETURNING value",
    [GET_NUMBER] = "SELECT value FROM counter WHERE name = ?",
    [LIST_NUMBERS] = "SELECT name FROM counter WHERE name >= ?1 AND name < ?2 ORDER BY name",
    [CLEAR_NUMBER] = "DELETE FROM counter WHERE name = ?",
    [SET_NUMBER] = "INSERT OR REPLACE INTO counter(name, value) VALUES (?, ?)",
    [GET_SHARE] = "SELECT dev, ino, btime_ns, path FROM share WHERE id = 1",
    [SET_SHARE] = "INSERT OR REPLACE INTO share(id, dev, ino, btime_ns, path)"
                  " VALUES (1, ?, ?, ?, ?)",
    [KEEP_ORIGINAL] = "INSERT OR REPLACE INTO original(path, until_utc_us, ino, btime_ns,"
                      " size_bytes, mtime_ns) VALUES (?, ?, ?, ?, ?, ?)",
    [LIST_ORIGINALS] = "SELECT path, ino, btime_ns, size_bytes, mtime_ns FROM original"
                       " WHERE until_utc_us <= ? ORDER BY until_utc_us LIMIT ?",
    [FORGET_ORIGINAL] = "DELETE FROM original WHERE path = ?",
    [SET_PROBLEM] = "INSERT OR REPLACE INTO folder_problem(folder, message, suggestion)"
                    " VALUES (?, ?, ?)",
    [CLEAR_PROBLEM] = "DELETE FROM folder_problem WHERE folder = ?",
    [LIST_PROBLEMS] = "SELECT folder, message, suggestion FROM folder_problem ORDER BY folder",
    [QUEUE_UPLOAD] = "INSERT INTO upload(path, bytes, since_utc_us, state_utc_us)"
                     " VALUES (?1, ?2, ?3, ?3) ON CONFLICT(path) DO UPDATE SET state = 0,"
                     " generation = generation + 1, attempts = 0, not_before_utc_us = 0,"
                     " bytes = ?2, since_utc_us = ?3, state_utc_us = ?3, reason = '',"
                     " message = '', absent_utc_us = 0",
    [GET_UPLOAD] = "SELECT " UPLOAD_COLUMNS " FROM upload WHERE id = ?",
    [FIND_UPLOAD] = "SELECT " UPLOAD_COLUMNS " FROM upload WHERE path = ?",
    [SAVE_UPLOAD] = "UPDATE upload SET state = ?3, attempts = ?4, not_before_utc_us = ?5,"
                    " state_utc_us = ?6, bytes = ?7, etag = ?8, doubt_utc_us = ?9, reason = ?10,"
                    " message = ?11, absent_utc_us = ?12 WHERE id = ?1 AND generation = ?2",
    [FORGET_UPLOAD] = "DELETE FROM upload WHERE path = ?",
    [DOUBT_UPLOAD] = "UPDATE upload SET doubt_utc_us = ?2 WHERE id = ?1",
    [DUE_UPLOADS] = "SELECT " UPLOAD_COLUMNS " FROM upload WHERE state = 0"
                    " AND not_before_utc_us <= ? ORDER BY not_before_utc_us, id LIMIT ?",
    [DOUBTED_UPLOADS] = "SELECT " UPLOAD_COLUMNS " FROM upload WHERE state = 3"
                        " AND not_before_utc_us <= ? ORDER BY not_before_utc_us, id LIMIT ?",
    [LIST_UPLOADS] = "SELECT " UPLOAD_COLUMNS " FROM upload WHERE id > ? ORDER BY id LIMIT ?",
    [PARKED_UPLOADS] = "SELECT " UPLOAD_COLUMNS " FROM upload WHERE state = 1 AND id > ?"
                       " ORDER BY id LIMIT ?",
    [OLDEST_UPLOAD] = "SELECT since_utc_us FROM upload INDEXED BY upload_oldest WHERE state = 0"
                      " ORDER BY since_utc_us LIMIT 1",
    [COUNT_UPLOADS] = "SELECT state, count(id) FROM upload GROUP BY state",
    [RETRY_UPLOADS] = "UPDATE upload SET state = 0, attempts = 0, not_before_utc_us = 0"
                      " WHERE state = 1",
    [RETRY_UPLOAD] = "UPDATE upload SET state = 0, attempts = 0, not_before_utc_us = 0"
                     " WHERE path = ? AND +state = 1",
    [SET_MULTIPART] = "UPDATE upload SET multipart = ?2, part_bytes = ?3, source = ?4"
                      " WHERE id = ?1",
    [FIND_MULTIPART] = "SELECT id FROM upload WHERE multipart = ? AND multipart != ''",
    [ADD_PART] = "INSERT OR REPLACE INTO upload_part(upload, number, etag) VALUES (?, ?, ?)",
    [LIST_PARTS] = "SELECT number, etag FROM upload_part WHERE upload = ? ORDER BY number",
    [FORGET_PARTS] = "DELETE FROM upload_part WHERE upload = ?",
    [RELEASE_HELD] = "UPDATE file SET held = 0 WHERE state = 4 AND held = 1",
    [ADD_ARRIVAL] = "INSERT INTO arrival(" ARRIVAL_COLUMNS ") VALUES (NULL, ?2, ?3, ?4, ?5, ?6, ?7,"
                    " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    [FIND_ARRIVAL] = "SELECT " ARRIVAL_COLUMNS " FROM arrival WHERE key = ?",
    [FIND_TAKEN_ARRIVAL] = "SELECT " ARRIVAL_COLUMNS " FROM arrival WHERE path = ? AND state = 1",
    [SAVE_ARRIVAL] = "UPDATE arrival SET state = ?5, output = ?12, reason = ?13, message = ?14,"
                     " attempts = ?15, not_before_utc_us = ?16, state_utc_us = ?17 WHERE id = ?1",
    [FORGET_ARRIVAL] = "DELETE FROM arrival WHERE id = ?",
    [DUE_ARRIVALS] = "SELECT " ARRIVAL_COLUMNS " FROM arrival WHERE state = ?1"
                     " AND not_before_utc_us <= ?2 ORDER BY not_before_utc_us, id LIMIT ?3",
    [LIST_ARRIVALS] = "SELECT " ARRIVAL_COLUMNS " FROM arrival WHERE key > ?1 AND key <= ?2"
                      " ORDER BY key LIMIT ?3",
    [COUNT_ARRIVALS] = "SELECT state, count(id) FROM arrival GROUP BY state",
    // "+" keeps SQLite from an index that has the rows of all drops.
    [TALLY_FILES] = "SELECT +state, count(id), sum(size_bytes), sum(bytes), min(seen_utc_us),"
                    " max(state_utc_us), sum(state_utc_us >= ?4) " DROP " GROUP BY +state",
    [NEWEST_RESULTS] = "SELECT id " DROP " AND +state = 5 ORDER BY +state_utc_us DESC LIMIT ?4",
    [LIST_DROP] = "SELECT * " DROP " AND (1 << state) & ?4 ORDER BY path LIMIT ?5",
    [LIST_FAILED] = "SELECT * FROM file WHERE state = 6 AND id < ?1 ORDER BY id DESC LIMIT ?2",
    [COUNT_DONE_SINCE] = "SELECT count(id) FROM file WHERE state = 5 AND state_utc_us >= ?1",
    [ADD_NOTICE] = "INSERT INTO notice(way, id, kind, about, text, attempts, made_utc_us,"
                   " tried_utc_us, not_before_utc_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [NEXT_NOTICE] = "SELECT " NOTICE_COLUMNS " FROM notice INDEXED BY notice_due WHERE way = ?"
                    " ORDER BY not_before_utc_us, row LIMIT 1",
    [OLDEST_NOTICE] = "SELECT " NOTICE_COLUMNS " FROM notice WHERE +way = ? ORDER BY row LIMIT 1",
    [SAVE_NOTICE] = "UPDATE notice SET attempts = ?2, tried_utc_us = ?3, not_before_utc_us = ?4"
                    " WHERE row = ?1",
    [FORGET_NOTICE] = "DELETE FROM notice WHERE row = ?",
    [COUNT_NOTICES] = "SELECT count(row) FROM notice INDEXED BY notice_due WHERE way = ?",
    [FORGET_NOTICES] = "DELETE FROM notice WHERE way = ?",
    [SAVE_ENDED] = "INSERT OR REPLACE INTO ended(path, chain, done, failed, stopped, first_utc_us,"
                   " last_utc_us, failures) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [LIST_ENDED] = "SELECT path, chain, done, failed, stopped, first_utc_us, last_utc_us, failures"
                   " FROM ended ORDER BY path",
    [FORGET_ENDED] = "DELETE FROM ended WHERE path = ?",
    [FORGET_ALL_ENDED] = "DELETE FROM ended",
    [LIST_UNENDED] = "SELECT path FROM file INDEXED BY file_by_state"
                     " WHERE state IN (0, 1, 2, 3, 4, 7)",
    [SAVE_TROUBLE] = "INSERT OR REPLACE INTO trouble(name, problem, since_utc_us)"
                     " VALUES (?, ?, ?)",
    [LIST_TROUBLES] = "SELECT name, problem, since_utc_us FROM trouble ORDER BY name",
    [FORGET_TROUBLE] = "DELETE FROM trouble WHERE name = ?",
    [LIST_HISTORY_AFTER] = "SELECT utc_us, path, fact, state, reason, message, id FROM history"
                           " WHERE id > ?1 ORDER BY id DESC LIMIT ?2",
};

char *dm_statement_text(enum statement which) {
    if (which == INSERT_FILE) {
        return dm_columns_insert_text();
    }
    if (which == MOVE_FILE) {
        return dm_columns_move_text();
    }
    if (which == SAVE_FILE) {
        return dm_columns_save_text();
    }
    g_autofree char *columns = dm_columns_list();
    g_auto(GStrv) parts = g_strsplit(statement_texts[which], "*", 2);
    return g_strjoinv(columns, parts);
}
