// SPDX-License-Identifier: MIT
//
// Settle: is a file finished? Pure: times and samples are passed in, the answer is "ready" or "look
// again at". What counts is the monotonic time since the last *observed* change, never the file's
// own clock: a copy may be dated 2020 or 2106. Tests: tests/unit/watcher/test_settle.c; who feeds
// it: reconcile.c.
#ifndef DM_WATCHER_INBOX_SETTLE_H
#define DM_WATCHER_INBOX_SETTLE_H

#include "common/wire.h"

#include <stdbool.h>
#include <stdint.h>

/** What speaks for a file since its last observed change; a row of the table in settle.c each. */
enum dm_evidence {
    DM_EVIDENCE_UNSEEN,  // nobody was seen to write it: there at start, polled, or linked in
    DM_EVIDENCE_WRITING, // written, and not closed since
    DM_EVIDENCE_CLOSED,  // closed after writing, or renamed in
    DM_EVIDENCE_COUNT,
};

/** How much quiet a kind of evidence needs. */
struct dm_settle_rule {
    const char *name;
    // Without a change.
    int64_t quiet_us;
    // Equal looks, the first at its begin, the last at its end, the others between.
    int samples;
};

struct dm_settle_rules {
    struct dm_settle_rule by_evidence[DM_EVIDENCE_COUNT];
};

/** What is known of one file that is not finished yet. A plain value. */
struct dm_settle {
    enum dm_evidence evidence;
    // The last observed change.
    int64_t quiet_since_us;
    // When the last sample was asked for.
    int64_t sampled_us;
    // Samples that count, all alike; 0: none since the last event.
    int equal;
    struct dm_fingerprint fingerprint;
};

/** Build the rules from the two configured quiet times. */
void dm_settle_rules_init(struct dm_settle_rules *ret, int64_t closed_us, int64_t unseen_us);

/** Begin with a file first noticed at @now_us; nothing speaks for it yet. */
void dm_settle_init(struct dm_settle *settle, int64_t now_us);

/**
 * Something happened to the file at @at_us: quiet and samples start anew, @evidence is what is
 * left. If something later is known, only this counts: a file that was written is open until it is
 * closed.
 */
void dm_settle_event(struct dm_settle *settle, enum dm_evidence evidence, int64_t at_us);

/**
 * A look at the file, asked for at @asked_us and answered at @now_us: it may be as old as the
 * question, and a change that it shows is as young as the answer. A change takes away what spoke
 * for the file; it closes none that is being written.
 */
void dm_settle_sample(struct dm_settle *settle, const struct dm_settle_rules *rules,
                      const struct dm_fingerprint *fingerprint, int64_t asked_us, int64_t now_us);

/**
 * Say whether the file is finished. If not, @ret_next_us is when to look again: INT64_MAX for an
 * empty file that stays empty, which only an event or the sweep brings back.
 */
bool dm_settle_check(const struct dm_settle *settle, const struct dm_settle_rules *rules,
                     int64_t *ret_next_us);

#endif
