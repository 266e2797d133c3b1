// SPDX-License-Identifier: MIT
#include "watcher/page/board.h"

#include "common/log.h"
#include "watcher/day.h"
#include "watcher/page/ask.h"
#include "watcher/status.h"

#include <string.h>

#define FRESH_US (G_USEC_PER_SEC / 4)
#define WATCH_MS 250
// All drops together take a fifth of the time at most.
#define COST_FACTOR_OF_ALL 5
#define HISTORY_AT_FIRST 5000
#define HISTORY_AT_ONCE 2000
#define LOG_LINES 12
#define WAITING_DROPS 200
#define DROPS_KEPT 500
#define REOPEN_US G_USEC_PER_SEC

struct waiter {
    void (*fresh)(void *data);
    void *data;
};

struct dm_board {
    struct dm_board_config config;
    struct dm_ledger *ledger;
    // When to try again.
    int64_t reopen_us;
    // NULL: there is none.
    GHashTable *status;
    char *silence;
    // Name to struct dm_board_drop.
    GHashTable *drops;
    // The same in order; rebuilt when NULL.
    GPtrArray *in_order;
    GPtrArray *log;
    int64_t last_history;
    int64_t rows[DM_STATE_COUNT];
    int64_t done_today;
    // The folders with a problem, one a line.
    char *folders;
    // Of the two counts: whether, when they were counted last, and what that cost.
    bool counts_changed;
    int64_t counted_us, cost_us;
    // When drops are counted again.
    int64_t drops_due_us;
    // Of struct waiter.
    GArray *waiters;
    int64_t looked_us;
    bool is_asking;
    // dm_board_free() was called while it was asking.
    bool is_over;
    guint timer;
    unsigned watchers;
};

static void tell(const struct dm_board *board, const char *kind, const char *drop) {
    if (board->config.changed != NULL) {
        board->config.changed(kind, drop, board->config.data);
    }
}

// ---- a drop

static void drop_free(void *data) {
    struct dm_board_drop *drop = data;
    g_free(drop->path);
    g_free(drop);
}

static struct dm_board_drop *drop_at(struct dm_board *board, const char *path) {
    struct dm_board_drop *drop = g_hash_table_lookup(board->drops, path);
    if (drop == NULL) {
        drop = g_new0(struct dm_board_drop, 1);
        drop->path = g_strdup(path);
        drop->changed = true;
        g_hash_table_insert(board->drops, drop->path, drop);
    }
    return drop;
}

static void count_drop(struct dm_board *board, struct dm_board_drop *drop, int64_t now_us) {
    struct dm_tally before = drop->tally;
    int64_t before_us = g_get_monotonic_time();
    dm_ledger_tally_drop(board->ledger, drop->path, &drop->tally);
    drop->newest_count = dm_ledger_newest_results(board->ledger, drop->path, drop->newest);
    const struct dm_expected *expected = dm_expected_find(board->config.expected, drop->path);
    drop->expected_files = expected != NULL ? expected->files : 0;
    drop->came_files = expected != NULL ? expected->came_files : 0;
    drop->counted_us = now_us;
    drop->cost_us = g_get_monotonic_time() - before_us;
    drop->changed = false;
    dm_board_drop_measure(drop, now_us);
    if (memcmp(&before, &drop->tally, sizeof(before)) != 0) {
        tell(board, "drop", drop->path);
    }
}

/** Those without files are no drops any more; those that are long done need not be remembered. */
static void tidy_drops(struct dm_board *board) {
    g_clear_pointer(&board->in_order, g_ptr_array_unref);
    const GPtrArray *drops = dm_board_drops(board);
    for (unsigned i = drops->len; i-- > 0;) {
        const struct dm_board_drop *drop = drops->pdata[i];
        if (dm_board_total(drop) == 0 || (i >= DROPS_KEPT && !dm_board_drop_is_at_work(drop))) {
            g_hash_table_remove(board->drops, drop->path);
        }
    }
    g_clear_pointer(&board->in_order, g_ptr_array_unref);
}

