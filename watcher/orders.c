// SPDX-License-Identifier: MIT
//
// Orders: see orders.h. They are carried out one after another, in pieces, stops first:
//
//   stop    the rows that are live below the path, by their paths         on the main loop
//   retry   its rows, if it names some                    | a job of the share each,
//           else the rows that failed, by their ids       | and none while one is under way
//           then what lies below failed/ all the same     |
#include "watcher/orders.h"

#include "common/escape.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/share/move.h"
#include "watcher/share/put_back.h"

#include <inttypes.h>
#include <string.h>

#define STOP_ROWS 500   // of a turn
#define RETRY_ROWS 200  // of a job
#define WALK_NAMES 1000 // of a job
#define REFUSED_MAX 100 // are told
#define PATIENCE_US G_USEC_PER_SEC

/** The name in the ledger, with the path behind it, of the number that says since when (UTC). */
static const char *const prefixes[DM_ORDER_KIND_COUNT] = {
    [DM_ORDER_STOP] = "order stop ",
    [DM_ORDER_RETRY] = "order retry ",
};

struct order {
    enum dm_order_kind kind;
    // Without the slash that `loose` stood for: only what lies directly in it.
    char *path;
    bool loose;
    int64_t given_utc_us, given_us;
    // (nullable) of int64_t: these rows and no others; so many are done.
    GArray *ids;
    guint ids_done;
    // Stop: from this path on; NULL: from the first.
    char *from;
    // Retry: rows behind this one.
    int64_t after_id;
    bool rows_done;
    // (nullable) Retry: over failed/; what it found that is not back yet.
    struct dm_failed_walk *walk;
    bool walk_done;
    // char *: paths below failed/ that were refused: said once.
    GHashTable *stuck;

    int64_t count;
    GString *refused;
    int refused_count;
    dm_order_done_fn done;
    void *data;
};

struct dm_orders {
    struct dm_orders_config config;
    // struct order: the first is carried out.
    GQueue queue;
    // A job is under way for it.
    bool busy;
};

/** Files to be put back, as a job of the share. */
struct job {
    struct dm_orders *orders;
    struct order *order;
    // Of struct dm_row: their files.
    GPtrArray *rows;
    // (nullable) Borrowed: go on with it.
    struct dm_failed_walk *walk;
    bool more;
    // char *: below failed/; what was found or looked for, and why it stays: NULL if it does not.
    GPtrArray *paths, *reasons;
};

static struct order *order_new(enum dm_order_kind kind, const char *path) {
    struct order *order = g_new0(struct order, 1);
    order->kind = kind;
    order->loose = g_str_has_suffix(path, "/");
    order->path = g_strndup(path, strlen(path) - order->loose);
    order->given_us = g_get_monotonic_time();
    order->refused = g_string_new(NULL);
    order->stuck = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return order;
}

static void order_free(void *data) {
    struct order *order = data;
    g_free(order->path);
    g_free(order->from);
    if (order->ids != NULL) {
        g_array_unref(order->ids);
    }
    dm_failed_walk_free(order->walk);
    g_hash_table_unref(order->stuck);
    g_string_free(order->refused, TRUE);
    g_free(order);
}

static void tell(struct order *order, bool goes_on) {
    const struct dm_order_result result = {order->count, order->refused->str, goes_on};
    if (order->done != NULL) {
        order->done(&result, order->data);
        order->done = NULL;
    }
}

static void refuse(struct order *order, const char *what, const char *why) {
    if (++order->refused_count <= REFUSED_MAX) {
        g_autofree char *escaped = dm_escape(what);
        g_autofree char *reason = dm_escape(why);
        g_string_append_printf(order->refused, "refused\t%s\t%s\n", escaped, reason);
    }
}

static char *number_name(const struct order *order) {
    return g_strconcat(prefixes[order->kind], order->path, order->loose ? "/" : "", NULL);
}

/** Say whether the order is for the file at @path. (Any thread: it asks what never changes.) */
static bool is_for(const struct order *order, const char *path) {
    if (!dm_path_is_under(path, order->path)) {
        return !order->loose && strcmp(path, order->path) == 0;
    }
    return !order->loose || strchr(path + strlen(order->path) + 1, '/') == NULL;
}

