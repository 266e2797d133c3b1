// SPDX-License-Identifier: MIT
//
// Migrations: see schema.h. Paths are BLOBs: they are bytes, not text.
#include "watcher/ledger/schema.h"

#include "watcher/ledger/arrival.h"
#include "watcher/ledger/history_indexes.h"
#include "watcher/ledger/ledger.h"
#include "watcher/ledger/notice.h"
#include "watcher/ledger/upload.h"

#include <assert.h>

static const char *const migrations[] = {
    "CREATE TABLE file("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT," // never used twice: temporaries carry it
    "  state INTEGER NOT NULL,"
    "  parked_from INTEGER NOT NULL DEFAULT 0,"
    "  path BLOB NOT NULL UNIQUE,"
    "  chain TEXT NOT NULL DEFAULT '',"
    "  dev INTEGER NOT NULL DEFAULT 0, ino INTEGER NOT NULL DEFAULT 0,"
    "  btime_ns INTEGER NOT NULL DEFAULT 0, size_bytes INTEGER NOT NULL DEFAULT 0,"
    "  mtime_ns INTEGER NOT NULL DEFAULT 0, ctime_ns INTEGER NOT NULL DEFAULT 0,"
    "  generation INTEGER NOT NULL DEFAULT 1,"
    "  attempt INTEGER NOT NULL DEFAULT 0,"
    "  job INTEGER NOT NULL DEFAULT 0, batch INTEGER NOT NULL DEFAULT 0,"
    "  suspect INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0,"
    "  temp BLOB NOT NULL DEFAULT x'', output BLOB NOT NULL DEFAULT x'',"
    "  retired INTEGER NOT NULL DEFAULT 0,"
    "  reason TEXT NOT NULL DEFAULT 'none', message TEXT NOT NULL DEFAULT '',"
    "  format TEXT NOT NULL DEFAULT '',"
    "  width_px INTEGER NOT NULL DEFAULT 0, height_px INTEGER NOT NULL DEFAULT 0,"
    "  bytes INTEGER NOT NULL DEFAULT 0, elapsed_us INTEGER NOT NULL DEFAULT 0,"
    "  host TEXT NOT NULL DEFAULT '', rank INTEGER NOT NULL DEFAULT 0,"
    "  seen_utc_us INTEGER NOT NULL DEFAULT 0, state_utc_us INTEGER NOT NULL DEFAULT 0,"
    "  not_before_utc_us INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX file_by_state ON file(state, suspect, id);"
    "CREATE INDEX file_to_retire ON file(state, retired, id) WHERE state = 6 AND retired = 0;"
    "CREATE INDEX file_with_temp ON file(state, id) WHERE temp != x'';"
    "CREATE TABLE output(path BLOB PRIMARY KEY, owner BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE original(path BLOB PRIMARY KEY, until_utc_us INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX original_by_time ON original(until_utc_us);"
    "CREATE TABLE folder_problem(folder BLOB PRIMARY KEY, message TEXT NOT NULL,"
    "  suggestion TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE history(id INTEGER PRIMARY KEY, utc_us INTEGER NOT NULL, path BLOB NOT NULL,"
    "  fact TEXT NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL);"
    "CREATE INDEX history_by_path ON history(path, id);"
    "CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;",

    // Which names were placed was not known: an owner found its own file there and replaced it.
    "ALTER TABLE output ADD COLUMN placed INTEGER NOT NULL DEFAULT 0;"
    "UPDATE output SET placed = 1;"
    // Each listing comes from an index that has its rows in its order, whatever lies beside them.
    // (The first ledgers of version 1 had others.)
    "DROP INDEX IF EXISTS file_by_state;"
    "DROP INDEX IF EXISTS file_to_retire;"
    "DROP INDEX IF EXISTS file_with_temp;"
    "CREATE INDEX file_by_state ON file(state);"
    "CREATE INDEX file_suspect ON file(state, suspect) WHERE suspect = 1;"
    "CREATE INDEX file_with_temp ON file(state) WHERE temp != x'';"
    "CREATE INDEX file_in_inbox ON file(state, path) WHERE state = 0 OR state = 1 OR state = 7;"
    "CREATE INDEX file_done ON file(state, state_utc_us) WHERE state = 5;"
    "CREATE INDEX file_to_retire ON file(state, retired) WHERE state = 6 AND retired = 0;"
    "CREATE INDEX file_due ON file(state, not_before_utc_us) WHERE state = 7;",

    // An original is known by more than its name. Of most that are kept already the row of the file
    // still tells how they were; the others are never deleted.
    "ALTER TABLE original ADD COLUMN ino INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE original ADD COLUMN btime_ns INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE original ADD COLUMN size_bytes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE original ADD COLUMN mtime_ns INTEGER NOT NULL DEFAULT 0;"
    "UPDATE original SET (ino, btime_ns, size_bytes, mtime_ns) ="
    " (SELECT ino, btime_ns, size_bytes, mtime_ns FROM file WHERE file.path = original.path)"
    " WHERE path IN (SELECT path FROM file WHERE state = 5);",

    "CREATE TABLE share(id INTEGER PRIMARY KEY CHECK (id = 1), dev INTEGER NOT NULL,"
    "  ino INTEGER NOT NULL, btime_ns INTEGER NOT NULL, path BLOB NOT NULL);",

    // The mirror: what is to be sent and was, see uploads.h.
    "ALTER TABLE file ADD COLUMN held INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX file_published ON file(state, held) WHERE state = 4;"
    "CREATE TABLE upload("
    "  id INTEGER PRIMARY KEY,"
    "  path BLOB NOT NULL UNIQUE,"
    "  state INTEGER NOT NULL DEFAULT 0,"
    "  generation INTEGER NOT NULL DEFAULT 1,"
    "  attempts INTEGER NOT NULL DEFAULT 0,"
    "  not_before_utc_us INTEGER NOT NULL DEFAULT 0,"
    "  since_utc_us INTEGER NOT NULL DEFAULT 0, state_utc_us INTEGER NOT NULL DEFAULT 0,"
    "  bytes INTEGER NOT NULL DEFAULT 0, etag TEXT NOT NULL DEFAULT '',"
    "  doubt_utc_us INTEGER NOT NULL DEFAULT 0,"
    "  multipart TEXT NOT NULL DEFAULT '', part_bytes INTEGER NOT NULL DEFAULT 0,"
    "  source TEXT NOT NULL DEFAULT '',"
    "  reason TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '',"
    "  absent_utc_us INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX upload_due ON upload(state, not_before_utc_us) WHERE state = 0 OR state = 3;"
    "CREATE INDEX upload_oldest ON upload(since_utc_us) WHERE state = 0;"
    "CREATE INDEX upload_by_state ON upload(state);"
    "CREATE INDEX upload_multipart ON upload(multipart) WHERE multipart != '';"
    "CREATE TABLE upload_part(upload INTEGER NOT NULL, number INTEGER NOT NULL,"
    "  etag TEXT NOT NULL, PRIMARY KEY(upload, number)) WITHOUT ROWID;",

    // The S3 inbox: what was found there and what became of it, see arrivals.h.
    "CREATE TABLE arrival("
    "  id INTEGER PRIMARY KEY,"
    "  key BLOB NOT NULL UNIQUE,"
    "  etag TEXT NOT NULL, size_bytes INTEGER NOT NULL,"
    "  state INTEGER NOT NULL,"
    "  path BLOB NOT NULL DEFAULT x'', temp BLOB NOT NULL DEFAULT x'',"
    "  ino INTEGER NOT NULL DEFAULT 0, btime_ns INTEGER NOT NULL DEFAULT 0,"
    "  mtime_ns INTEGER NOT NULL DEFAULT 0, generation INTEGER NOT NULL DEFAULT 0,"
    "  output BLOB NOT NULL DEFAULT x'',"
    "  reason TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '',"
    "  attempts INTEGER NOT NULL DEFAULT 0, not_before_utc_us INTEGER NOT NULL DEFAULT 0,"
    "  state_utc_us INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX arrival_due ON arrival(state, not_before_utc_us);"
    "CREATE INDEX arrival_taken ON arrival(path) WHERE state = 1;",

    // Of a file with several names the ctime tells less.
    "ALTER TABLE file ADD COLUMN links INTEGER NOT NULL DEFAULT 0;",

    // The inbox asks for paths, whatever their state: a listing costs the same however many files
    // of the directory are done.
    "DROP INDEX file_in_inbox;"
    "CREATE INDEX file_live ON file(path) WHERE state = 0 OR state = 1 OR state = 7;",

    // Who takes turns, see in_turn.c: the first part of a path's directory, and the second.
    "ALTER TABLE file ADD COLUMN folder BLOB AS ("
    "  substr(path, 1, max(0, instr(path, x'2f') - 1))) VIRTUAL;"
    "ALTER TABLE file ADD COLUMN subfolder BLOB AS ("
    "  substr(path, instr(path, x'2f') + 1,"
    "         max(0, instr(substr(path, instr(path, x'2f') + 1), x'2f') - 1))) VIRTUAL;"
    "CREATE INDEX file_work ON file(folder, subfolder)"
    "  WHERE state = 1 AND suspect = 0 AND temp = x'';",

    // Files that ended too early are looked after for a while; originals that may grow, too.
    "ALTER TABLE file ADD COLUMN stays_utc_us INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX file_cut ON file(state, state_utc_us) WHERE state = 6 AND reason = 'truncated';",

    // Failures are forgotten in the end, too: the oldest first.
    "CREATE INDEX file_failed ON file(state, retired, state_utc_us)"
    "  WHERE state = 6 AND retired = 1;",

    // People ask for what happened since, and for what went wrong: see history.c.
    "CREATE INDEX history_by_time ON history(utc_us);"
    "CREATE INDEX history_by_fact ON history(fact, utc_us) WHERE " DM_HISTORY_RARE_FACT ";"
    "CREATE INDEX history_by_reason ON history(reason, utc_us) WHERE " DM_HISTORY_REASON ";"
    "CREATE INDEX history_by_state ON history(state, utc_us) WHERE " DM_HISTORY_RARE_STATE ";",

    // What people are to be told, see notices.h.
    "CREATE TABLE notice("
    "  row INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  way INTEGER NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,"
    "  about BLOB NOT NULL, text TEXT NOT NULL,"
    "  attempts INTEGER NOT NULL, made_utc_us INTEGER NOT NULL, tried_utc_us INTEGER NOT NULL,"
    "  not_before_utc_us INTEGER NOT NULL);"
    "CREATE INDEX notice_due ON notice(way, not_before_utc_us);"
    "CREATE TABLE ended(path BLOB PRIMARY KEY, chain TEXT NOT NULL,"
    "  done INTEGER NOT NULL, failed INTEGER NOT NULL, stopped INTEGER NOT NULL,"
    "  first_utc_us INTEGER NOT NULL, last_utc_us INTEGER NOT NULL, failures TEXT NOT NULL)"
    "  WITHOUT ROWID;"
    "CREATE TABLE trouble(name TEXT PRIMARY KEY, problem TEXT NOT NULL,"
    "  since_utc_us INTEGER NOT NULL) WITHOUT ROWID;",
};