// ---- looking

static void mark(struct dm_board *board, const char *path) {
    g_autofree char *drop = dm_drop_of(path);
    if (*drop != '\0') {
        drop_at(board, drop)->changed = true;
    }
}

static void mark_all(struct dm_board *board) {
    GHashTableIter iter;
    void *drop;
    g_hash_table_iter_init(&iter, board->drops);
    while (g_hash_table_iter_next(&iter, NULL, &drop)) {
        ((struct dm_board_drop *)drop)->changed = true;
    }
}

/** What is announced is shown before the daemon knows of it, and while there is none. */
static void mark_expected(const struct dm_expected *expected, void *data) {
    struct dm_board_drop *drop = drop_at(data, expected->drop);
    drop->changed = drop->changed || drop->expected_files != expected->files ||
                    drop->came_files != expected->came_files;
}

static void read_history(struct dm_board *board) {
    bool is_first = board->last_history == 0;
    int64_t limit = is_first ? HISTORY_AT_FIRST : HISTORY_AT_ONCE;
    g_autoptr(GPtrArray) lines =
        dm_ledger_history_after(board->ledger, board->last_history, limit, &board->last_history);
    if (lines->len == 0) {
        return;
    }
    if (lines->len == (unsigned)limit && !is_first) {
        mark_all(board); // there was more than this
    }
    for (unsigned i = 0; i < lines->len; i++) {
        mark(board, ((const struct dm_history *)lines->pdata[i])->path);
    }
    g_ptr_array_unref(board->log);
    int64_t newest;
    board->log = dm_ledger_history_after(board->ledger, 0, LOG_LINES, &newest);
    tell(board, "log", NULL);
}

static void count_all(struct dm_board *board, int64_t now_us) {
    int64_t before_us = g_get_monotonic_time();
    int64_t failed = board->rows[DM_STATE_FAILED];
    dm_ledger_count(board->ledger, board->rows);
    board->done_today = dm_ledger_done_since(board->ledger, dm_midnight_utc_us());
    board->counts_changed = false;
    board->counted_us = now_us;
    board->cost_us = g_get_monotonic_time() - before_us;
    if (board->rows[DM_STATE_FAILED] != failed) {
        tell(board, "problem", NULL);
    }
}

/** Folders with a problem have no history. */
static void look_at_folders(struct dm_board *board) {
    g_autoptr(GPtrArray) problems = dm_ledger_folder_problems(board->ledger);
    g_autoptr(GString) folders = g_string_new(NULL);
    for (unsigned i = 0; i < problems->len; i++) {
        const struct dm_folder_problem *problem = problems->pdata[i];
        g_string_append_printf(folders, "%s\n", problem->folder);
    }
    if (strcmp(folders->str, board->folders) != 0) {
        g_free(board->folders);
        board->folders = g_strdup(folders->str);
        tell(board, "folder", NULL);
    }
}

/** Those that have changed, unless that took long a moment ago. */
static void count_drops(struct dm_board *board, int64_t now_us) {
    if (now_us < board->drops_due_us) {
        return;
    }
    int64_t before_us = g_get_monotonic_time();
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, board->drops);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct dm_board_drop *drop = value;
        bool is_forgotten = drop->expected_files > 0 &&
                            dm_expected_find(board->config.expected, drop->path) == NULL;
        drop->changed = drop->changed || is_forgotten;
        if (dm_board_drop_is_due(drop, now_us)) {
            count_drop(board, drop, now_us);
        }
    }
    board->drops_due_us = now_us + (g_get_monotonic_time() - before_us) * COST_FACTOR_OF_ALL;
}

