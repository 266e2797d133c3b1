// SPDX-License-Identifier: MIT
//
// The outbox: the one publisher. A temporary that a worker made gets its final name; an original
// whose result is durable leaves the inbox; a failed one goes to failed/ with a note in plain
// words. Inside: publish (names, collisions), retire (originals), notes (texts for people in the
// share).
#ifndef DM_WATCHER_OUTBOX_OUTBOX_H
#define DM_WATCHER_OUTBOX_OUTBOX_H

#include "common/catalogue.h"
#include "common/lane.h"
#include "watcher/ledger/ledger.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define DM_KEEP_FOREVER INT64_MAX

/** What an administrator chooses: the keys originals.* and outbox.*, see config_keys.c. */
struct dm_outbox_settings {
    /** How long originals are kept; DM_KEEP_FOREVER; 0 deletes at once. */
    int64_t keep_us;
    /** Parked rows are tried again after this. */
    int64_t retry_us;
};

/** What it points at is borrowed for the outbox's life; the record itself is copied. */
struct dm_outbox_config {
    const char *share;
    const struct dm_catalogue *catalogue;
    struct dm_outbox_settings settings;
};

struct dm_outbox;

/**
 * Open the share's directories. @ledger and @lane are borrowed, @wake is copied. Errors:
 * DM_ERROR_SYSTEM, DM_ERROR_TRANSIENT, also when the share has no identity (.dropmill/root.id).
 */
struct dm_outbox *dm_outbox_new(const struct dm_outbox_config *config, struct dm_ledger *ledger,
                                struct dm_lane *lane, const struct dm_wake *wake, GError **error);

/** Accepts NULL. The lane must have been freed before: its jobs are the outbox's. */
void dm_outbox_free(struct dm_outbox *outbox);

/**
 * Do what is due. Between two turns the caller commits the ledger: a result's name is claimed in
 * one turn and used in a later one. Returns when (monotonic us) the next turn is wanted; INT64_MAX:
 * on events only.
 */
int64_t dm_outbox_turn(struct dm_outbox *outbox, int64_t now_us);

/** Say whether jobs are on the lane: the daemon lets them finish before it ends. */
bool dm_outbox_busy(const struct dm_outbox *outbox);

#endif