enum { VERSION = sizeof(migrations) / sizeof(migrations[0]) };

static_assert(DM_STATE_SEEN == 0 && DM_STATE_READY == 1 && DM_STATE_PUBLISHED == 4 &&
                  DM_STATE_DONE == 5 && DM_STATE_FAILED == 6 && DM_STATE_PARKED == 7 &&
                  DM_UPLOAD_PENDING == 0 && DM_UPLOAD_PARKED == 1 && DM_UPLOAD_DOUBTED == 3 &&
                  DM_NOTICE_EXEC == 0 && DM_NOTICE_WEBHOOK == 1 && DM_ARRIVAL_FETCHED == 0 &&
                  DM_ARRIVAL_TAKEN == 1 && DM_ARRIVAL_LEFT == 5,
              "the indexes name these numbers, and so does every ledger on disk");

static int version_of(sqlite3 *db) {
    sqlite3_stmt *statement;
    int version = -1;
    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK) {
        version = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
        sqlite3_finalize(statement);
    }
    return version;
}

static bool fail(sqlite3 *db, const char *path, GError **error) {
    return dm_fail(error, DM_ERROR_SYSTEM, "cannot open the ledger '%s': %s", path,
                   sqlite3_errmsg(db));
}

static bool not_newer(int version, const char *path, GError **error) {
    return version <= VERSION ||
           dm_fail(error, DM_ERROR_CONFIG,
                   "cannot open the ledger '%s': it has version %d, expected at most %d: a newer "
                   "dropmill made it",
                   path, version, VERSION);
}

bool dm_schema_migrate(sqlite3 *db, const char *path, GError **error) {
    int version = version_of(db);
    if (version < 0) {
        return fail(db, path, error);
    }
    for (; version < VERSION; version++) {
        g_autofree char *script = g_strdup_printf("BEGIN; %s PRAGMA user_version = %d; COMMIT;",
                                                  migrations[version], version + 1);
        if (sqlite3_exec(db, script, NULL, NULL, NULL) != SQLITE_OK) {
            return fail(db, path, error);
        }
    }
    return not_newer(version, path, error);
}

bool dm_schema_check(sqlite3 *db, const char *path, GError **error) {
    int version = version_of(db);
    if (version < 0) {
        return fail(db, path, error);
    }
    if (version < VERSION) {
        return dm_fail(
            error, DM_ERROR_CONFIG,
            "cannot read the ledger '%s': it has version %d, expected %d: start dropmilld, or "
            "restart the one that runs, to bring it up to date",
            path, version, VERSION);
    }
    return not_newer(version, path, error);
}
