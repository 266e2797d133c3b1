// SPDX-License-Identifier: MIT
//
// Settling: a look at one file meets what is known of it (settle.h) and what holds in its directory
// (habits.h). Read first: inbox_private.h.
#include "watcher/inbox/inbox_private.h"

#include <string.h>

#define HISTORY_LINES 16 // back to where a file was last taken
// A writer that comes back makes a new file at most so late.
#define NEW_FILE_US (10 * G_USEC_PER_SEC)
// Scanners have been seen to come back after 6 and 10 s: so long a file that may grow can be found.
#define STAYS_US (12 * G_USEC_PER_SEC)
// Most files wait for less, and the ledger need not say for what.
#define TOLD_US G_USEC_PER_SEC

// ---- what is learned

/** Since when @row is not settling any more (UTC); 0: nobody knows. */
static int64_t settled_utc_us(struct dm_inbox *inbox, const struct dm_row *row) {
    g_autoptr(GPtrArray) history = dm_ledger_history(inbox->ledger, row->path, HISTORY_LINES);
    for (guint i = 0; i < history->len; i++) {
        const struct dm_history *line = history->pdata[i];
        if (strcmp(line->fact, dm_fact_name(DM_FACT_SETTLED)) == 0) {
            return line->utc_us;
        }
    }
    return 0;
}

/** A new file of that name may also be another picture, but not within seconds, and not one that
 * was renamed in. */
void dm_settling_learn(struct dm_inbox *inbox, const struct dm_sweep *sweep,
                       const struct dm_sweep_entry *found, const struct dm_row *row) {
    bool same_file = row->fingerprint.ino == found->fingerprint.ino;
    bool moved = dm_plan_evidence(sweep, found->name) == DM_EVIDENCE_MOVED;
    bool taken = row->state != DM_STATE_SEEN && row->state != DM_STATE_FAILED;
    int64_t since_us = taken && !moved ? settled_utc_us(inbox, row) : 0;
    const struct dm_settle_place *place = dm_habits_of(inbox->habits, sweep->dir);
    int64_t after_us = dm_ledger_utc_us(inbox->ledger) - since_us + place->waits->closed_us;
    if (since_us > 0 && after_us >= 0 && (same_file || after_us <= NEW_FILE_US)) {
        dm_habits_returned(inbox->habits, sweep->dir, after_us);
    }
}

// ---- a look

/** Say whether the writer of a file that was taken may come back with more, as far as is known. */
static bool may_grow(const struct dm_settle *settle, const struct dm_settle_place *place) {
    return settle->ending.grows && settle->evidence == DM_EVIDENCE_CLOSED &&
           place->returned_us == 0 && place->waits->returns_us > 0;
}

static void report_settled(struct dm_inbox *inbox, const char *dir, struct dm_pending *pending) {
    if (dm_settle_was_open(&pending->settle)) {
        dm_habits_open(inbox->habits, dir);
    }
    DM_AUTO_ROW struct dm_row *row = dm_ledger_get(inbox->ledger, pending->row);
    if (row != NULL && row->state == DM_STATE_SEEN) {
        row->fingerprint = pending->settle.fingerprint;
        dm_row_set(&row->message, "");
        if (may_grow(&pending->settle, dm_habits_of(inbox->habits, dir))) {
            row->stays_utc_us = dm_ledger_utc_us(inbox->ledger) + STAYS_US;
        }
        dm_row_set(&row->chain, dm_folders_chain(inbox->folders, pending->path));
        dm_ledger_move(inbox->ledger, row, DM_FACT_SETTLED);
    }
    dm_pendings_remove(inbox->pendings, pending);
}

/** Say in the ledger what a file waits for that is still, or will be, for longer than most need. */
static void tell_wait(struct dm_inbox *inbox, const struct dm_settle_place *place,
                      struct dm_pending *pending, int64_t next_us) {
    if (inbox->now_us - pending->settle.quiet_since_us < TOLD_US &&
        next_us - inbox->now_us < 2 * TOLD_US) {
        return;
    }
    g_autofree char *text = dm_settle_waits_for(&pending->settle, place);
    DM_AUTO_ROW struct dm_row *row =
        g_strcmp0(text, pending->told) != 0 ? dm_ledger_get(inbox->ledger, pending->row) : NULL;
    if (row != NULL && row->state == DM_STATE_SEEN) {
        dm_row_set(&row->message, text);
        dm_ledger_save(inbox->ledger, row);
        g_free(pending->told);
        pending->told = g_steal_pointer(&text);
    }
}

void dm_settling_look(struct dm_inbox *inbox, const struct dm_sweep *sweep,
                      const struct dm_sweep_entry *entry, struct dm_pending *pending) {
    enum dm_evidence evidence = dm_plan_evidence(sweep, entry->name);
    if (evidence != DM_EVIDENCE_COUNT) {
        dm_settle_event(&pending->settle, evidence, sweep->asked_us);
    }
    int64_t next_us;
    const struct dm_settle_place *place = dm_habits_of(inbox->habits, sweep->dir);
    const struct dm_settle_look look = {.fingerprint = entry->fingerprint,
                                        .probe = entry->probe,
                                        .asked_us = sweep->asked_us,
                                        .now_us = inbox->now_us,
                                        .utc_us = dm_ledger_utc_us(inbox->ledger)};
    dm_settle_sample(&pending->settle, place, &look);
    if (dm_settle_check(&pending->settle, place, inbox->now_us, &next_us)) {
        report_settled(inbox, sweep->dir, pending);
        return;
    }
    tell_wait(inbox, place, pending, next_us);
    dm_pendings_schedule(inbox->pendings, pending, MIN(next_us, dm_late_look(inbox, pending)));
}
