// SPDX-License-Identifier: MIT
//
// A result line meets its row: see intake.h. Pure part: outcome.c.
#include "watcher/engine/intake.h"

#include "common/log.h"
#include "common/path.h"
#include "watcher/engine/outcome.h"

#include <inttypes.h>

#define SECOND_US INT64_C(1000000)

static inline void clear_row(struct dm_row **row) {
    dm_row_free(*row);
}

/** One warning a cause: again only after two rounds of tries in which nothing was blocked. */
static void warn_blocked(struct dm_crew_shared *shared, const struct dm_result *result) {
    int64_t now_us = g_get_monotonic_time();
    unsigned bit = 1u << result->reason;
    if (now_us - shared->blocked_us > 2 * shared->config.retry_us) {
        shared->blocked = 0;
    }
    if ((shared->blocked & bit) == 0) {
        dm_log_warning("results cannot be written: %s, will retry in %" PRId64 " s",
                       result->message, shared->config.retry_us / SECOND_US);
    }
    shared->blocked |= bit;
    shared->blocked_us = now_us;
}

/** The row moved on while a rank was still at its old file: a temporary may have come late. */
static void take_late(struct dm_crew_shared *shared, struct dm_row *row,
                      const struct dm_result *result) {
    bool waits = row->state == DM_STATE_SEEN || row->state == DM_STATE_READY;
    if (result->status == DM_STATUS_DONE && waits && *row->temp == '\0') {
        g_autofree char *dir = shared->config.flat ? g_strdup("") : dm_path_dir(row->path);
        g_autofree char *name = dm_temp_name(result->id, result->attempt);
        g_autofree char *temp = dm_path_join(dir, name);
        dm_row_set(&row->temp, temp);
        dm_ledger_save(shared->ledger, row);
    }
}

void dm_intake(struct dm_crew_shared *shared, const struct dm_result *result) {
    __attribute__((cleanup(clear_row))) struct dm_row *row =
        dm_ledger_get(shared->ledger, result->id);
    if (row == NULL) {
        return;
    }
    if (row->state != DM_STATE_RUNNING || row->attempt != result->attempt) {
        take_late(shared, row, result);
        return;
    }
    int64_t retry_utc_us = g_get_real_time() + shared->config.retry_us;
    enum dm_fact fact = dm_outcome_apply(result, retry_utc_us, row);
    dm_ledger_move(shared->ledger, row, fact);
    if (result->status == DM_STATUS_BLOCKED) {
        warn_blocked(shared, result);
    }
}
