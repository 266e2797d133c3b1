// SPDX-License-Identifier: MIT
//
// The room: each turn asks the ledger which rows want something, adds file operations for them, and
// reports to the ledger what comes of them.
//
//   rows that are          operation  on the share                  comes back
//   COMPUTED               publish    temporary -> final name       PUBLISHED LOST BLOCKED, or taken
//   PUBLISHED              retire     original -> originals/        RETIRED CHANGED LOST BLOCKED
//   FAILED, not retired    fail       original -> failed/, note     RETIRED DROPPED BLOCKED
//   FAILED, cut short      rearm      failed/ -> inbox, if changed  -, the inbox sees it dropped
//   not in work, stale     tidy       temporary -> nothing          -, then row->temp is ""
//   PARKED                 none       -                             RESUMED in due time
//
// The dance of the names: a COMPUTED row claims its first candidate that no other input owns, in
// the ledger; the commit makes that sure; the rename must not replace anything, unless a file of
// ours was put there before. If somebody's file is there (taken), the claim is given back and the
// next candidate is tried.
//
// A result is visible at once; its original waits for a group, because one syncfs() serves a whole
// group. A row with an operation under way is left alone by later turns; and what comes back counts
// only if the row is still what it was.
//
// The daemon stops the share first: that brings the operations back.
// Read next: file_ops.h, publish.h, retire.h; janitor.h for what is done hourly.
#include "watcher/outbox/outbox.h"

#include "common/path.h"
#include "watcher/ledger/row_log.h"
#include "watcher/outbox/file_ops.h"
#include "watcher/outbox/janitor.h"
#include "watcher/outbox/output_name.h"
#include "watcher/outbox/publish.h"
#include "watcher/outbox/rearm.h"
#include "watcher/outbox/retire.h"
#include "watcher/outbox/stale.h"

#include <string.h>
#include <time.h>

#define JOB_ROWS 256    // of one job: the I/O thread is shared with the inbox
#define GROUP_ROWS 64   // originals wait until so many results are published,
#define GROUP_US 200000 // or so long, or until nothing is being computed
#define STAY_US 1000000 // originals that stay for a while are asked for so often

#define IN(state) (1u << DM_STATE_##state)

struct dm_outbox {
    struct dm_outbox_config config;
    struct dm_wake wake;
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_file_ops *file_ops;
    struct dm_janitor *janitor;
    // int64_t *: PUBLISHED rows that this process published.
    GHashTable *proved;
    // Names under which somebody's file was met just now.
    GHashTable *taken;
    // Of the ledger, at the start of the last turn.
    uint64_t changes;
    // Of the share, at the last turn.
    unsigned returns;
    // What the last turn returned.
    int64_t next_us;
    // Since when the next group gathers; INT64_MAX: it is empty.
    int64_t group_us;
    // When files in failed/ are looked at again; rows in FAILED by then: dm_ledger_written().
    int64_t rearm_us;
    uint64_t rearm_written;
    // Parked rows are to be tried now, whatever they wait for: we have just begun, or are back.
    bool resume_all;
    // A stale temporary could not be removed: they are looked for from then on.
    bool stale_stuck;
    int64_t stale_us;
    // No row has a stale temporary that was not written since: dm_ledger_written_stale().
    uint64_t stale_written;
};

// ---- what operations bring back

/**
 * The world refuses @row: it waits. A FAILED row keeps its own reason and message, which its note
 * will tell; that it cannot be moved is in the log.
 */
static void park(struct dm_outbox *outbox, struct dm_row *row, enum dm_reason reason,
                 const char *message, int64_t retry_us) {
    if (row->state != DM_STATE_FAILED) {
        row->reason = reason;
        dm_row_set(&row->message, message);
    }
    row->not_before_utc_us = dm_ledger_utc_us(outbox->ledger) + retry_us;
    dm_ledger_move(outbox->ledger, row, DM_FACT_BLOCKED);
}

static void report(struct dm_outbox *outbox, struct dm_row *row, const struct dm_file_op *op) {
    if (op->fact == DM_FACT_BLOCKED) {
        park(outbox, row, DM_REASON_CANNOT_WRITE, op->message, op->retry_us);
    } else {
        dm_ledger_move(outbox->ledger, row, op->fact);
    }
}

static void log_published(const struct dm_row *row) {
    g_autofree char *output = dm_path_display(row->output);
    g_autofree char *path = dm_path_display(row->path);
    if (strcmp(row->output, row->path) == 0) {
        dm_row_log(row, DM_EVENT_DONE, DM_LOG_INFO, "published '%s'", output);
    } else {
        dm_row_log(row, DM_EVENT_DONE, DM_LOG_INFO, "published '%s' from '%s'", output, path);
    }
}