static void read_ledger(struct dm_board *board, int64_t now_us) {
    int64_t before = board->last_history;
    read_history(board);
    g_autoptr(GPtrArray) waiting = dm_ledger_waiting_drops(board->ledger, WAITING_DROPS);
    for (unsigned i = 0; i < waiting->len; i++) {
        drop_at(board, waiting->pdata[i])->changed = true; // new files have no line yet
    }
    dm_expected_each(board->config.expected, mark_expected, board);
    count_drops(board, now_us);
    tidy_drops(board);
    look_at_folders(board);
    if (before != board->last_history) {
        board->counts_changed = true;
    }
    if (board->counts_changed &&
        now_us - board->counted_us >= board->cost_us * DM_BOARD_COST_FACTOR) {
        count_all(board, now_us);
    }
}

/** It may not be there yet, or be another one since. */
static void open_ledger(struct dm_board *board, int64_t now_us) {
    g_autoptr(GError) error = NULL;
    if (board->ledger != NULL) {
        dm_ledger_look(board->ledger);
        if (dm_ledger_commit(board->ledger, &error)) {
            return;
        }
        dm_log_message("%s", error->message);
        g_clear_pointer(&board->ledger, dm_ledger_free);
        board->last_history = 0;
    }
    if (now_us >= board->reopen_us) {
        board->reopen_us = now_us + REOPEN_US;
        board->ledger = dm_ledger_open(board->config.ledger, true, NULL);
    }
}

static void tell_waiters(struct dm_board *board) {
    g_autoptr(GArray) waiters = g_steal_pointer(&board->waiters);
    board->waiters = g_array_new(FALSE, FALSE, sizeof(struct waiter));
    for (unsigned i = 0; i < waiters->len; i++) {
        const struct waiter *waiter = &g_array_index(waiters, struct waiter, i);
        waiter->fresh(waiter->data);
    }
}

/** What people see of the daemon at once; (transfer full). */
static char *mood_of(const struct dm_board *board) {
    static const char *const names[] = {"share.online",   "share.problem",     "inbox.problem",
                                        "engine.problem", "work.held",         "work.problem",
                                        "work.by",        "work.until_utc_us", NULL};
    GString *mood = g_string_new(board->status != NULL ? "here" : "gone");
    for (const char *const *name = names; *name != NULL; name++) {
        g_string_append_printf(mood, "\n%s", dm_board_text(board, *name));
    }
    return g_string_free(mood, FALSE);
}

static void take_status(struct dm_board *board, const char *answer, const GError *why) {
    g_autofree char *before = mood_of(board);
    g_clear_pointer(&board->status, g_hash_table_unref);
    g_free(board->silence);
    board->status = answer != NULL ? dm_status_read(answer) : NULL;
    board->silence = g_strdup(answer != NULL ? "" : why->message);
    g_autofree char *after = mood_of(board);
    if (strcmp(before, after) != 0) {
        tell(board, "state", NULL);
    }
}

static void on_status(const char *answer, const GError *why, void *data) {
    struct dm_board *board = data;
    board->is_asking = false;
    if (board->is_over) {
        dm_board_free(board);
        return;
    }
    int64_t now_us = g_get_monotonic_time();
    take_status(board, answer, why);
    open_ledger(board, now_us);
    if (board->ledger != NULL) {
        read_ledger(board, now_us);
    }
    board->looked_us = g_get_monotonic_time();
    tell_waiters(board);
}

static void ask(struct dm_board *board) {
    if (!board->is_asking) {
        board->is_asking = true;
        dm_ask(board->config.control, "status", on_status, board);
    }
}

void dm_board_look(struct dm_board *board, void (*fresh)(void *data), void *data) {
    if (board->looked_us != 0 && g_get_monotonic_time() - board->looked_us < FRESH_US) {
        fresh(data);
        return;
    }
    const struct waiter waiter = {fresh, data};
    g_array_append_val(board->waiters, waiter);
    ask(board);
}

void dm_board_forget(struct dm_board *board, void *data) {
    for (unsigned i = board->waiters->len; i-- > 0;) {
        if (g_array_index(board->waiters, struct waiter, i).data == data) {
            g_array_remove_index(board->waiters, i);
        }
    }
}

static gboolean on_timer(void *data) {
    ask(data);
    return G_SOURCE_CONTINUE;
}

