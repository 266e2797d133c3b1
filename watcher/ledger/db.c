// SPDX-License-Identifier: MIT
//
// The connection of the ledger: WAL, prepared statements in one table, one transaction for all that
// one turn of the main loop learned, and the first failure, which sticks until the commit reports
// it.
#include "watcher/ledger/db.h"

#include "common/error.h"
#include "watcher/ledger/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/** Say whether @code tells of the world around the ledger, which may mend: a full disk, say. */
static bool is_of_the_world(int code) {
    return code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_READONLY ||
           code == SQLITE_CANTOPEN;
}

void dm_db_stick(struct dm_ledger *ledger) {
    if (ledger->failure == NULL) {
        bool world = !ledger->read_only && is_of_the_world(sqlite3_errcode(ledger->db));
        int errnum = world ? sqlite3_system_errno(ledger->db) : 0;
        dm_fail(&ledger->failure, world ? DM_ERROR_TRANSIENT : DM_ERROR_SYSTEM,
                "cannot use the ledger '%s': %s%s%s", ledger->path, sqlite3_errmsg(ledger->db),
                errnum != 0 ? ": " : "", errnum != 0 ? g_strerror(errnum) : "");
    }
}

sqlite3_stmt *dm_db_prepare_text(struct dm_ledger *ledger, const char *text) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(ledger->db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK) {
        dm_db_stick(ledger);
    }
    return statement;
}

sqlite3_stmt *dm_db_read(struct dm_ledger *ledger, enum statement which) {
    if (ledger->failure != NULL) {
        return NULL;
    }
    if (ledger->statements[which] == NULL) {
        g_autofree char *text = dm_statement_text(which);
        ledger->statements[which] = dm_db_prepare_text(ledger, text);
    }
    return ledger->statements[which];
}

bool dm_db_step(struct dm_ledger *ledger, sqlite3_stmt *statement) {
    int code = sqlite3_step(statement);
    ledger->stats.steps++;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        dm_db_stick(ledger);
    }
    return code == SQLITE_ROW;
}

void dm_db_run(struct dm_ledger *ledger, sqlite3_stmt *statement) {
    dm_db_step(ledger, statement);
    sqlite3_reset(statement);
}

sqlite3_stmt *dm_db_write(struct dm_ledger *ledger, enum statement which) {
    if (!ledger->in_transaction) {
        sqlite3_stmt *begin = dm_db_read(ledger, BEGIN);
        if (begin == NULL) {
            return NULL;
        }
        dm_db_run(ledger, begin);
        ledger->in_transaction = ledger->failure == NULL;
        ledger->stats.transactions++;
    }
    return dm_db_read(ledger, which);
}

// ---- how many rows are in each state

