// SPDX-License-Identifier: MIT
//
// Ledgers of earlier releases, as their daemons wrote them (tests/lib/store_ledger.py), with rows
// in every state: each is opened by this build, and what was in it is in it. A process that is
// killed at any write of the migration, whole or half written, leaves a ledger that the next one
// opens. What is done with them: tests/e2e/upgrade.t.
#include "common/fsutil.h"
#include "watcher/ledger/ledger.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DATA "tests/data"
// Every so many writes a process is killed; each of them in the long form.
#define STRIDE 7

struct place {
    char *dir, *old, *path;
};

static int64_t ask(sqlite3 *db, const char *question) {
    sqlite3_stmt *statement;
    g_assert_cmpint(sqlite3_prepare_v2(db, question, -1, &statement, NULL), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
    int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

static void run(sqlite3 *db, const char *script) {
    char *why = NULL;
    sqlite3_exec(db, script, NULL, NULL, &why);
    g_assert_cmpstr(why, ==, NULL);
}

static sqlite3 *open_raw(const char *path) {
    sqlite3 *db;
    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    return db;
}

/** A new copy of the stored ledger @script (a file of DATA), and one that stays as it is. */
static void set_up(struct place *place, gconstpointer script) {
    g_autofree char *source = g_build_filename(DATA, script, NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(source, &text, NULL, NULL));
    place->dir = g_dir_make_tmp("dropmill-XXXXXX", NULL);
    place->old = g_build_filename(place->dir, "old.db", NULL);
    place->path = g_build_filename(place->dir, "ledger.db", NULL);
    sqlite3 *db = open_raw(place->old);
    run(db, text);
    sqlite3_close(db);
}

static void tear_down(struct place *place, gconstpointer script) {
    (void)script;
    dm_remove_tree(place->dir);
    g_free(place->old);
    g_free(place->path);
    g_free(place->dir);
}

/** As the old daemon left it: with its WAL. */
static void put_anew(const struct place *place) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *file = g_strconcat(place->path, endings[i], NULL);
        g_remove(file);
    }
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(place->old, &bytes, &length, NULL));
    g_assert_true(g_file_set_contents(place->path, bytes, (gssize)length, NULL));
    sqlite3 *db = open_raw(place->path);
    run(db, "PRAGMA journal_mode = WAL");
    sqlite3_close(db);
}

// ---- what was in it

/** The columns that the old table had: "id, state, path". Made ones are left out. */
static char *columns_of(sqlite3 *db, const char *table) {
    GString *columns = g_string_new(NULL);
    g_autofree char *text =
        g_strdup_printf("SELECT name FROM pragma_table_info('%s', 'old')", table);
    sqlite3_stmt *statement;
    g_assert_cmpint(sqlite3_prepare_v2(db, text, -1, &statement, NULL), ==, SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        g_string_append_printf(columns, "%s%s", columns->len > 0 ? ", " : "",
                               (const char *)sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    return g_string_free(columns, FALSE);
}

/** Each row of the old table is in the new one, and there is no other. */
static void expect_same_rows(sqlite3 *db, const char *table) {
    g_autofree char *columns = columns_of(db, table);
    g_autofree char *lost = g_strdup_printf(
        "SELECT count(*) FROM (SELECT %s FROM old.%s EXCEPT SELECT %s FROM main.%s)", columns,
        table, columns, table);
    g_autofree char *more = g_strdup_printf(
        "SELECT (SELECT count(*) FROM main.%s) - (SELECT count(*) FROM old.%s)", table, table);
    g_assert_cmpint(ask(db, lost), ==, 0);
    g_assert_cmpint(ask(db, more), ==, 0);
}

static void expect_all_of_it(const struct place *place) {
    sqlite3 *db = open_raw(place->path);
    g_autofree char *attach = g_strdup_printf("ATTACH '%s' AS old", place->old);
    run(db, attach);
    sqlite3_stmt *tables;
    int count = 0;
    g_assert_cmpint(sqlite3_prepare_v2(db,
                                       "SELECT name FROM old.sqlite_schema WHERE type = 'table'"
                                       " AND name NOT LIKE 'sqlite%'",
                                       -1, &tables, NULL),
                    ==, SQLITE_OK);
    for (; sqlite3_step(tables) == SQLITE_ROW; count++) {
        expect_same_rows(db, (const char *)sqlite3_column_text(tables, 0));
    }
    sqlite3_finalize(tables);
    g_assert_cmpint(count, >, 5);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM pragma_quick_check WHERE quick_check = 'ok'"), ==,
                    1);
    sqlite3_close(db);
}

/** What the rooms ask it for. */
static void expect_rows(struct dm_ledger *ledger) {
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(ledger, counts);
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        g_test_message("%s: %d", dm_state_name((enum dm_state)state), (int)counts[state]);
        g_assert_cmpint(counts[state], >, 0);
        const struct dm_query query = {.states = 1u << state};
        g_autoptr(GPtrArray) rows = dm_ledger_list(ledger, &query);
        g_assert_cmpint(rows->len, ==, counts[state]);
    }
    g_autoptr(GPtrArray) work = dm_ledger_work(ledger, 100);
    g_assert_cmpuint(work->len, >, 0);
    g_autoptr(GPtrArray) kept = dm_ledger_expired_originals(ledger, INT64_MAX, 1000);
    g_assert_cmpuint(kept->len, >, 0);
    g_autoptr(GPtrArray) problems = dm_ledger_folder_problems(ledger);
    g_assert_cmpuint(problems->len, ==, 1);
    bool placed = false;
    g_autofree char *owner = dm_ledger_output_owner(ledger, "gray/done-0.png", &placed);
    g_assert_cmpstr(owner, ==, "gray/done-0.png");
    g_assert_true(placed);
}

