// SPDX-License-Identifier: MIT
//
// The hourly chores: see chores.h.
//
// Which temporary is litter? The lane only finds them; the ledger decides, in a turn, just before
// the job that removes them is pushed. A task that is dispatched after that can use the very name
// that is being removed only if its attempt has the same number: if counting began again.
//
//   the row is       its temporary is   what happens
//   any              row->temp          nothing: the task's own, or litter that outbox.c removes
//   SEEN, READY      another            becomes row->temp: the engine waits until that is gone
//   any other, none  another            removed: before counting can begin again, the inbox must
//                                       look at the file, on this lane, behind us
#include "watcher/outbox/chores.h"

#include "common/fsutil.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/outbox/litter.h"

#include <inttypes.h>
#include <string.h>

#define EVERY_US (INT64_C(3600) * G_USEC_PER_SEC)
#define RETRY_US (INT64_C(60) * G_USEC_PER_SEC)
#define WALK_NAMES 2000 // names read in one job
#define ORIGINALS_MAX 256

enum chore { TEMPS, NOTES, ORIGINALS, REST };

struct dm_chores {
    struct dm_roots *roots;
    struct dm_ledger *ledger;
    struct dm_lane *lane;
    const struct dm_wake *wake;
    enum chore chore;
    int64_t now_us;  // of the last turn
    int64_t next_us; // REST until then
    bool busy;       // all below belongs to the lane
    bool good;       // the share was there: what the job found is true
    struct dm_walk *walk;
    bool more;         // the walk has not come to its end
    GPtrArray *found;  // char *: temporaries that the walk met
    GPtrArray *doomed; // char *: files to be removed by the next job
    GPtrArray *gone;   // char *: those of `doomed` that are not there any more
};

static GPtrArray *new_paths(void) {
    return g_ptr_array_new_with_free_func(g_free);
}

struct dm_chores *dm_chores_new(struct dm_roots *roots, struct dm_ledger *ledger,
                                struct dm_lane *lane, const struct dm_wake *wake) {
    struct dm_chores *chores = g_new0(struct dm_chores, 1);
    chores->roots = roots;
    chores->ledger = ledger;
    chores->lane = lane;
    chores->wake = wake;
    chores->chore = REST;
    chores->next_us = INT64_MIN;
    chores->found = new_paths();
    chores->doomed = new_paths();
    chores->gone = new_paths();
    return chores;
}

void dm_chores_free(struct dm_chores *chores) {
    if (chores == NULL) {
        return;
    }
    g_assert(!chores->busy);
    dm_walk_free(chores->walk);
    g_ptr_array_unref(chores->found);
    g_ptr_array_unref(chores->doomed);
    g_ptr_array_unref(chores->gone);
    g_free(chores);
}

bool dm_chores_busy(const struct dm_chores *chores) {
    return chores->busy;
}

// ---- on the lane

static void remove_doomed(struct dm_chores *chores, int root_fd,
                          int (*remove_one)(int root_fd, const char *path)) {
    for (guint i = 0; i < chores->doomed->len; i++) {
        const char *path = chores->doomed->pdata[i];
        if (remove_one(root_fd, path) == 0) {
            g_ptr_array_add(chores->gone, g_strdup(path));
        }
    }
}

static void walk_on(struct dm_chores *chores, int root_fd, dm_litter_fn visit, void *data) {
    if (chores->more) {
        chores->more = dm_walk_step(chores->walk, root_fd, WALK_NAMES, visit, data);
    }
}

static void work(void *data) {
    struct dm_chores *chores = data;
    struct dm_roots *roots = chores->roots;
    chores->good = dm_roots_check(roots, NULL); // the room itself says what is wrong
    if (!chores->good) {
        return;
    }
    if (chores->chore == TEMPS) {
        remove_doomed(chores, roots->outbox, dm_litter_remove_temp);
        walk_on(chores, roots->outbox, dm_litter_find_temps, chores->found);
    } else if (chores->chore == NOTES) {
        walk_on(chores, roots->failed, dm_litter_drop_notes, &roots->failed);
    } else {
        remove_doomed(chores, roots->originals, dm_litter_remove_original);
    }
}