static void log_end(const struct order *order) {
    const char *what = order->ids != NULL ? "named" : "all";
    g_autofree char *shown = dm_path_display(*order->path ? order->path : what);
    if (order->kind == DM_ORDER_STOP) {
        dm_log_message("stopped %" PRId64 " files that waited (%s)", order->count, shown);
    } else {
        dm_log_message("%" PRId64 " files are back in the inbox, %d stay in failed (%s)",
                       order->count, order->refused_count, shown);
    }
}

/** It is done: with the next commit it stands nowhere any more. */
static void finish(struct dm_orders *orders, struct order *order) {
    g_queue_remove(&orders->queue, order);
    if (order->ids == NULL) {
        g_autofree char *name = number_name(order);
        dm_ledger_set_number(orders->config.ledger, name, 0);
    }
    if (order->kind == DM_ORDER_RETRY && order->count > 0) {
        dm_wake(&orders->config.look);
    }
    if (order->kind == DM_ORDER_RETRY && order->count == 0 && order->refused_count == 0 &&
        *order->path != '\0') {
        refuse(order, order->path, "there is no such file in failed");
    }
    log_end(order);
    tell(order, false);
    order_free(order);
}

// ---- stop

/** Say whether there is something that can still be stopped. What is parked with its result in
 * place, or has failed already, is not. */
static bool is_waiting(const struct dm_row *row) {
    return row->state == DM_STATE_SEEN || row->state == DM_STATE_READY ||
           (row->state == DM_STATE_PARKED &&
            (row->parked_from == DM_STATE_READY || row->parked_from == DM_STATE_COMPUTED));
}

static void stop_path(struct dm_orders *orders, struct order *order, const char *path) {
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(orders->config.ledger, path);
    if (row != NULL && is_for(order, path) && is_waiting(row) &&
        row->seen_utc_us <= order->given_utc_us) {
        dm_ledger_move(orders->config.ledger, row, DM_FACT_STOPPED);
        order->count++;
    }
}

/** Returns whether there is more. */
static bool stop_piece(struct dm_orders *orders, struct order *order) {
    bool all = *order->path == '\0';
    g_autofree char *before = all ? g_strdup("\xff") : g_strconcat(order->path, "0", NULL);
    if (order->from == NULL) {
        stop_path(orders, order, order->path); // it may be a file
        order->from = all ? g_strdup("") : g_strconcat(order->path, "/", NULL);
    }
    g_autoptr(GPtrArray) paths =
        dm_ledger_live_paths(orders->config.ledger, order->from, before, STOP_ROWS);
    for (guint i = 0; i < paths->len; i++) {
        stop_path(orders, order, paths->pdata[i]);
    }
    if (paths->len < STOP_ROWS) {
        return false;
    }
    g_free(order->from);
    order->from = g_strconcat(paths->pdata[paths->len - 1], "\x01", NULL); // the next there can be
    return true;
}

// ---- retry: on the share

static void put_back(const struct dm_share_dirs *dirs, struct job *job, const char *from,
                     const char *to) {
    const char *why =
        dm_put_back(dirs->rooms[DM_SHARE_FAILED], dirs->rooms[DM_SHARE_INBOX], from, to);
    g_ptr_array_add(job->paths, g_strdup(from));
    g_ptr_array_add(job->reasons, g_strdup(why));
    dm_share_progress(dirs);
}

/** Where the file of a row that failed is: under its name, or under a number if that was taken. */
static void put_row_back(const struct dm_share_dirs *dirs, struct job *job,
                         const struct dm_row *row) {
    g_autofree char *found =
        dm_move_find(dirs->rooms[DM_SHARE_FAILED], row->path, &row->fingerprint);
    put_back(dirs, job, found != NULL ? found : row->path, row->path);
}

static int work(const struct dm_share_dirs *dirs, void *data) {
    struct job *job = data;
    if (dirs->rooms[DM_SHARE_FAILED] < 0) {
        return 0; // a share to be read
    }
    for (guint i = 0; i < job->rows->len; i++) {
        put_row_back(dirs, job, job->rows->pdata[i]);
    }
    if (job->walk != NULL) {
        g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
        job->more = dm_failed_walk_step(job->walk, dirs->rooms[DM_SHARE_FAILED], WALK_NAMES, found);
        for (guint i = 0; i < found->len; i++) {
            if (is_for(job->order, found->pdata[i])) {
                put_back(dirs, job, found->pdata[i], found->pdata[i]);
            }
        }
    }
    return 0;
}

static void job_free(struct job *job) {
    g_ptr_array_unref(job->rows);
    g_ptr_array_unref(job->paths);
    g_ptr_array_unref(job->reasons);
    g_free(job);
}

