// SPDX-License-Identifier: MIT
//
// Settle: is a file finished? Pure: times, samples and probes are passed in, the answer is "ready"
// or "look again at", and what it waits for. What counts is the monotonic time since the last
// *observed* change, never the file's own clock: a copy may be dated 2020 or 2106. The rules are
// the table in settle.c. Tests: tests/unit/watcher/test_settle.c; who feeds it: reconcile.c.
#ifndef DM_WATCHER_INBOX_SETTLE_H
#define DM_WATCHER_INBOX_SETTLE_H

#include "common/wire.h"
#include "watcher/inbox/probe.h"
#include "watcher/inbox/settings.h"

#include <stdbool.h>
#include <stdint.h>

/** What was seen of a file since its last observed change. */
enum dm_evidence {
    DM_EVIDENCE_UNSEEN,  // nothing: there at start, polled, or found by a sweep
    DM_EVIDENCE_CREATED, // made, or linked in; not written since
    DM_EVIDENCE_WRITING, // written, and not closed since
    DM_EVIDENCE_CLOSED,  // closed after writing
    DM_EVIDENCE_MOVED,   // renamed in, or over another name
    DM_EVIDENCE_COUNT,
};

/** What holds for all files in one directory. */
struct dm_settle_place {
    // As configured.
    const struct dm_inbox_waits *waits;
    // On a network file system.
    bool remote;
    // Learned: files are open here long after they were written, as on an NFSv3 server. So that a
    // file is open says nothing.
    bool always_open;
    // Learned: writers have closed a file here and come back after so long; 0: none has.
    int64_t returned_us;
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
    // The last sample that counts had a probe with it; there was one since the last change.
    bool fresh, probed;
    // Its own clocks, which were asked when it was first met, say that it is over a minute old.
    bool old;
    struct dm_fingerprint fingerprint;
    // As far as it matters, of the last probe.
    struct dm_ending_look ending;
    enum dm_writer writer;
    bool finder_copies, triggered;
    int64_t hole_at;
};

/** A look at a file. */
struct dm_settle_look {
    struct dm_fingerprint fingerprint;
    // (nullable) Of the same state of the file.
    const struct dm_probe *probe;
    // When it was asked for, and when the answer came: it may be as old as the question, and a
    // change that it shows is as young as the answer.
    int64_t asked_us, now_us;
    // What time it was, for DM_EVIDENCE_UNSEEN.
    int64_t utc_us;
};

/** Begin with a file first noticed at @now_us; nothing speaks for it yet. */
void dm_settle_init(struct dm_settle *settle, int64_t now_us);

/**
 * Something happened to the file at @at_us: quiet and samples start anew, @evidence is what is
 * left. If something later is known, only this counts: a file that was written is open until it is
 * closed.
 */
void dm_settle_event(struct dm_settle *settle, enum dm_evidence evidence, int64_t at_us);

/** Events were lost: perhaps the close of a file that is being written. */
void dm_settle_lost_events(struct dm_settle *settle);

/** Take a look. A change takes away what spoke for the file; it closes none that is being written.
 */
void dm_settle_sample(struct dm_settle *settle, const struct dm_settle_place *place,
                      const struct dm_settle_look *look);

/** Say whether the next look should be a probe, for it may be the last. */
bool dm_settle_wants_probe(const struct dm_settle *settle, const struct dm_settle_place *place);

/**
 * Say whether the file is finished. If not, @ret_next_us is when to look again: INT64_MAX for one
 * that only an event or the sweep brings back.
 */
bool dm_settle_check(const struct dm_settle *settle, const struct dm_settle_place *place,
                     int64_t now_us, int64_t *ret_next_us);

/** What it waits for, in words: "a hole at 4.1 MB"; (transfer full). */
char *dm_settle_waits_for(const struct dm_settle *settle, const struct dm_settle_place *place);

/** Say whether a file that is ready was open to its end: then the place is one where that says
 * nothing. */
bool dm_settle_was_open(const struct dm_settle *settle);

#endif