static void log_failed(const struct dm_row *row, bool left) {
    const char *why = *row->message ? row->message : dm_reason_what(row->reason);
    g_autofree char *path = dm_path_display(row->path);
    g_autofree char *shown = dm_path_display(why);
    bool stopped = row->reason == DM_REASON_STOPPED; // it needs nobody's attention
    dm_row_log(row, stopped ? DM_EVENT_STOPPED : DM_EVENT_FAILED,
               stopped ? DM_LOG_INFO : DM_LOG_WARNING, "%s '%s': %s: %s",
               left ? "left in the inbox" : "moved to " DM_DIR_FAILED, path,
               dm_reason_name(row->reason), shown);
}

/** Somebody's file has that name: it is given back, and the next turn takes another. */
static void give_back(struct dm_outbox *outbox, struct dm_row *row) {
    g_hash_table_add(outbox->taken, g_strdup(row->output));
    dm_ledger_release_output(outbox->ledger, row->output);
    dm_row_set(&row->output, "");
    dm_ledger_save(outbox->ledger, row);
}

static void published(struct dm_outbox *outbox, struct dm_row *row, const struct dm_file_op *op) {
    if (op->taken) {
        give_back(outbox, row);
        return;
    }
    if (op->fact == DM_FACT_PUBLISHED) {
        dm_row_set(&row->temp, "");
        if (!op->replace) {
            dm_ledger_output_placed(outbox->ledger, row->output);
        }
        g_hash_table_add(outbox->proved, g_memdup2(&row->id, sizeof(int64_t)));
        log_published(row);
    }
    report(outbox, row, op);
}

static void keep(struct dm_outbox *outbox, const struct dm_kept *kept) {
    int64_t utc_us = dm_ledger_utc_us(outbox->ledger);
    int64_t keep_us = outbox->config.settings.keep_us;
    if (keep_us != DM_KEEP_LEAVE && keep_us < INT64_MAX - utc_us) { // else: for ever
        dm_ledger_keep_original(outbox->ledger, kept, utc_us + keep_us);
    }
}

static void retired(struct dm_outbox *outbox, struct dm_row *row, const struct dm_file_op *op) {
    for (guint i = 0; i < op->kept->len; i++) {
        keep(outbox, op->kept->pdata[i]);
    }
    if (op->fact != DM_FACT_BLOCKED) {
        g_hash_table_remove(outbox->proved, &row->id);
    }
    report(outbox, row, op);
}

static void failed(struct dm_outbox *outbox, struct dm_row *row, const struct dm_file_op *op) {
    if (op->fact == DM_FACT_RETIRED) {
        row->fingerprint = op->row->fingerprint;
        log_failed(row, outbox->config.settings.keep_us == DM_KEEP_LEAVE);
    }
    report(outbox, row, op);
}

static void tidied(struct dm_outbox *outbox, struct dm_row *row, const struct dm_file_op *op) {
    if (op->fact == DM_FACT_BLOCKED) {
        outbox->stale_stuck = true; // the engine waits for us, we wait for the disk
        outbox->stale_written = UINT64_MAX;
        return;
    }
    dm_row_set(&row->temp, "");
    dm_ledger_save(outbox->ledger, row);
}

static void rearmed(struct dm_outbox *outbox, struct dm_row *row, const struct dm_file_op *op) {
    (void)outbox, (void)row, (void)op; // if it went back, the inbox sees it there
}

// ---- what is done for them on the share

static void publish(const struct dm_share_dirs *dirs, const struct dm_outbox_settings *settings,
                    struct dm_file_op *op) {
    (void)settings;
    dm_publish_result(dirs, op);
}

static void retire(const struct dm_share_dirs *dirs, const struct dm_outbox_settings *settings,
                   struct dm_file_op *op) {
    if (settings->keep_us == DM_KEEP_LEAVE) {
        dm_retire_left(dirs, op);
    } else {
        dm_retire_original(dirs, op, settings->keep_us > 0);
    }
}

static void fail(const struct dm_share_dirs *dirs, const struct dm_outbox_settings *settings,
                 struct dm_file_op *op) {
    if (settings->keep_us == DM_KEEP_LEAVE) {
        dm_retire_left_failed(dirs, op);
    } else {
        dm_retire_failed(dirs, op);
    }
}

