// SPDX-License-Identifier: MIT
//
// Seats: on which host each rank of a job is, how many threads it has there, and how many of them
// have an image. What was known stays known when the job has ended. Pure.
#ifndef DM_WATCHER_ENGINE_SEATS_H
#define DM_WATCHER_ENGINE_SEATS_H

#include "watcher/engine/settings.h"

#include <glib.h>
#include <stdint.h>

struct dm_seats;
struct dm_seats *dm_seats_new(void);
/** Accepts NULL. */
void dm_seats_free(struct dm_seats *seats);

/** A job is up, nobody is busy. @text: (nullable) as the hello has them, "box:4 attic:8"; what is
 * none is passed over. */
void dm_seats_take(struct dm_seats *seats, const char *text);

/** @more threads of @rank have an image (or less have); a rank that is not known is passed over. */
void dm_seats_count(struct dm_seats *seats, int64_t rank, int64_t more);

/** The job has ended: nobody is busy. */
void dm_seats_rest(struct dm_seats *seats);

/**
 * Add the hosts to @hosts, of struct dm_engine_host: one that is there already is one with it, with
 * the threads of the first that said so. @state: a literal, for those that are not.
 */
void dm_seats_add_hosts(const struct dm_seats *seats, const char *state, GPtrArray *hosts);

#endif