// ---- retry: what came of it

/** Rows whose file somebody has taken out of failed/ are passed over, unless they were named. */
static void take_answer(struct order *order, const char *path, const char *why) {
    bool gone = why != NULL && strcmp(why, DM_PUT_BACK_GONE) == 0;
    if (why == NULL) {
        order->count++;
    } else if ((!gone || order->ids != NULL) && g_hash_table_add(order->stuck, g_strdup(path))) {
        refuse(order, path, why);
    }
}

static void back(void *data, bool done) {
    struct job *job = data;
    struct dm_orders *orders = job->orders;
    struct order *order = job->order;
    for (guint i = 0; i < job->paths->len; i++) {
        take_answer(order, job->paths->pdata[i], job->reasons->pdata[i]);
    }
    orders->busy = false;
    order->walk_done |= done && job->walk != NULL && !job->more;
    if (!done && order->ids != NULL) {
        refuse(order, "", "the share is away");
    } else if (!done && job->walk == NULL) {
        order->after_id = 0; // from the beginning, when the share is back
        order->rows_done = false;
    }
    job_free(job);
    dm_wake(&orders->config.wake);
}

static void free_row(void *row) {
    dm_row_free(row);
}

static void push(struct dm_orders *orders, struct order *order, GPtrArray *rows,
                 struct dm_failed_walk *walk) {
    struct job *job = g_new0(struct job, 1);
    job->orders = orders;
    job->order = order;
    job->rows = rows;
    job->walk = walk;
    job->paths = g_ptr_array_new_with_free_func(g_free);
    job->reasons = g_ptr_array_new_with_free_func(g_free);
    orders->busy = true;
    dm_share_push(orders->config.share, work, back, job);
}

// ---- retry: its pieces

/** Where originals stay, the file is in the inbox: it is as if it were dropped there again. */
static void retry_left(struct dm_orders *orders, struct order *order, struct dm_row *row) {
    dm_ledger_move(orders->config.ledger, row, DM_FACT_DROPPED);
    order->count++;
}

/** Take @row, or say why not; it is the list's then. */
static void add_row(struct dm_orders *orders, struct order *order, GPtrArray *rows,
                    struct dm_row *row) {
    if (orders->config.leave) {
        retry_left(orders, order, row);
        dm_row_free(row);
    } else {
        g_ptr_array_add(rows, row);
    }
}

static void add_named(struct dm_orders *orders, struct order *order, GPtrArray *rows, int64_t id) {
    struct dm_row *row = dm_ledger_get(orders->config.ledger, id);
    if (row == NULL) {
        g_autofree char *number = g_strdup_printf("%" PRId64, id);
        refuse(order, number, "there is no such file");
    } else if (row->state != DM_STATE_FAILED || !row->retired) {
        g_autofree char *why =
            g_strdup_printf("it has not failed: it is %s", dm_state_name(row->state));
        refuse(order, row->path, row->state == DM_STATE_FAILED ? "it is being put away" : why);
        dm_row_free(row);
    } else {
        add_row(orders, order, rows, row);
    }
}

static bool is_meant(const struct order *order, const struct dm_row *row) {
    return row->retired && row->state_utc_us <= order->given_utc_us && is_for(order, row->path);
}

/** The next rows below the path that failed; the whole is not read at once. */
static void add_failed(struct dm_orders *orders, struct order *order, GPtrArray *rows) {
    const struct dm_query query = {
        .states = 1u << DM_STATE_FAILED, .after_id = order->after_id, .limit = RETRY_ROWS};
    g_autoptr(GPtrArray) failed = dm_ledger_list(orders->config.ledger, &query);
    for (guint i = 0; i < failed->len; i++) {
        struct dm_row *row = failed->pdata[i];
        order->after_id = row->id;
        if (is_meant(order, row)) {
            add_row(orders, order, rows, g_steal_pointer(&failed->pdata[i]));
        }
    }
    order->rows_done = failed->len < RETRY_ROWS;
}

