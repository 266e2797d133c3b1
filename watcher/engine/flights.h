// SPDX-License-Identifier: MIT
//
// Tasks that were handed out and not answered yet: what a session remembers, and all that is lost
// with it. One table for all crews, so that no task is ever handed out twice.
#ifndef DM_WATCHER_ENGINE_FLIGHTS_H
#define DM_WATCHER_ENGINE_FLIGHTS_H

#include "watcher/engine/batcher.h"
#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_flight {
    const void *crew; // whose it is
    int64_t id, attempt;
    int64_t bytes;      // of input
    int64_t started_us; // when a thread took it up (monotonic); 0: not yet
};

struct dm_flights;

struct dm_flights *dm_flights_new(void);
void dm_flights_free(struct dm_flights *flights);

/** Remember the task of @row. */
void dm_flights_add(struct dm_flights *flights, const void *crew, const struct dm_row *row);

/** The task @id in this attempt of @crew, or NULL. */
struct dm_flight *dm_flights_find(struct dm_flights *flights, const void *crew, int64_t id,
                                  int64_t attempt);

/** Say whether any rank may have a task for row @id, in whatever attempt. */
bool dm_flights_has(struct dm_flights *flights, int64_t id);

/** Forget one, or all of a crew. */
void dm_flights_remove(struct dm_flights *flights, struct dm_flight *flight);
void dm_flights_remove_all(struct dm_flights *flights, const void *crew);

/** How many there are in all, how much a crew has, since when its longest has been worked on. */
int64_t dm_flights_count(const struct dm_flights *flights);
struct dm_load dm_flights_load(struct dm_flights *flights, const void *crew);
int64_t dm_flights_oldest_start(struct dm_flights *flights, const void *crew); // or INT64_MAX

#endif
