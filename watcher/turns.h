// SPDX-License-Identifier: MIT
//
// The loop of turns. Rooms know the ledger and not each other; whatever happens (an event, a result
// line, a finished job of the I/O thread, a time) ends in a turn: every room does what is due, one
// transaction takes all they learned, and if that is news for a room that had its turn before they
// get another one. So nobody needs to be told anything, and kill -9 between two commits costs at
// most what one turn did.
//
// Turns are held apart: after a burst of them there is one in 5 ms at most, so that in a large drop
// one turn and one transaction serve many events. The burst is long enough for a file that comes
// alone, which waits for nothing.
#ifndef DM_WATCHER_TURNS_H
#define DM_WATCHER_TURNS_H

#include "watcher/ledger/ledger.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_turns;

/** A room, as the loop knows it. */
struct dm_turns_room {
    const char *name;
    /**
     * Do what is due. Returns when (monotonic us) the next turn is wanted; INT64_MAX: on events and
     * news only.
     */
    int64_t (*turn)(void *room, int64_t now_us);
    /** (nullable) After the turn's commit: do what may be done only when the ledger knows of it. */
    void (*committed)(void *room);
    void *room;
    /**
     * Bits 1u << DM_STATE_x: a row that another room writes in one of these states is news. What
     * the room itself wrote is not.
     */
    unsigned states;
    /** It writes nothing into the ledger: it has turns while that cannot be written, too. */
    bool only_reads;
};

/** Make a loop on this thread's main context. @ledger is borrowed. */
struct dm_turns *dm_turns_new(struct dm_ledger *ledger);
void dm_turns_free(struct dm_turns *turns);

/** What rooms call to get a turn: good from the start, while the rooms are being built. */
struct dm_wake dm_turns_wake(struct dm_turns *turns);

/**
 * Ask @is_bad with @data before each turn whether the ledger cannot be written now: if so, only
 * rooms that read have a turn, and nothing is committed. What others write meanwhile is of the next
 * turn.
 */
void dm_turns_hold(struct dm_turns *turns, bool (*is_bad)(void *data), void *data);

/** Add a room, copied; turns go through rooms in the order in which they were added. */
void dm_turns_add(struct dm_turns *turns, const struct dm_turns_room *room);

/** Have turns, the first at once, until dm_turns_quit(). Once only. Errors: those of
 * dm_ledger_commit(). */
bool dm_turns_run(struct dm_turns *turns, GError **error);

/** Leave dm_turns_run() after the turn or event that is running. */
void dm_turns_quit(struct dm_turns *turns);

/** How many turns there were. */
int64_t dm_turns_count(const struct dm_turns *turns);

#endif
