// SPDX-License-Identifier: MIT
//
// What is left of a session when its mpirun has ended: a directory, and for a moment perhaps ranks.
// Every rank on this machine holds a shared lock on the file `alive` in it until it dies, whatever
// becomes of mpirun; so whoever gets the exclusive lock knows that no rank can write a temporary
// any more.
#ifndef DM_WATCHER_ENGINE_REAPER_H
#define DM_WATCHER_ENGINE_REAPER_H

#include <glib.h>
#include <stdint.h>

#define DM_REAPER_ALIVE "alive"

struct dm_reaper;

/**
 * Wait on this thread's main context until all ranks of the session in @dir are gone, remove it and
 * call @gone once. Ranks that stay for longer than @patience_us are killed; those that stay for as
 * long again (in an uninterruptible call) are given up with a warning, and @dir stays.
 *
 * @dir   absolute.
 * @gone  may free the reaper.
 */
struct dm_reaper *dm_reaper_new(const char *dir, int64_t patience_us, int64_t now_us,
                                void (*gone)(void *data), void *data);

/** Stop waiting. Accepts NULL. */
void dm_reaper_free(struct dm_reaper *reaper);

/** The same, waiting here and now for at most twice @patience_us. */
void dm_reaper_wait(const char *dir, int64_t patience_us);

#endif
