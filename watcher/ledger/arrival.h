// SPDX-License-Identifier: MIT
//
// An arrival: an object that the S3 inbox has found, and what became of it. A record that flows;
// the table of them: arrivals.h.
//
//   state     means                                           left by
//   --------  ----------------------------------------------  -------------------------------------
//   FETCHED   whole and durable in its temporary, which is    taken; forgotten, if neither is there
//             to be renamed into the inbox, or was already
//   TAKEN     its file is in the inbox, under its path        the end of that file, by the ledger
//   ENDED     the file has ended and its result is synced,    answered
//             or it was refused; nobody has been told
//   ANSWERED  its answer is in the bucket; the object itself  forgotten when the object is deleted
//             is to be deleted or moved                       or moved, or is another one
//   KEPT      there is nothing to do as long as the object    forgotten when it is not there; another
//             is there                                        object under its key
//   LEFT      it was never taken and never will be, for a     the same
//             reason
#ifndef DM_WATCHER_LEDGER_ARRIVAL_H
#define DM_WATCHER_LEDGER_ARRIVAL_H

#include "common/wire.h"

#include <stdint.h>

enum dm_arrival_state {
    DM_ARRIVAL_FETCHED,
    DM_ARRIVAL_TAKEN,
    DM_ARRIVAL_ENDED,
    DM_ARRIVAL_ANSWERED,
    DM_ARRIVAL_KEPT,
    DM_ARRIVAL_LEFT,
    DM_ARRIVAL_STATE_COUNT,
};

/** One key. A plain record; strings are owned, never NULL. */
struct dm_arrival {
    int64_t id;
    // Unique (bytes).
    char *key;
    // Of the object that this is about: at most one of a key is.
    char *etag;
    enum dm_arrival_state state;
    // Relative to the inbox: where its file is, or is to be; "": it was refused. And its temporary.
    char *path, *temp;
    // Of the file, as it was fetched: ino, btime_ns, size_bytes and mtime_ns. What was refused has
    // its size only.
    struct dm_fingerprint file;
    // Of the row of `path` before it, 0 if there was none.
    int64_t generation;
    // ENDED and behind: the result, relative to the outbox; "": it failed or was refused, for a
    // reason (a word) and a message.
    char *output;
    char *reason, *message;
    // In this state, that failed; not before this the next.
    int64_t attempts, not_before_utc_us;
    int64_t state_utc_us;
};

/** A new one, in state FETCHED; (transfer full). */
struct dm_arrival *dm_arrival_new(const char *key, const char *etag, int64_t size_bytes);

/** Accepts NULL. */
void dm_arrival_free(struct dm_arrival *arrival);

/** Replace an owned string: `dm_arrival_set(&arrival->temp, name)`. */
void dm_arrival_set(char **field, const char *value);

#endif
