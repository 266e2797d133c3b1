// SPDX-License-Identifier: MIT
//
// Notices: people are told what has become of a drop, and that something is wrong, by a program, a
// webhook or both. Off, unless one of these is configured: then there is nothing of it. It knows no
// other room: the ledger says what ends, the daemon what is wrong.
//
//   moves of the ledger -> accounts: what has ended, a drop ---+
//   problems of status  -> troubles: what is wrong, for how ---+-> words: JSON -> rows `notice`
//                          long                                                       |
//   a thread for each way, when the rows are committed: delivery -> program, webhook -+
//
// What is to be told is in the ledger with the moves that it tells of, and stays there until it has
// gone out: a notice is delivered at least once, and twice only where we are killed in between; by
// its id that can be seen. What fails is tried again for an hour; no turn waits for anybody.
//
// Inside:
//
//   notices    the room: what is due, what is said of it
//   accounts   what is under way and has ended, a drop
//   troubles   what is wrong, and since when
//   words      notices as JSON, with a sentence for people (pure)
//   delivery   one way: its thread, what waits, what is tried again
//   verdict    what an attempt means, when the next one is (pure)
//   program    runs one
//   webhook    posts it
#ifndef DM_WATCHER_NOTICES_NOTICES_H
#define DM_WATCHER_NOTICES_NOTICES_H

#include "watcher/ledger/ledger.h"
#include "watcher/notices/settings.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_notices;

/** Told of something that is wrong: @name as the status table has it, and the sentence. */
typedef void (*dm_notices_problem_fn)(const char *name, const char *problem, void *data);

/** What it is made of; borrowed, what it points to, too. */
struct dm_notices_config {
    const struct dm_notices_settings *settings;
    // Its path and its identity.
    const char *share, *share_id;
    // Calls @each for all that is wrong now; @data is `data`.
    void (*problems)(dm_notices_problem_fn each, void *each_data, void *data);
    void *data;
};

/** Say whether anybody is to be told anything. */
bool dm_notices_are_wanted(const struct dm_notices_settings *settings);

/** Say whether the settings can work at all. Errors: DM_ERROR_CONFIG. */
bool dm_notices_check(const struct dm_notices_settings *settings, GError **error);

/** Say whether the program, if one is named, is one that we run, as things are. Errors:
 * DM_ERROR_CONFIG. */
bool dm_notices_check_program(const struct dm_notices_settings *settings, GError **error);

/** @ledger is borrowed, @wake is copied. Errors: DM_ERROR_CONFIG, DM_ERROR_SYSTEM. */
struct dm_notices *dm_notices_new(const struct dm_notices_config *config, struct dm_ledger *ledger,
                                  const struct dm_wake *wake, GError **error);

/** Nobody is to be told anything: what waits since before is forgotten, and that is said. */
void dm_notices_forget(struct dm_ledger *ledger);

/** Do what is due. Returns when (monotonic us) the next turn is wanted. */
int64_t dm_notices_turn(struct dm_notices *notices, int64_t now_us);

/** Do what had to wait for the commit. */
void dm_notices_committed(struct dm_notices *notices);

/** End what is under way and write what is known; a commit is to follow. Accepts NULL. */
void dm_notices_stop(struct dm_notices *notices);

/** It has been stopped. Accepts NULL. */
void dm_notices_free(struct dm_notices *notices);

/** What status shows. */
struct dm_notices_status {
    int64_t pending;
    // Since the start.
    int64_t delivered, retried, lost;
    // Why the last one of a way has not gone out; "" when it has.
    char problem[512];
};

/** @notices: (nullable). */
void dm_notices_status(const struct dm_notices *notices, struct dm_notices_status *ret);

#endif