void dm_board_watch(struct dm_board *board, bool on) {
    board->watchers = on ? board->watchers + 1 : board->watchers - 1;
    if (board->watchers > 0 && board->timer == 0) {
        board->timer = g_timeout_add(WATCH_MS, on_timer, board);
    } else if (board->watchers == 0 && board->timer != 0) {
        g_source_remove(board->timer);
        board->timer = 0;
    }
}

// ---- what it shows

struct dm_ledger *dm_board_ledger(struct dm_board *board) {
    if (board->ledger == NULL) { // nobody has looked yet
        open_ledger(board, g_get_monotonic_time());
    }
    return board->ledger;
}

GHashTable *dm_board_status(const struct dm_board *board) {
    return board->status;
}

const char *dm_board_text(const struct dm_board *board, const char *name) {
    const char *value = board->status != NULL ? g_hash_table_lookup(board->status, name) : NULL;
    return value != NULL ? value : "";
}

int64_t dm_board_number(const struct dm_board *board, const char *name) {
    return g_ascii_strtoll(dm_board_text(board, name), NULL, 10);
}

const char *dm_board_silence(const struct dm_board *board) {
    return board->silence;
}

const GPtrArray *dm_board_drops(struct dm_board *board) {
    if (board->in_order == NULL) {
        board->in_order = g_ptr_array_new();
        GHashTableIter iter;
        void *drop;
        g_hash_table_iter_init(&iter, board->drops);
        while (g_hash_table_iter_next(&iter, NULL, &drop)) {
            g_ptr_array_add(board->in_order, drop);
        }
        g_ptr_array_sort(board->in_order, dm_board_drop_compare);
    }
    return board->in_order;
}

const struct dm_board_drop *dm_board_drop(struct dm_board *board, const char *path) {
    struct dm_board_drop *drop = g_hash_table_lookup(board->drops, path);
    if (drop == NULL && board->ledger != NULL) {
        drop = drop_at(board, path);
        count_drop(board, drop, g_get_monotonic_time());
        g_clear_pointer(&board->in_order, g_ptr_array_unref);
        if (dm_board_total(drop) == 0) {
            g_hash_table_remove(board->drops, path);
            drop = NULL;
        }
    }
    return drop;
}

const int64_t *dm_board_rows(const struct dm_board *board) {
    return board->rows;
}

int64_t dm_board_done_today(const struct dm_board *board) {
    return board->done_today;
}

double dm_board_rate(const struct dm_board *board) {
    double rate = 0;
    GHashTableIter iter;
    void *drop;
    g_hash_table_iter_init(&iter, board->drops);
    while (g_hash_table_iter_next(&iter, NULL, &drop)) {
        rate += ((const struct dm_board_drop *)drop)->rate;
    }
    return rate;
}

const GPtrArray *dm_board_log(const struct dm_board *board) {
    return board->log;
}

struct dm_board *dm_board_new(const struct dm_board_config *config) {
    struct dm_board *board = g_new0(struct dm_board, 1);
    board->config = *config;
    board->silence = g_strdup("");
    board->folders = g_strdup("");
    board->drops = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, drop_free);
    board->log = g_ptr_array_new_with_free_func((GDestroyNotify)dm_history_free);
    board->waiters = g_array_new(FALSE, FALSE, sizeof(struct waiter));
    return board;
}

void dm_board_free(struct dm_board *board) {
    if (board == NULL) {
        return;
    }
    if (board->is_asking) { // the answer frees it
        board->is_over = true;
        return;
    }
    if (board->timer != 0) {
        g_source_remove(board->timer);
    }
    dm_ledger_free(board->ledger);
    g_clear_pointer(&board->status, g_hash_table_unref);
    g_clear_pointer(&board->in_order, g_ptr_array_unref);
    g_hash_table_unref(board->drops);
    g_ptr_array_unref(board->log);
    g_array_unref(board->waiters);
    g_free(board->silence);
    g_free(board->folders);
    g_free(board);
}