static void tidy(const struct dm_share_dirs *dirs, const struct dm_outbox_settings *settings,
                 struct dm_file_op *op) {
    (void)settings;
    if (dm_stale_remove_temp(dirs->rooms[DM_SHARE_OUTBOX], op->row->temp) != 0) {
        dm_file_op_block(op, "remove the temporary", op->row->temp);
    }
}

static void rearm(const struct dm_share_dirs *dirs, const struct dm_outbox_settings *settings,
                  struct dm_file_op *op) {
    (void)settings;
    dm_rearm_failed(dirs, op);
}

static const struct dm_file_op_kind publish_kind = {.work = publish, .complete = published};
static const struct dm_file_op_kind retire_kind = {dm_retire_flush, retire, retired, true};
static const struct dm_file_op_kind fail_kind = {.work = fail, .complete = failed, .seldom = true};
static const struct dm_file_op_kind tidy_kind = {.work = tidy, .complete = tidied};
static const struct dm_file_op_kind rearm_kind = {.work = rearm, .complete = rearmed};

// ---- names

/** For whom a name is claimed, in claim(). */
struct claimant {
    struct dm_outbox *outbox;
    const char *path;
    // Of the name that was had.
    enum dm_claim claim;
};

/** For dm_output_name(): claim @name. Not to be had: another input's, or somebody's file. */
static bool claim(const char *name, void *data) {
    struct claimant *claimant = data;
    struct dm_outbox *outbox = claimant->outbox;
    if (g_hash_table_contains(outbox->taken, name)) {
        return false;
    }
    claimant->claim = dm_ledger_claim_output(outbox->ledger, name, claimant->path);
    return claimant->claim != DM_CLAIM_OTHERS;
}

static void choose_name(struct dm_outbox *outbox, struct dm_file_op *op,
                        const struct dm_format *format) {
    struct claimant claimant = {.outbox = outbox, .path = op->row->path};
    const char *old = op->row->output; // kept as long as it fits what the row has become
    bool fits =
        *old != '\0' && dm_format_has_extension(format, dm_name_extension(dm_path_base(old)));
    g_autofree char *name = fits && claim(old, &claimant)
                                ? g_strdup(old)
                                : dm_output_name(op->row->path, format, claim, &claimant);
    op->replace = claimant.claim == DM_CLAIM_PLACED;
    if (strcmp(op->row->output, name) != 0) {
        dm_row_set(&op->row->output, name);
        dm_ledger_save(outbox->ledger, op->row);
    }
}

// ---- a turn

static void publish_results(struct dm_outbox *outbox) {
    const struct dm_query query = {.states = IN(COMPUTED)};
    g_autoptr(GPtrArray) computed = dm_file_ops_gather(outbox->file_ops, query, JOB_ROWS);
    GPtrArray *named = dm_file_ops_list();
    for (guint i = 0; i < computed->len; i++) {
        struct dm_file_op *op = computed->pdata[i];
        const struct dm_format *format =
            dm_catalogue_find_format(outbox->config.catalogue, op->row->format);
        if (format == NULL) {
            g_autofree char *message =
                g_strdup_printf("cannot name the result: format '%s' is unknown", op->row->format);
            park(outbox, op->row, DM_REASON_INTERNAL, message, outbox->config.settings.retry_us);
            continue;
        }
        choose_name(outbox, op, format);
        g_ptr_array_add(named, g_steal_pointer(&computed->pdata[i]));
    }
    dm_file_ops_add(outbox->file_ops, &publish_kind, named);
}

/** Send a group of originals off when it is large, old or the last for now; else say when it will
 * be. */
static int64_t retire_group(struct dm_outbox *outbox, int64_t now_us, int64_t utc_us) {
    if (dm_file_ops_busy(outbox->file_ops, &retire_kind)) {
        return INT64_MAX;
    }
    const struct dm_query query = {
        .states = IN(PUBLISHED), .not_held = true, .leaving_utc_us = utc_us};
    GPtrArray *group = dm_file_ops_gather(outbox->file_ops, query, JOB_ROWS);
    if (group->len > 0) {
        outbox->group_us = MIN(outbox->group_us, now_us);
    }
    bool due = group->len >= GROUP_ROWS || now_us - outbox->group_us >= GROUP_US;
    if (group->len > 0 && !due && dm_ledger_has(outbox->ledger, IN(RUNNING) | IN(COMPUTED))) {
        g_ptr_array_unref(group);
        return outbox->group_us + GROUP_US;
    }
    for (guint i = 0; i < group->len; i++) {
        struct dm_file_op *op = group->pdata[i];
        op->unproved = !g_hash_table_contains(outbox->proved, &op->row->id);
    }
    bool some_stay = group->len == 0 && dm_ledger_has(outbox->ledger, IN(PUBLISHED));
    dm_file_ops_add(outbox->file_ops, &retire_kind, group);
    outbox->group_us = INT64_MAX;
    return some_stay ? now_us + STAY_US : INT64_MAX;
}

