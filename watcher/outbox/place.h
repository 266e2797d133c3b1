// SPDX-License-Identifier: MIT
//
// A result comes to its place: the temporary that a worker made is renamed to the name that
// publish.h chose and the ledger has recorded. Runs on the lane.
#ifndef DM_WATCHER_OUTBOX_PLACE_H
#define DM_WATCHER_OUTBOX_PLACE_H

#include "watcher/outbox/errand.h"
#include "watcher/outbox/roots.h"

/** Find out whether anything has the name errand->name below outbox/: sets `exists`. */
void dm_place_look(const struct dm_roots *roots, struct dm_errand *errand);

/**
 * Rename row->temp to row->output, which is claimed and committed: a file in its way is an earlier
 * result of the same input. Brings back PUBLISHED; LOST (the temporary is not there or not whole);
 * BLOCKED. May be repeated after a kill -9 at any point.
 */
void dm_place_result(const struct dm_roots *roots, struct dm_errand *errand);

/** Say whether row->output is there with as many bytes as the worker reported. */
bool dm_place_is_whole(const struct dm_roots *roots, const struct dm_row *row);

#endif
