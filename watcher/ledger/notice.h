// SPDX-License-Identifier: MIT
//
// The records behind the fifth door of the ledger, see notices.h.
#ifndef DM_WATCHER_LEDGER_NOTICE_H
#define DM_WATCHER_LEDGER_NOTICE_H

#include <stdint.h>

// How many failures of a drop are named.
#define DM_ENDED_FAILURES 5

/** How a notice goes out. The numbers are in every ledger on disk. */
enum dm_notice_way {
    DM_NOTICE_EXEC,
    DM_NOTICE_WEBHOOK,
    DM_NOTICE_WAY_COUNT,
};

/** A notice that has to go out one way. A plain record; strings are owned, never NULL. */
struct dm_notice {
    int64_t row;
    enum dm_notice_way way;
    // Its own for ever, and the same in both ways.
    char *id;
    // "done", "failed", "trouble".
    char *kind;
    // What it is about, for log lines: the drop, or what is wrong.
    char *about;
    // All of it, as JSON.
    char *text;
    int64_t attempts;
    // When it was made; when it was tried first, 0: never; when it is tried next.
    int64_t made_utc_us, tried_utc_us, not_before_utc_us;
};

/** Accepts NULL. */
void dm_notice_free(struct dm_notice *notice);

/** What has ended in a drop since it was told last. A plain record; strings are owned. */
struct dm_ended {
    // As dm_drop_of() says.
    char *drop;
    // What was done with the last of its files.
    char *chain;
    int64_t done, failed, stopped;
    // When the first of these files was seen, and when something came or ended last.
    int64_t first_utc_us, last_utc_us;
    // The rows of the first failures.
    int64_t failures[DM_ENDED_FAILURES];
    int64_t failures_known;
};

void dm_ended_init(struct dm_ended *ended, const char *drop);
void dm_ended_clear(struct dm_ended *ended);

#endif
