// SPDX-License-Identifier: MIT
//
// The outbox: the one publisher. A temporary that a worker made gets its final name; an original
// whose result is durable leaves the inbox; a failed one goes to failed/ with a note in plain
// words. Inside:
//
//   output_name   what a result is called (pure)
//   file_ops      the way of file operations to the share and back, file_op: one of them
//   publish       temporary -> final name
//   retire        original -> originals/ or failed/
//   rearm         failed/ -> inbox, when a file that was cut short changes there
//   failure_note  what is said beside a failed file
//   janitor       what is done hourly, stale: what it removes, clock_guard: whether the
//                 wall clock may be believed when it says that time is up
#ifndef DM_WATCHER_OUTBOX_OUTBOX_H
#define DM_WATCHER_OUTBOX_OUTBOX_H

#include "common/catalogue.h"
#include "watcher/ledger/ledger.h"
#include "watcher/outbox/settings.h"
#include "watcher/share/share.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** What it points at is borrowed for the outbox's life; the record itself is copied. */
struct dm_outbox_config {
    const struct dm_catalogue *catalogue;
    struct dm_outbox_settings settings;
};

struct dm_outbox;

/** @ledger and @share are borrowed, @wake is copied. */
struct dm_outbox *dm_outbox_new(const struct dm_outbox_config *config, struct dm_ledger *ledger,
                                struct dm_share *share, const struct dm_wake *wake);

/** Accepts NULL. The share must have been stopped before: its jobs are the outbox's. */
void dm_outbox_free(struct dm_outbox *outbox);

/**
 * Decide what is due. Returns when (monotonic us) the next turn is wanted; INT64_MAX: on events
 * only.
 */
int64_t dm_outbox_turn(struct dm_outbox *outbox, int64_t now_us);

/** Do what the turn decided: the ledger, which knows of it, is committed. */
void dm_outbox_committed(struct dm_outbox *outbox);

#endif
