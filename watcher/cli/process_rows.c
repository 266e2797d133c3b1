// SPDX-License-Identifier: MIT
//
// What inbox and outbox would do with the rows of one run of dropmill process.
#include "watcher/cli/process_rows.h"

#include "common/fsutil.h"

#include <fcntl.h>

#define CHANGES_MAX 3

static void finish(struct dm_process_rows *rows, const struct dm_row *row) {
    struct dm_input *input = g_hash_table_lookup(rows->inputs->by_path, row->path);
    if (input->finished) {
        return;
    }
    input->finished = true;
    rows->finished++;
    rows->finished_us = rows->now_us;
    if (rows->on_finished != NULL) {
        rows->on_finished(row, rows->data);
    }
}

static bool has_its_turn(const struct dm_process_rows *rows, const struct dm_row *row) {
    const struct dm_input *input = g_hash_table_lookup(rows->inputs->by_path, row->path);
    return input->earlier == NULL || input->earlier->finished;
}

static void publish(struct dm_process_rows *rows, struct dm_row *row) {
    g_autoptr(GError) error = NULL;
    if (dm_publish_result(rows->publisher, row, &error)) {
        dm_ledger_move(rows->ledger, row, DM_FACT_PUBLISHED);
        dm_ledger_move(rows->ledger, row, DM_FACT_RETIRED);
    } else {
        dm_publish_discard(rows->publisher, row);
        row->reason = DM_REASON_CANNOT_WRITE;
        row->not_before_utc_us = INT64_MAX; // this run does not try again
        dm_row_set(&row->message, error->message);
        dm_ledger_move(rows->ledger, row, DM_FACT_BLOCKED);
    }
    finish(rows, row);
}

/** Changed while it was read: take it as it is now, but not for ever. */
static void settle_again(struct dm_process_rows *rows, struct dm_row *row) {
    struct dm_input *input = g_hash_table_lookup(rows->inputs->by_path, row->path);
    g_autofree char *path = g_strconcat("/", row->path, NULL);
    if (input->finished) {
        return;
    }
    if (++input->changes > CHANGES_MAX ||
        dm_fingerprint_at(AT_FDCWD, path, &row->fingerprint, NULL) != 0) {
        row->reason = DM_REASON_CHANGED;
        dm_ledger_save(rows->ledger, row);
        finish(rows, row);
        return;
    }
    dm_ledger_move(rows->ledger, row, DM_FACT_SETTLED);
}

static void for_each(struct dm_process_rows *rows, const struct dm_query *query,
                     void (*act)(struct dm_process_rows *rows, struct dm_row *row)) {
    GPtrArray *found = dm_ledger_list(rows->ledger, query);
    for (guint i = 0; i < found->len; i++) {
        act(rows, g_ptr_array_index(found, i));
    }
    g_ptr_array_unref(found);
}

static void act_on_computed(struct dm_process_rows *rows, struct dm_row *row) {
    if (has_its_turn(rows, row)) {
        publish(rows, row);
    }
}

/** The temporary of a job that died; the engine takes the row again once it is gone. */
static void act_on_temp(struct dm_process_rows *rows, struct dm_row *row) {
    dm_publish_discard(rows->publisher, row);
    dm_ledger_save(rows->ledger, row);
}

static void act_on_end(struct dm_process_rows *rows, struct dm_row *row) {
    finish(rows, row);
}

void dm_process_rows_turn(struct dm_process_rows *rows, int64_t now_us) {
    rows->now_us = now_us;
    static const struct {
        struct dm_query query;
        void (*act)(struct dm_process_rows *rows, struct dm_row *row);
    } duties[] = {
        {{.states = 1u << DM_STATE_COMPUTED}, act_on_computed},
        {{.states = 1u << DM_STATE_READY | 1u << DM_STATE_SEEN, .has_temp = true}, act_on_temp},
        {{.states = 1u << DM_STATE_SEEN}, settle_again},
        {{.states = 1u << DM_STATE_FAILED | 1u << DM_STATE_PARKED}, act_on_end},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(duties); i++) {
        for_each(rows, &duties[i].query, duties[i].act);
    }
}

void dm_process_rows_insert(const struct dm_process_rows *rows, const char *chain) {
    for (guint i = 0; i < rows->inputs->list->len; i++) {
        const struct dm_input *input = g_ptr_array_index(rows->inputs->list, i);
        if (input->finished) {
            continue;
        }
        struct dm_row *row =
            dm_ledger_insert(rows->ledger, input->path, chain, &input->fingerprint);
        dm_ledger_move(rows->ledger, row, DM_FACT_SETTLED);
        dm_row_free(row);
    }
}

void dm_process_rows_discard(struct dm_process_rows *rows) {
    static const struct dm_query stale = {.has_temp = true};
    for_each(rows, &stale, act_on_temp);
}
