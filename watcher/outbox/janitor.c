// SPDX-License-Identifier: MIT
//
// The janitor: see janitor.h.
//
// Which temporary is stale? The I/O thread only finds them; the ledger decides, in a turn, just
// before the job that removes them is pushed. A task that is dispatched after that can use the very
// name that is being removed only if its attempt has the same number: if counting began again.
//
//   the row is       its temporary is   what happens
//   any              row->temp          nothing: the task's own, or stale, and outbox.c removes it
//   SEEN, READY      another            becomes row->temp: the engine waits until that is gone
//   any other, none  another            removed: before counting can begin again, the inbox must
//                                       look at the file, on this thread, behind us
#include "watcher/outbox/janitor.h"

#include "common/fsutil.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/outbox/clock_guard.h"
#include "watcher/outbox/settings.h"
#include "watcher/outbox/stale.h"
#include "watcher/share/walk.h"

#include <inttypes.h>
#include <string.h>

#define EVERY_US (INT64_C(3600) * G_USEC_PER_SEC)
#define RETRY_US (INT64_C(60) * G_USEC_PER_SEC)
#define WALK_NAMES 2000 // names read in one job
#define ORIGINALS_MAX 256
#define POSTPONE_US (24 * EVERY_US)

// What the clock guard knew at its last look, for the next process.
#define LOOKED "deletion looked"
#define WAIT "deletion waits"

enum round { TEMPS, NOTES, ORIGINALS, REST };

struct dm_janitor {
    struct dm_share *share;
    struct dm_ledger *ledger;
    const struct dm_wake *wake;
    int64_t keep_us;
    struct dm_clock_guard clocks;
    enum round round;
    // Of the last turn.
    int64_t now_us;
    // The same.
    int64_t utc_us;
    // Begin again as soon as there is a rest: the share has come back.
    bool is_hurried;
    // REST until then.
    int64_t next_us;
    // All below belongs to the I/O thread.
    bool busy;
    struct dm_walk *walk;
    // The walk has not come to its end.
    bool more;
    // char *: temporaries that the walk met.
    GPtrArray *found;
    // char *: temporaries to be removed by the next job.
    GPtrArray *doomed;
    // Of struct expired: originals whose time is up, by the ledger.
    GArray *expired;
};

/** An original on its way. */
struct expired {
    struct dm_kept *kept;
    enum dm_fate fate;
};

static void clear_expired(void *data) {
    dm_kept_free(((struct expired *)data)->kept);
}

static GPtrArray *new_paths(void) {
    return g_ptr_array_new_with_free_func(g_free);
}

struct dm_janitor *dm_janitor_new(int64_t keep_us, struct dm_share *share, struct dm_ledger *ledger,
                                  const struct dm_wake *wake) {
    struct dm_janitor *janitor = g_new0(struct dm_janitor, 1);
    janitor->share = share;
    janitor->ledger = ledger;
    janitor->wake = wake;
    janitor->keep_us = keep_us;
    janitor->clocks.utc_us = dm_ledger_number(ledger, LOOKED);
    janitor->clocks.wait_utc_us = dm_ledger_number(ledger, WAIT);
    janitor->round = REST;
    janitor->next_us = INT64_MIN;
    janitor->found = new_paths();
    janitor->doomed = new_paths();
    janitor->expired = g_array_new(FALSE, FALSE, sizeof(struct expired));
    g_array_set_clear_func(janitor->expired, clear_expired);
    return janitor;
}

void dm_janitor_free(struct dm_janitor *janitor) {
    if (janitor == NULL) {
        return;
    }
    g_assert(!janitor->busy);
    dm_walk_free(janitor->walk);
    g_ptr_array_unref(janitor->found);
    g_ptr_array_unref(janitor->doomed);
    g_array_unref(janitor->expired);
    g_free(janitor);
}

// ---- on the I/O thread