static void count_by_reading(struct dm_ledger *ledger) {
    memset(ledger->counts, 0, sizeof(ledger->counts));
    sqlite3_stmt *statement = dm_db_read(ledger, COUNT_FILES);
    while (statement != NULL && dm_db_step(ledger, statement)) {
        ledger->counts[sqlite3_column_int(statement, 0)] = sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    ledger->counted = !ledger->read_only && ledger->failure == NULL;
}

void dm_db_count_rows(struct dm_ledger *ledger, enum dm_state state, int64_t more) {
    ledger->counts[state] += more; // in vain, if they are not counted
}

unsigned dm_db_states_with_rows(struct dm_ledger *ledger, unsigned states) {
    if (ledger->read_only) {
        return states;
    }
    if (!ledger->counted) {
        count_by_reading(ledger);
    }
    for (unsigned state = 0; state < DM_STATE_COUNT; state++) {
        states &= ledger->counts[state] > 0 ? ~0u : ~(1u << state);
    }
    return states;
}

void dm_ledger_count(struct dm_ledger *ledger, int64_t ret_counts[DM_STATE_COUNT]) {
    if (!ledger->counted) {
        count_by_reading(ledger);
    }
    memcpy(ret_counts, ledger->counts, sizeof(ledger->counts));
}

bool dm_ledger_has(struct dm_ledger *ledger, unsigned states) {
    int64_t counts[DM_STATE_COUNT], sum = 0;
    dm_ledger_count(ledger, counts);
    for (unsigned state = 0; state < DM_STATE_COUNT; state++) {
        sum += states & 1u << state ? counts[state] : 0;
    }
    return sum > 0;
}

void dm_ledger_stats(const struct dm_ledger *ledger, struct dm_ledger_stats *ret) {
    *ret = ledger->stats;
    ret->rows_written = dm_ledger_changes(ledger);
}

// ---- opening, committing, closing

static int64_t wall_clock(void *data) {
    (void)data;
    return g_get_real_time();
}

void dm_ledger_set_clock(struct dm_ledger *ledger, int64_t (*utc_us)(void *data), void *data) {
    ledger->utc_us = utc_us;
    ledger->utc_data = data;
}

void dm_ledger_on_move(struct dm_ledger *ledger, dm_ledger_moved_fn moved, void *data) {
    const struct dm_db_listener listener = {moved, data};
    g_array_append_val(ledger->listeners, listener);
}

void dm_ledger_off_move(struct dm_ledger *ledger, const void *data) {
    for (guint i = ledger->listeners->len; i-- > 0;) {
        if (g_array_index(ledger->listeners, struct dm_db_listener, i).data == data) {
            g_array_remove_index(ledger->listeners, i);
        }
    }
}

int64_t dm_ledger_utc_us(const struct dm_ledger *ledger) {
    return ledger->utc_us(ledger->utc_data);
}

/** The checkpoint waits for the disk, in the main loop: fewer of them, for a WAL of 16 MB. */
static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                               "PRAGMA wal_autocheckpoint = 4000;";

/** Beside a ledger that is closed its WAL stays: who may only read could not make one. */
static void keep_wal(struct dm_ledger *ledger) {
    int on = 1;
    sqlite3_file_control(ledger->db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
}

/** The group of its directory may read the ledger. (One that is not ours to give may not.) */
static void let_group_read(const struct dm_ledger *ledger) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    g_autofree char *dir = g_path_get_dirname(ledger->path);
    struct stat of_dir;
    bool known = stat(dir, &of_dir) == 0;
    for (size_t i = 0; known && i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strconcat(ledger->path, endings[i], NULL);
        (void)!lchown(path, (uid_t)-1, of_dir.st_gid);
        (void)!chmod(path, 0640);
    }
}

static bool set_up(struct dm_ledger *ledger, bool read_only, GError **error) {
    sqlite3_busy_timeout(ledger->db, 5000);
    if (read_only) {
        return dm_schema_check(ledger->db, ledger->path, error);
    }
    if (sqlite3_exec(ledger->db, settings, NULL, NULL, NULL) != SQLITE_OK) {
        return dm_fail(error, DM_ERROR_SYSTEM, "cannot open the ledger '%s': %s", ledger->path,
                       sqlite3_errmsg(ledger->db));
    }
    keep_wal(ledger);
    // A transaction that waits for its commit is in memory alone: it needs no room until then.
    return dm_schema_migrate(ledger->db, ledger->path, error) &&
           sqlite3_exec(ledger->db, "PRAGMA cache_spill = OFF", NULL, NULL, NULL) == SQLITE_OK;
}

static bool is_in_memory(const struct dm_ledger *ledger) {
    return strcmp(ledger->path, ":memory:") == 0;
}

/** A file of its own, for whoever closes the ledger itself lets go of SQLite's locks. */
int dm_ledger_lock(const char *ledger_path, GError **error) {
    g_autofree char *path = g_strconcat(ledger_path, ".lock", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return fd;
    }
    if (errno == EWOULDBLOCK) {
        dm_fail(error, DM_ERROR_TRANSIENT,
                "cannot open the ledger '%s': another dropmilld uses it, perhaps for a copy of "
                "this share (then see 'dropmill setup --new-id')",
                ledger_path);
    } else {
        dm_fail_errno(error, errno, "cannot lock the ledger with '%s'", path);
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

static bool take_lock(struct dm_ledger *ledger, GError **error) {
    if (ledger->read_only || is_in_memory(ledger)) {
        return true;
    }
    ledger->lock_fd = dm_ledger_lock(ledger->path, error);
    return ledger->lock_fd >= 0;
}

static bool look(const struct dm_ledger *ledger, struct stat *ret) {
    return stat(ledger->path, ret) == 0;
}

void dm_ledger_look(struct dm_ledger *ledger) {
    struct stat now;
    bool same = is_in_memory(ledger) ||
                (look(ledger, &now) && now.st_dev == ledger->dev && now.st_ino == ledger->ino);
    if (!same && ledger->failure == NULL) {
        dm_fail(&ledger->failure, DM_ERROR_SYSTEM,
                "cannot go on: the ledger '%s' was deleted or replaced by somebody", ledger->path);
    }
}

/** Remember which file it is, for dm_ledger_look(). */
static void remember(struct dm_ledger *ledger) {
    struct stat now;
    if (look(ledger, &now)) {
        ledger->dev = now.st_dev;
        ledger->ino = now.st_ino;
    }
}

struct dm_ledger *dm_ledger_open(const char *path, bool read_only, GError **error) {
    struct dm_ledger *ledger = g_new0(struct dm_ledger, 1);
    ledger->path = g_strdup(path);
    dm_ledger_set_clock(ledger, wall_clock, NULL);
    ledger->listings = g_hash_table_new(NULL, NULL);
    ledger->seen = g_array_new(FALSE, FALSE, sizeof(int64_t));
    ledger->listeners = g_array_new(FALSE, FALSE, sizeof(struct dm_db_listener));
    ledger->turn_order = dm_turn_order_new();
    ledger->read_only = read_only;
    ledger->lock_fd = -1;
    if (!take_lock(ledger, error)) {
        dm_ledger_free(ledger);
        return NULL;
    }
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(path, &ledger->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        dm_fail(error, DM_ERROR_SYSTEM, "cannot open the ledger '%s': %s", path,
                sqlite3_errmsg(ledger->db));
        dm_ledger_free(ledger);
        return NULL;
    }
    if (!set_up(ledger, read_only, error)) {
        dm_ledger_free(ledger);
        return NULL;
    }
    if (!read_only && !is_in_memory(ledger)) {
        let_group_read(ledger);
    }
    remember(ledger);
    return ledger;
}

void dm_ledger_free(struct dm_ledger *ledger) {
    if (ledger == NULL) {
        return;
    }
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(ledger->statements[i]);
    }
    GHashTableIter iter;
    gpointer statement;
    g_hash_table_iter_init(&iter, ledger->listings);
    while (g_hash_table_iter_next(&iter, NULL, &statement)) {
        sqlite3_finalize(statement);
    }
    g_hash_table_unref(ledger->listings);
    g_array_unref(ledger->seen);
    g_array_unref(ledger->listeners);
    dm_turn_order_free(ledger->turn_order);
    sqlite3_close(ledger->db); // rolls back an open transaction
    if (ledger->lock_fd >= 0) {
        close(ledger->lock_fd);
    }
    g_clear_error(&ledger->failure);
    g_free(ledger->path);
    g_free(ledger);
}

bool dm_ledger_commit(struct dm_ledger *ledger, GError **error) {
    if (ledger->in_transaction) {
        sqlite3_stmt *commit = dm_db_read(ledger, COMMIT);
        if (commit != NULL) {
            dm_db_run(ledger, commit);
        }
        if (ledger->failure != NULL) {
            sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
            ledger->counted = false;
            ledger->uploads.counted = false;
            ledger->arrivals.counted = false;
        }
        ledger->in_transaction = false;
    }
    if (ledger->failure == NULL) {
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&ledger->failure));
    return false;
}

uint64_t dm_ledger_changes(const struct dm_ledger *ledger) {
    return (uint64_t)sqlite3_total_changes64(ledger->db);
}

uint64_t dm_ledger_written(const struct dm_ledger *ledger, enum dm_state state) {
    return ledger->written[state];
}

const GArray *dm_ledger_seen(const struct dm_ledger *ledger) {
    return ledger->seen;
}

void dm_ledger_forget_seen(struct dm_ledger *ledger) {
    g_array_set_size(ledger->seen, 0);
}

uint64_t dm_ledger_drops(const struct dm_ledger *ledger) {
    return ledger->drops;
}

uint64_t dm_ledger_written_stale(const struct dm_ledger *ledger) {
    return ledger->written_stale;
}
