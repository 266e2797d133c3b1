// SPDX-License-Identifier: MIT
//
// Inside the mirror: what it has in work, which its files share, and how that goes. Below all of
// them; the door is mirror.h.
#ifndef DM_WATCHER_MIRROR_WORK_H
#define DM_WATCHER_MIRROR_WORK_H

#include "watcher/ledger/uploads.h"
#include "watcher/mirror/settings.h"
#include "watcher/share/share.h"
#include "watcher/store/pace.h"
#include "watcher/store/transfer.h"
#include "watcher/wake.h"

struct dm_deletions;
struct dm_orphans;

struct dm_mirror {
    const struct dm_mirror_settings *settings;
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_wake wake;
    struct dm_transfer *transfer;
    struct dm_pace pace;
    GRand *chance;
    struct dm_deletions *deletions;
    struct dm_orphans *orphans;

    // Of struct dm_upload *: due, and nobody has begun with it.
    GQueue ready;
    // int64_t *, of uploads that somebody works on.
    GHashTable *in_work;
    // Of struct dm_sending *: those in parts; they share what is left for parts.
    GPtrArray *in_parts;
    int parts_in_flight;
    // Of struct dm_sending *: they go on behind the commit.
    GPtrArray *uncommitted;

    // Of the ledger, when it was asked last; it has to be asked again.
    uint64_t queued;
    bool look;
    // When the next row is due; UTC.
    int64_t due_utc_us;
    // Jobs of ours that the share has.
    int jobs;
    // Of the last turn or dispatch; when we began, by both clocks.
    int64_t now_us, started_us, started_utc_us;
    bool is_freed;

    char *problem;
    int64_t deleted;
    // For the rate: bytes at a time.
    int64_t rate_us, rate_bytes, rate;
};

/** A number from 0 to below 1. */
double dm_mirror_chance(struct dm_mirror *mirror);

/** An operation has ended: tell the pace, and people if that changes its state. */
void dm_mirror_report(struct dm_mirror *mirror, const struct dm_store_result *result);

/** Somebody has begun with row @id; has ended. */
bool dm_mirror_begin(struct dm_mirror *mirror, int64_t id);
void dm_mirror_end(struct dm_mirror *mirror, int64_t id);

#endif