static void remove_temps(const struct dm_janitor *janitor, int outbox_fd) {
    for (guint i = 0; i < janitor->doomed->len; i++) {
        (void)!dm_stale_remove_temp(outbox_fd, janitor->doomed->pdata[i]); // next time, then
    }
}

static void remove_originals(const struct dm_janitor *janitor, int originals_fd) {
    for (guint i = 0; i < janitor->expired->len; i++) {
        struct expired *expired = &g_array_index(janitor->expired, struct expired, i);
        expired->fate = dm_stale_remove_original(originals_fd, expired->kept,
                                                 janitor->utc_us - janitor->keep_us);
    }
}

static void walk_on(struct dm_janitor *janitor, int root_fd, dm_walk_fn visit, void *data) {
    if (janitor->more) {
        janitor->more = dm_walk_step(janitor->walk, root_fd, WALK_NAMES, visit, data);
    }
}

static int work(const struct dm_share_dirs *dirs, void *data) {
    struct dm_janitor *janitor = data;
    if (janitor->round == TEMPS) {
        remove_temps(janitor, dirs->rooms[DM_SHARE_OUTBOX]);
        walk_on(janitor, dirs->rooms[DM_SHARE_OUTBOX], dm_stale_find_temps, janitor->found);
    } else if (janitor->round == NOTES) {
        int failed_fd = dirs->rooms[DM_SHARE_FAILED];
        walk_on(janitor, failed_fd, dm_stale_drop_notes, &failed_fd);
    } else {
        remove_originals(janitor, dirs->rooms[DM_SHARE_ORIGINALS]);
    }
    return 0;
}

// ---- on the main thread

/** Tell the ledger what became of one. Returns whether it is to be tried again. */
static bool settle(struct dm_janitor *janitor, const struct expired *expired) {
    const char *path = expired->kept->path;
    switch (expired->fate) {
    case DM_FATE_OTHERS: {
        g_autofree char *shown = dm_path_display(path);
        dm_log_of_file(path, NULL, DM_LOG_MESSAGE,
                       "'" DM_DIR_ORIGINALS "/%s' is not the original that was put there, will be "
                       "left alone",
                       shown);
        dm_ledger_forget_original(janitor->ledger, path);
        return false;
    }
    case DM_FATE_GONE:
        dm_ledger_forget_original(janitor->ledger, path);
        return false;
    case DM_FATE_YOUNG:
        dm_ledger_keep_original(janitor->ledger, expired->kept, janitor->utc_us + POSTPONE_US);
        return false;
    case DM_FATE_REFUSED:
        break;
    }
    return true;
}

static void settle_originals(struct dm_janitor *janitor) {
    guint kept = 0;
    for (guint i = 0; i < janitor->expired->len; i++) {
        kept += settle(janitor, &g_array_index(janitor->expired, struct expired, i));
    }
    if (kept > 0) {
        dm_log_warning("cannot delete %u old originals in '%s/" DM_DIR_ORIGINALS
                       "', will retry in 1 h",
                       kept, dm_share_path(janitor->share));
    }
    // A full list that could all be removed may have been the first of many.
    bool again = janitor->expired->len == ORIGINALS_MAX && kept == 0;
    janitor->round = again ? ORIGINALS : REST;
    janitor->next_us = janitor->now_us + EVERY_US;
}

static void back(void *data, bool done) {
    struct dm_janitor *janitor = data;
    janitor->busy = false;
    if (!done) {
        janitor->round = REST;
        janitor->next_us = janitor->now_us + RETRY_US;
        g_ptr_array_set_size(janitor->found, 0);
    } else if (janitor->round == ORIGINALS) {
        settle_originals(janitor);
    }
    g_ptr_array_set_size(janitor->doomed, 0);
    g_array_set_size(janitor->expired, 0);
    dm_wake(janitor->wake);
}

static void push(struct dm_janitor *janitor) {
    janitor->busy = true;
    dm_share_push(janitor->share, work, back, janitor);
}

