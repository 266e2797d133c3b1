// SPDX-License-Identifier: MIT
//
// How long files take, as far as is known: by what was done with those of the same chain, and else
// with any. Pure. Used by runner.h, which hands out by it.
#ifndef DM_WATCHER_ENGINE_KNOWN_WORK_H
#define DM_WATCHER_ENGINE_KNOWN_WORK_H

#include <glib.h>
#include <stdint.h>

struct dm_known_work;

/** Files of one chain. */
struct dm_work_kind;

struct dm_known_work *dm_known_work_new(void);
/** Accepts NULL. */
void dm_known_work_free(struct dm_known_work *known);

/** The files of @chain; it lives as long as @known. */
struct dm_work_kind *dm_known_work_of(struct dm_known_work *known, const char *chain);

/** How long a file of @bytes will take a thread, in us; 1 or more. */
int64_t dm_known_work_guess(const struct dm_known_work *known, const struct dm_work_kind *kind,
                            int64_t bytes);

/** A file of @bytes has taken a thread @elapsed_us. */
void dm_known_work_learn(struct dm_known_work *known, struct dm_work_kind *kind, int64_t bytes,
                         int64_t elapsed_us);

#endif