/** Say whether that a file is open says nothing in the folder of @row. */
static bool is_always_open(struct dm_outbox *outbox, const struct dm_row *row) {
    g_autofree char *dir = dm_path_dir(row->path);
    g_autofree char *name = g_strconcat(DM_NUMBER_OPEN, dir, NULL);
    return dm_ledger_number(outbox->ledger, name) > 0;
}

static void move_failed(struct dm_outbox *outbox) {
    const struct dm_query query = {.states = IN(FAILED), .not_retired = true};
    GPtrArray *list = dm_file_ops_gather(outbox->file_ops, query, JOB_ROWS);
    for (guint i = 0; i < list->len; i++) {
        struct dm_file_op *op = list->pdata[i];
        op->always_open = is_always_open(outbox, op->row);
    }
    dm_file_ops_add(outbox->file_ops, &fail_kind, list);
}

/** How long to wait before files in failed/, the newest of them first in @list, are looked at
 * again. */
static int64_t rearm_pause_us(const GPtrArray *list, int64_t utc_us) {
    if (list->len == 0) {
        return INT64_MAX / 2;
    }
    const struct dm_file_op *newest = list->pdata[0];
    return MAX(DM_REARM_EVERY_US, (utc_us - newest->row->state_utc_us) / 10);
}

/** Look now and then at files in failed/ that may not have been whole. Returns when the next time
 * is. */
static int64_t rearm_failed(struct dm_outbox *outbox, int64_t now_us, int64_t utc_us) {
    uint64_t written = dm_ledger_written(outbox->ledger, DM_STATE_FAILED);
    if (written != outbox->rearm_written) {
        outbox->rearm_written = written;
        outbox->rearm_us = MIN(outbox->rearm_us, now_us + DM_REARM_EVERY_US);
    }
    if (now_us < outbox->rearm_us) {
        return outbox->rearm_us;
    }
    const struct dm_query query = {.states = IN(FAILED),
                                   .cut_since_utc_us = MAX(utc_us - DM_REARM_FOR_US, 1),
                                   .limit = JOB_ROWS};
    GPtrArray *list = dm_file_ops_gather(outbox->file_ops, query, JOB_ROWS);
    outbox->rearm_us = now_us + rearm_pause_us(list, utc_us);
    dm_file_ops_add(outbox->file_ops, &rearm_kind, list);
    return outbox->rearm_us;
}

static int64_t remove_stale(struct dm_outbox *outbox, int64_t now_us) {
    if (outbox->stale_stuck) {
        outbox->stale_stuck = false;
        outbox->stale_us = now_us + outbox->config.settings.retry_us;
    }
    if (now_us < outbox->stale_us) {
        return outbox->stale_us;
    }
    uint64_t written = dm_ledger_written_stale(outbox->ledger);
    if (written == outbox->stale_written) {
        return INT64_MAX;
    }
    const struct dm_query query = {.states = DM_STALE_STATES, .has_temp = true};
    GPtrArray *list = dm_file_ops_gather(outbox->file_ops, query, JOB_ROWS);
    if (list->len == 0 && !dm_file_ops_is_full(outbox->file_ops)) {
        outbox->stale_written = written; // nothing is left of what was written until now
    }
    dm_file_ops_add(outbox->file_ops, &tidy_kind, list);
    return INT64_MAX;
}

static void resume(struct dm_outbox *outbox, struct dm_row *row) {
    if (row->parked_from != DM_STATE_FAILED) {
        row->reason = DM_REASON_NONE;
        dm_row_set(&row->message, "");
    }
    dm_ledger_move(outbox->ledger, row, DM_FACT_RESUMED);
}

static void resume_parked(struct dm_outbox *outbox, int64_t utc_us) {
    const struct dm_query due = {.states = IN(PARKED), .due_utc_us = utc_us};
    g_autoptr(GPtrArray) rows = dm_ledger_list(outbox->ledger, &due);
    for (guint i = 0; i < rows->len; i++) {
        resume(outbox, rows->pdata[i]);
    }
}