static void begin_walk(struct dm_janitor *janitor, enum round round) {
    dm_walk_free(janitor->walk);
    janitor->walk = dm_walk_new();
    janitor->more = true;
    janitor->round = round;
}

/** Decide about one temporary that the walk met: see the grid above. */
static void judge(struct dm_janitor *janitor, const char *path) {
    int64_t id, attempt;
    if (!dm_temp_name_parse(dm_path_base(path), &id, &attempt)) {
        return;
    }
    struct dm_row *row = dm_ledger_get(janitor->ledger, id);
    bool own = row != NULL && strcmp(row->temp, path) == 0;
    bool waiting = row != NULL && (row->state == DM_STATE_SEEN || row->state == DM_STATE_READY);
    if (!own && !waiting) {
        g_ptr_array_add(janitor->doomed, g_strdup(path));
    } else if (!own && *row->temp == '\0') {
        dm_row_set(&row->temp, path);
        dm_ledger_save(janitor->ledger, row);
    }
    dm_row_free(row);
}

/** Returns whether there is a job to do. */
static bool prepare_temps(struct dm_janitor *janitor) {
    for (guint i = 0; i < janitor->found->len; i++) {
        judge(janitor, janitor->found->pdata[i]);
    }
    g_ptr_array_set_size(janitor->found, 0);
    return janitor->more || janitor->doomed->len > 0;
}

static bool prepare_originals(struct dm_janitor *janitor) {
    dm_ledger_set_number(janitor->ledger, LOOKED, janitor->clocks.utc_us);
    dm_ledger_set_number(janitor->ledger, WAIT, janitor->clocks.wait_utc_us);
    if (!dm_clock_guard_may_delete(&janitor->clocks) || janitor->keep_us == DM_KEEP_LEAVE ||
        janitor->keep_us > janitor->utc_us /* for ever */) {
        return false;
    }
    g_autoptr(GPtrArray) kept =
        dm_ledger_expired_originals(janitor->ledger, janitor->utc_us, ORIGINALS_MAX);
    for (guint i = 0; i < kept->len; i++) {
        const struct expired expired = {.kept = g_steal_pointer(&kept->pdata[i]),
                                        .fate = DM_FATE_REFUSED};
        g_array_append_val(janitor->expired, expired);
    }
    return janitor->expired->len > 0;
}

static void look_at_clocks(struct dm_janitor *janitor, int64_t steady_us, int64_t utc_us) {
    janitor->utc_us = utc_us;
    if (dm_clock_guard_look(&janitor->clocks, steady_us, utc_us)) {
        dm_log_warning(
            "the clock of this machine has jumped, no original will be deleted for 24 h");
    }
}

void dm_janitor_hurry(struct dm_janitor *janitor) {
    janitor->is_hurried = true;
}

int64_t dm_janitor_turn(struct dm_janitor *janitor, int64_t now_us, int64_t steady_us,
                        int64_t utc_us) {
    if (!janitor->busy) { // else these are the I/O thread's
        look_at_clocks(janitor, steady_us, utc_us);
    }
    janitor->now_us = now_us;
    if (janitor->busy) {
        return INT64_MAX;
    }
    if (janitor->round == REST && (now_us >= janitor->next_us || janitor->is_hurried)) {
        janitor->is_hurried = false;
        begin_walk(janitor, TEMPS);
    }
    if (janitor->round == TEMPS && !prepare_temps(janitor)) {
        begin_walk(janitor, NOTES);
    }
    if (janitor->round == NOTES && (!janitor->more || janitor->keep_us == DM_KEEP_LEAVE)) {
        janitor->round = ORIGINALS;
    }
    if (janitor->round == ORIGINALS && !prepare_originals(janitor)) {
        janitor->round = REST;
        janitor->next_us = now_us + EVERY_US;
    }
    if (janitor->round == REST) {
        return janitor->is_hurried ? now_us : janitor->next_us;
    }
    push(janitor);
    return INT64_MAX;
}
