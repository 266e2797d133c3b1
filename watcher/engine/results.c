// SPDX-License-Identifier: MIT
//
// A result line meets its row: see results.h. A worker leaves a temporary only when it is done; but
// where the world refuses it may also have refused to remove one: then the name stays, and the
// outbox looks.
//
// An error of the disk or the network under the share says nothing of the picture: the row goes
// back, and the share, which is told, has to prove itself before anything else is dispatched. It
// may prove itself well, for a disk can have one bad spot: a file that is refused a third time
// waits with the reason, as for a full disk, and is no reason to doubt the share. It never fails.
#include "watcher/engine/results.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/ledger/row_log.h"
#include "watcher/share/share.h"

#include <inttypes.h>

#define SECOND_US INT64_C(1000000)
#define REFUSALS_MAX 3

/** A row a status. */
static const struct {
    enum dm_fact fact;
    bool keeps_temp;  // there may be one
    bool is_harmless; // the picture was worked on to its end and killed nobody
} outcomes[DM_STATUS_COUNT] = {
    [DM_STATUS_DONE] = {DM_FACT_COMPUTED, true, true},
    [DM_STATUS_FAILED] = {DM_FACT_REFUSED, false, true},
    [DM_STATUS_CHANGED] = {DM_FACT_CHANGED, false, false},
    [DM_STATUS_BLOCKED] = {DM_FACT_BLOCKED, true, false},
};

static bool is_name_taken(const struct dm_result *result) {
    return result->status == DM_STATUS_BLOCKED && result->reason == DM_REASON_NAME_TAKEN;
}

/** Something that is not ours has the name of the temporary: the next attempt has another name. */
static enum dm_fact take_another_name(struct dm_row *row) {
    row->reason = DM_REASON_NONE;
    dm_row_set(&row->message, "");
    return DM_FACT_LOST;
}

/**
 * Write what @result says into @row (RUNNING) and say which fact that is. Pure.
 *
 * @retry_utc_us  when a file that the world refuses is tried again.
 */
static enum dm_fact apply(const struct dm_result *result, int64_t retry_utc_us,
                          struct dm_row *row) {
    row->reason = result->reason;
    dm_row_set(&row->message, result->message);
    dm_row_set(&row->format, result->format);
    row->width_px = result->width_px;
    row->height_px = result->height_px;
    row->bytes = result->bytes;
    row->elapsed_us = result->elapsed_us;
    dm_row_set(&row->host, result->host);
    row->rank = result->rank;
    if (!outcomes[result->status].keeps_temp) {
        dm_row_set(&row->temp, "");
    }
    if (outcomes[result->status].is_harmless) {
        row->suspect = false;
    }
    if (is_name_taken(result)) {
        return take_another_name(row);
    }
    if (result->status == DM_STATUS_BLOCKED) {
        row->not_before_utc_us = retry_utc_us;
    }
    return outcomes[result->status].fact;
}

// ---- the ledger

/** One warning a cause: again only after two rounds of tries in which nothing was blocked. */
static void warn_blocked(struct dm_runner_shared *shared, const struct dm_result *result,
                         int64_t now_us) {
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
static void take_late(struct dm_runner_shared *shared, struct dm_row *row,
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

/** Count the refusal of @row. Returns whether it is the share's rather than the file's. */
static bool is_shares(struct dm_runner_shared *shared, const struct dm_row *row) {
    int count = 1 + GPOINTER_TO_INT(g_hash_table_lookup(shared->refusals, &row->id));
    g_hash_table_replace(shared->refusals, g_memdup2(&row->id, sizeof(row->id)),
                         GINT_TO_POINTER(count));
    return count < REFUSALS_MAX;
}

/** Returns whether @result was about the share, and is dealt with. */
static bool take_refusal(struct dm_runner_shared *shared, const struct dm_result *result,
                         struct dm_row *row, int64_t now_us) {
    bool refused = result->status == DM_STATUS_BLOCKED && dm_errno_is_offline((int)result->errnum);
    if (!refused || shared->config.share == NULL) {
        g_hash_table_remove(shared->refusals, &row->id);
        return false;
    }
    if (!is_shares(shared, row)) {
        return false;
    }
    dm_ledger_move(shared->ledger, row, DM_FACT_LOST);
    dm_share_accuse(shared->config.share, (int)result->errnum, now_us);
    return true;
}

void dm_results_take(struct dm_runner_shared *shared, const struct dm_result *result,
                     struct dm_now now) {
    shared->decoder_deaths += MAX(0, result->deaths);
    DM_AUTO_ROW struct dm_row *row = dm_ledger_get(shared->ledger, result->id);
    if (row == NULL) {
        return;
    }
    if (row->state != DM_STATE_RUNNING || row->attempt != result->attempt) {
        take_late(shared, row, result);
        return;
    }
    if (take_refusal(shared, result, row, now.us)) {
        return;
    }
    int64_t retry_utc_us = now.utc_us + shared->config.retry_us;
    enum dm_fact fact = apply(result, retry_utc_us, row);
    dm_ledger_move(shared->ledger, row, fact);
    if (is_name_taken(result)) {
        dm_row_log(row, NULL, DM_LOG_WARNING, "%s, will take another name", result->message);
    } else if (result->status == DM_STATUS_BLOCKED) {
        warn_blocked(shared, result, now.us);
    }
}