/** When (UTC) the next parked row is to be resumed; INT64_MAX: there is none. */
static int64_t next_resume(struct dm_outbox *outbox) {
    const struct dm_query first = {.states = IN(PARKED), .due_utc_us = INT64_MAX, .limit = 1};
    g_autoptr(GPtrArray) rows = dm_ledger_list(outbox->ledger, &first);
    return rows->len > 0 ? ((const struct dm_row *)rows->pdata[0])->not_before_utc_us : INT64_MAX;
}

/** Look at every kind of row. Returns when (monotonic) to look again if nothing happens before. */
static int64_t look_around(struct dm_outbox *outbox, int64_t now_us, int64_t utc_us) {
    resume_parked(outbox, outbox->resume_all ? INT64_MAX : utc_us);
    outbox->resume_all = false;
    publish_results(outbox);
    int64_t next_us = retire_group(outbox, now_us, utc_us);
    move_failed(outbox);
    next_us = MIN(next_us, remove_stale(outbox, now_us));
    next_us = MIN(next_us, rearm_failed(outbox, now_us, utc_us));
    if (!dm_file_ops_busy(outbox->file_ops, NULL)) {
        g_hash_table_remove_all(outbox->taken); // true for the moment only
    }
    int64_t resume_utc_us = next_resume(outbox);
    return resume_utc_us < INT64_MAX ? MIN(next_us, now_us + (resume_utc_us - utc_us)) : next_us;
}

/** How long the machine has been suspended since it was started. */
static int64_t suspended_us(void) {
    struct timespec boot;
    int64_t now_us = g_get_monotonic_time();
    clock_gettime(CLOCK_BOOTTIME, &boot);
    return boot.tv_sec * G_USEC_PER_SEC + boot.tv_nsec / 1000 - now_us;
}

int64_t dm_outbox_turn(struct dm_outbox *outbox, int64_t now_us) {
    bool is_back = outbox->returns != dm_share_returns(outbox->share);
    bool news = dm_file_ops_take_news(outbox->file_ops) || is_back;
    if (is_back) {
        outbox->returns = dm_share_returns(outbox->share);
        outbox->stale_written = UINT64_MAX;      // what was under way may not have been done
        g_hash_table_remove_all(outbox->proved); // and what was done may be forgotten
        outbox->resume_all = true;
        dm_janitor_hurry(outbox->janitor); // a power cut brings temporaries back
    }
    if (!dm_share_is_online(outbox->share)) {
        outbox->next_us = now_us;
        return INT64_MAX; // the share wakes us when it is back
    }
    int64_t utc_us = dm_ledger_utc_us(outbox->ledger);
    int64_t janitor_us = dm_janitor_turn(outbox->janitor, now_us, now_us + suspended_us(), utc_us);
    uint64_t changes = dm_ledger_changes(outbox->ledger);
    if (news || changes != outbox->changes || now_us >= outbox->next_us) {
        outbox->changes = changes;
        outbox->next_us = look_around(outbox, now_us, utc_us);
    }
    return MIN(outbox->next_us, janitor_us);
}

void dm_outbox_committed(struct dm_outbox *outbox) {
    dm_file_ops_flush(outbox->file_ops);
}

struct dm_outbox *dm_outbox_new(const struct dm_outbox_config *config, struct dm_ledger *ledger,
                                struct dm_share *share, const struct dm_wake *wake) {
    struct dm_outbox *outbox = g_new0(struct dm_outbox, 1);
    outbox->config = *config;
    outbox->wake = *wake;
    const struct dm_file_ops_config file_ops = {
        .outbox = outbox,
        .settings = &outbox->config.settings,
        .share = share,
        .ledger = ledger,
        .wake = &outbox->wake,
    };
    outbox->ledger = ledger;
    outbox->share = share;
    outbox->returns = dm_share_returns(share);
    outbox->file_ops = dm_file_ops_new(&file_ops);
    outbox->janitor = dm_janitor_new(outbox->config.settings.keep_us, share, ledger, &outbox->wake);
    outbox->proved = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    outbox->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    outbox->next_us = INT64_MIN;
    outbox->resume_all = true;
    outbox->group_us = INT64_MAX;
    outbox->stale_us = INT64_MIN;
    outbox->rearm_us = INT64_MIN;
    outbox->stale_written = UINT64_MAX; // look once
    return outbox;
}

void dm_outbox_free(struct dm_outbox *outbox) {
    if (outbox == NULL) {
        return;
    }
    dm_janitor_free(outbox->janitor);
    dm_file_ops_free(outbox->file_ops);
    g_hash_table_unref(outbox->proved);
    g_hash_table_unref(outbox->taken);
    g_free(outbox);
}