// ---- on the main thread

static void forget_originals(struct dm_chores *chores) {
    for (guint i = 0; i < chores->gone->len; i++) {
        dm_ledger_forget_original(chores->ledger, chores->gone->pdata[i]);
    }
    guint kept = chores->doomed->len - chores->gone->len;
    if (kept > 0) {
        dm_log_warning("cannot delete %u old originals in '%s/" DM_DIR_ORIGINALS
                       "', will retry in 1 h",
                       kept, chores->roots->share);
    }
    // A full list that could all be removed may have been the first of many.
    bool again = chores->doomed->len == ORIGINALS_MAX && kept == 0;
    chores->chore = again ? ORIGINALS : REST;
    chores->next_us = chores->now_us + EVERY_US;
}

static void done(void *data) {
    struct dm_chores *chores = data;
    chores->busy = false;
    if (!chores->good) {
        chores->chore = REST;
        chores->next_us = chores->now_us + RETRY_US;
        g_ptr_array_set_size(chores->found, 0);
    } else if (chores->chore == ORIGINALS) {
        forget_originals(chores);
    }
    g_ptr_array_set_size(chores->doomed, 0);
    g_ptr_array_set_size(chores->gone, 0);
    dm_wake(chores->wake);
}

static void push(struct dm_chores *chores) {
    chores->busy = true;
    chores->good = false;
    dm_lane_push(chores->lane, work, done, chores);
}

static void begin_walk(struct dm_chores *chores, enum chore chore) {
    dm_walk_free(chores->walk);
    chores->walk = dm_walk_new();
    chores->more = true;
    chores->chore = chore;
}

/** Decide about one temporary that the walk met: see the grid above. */
static void judge(struct dm_chores *chores, const char *path) {
    int64_t id, attempt;
    if (!dm_temp_name_parse(dm_path_base(path), &id, &attempt)) {
        return;
    }
    struct dm_row *row = dm_ledger_get(chores->ledger, id);
    bool own = row != NULL && strcmp(row->temp, path) == 0;
    bool waiting = row != NULL && (row->state == DM_STATE_SEEN || row->state == DM_STATE_READY);
    if (!own && !waiting) {
        g_ptr_array_add(chores->doomed, g_strdup(path));
    } else if (!own && *row->temp == '\0') {
        dm_row_set(&row->temp, path);
        dm_ledger_save(chores->ledger, row);
    }
    dm_row_free(row);
}

/** Returns whether there is a job to do. */
static bool prepare_temps(struct dm_chores *chores) {
    for (guint i = 0; i < chores->found->len; i++) {
        judge(chores, chores->found->pdata[i]);
    }
    g_ptr_array_set_size(chores->found, 0);
    return chores->more || chores->doomed->len > 0;
}

static bool prepare_originals(struct dm_chores *chores, int64_t utc_us) {
    g_ptr_array_unref(chores->doomed);
    chores->doomed = dm_ledger_expired_originals(chores->ledger, utc_us, ORIGINALS_MAX);
    return chores->doomed->len > 0;
}

int64_t dm_chores_turn(struct dm_chores *chores, int64_t now_us, int64_t utc_us) {
    chores->now_us = now_us;
    if (chores->busy) {
        return INT64_MAX;
    }
    if (chores->chore == REST && now_us >= chores->next_us) {
        begin_walk(chores, TEMPS);
    }
    if (chores->chore == TEMPS && !prepare_temps(chores)) {
        begin_walk(chores, NOTES);
    }
    if (chores->chore == NOTES && !chores->more) {
        chores->chore = ORIGINALS;
    }
    if (chores->chore == ORIGINALS && !prepare_originals(chores, utc_us)) {
        chores->chore = REST;
        chores->next_us = now_us + EVERY_US;
    }
    if (chores->chore == REST) {
        return chores->next_us;
    }
    push(chores);
    return INT64_MAX;
}
