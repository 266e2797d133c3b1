// SPDX-License-Identifier: MIT
//
// Ledgers of earlier versions, made by the SQL that made them then: they are brought up to date,
// and what was in them is still there. (The text below is of version 1 as it was released; it does
// not follow schema.c.)
#include "common/error.h"
#include "watcher/ledger/ledger.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

static const char version_1[] =
    "CREATE TABLE file(id INTEGER PRIMARY KEY AUTOINCREMENT, state INTEGER NOT NULL,"
    "  parked_from INTEGER NOT NULL DEFAULT 0, path BLOB NOT NULL UNIQUE,"
    "  chain TEXT NOT NULL DEFAULT '', dev INTEGER NOT NULL DEFAULT 0,"
    "  ino INTEGER NOT NULL DEFAULT 0, btime_ns INTEGER NOT NULL DEFAULT 0,"
    "  size_bytes INTEGER NOT NULL DEFAULT 0, mtime_ns INTEGER NOT NULL DEFAULT 0,"
    "  ctime_ns INTEGER NOT NULL DEFAULT 0, generation INTEGER NOT NULL DEFAULT 1,"
    "  attempt INTEGER NOT NULL DEFAULT 0, job INTEGER NOT NULL DEFAULT 0,"
    "  batch INTEGER NOT NULL DEFAULT 0, suspect INTEGER NOT NULL DEFAULT 0,"
    "  crashes INTEGER NOT NULL DEFAULT 0, temp BLOB NOT NULL DEFAULT x'',"
    "  output BLOB NOT NULL DEFAULT x'', retired INTEGER NOT NULL DEFAULT 0,"
    "  reason TEXT NOT NULL DEFAULT 'none', message TEXT NOT NULL DEFAULT '',"
    "  format TEXT NOT NULL DEFAULT '', width_px INTEGER NOT NULL DEFAULT 0,"
    "  height_px INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,"
    "  elapsed_us INTEGER NOT NULL DEFAULT 0, host TEXT NOT NULL DEFAULT '',"
    "  rank INTEGER NOT NULL DEFAULT 0, seen_utc_us INTEGER NOT NULL DEFAULT 0,"
    "  state_utc_us INTEGER NOT NULL DEFAULT 0, not_before_utc_us INTEGER NOT NULL DEFAULT 0);"
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
    "CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version = 1;"
    "INSERT INTO file(id, state, path, chain, output, retired, ino, size_bytes) VALUES"
    " (7, 5, CAST('gray/a.jpg' AS BLOB), 'gray', CAST('gray/a.jpg' AS BLOB), 1, 70, 700);"
    "INSERT INTO file(id, state, path, chain, temp, attempt, suspect) VALUES"
    " (9, 1, CAST('gray/b.jpg' AS BLOB), 'gray', CAST('gray/.dropmill-9-1.tmp' AS BLOB), 1, 1);"
    "INSERT INTO file(id, state, path, chain, reason) VALUES"
    " (12, 6, CAST('gray/c.jpg' AS BLOB), 'gray', 'truncated');"
    "INSERT INTO output(path, owner) VALUES"
    " (CAST('gray/a.jpg' AS BLOB), CAST('gray/a.jpg' AS BLOB));"
    "INSERT INTO original(path, until_utc_us) VALUES (CAST('gray/a.jpg' AS BLOB), 10);"
    "INSERT INTO history(utc_us, path, fact, state, reason, message) VALUES"
    " (1, CAST('gray/a.jpg' AS BLOB), 'retired', 5, 'none', '');"
    "INSERT INTO counter(name, value) VALUES ('job', 41);";

struct place {
    char *dir;
    char *path;
};

static void set_up(struct place *place, gconstpointer script) {
    place->dir = g_dir_make_tmp("dropmill-XXXXXX", NULL);
    place->path = g_build_filename(place->dir, "ledger.db", NULL);
    sqlite3 *db;
    g_assert_cmpint(sqlite3_open(place->path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, script, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(db);
}

static void tear_down(struct place *place, gconstpointer script) {
    (void)script;
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *file = g_strconcat(place->path, suffixes[i], NULL);
        g_remove(file);
    }
    g_rmdir(place->dir);
    g_free(place->path);
    g_free(place->dir);
}

static guint count(struct dm_ledger *ledger, struct dm_query query) {
    g_autoptr(GPtrArray) rows = dm_ledger_list(ledger, &query);
    return rows->len;
}

static void expect_all_of_it(struct dm_ledger *ledger) {
    struct dm_row *row = dm_ledger_find(ledger, "gray/b.jpg");
    g_assert_cmpint(row->id, ==, 9);
    g_assert_cmpstr(row->temp, ==, "gray/.dropmill-9-1.tmp");
    dm_row_free(row);
    g_assert_cmpuint(count(ledger, (struct dm_query){0}), ==, 3);
    g_assert_cmpuint(
        count(ledger, (struct dm_query){.states = 1u << DM_STATE_READY, .suspects = true}), ==, 1);
    g_assert_cmpuint(
        count(ledger, (struct dm_query){.states = 1u << DM_STATE_FAILED, .not_retired = true}), ==,
        1);
    g_autoptr(GPtrArray) history = dm_ledger_history(ledger, "gray/a.jpg", 10);
    g_assert_cmpuint(history->len, ==, 1);
    g_autoptr(GPtrArray) expired = dm_ledger_expired_originals(ledger, 10, 10);
    g_assert_cmpuint(expired->len, ==, 1);
    const struct dm_kept *kept = expired->pdata[0];
    g_assert_cmpuint(kept->put.ino, ==, 70); // as the file was: a move does not change it
    g_assert_cmpint(kept->put.size_bytes, ==, 700);
    bool placed = false;
    g_autofree char *owner = dm_ledger_output_owner(ledger, "gray/a.jpg", &placed);
    g_assert_cmpstr(owner, ==, "gray/a.jpg");
    g_assert_true(placed); // else its next result would be given another name
}

static void test_version_1(struct place *place, gconstpointer script) {
    (void)script;
    g_autoptr(GError) error = NULL;
    struct dm_ledger *ledger = dm_ledger_open(place->path, false, &error);
    g_assert_no_error(error);
    expect_all_of_it(ledger);
    g_assert_cmpint(dm_ledger_next_job(ledger), ==, 42);
    const struct dm_fingerprint print = {.ino = 1};
    struct dm_row *row = dm_ledger_insert(ledger, "gray/d.jpg", "gray", &print);
    g_assert_cmpint(row->id, ==, 13); // no id is used twice
    dm_row_free(row);
    dm_ledger_free(ledger); // no commit: only the migration lasts
    ledger = dm_ledger_open(place->path, true, &error);
    g_assert_no_error(error);
    expect_all_of_it(ledger);
    dm_ledger_free(ledger);
}

static void test_older_is_not_read(struct place *place, gconstpointer script) {
    (void)script;
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_ledger_open(place->path, true, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    g_assert_nonnull(strstr(error->message, "it has version 1"));
}

static void test_newer(struct place *place, gconstpointer script) {
    (void)script;
    for (int read_only = 0; read_only < 2; read_only++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_ledger_open(place->path, read_only, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_assert_nonnull(strstr(error->message, "a newer dropmill made it"));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add("/ledger/schema/version-1", struct place, version_1, set_up, test_version_1,
               tear_down);
    g_test_add("/ledger/schema/older-is-not-read", struct place, version_1, set_up,
               test_older_is_not_read, tear_down);
    g_test_add("/ledger/schema/newer", struct place, "PRAGMA user_version = 1000", set_up,
               test_newer, tear_down);
    return g_test_run();
}
