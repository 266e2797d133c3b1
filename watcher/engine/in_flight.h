// SPDX-License-Identifier: MIT
//
// Tasks that were handed out and not answered yet: what a session remembers, and all that is lost
// with it. One table for all runners, so that no task is ever handed out twice.
#ifndef DM_WATCHER_ENGINE_IN_FLIGHT_H
#define DM_WATCHER_ENGINE_IN_FLIGHT_H

#include "watcher/engine/known_work.h"
#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_task_in_flight {
    // Whose it is.
    const void *runner;
    int64_t id, attempt;
    // Of input.
    int64_t bytes;
    // What it is, and how long it was thought to take when it was handed out.
    struct dm_work_kind *kind;
    int64_t guess_us;
    // When a thread took it up (monotonic); 0: not yet.
    int64_t started_us;
    // Of that thread.
    int64_t rank;
};

struct dm_in_flight;

struct dm_in_flight *dm_in_flight_new(void);
void dm_in_flight_free(struct dm_in_flight *in_flight);

/** Remember the task of @row, which nobody has taken up yet. */
struct dm_task_in_flight *dm_in_flight_add(struct dm_in_flight *in_flight, const void *runner,
                                           const struct dm_row *row);

/** The task @id in this attempt of @runner, or NULL. */
struct dm_task_in_flight *dm_in_flight_find(struct dm_in_flight *in_flight, const void *runner,
                                            int64_t id, int64_t attempt);

/** Say whether any rank may have a task for row @id, in whatever attempt. */
bool dm_in_flight_has(struct dm_in_flight *in_flight, int64_t id);

/** Forget one, or all of a runner. */
void dm_in_flight_remove(struct dm_in_flight *in_flight, struct dm_task_in_flight *task);
void dm_in_flight_remove_all(struct dm_in_flight *in_flight, const void *runner);

/** How many there are in all, and since when the longest of a runner has been worked on. */
int64_t dm_in_flight_count(const struct dm_in_flight *in_flight);
int64_t dm_in_flight_oldest_start(struct dm_in_flight *in_flight,
                                  const void *runner); // or INT64_MAX

#endif