static void test_opens(struct place *place, gconstpointer script) {
    (void)script;
    g_autoptr(GError) error = NULL;
    put_anew(place);
    struct dm_ledger *ledger = dm_ledger_open(place->path, false, &error);
    g_assert_no_error(error);
    expect_rows(ledger);
    dm_ledger_free(ledger);
    expect_all_of_it(place);
}

// ---- killed while it is brought up to date

static int64_t writes_left;

/** pwrite(), but for the last one, of which half is written. */
static ssize_t write_or_die(int fd, const void *bytes, size_t length, off_t offset) {
    if (--writes_left == 0) {
        (void)!pwrite(fd, bytes, length / 2, offset);
        _exit(9);
    }
    return pwrite(fd, bytes, length, offset);
}

/** Open it in a process that dies at its write @number. Returns whether it came that far. */
static bool open_and_die(const struct place *place, int64_t number) {
    pid_t pid = fork();
    if (pid == 0) {
        sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
        writes_left = number;
        vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)write_or_die);
        vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)write_or_die);
        struct dm_ledger *ledger = dm_ledger_open(place->path, false, NULL);
        _exit(ledger != NULL ? 0 : 1);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9));
    return WEXITSTATUS(status) == 9;
}

static void test_killed(struct place *place, gconstpointer script) {
    (void)script;
    bool died = true;
    int64_t number = 1, stride = g_test_slow() ? 1 : STRIDE;
    for (; died; number += stride) {
        put_anew(place);
        died = open_and_die(place, number);
        expect_all_of_it(place); // as it is found, whatever its version
        g_autoptr(GError) error = NULL;
        struct dm_ledger *ledger = dm_ledger_open(place->path, false, &error);
        g_assert_no_error(error);
        dm_ledger_free(ledger);
        expect_all_of_it(place);
    }
    g_test_message("%d writes", (int)number);
    g_assert_cmpint(number, >, 10);
}

// ---- all of them

static void add(const char *script) {
    g_autofree char *opens = g_strdup_printf("/ledger/upgrade/%s/opens", script);
    g_autofree char *killed = g_strdup_printf("/ledger/upgrade/%s/killed", script);
    g_test_add(opens, struct place, script, set_up, test_opens, tear_down);
    g_test_add(killed, struct place, script, set_up, test_killed, tear_down);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GPtrArray) scripts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(DATA, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (g_str_has_prefix(name, "ledger-") && g_str_has_suffix(name, ".sql")) {
            g_ptr_array_add(scripts, g_strdup(name));
            add(scripts->pdata[scripts->len - 1]);
        }
    }
    g_assert_cmpuint(scripts->len, >=, 3);
    return g_test_run();
}
