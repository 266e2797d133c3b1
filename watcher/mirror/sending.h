// SPDX-License-Identifier: MIT
//
// Sending: one generation of one result, from its open file to its end. A small one is one put. A
// large one goes in parts, and every step is in the ledger before the next relies on it:
//
//   (an upload of an older file is known: abort it)
//   create -> commit its id -> parts, several at once, each ETag written -> complete -> head
//   an id of this very file is known: list its parts -> those that are missing -> complete -> head
//
// What completing has come to is decided by head alone. The first step that fails ends the attempt
// when the others that are in flight have ended, too; the next attempt goes on from the ledger.
#ifndef DM_WATCHER_MIRROR_SENDING_H
#define DM_WATCHER_MIRROR_SENDING_H

#include "watcher/mirror/source.h"
#include "watcher/mirror/work.h"

struct dm_sending;

/**
 * Begin. @upload (transfer full), as it was when it was due; @source is open: its descriptor is
 * taken. The sending ends by itself: it writes the row, tells the mirror (dm_mirror_end) and frees
 * itself.
 */
void dm_sending_start(struct dm_mirror *mirror, struct dm_upload *upload, struct dm_source *source);

/** Go on: what it has decided is committed. */
void dm_sending_committed(struct dm_sending *sending);

/** Leave it: we stop. What the ledger knows of it is gone on with later. */
void dm_sending_drop(struct dm_sending *sending);

/** Send more parts of all that are in parts, as far as there is room. */
void dm_sending_feed(struct dm_mirror *mirror);

/** Write down that @upload could not be sent: parked, for a reason (a word) and a message. */
void dm_sending_park(struct dm_mirror *mirror, struct dm_upload *upload, const char *reason,
                     const char *message);

/** Write down that it failed and is to be tried again after @delay_us. */
void dm_sending_put_off(struct dm_mirror *mirror, struct dm_upload *upload, const char *reason,
                        const char *message, int64_t delay_us);

#endif