/** Returns whether there is more, or a job under way. */
static bool retry_piece(struct dm_orders *orders, struct order *order) {
    if (orders->busy) {
        return true;
    }
    GPtrArray *rows = g_ptr_array_new_with_free_func(free_row);
    if (order->ids != NULL) {
        guint until = MIN(order->ids->len, order->ids_done + RETRY_ROWS);
        for (; order->ids_done < until; order->ids_done++) {
            add_named(orders, order, rows, g_array_index(order->ids, int64_t, order->ids_done));
        }
    } else if (!order->rows_done) {
        add_failed(orders, order, rows);
    } else if (!order->walk_done && !orders->config.leave) {
        order->walk = order->walk != NULL ? order->walk : dm_failed_walk_new(order->path);
        push(orders, order, rows, order->walk);
        return true;
    }
    if (rows->len > 0) {
        push(orders, order, rows, NULL);
        return true;
    }
    g_ptr_array_unref(rows);
    bool rows_left = order->ids != NULL ? order->ids_done < order->ids->len : !order->rows_done;
    return rows_left || (order->ids == NULL && !order->walk_done && !orders->config.leave);
}

// ---- turns

/** Whoever gave orders does not wait for ever. Returns when the first of them has waited enough. */
static int64_t tell_the_patient(struct dm_orders *orders, int64_t now_us) {
    int64_t next_us = INT64_MAX;
    for (GList *at = orders->queue.head; at != NULL; at = at->next) {
        struct order *order = at->data;
        if (order->done != NULL && now_us - order->given_us >= PATIENCE_US) {
            tell(order, true);
        } else if (order->done != NULL) {
            next_us = MIN(next_us, order->given_us + PATIENCE_US);
        }
    }
    return next_us;
}

int64_t dm_orders_turn(struct dm_orders *orders, int64_t now_us) {
    struct order *order = g_queue_peek_head(&orders->queue);
    if (order == NULL) {
        return INT64_MAX;
    }
    bool can = order->kind == DM_ORDER_STOP || dm_share_is_online(orders->config.share);
    bool more = true;
    if (can) {
        more =
            order->kind == DM_ORDER_STOP ? stop_piece(orders, order) : retry_piece(orders, order);
    }
    if (!more) {
        finish(orders, order);
    }
    int64_t next_us = tell_the_patient(orders, now_us);
    bool at_once = orders->queue.length > 0 && can && !(orders->busy && more);
    return at_once ? now_us : next_us;
}

// ---- given

/** Remember what stands in the ledger: it survives us. */
static void write_down(struct dm_orders *orders, struct order *order) {
    g_autofree char *name = number_name(order);
    order->given_utc_us = dm_ledger_utc_us(orders->config.ledger);
    dm_ledger_set_number(orders->config.ledger, name, order->given_utc_us);
}

static void add(struct dm_orders *orders, struct order *order, dm_order_done_fn done, void *data) {
    order->done = done;
    order->data = data;
    if (order->kind == DM_ORDER_STOP) { // what is stopped should not begin meanwhile
        g_queue_push_head(&orders->queue, order);
    } else {
        g_queue_push_tail(&orders->queue, order);
    }
    dm_wake(&orders->config.wake);
}

void dm_orders_give(struct dm_orders *orders, enum dm_order_kind kind, const char *path,
                    dm_order_done_fn done, void *data) {
    struct order *order = order_new(kind, path);
    write_down(orders, order);
    add(orders, order, done, data);
}

void dm_orders_retry_rows(struct dm_orders *orders, const GArray *ids, dm_order_done_fn done,
                          void *data) {
    struct order *order = order_new(DM_ORDER_RETRY, "");
    order->ids = g_array_copy((GArray *)(uintptr_t)ids);
    add(orders, order, done, data);
}

// ---- made and freed

/** What an earlier daemon was not done with. */
static void recall(struct dm_orders *orders, enum dm_order_kind kind) {
    g_autoptr(GPtrArray) names = dm_ledger_numbers(orders->config.ledger, prefixes[kind]);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        struct order *order = order_new(kind, name + strlen(prefixes[kind]));
        order->given_utc_us = dm_ledger_number(orders->config.ledger, name);
        g_queue_push_tail(&orders->queue, order);
        dm_log_message("going on with '%s', which was not done when the last run ended",
                       name + strlen("order "));
    }
}

struct dm_orders *dm_orders_new(const struct dm_orders_config *config) {
    struct dm_orders *orders = g_new0(struct dm_orders, 1);
    orders->config = *config;
    g_queue_init(&orders->queue);
    for (int kind = 0; kind < DM_ORDER_KIND_COUNT; kind++) {
        recall(orders, (enum dm_order_kind)kind);
    }
    return orders;
}

void dm_orders_free(struct dm_orders *orders) {
    if (orders == NULL) {
        return;
    }
    g_queue_clear_full(&orders->queue, order_free);
    g_free(orders);
}
