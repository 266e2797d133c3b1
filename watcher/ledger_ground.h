// SPDX-License-Identifier: MIT
//
// The ground under the ledger: may it be written where it is? A full disk or a read-only one is no
// reason to end, and none to forget: nothing is done until there is room, and then all goes on.
//
//   found                                  what happens
//   -------------------------------------  ---------------------------------------------------------
//   before a turn: little room, read-only  the loop is held (turns.h): what has come in waits in
//                                          memory for its commit; status tells why
//   a commit fails all the same            the daemon ends its rooms, waits here until a file can be
//                                          written, and begins again from what is in the ledger
//   at the start                           it waits here; `dropmill status` finds the same by itself
//
// In each case one line says so, and one that it is over.
#ifndef DM_WATCHER_LEDGER_GROUND_H
#define DM_WATCHER_LEDGER_GROUND_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Why a ledger in the directory @dir (it may be missing yet) should not be written, NULL if nothing
 * is known against it; (transfer full). @is_bad: it was so a moment ago: then more room is asked
 * for, so that it is not said twice.
 */
char *dm_ledger_ground_problem(const char *dir, bool is_bad);

struct dm_ledger_ground;

/** @dir: where the ledger is, copied. */
struct dm_ledger_ground *dm_ledger_ground_new(const char *dir);

/** Accepts NULL. */
void dm_ledger_ground_free(struct dm_ledger_ground *ground);

/** For dm_turns_hold(): look, say what has changed, return whether it should not be written. */
bool dm_ledger_ground_is_bad(void *ground);

/** What status shows: why it is so; "" if it is not. Borrowed until the next look. */
const char *dm_ledger_ground_words(const struct dm_ledger_ground *ground);

/**
 * Wait, while the service manager is told why, until a ledger in @dir can be written. @failed: it
 * could not be just now: then that is tried with a file, and some seconds go by in any case.
 * SIGTERM and SIGINT end the process, which holds nothing open.
 */
void dm_ledger_ground_await(const char *dir, bool failed);

#endif
