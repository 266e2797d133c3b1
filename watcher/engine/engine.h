// SPDX-License-Identifier: MIT
//
// The engine: READY rows go into warm MPI jobs, result lines become facts in the ledger. Inside:
//
//   settings       what can be configured
//   runner         starts a session when there is work, feeds it, draws the conclusions
//   batcher        which rows next (pure)
//   in_flight      the tasks that are out
//   session        one mpirun from start to end
//   launch         its command line (pure), child: its process, mpirun_output: what it says (pure)
//   link           the socket to rank 0, on the main loop
//   story          what a job said and was told, for people
//   reaper         waits for the ranks that outlive it
//   results        a result line meets its row
//   health         who is suspect, who has killed too often, back-off (pure)
//   postmortem     what health says of the rows of a session that died, into the ledger
#ifndef DM_WATCHER_ENGINE_ENGINE_H
#define DM_WATCHER_ENGINE_ENGINE_H

#include "watcher/engine/settings.h"
#include "watcher/ledger/ledger.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Copied; what it points to is borrowed for the engine's life. */
struct dm_engine_config {
    struct dm_engine_settings settings;
    // Path of dropmill-worker, where it was found.
    const char *worker;
    // (nullable) Its arguments, NULL-terminated.
    const char *const *worker_args;
    // Ours: each session makes a directory in it.
    const char *runtime_dir;
    const char *input_root;
    const char *output_root;
    // Results go straight into output_root, whatever the input's directory.
    bool flat;
    // A file whose result cannot be written is tried again after this; 0: 30 s.
    int64_t retry_us;
};

/** What status shows. */
struct dm_engine_status {
    // "idle", "starting", "warm", or "waiting" for the next try.
    const char *state;
    int64_t job;
    // The threads are those of all ranks together.
    int64_t ranks, threads;
    int64_t in_flight;
    // Until the next try.
    int64_t retry_in_us;
    // Why it waits; "" if nothing is wrong.
    char problem[256];
};

struct dm_engine;

/**
 * Make an engine on the GLib main context of this thread. Jobs that an earlier watcher left behind
 * are waited for (their RUNNING rows become READY) before the first session starts. Errors:
 * DM_ERROR_CONFIG when mpirun or the worker is not there.
 */
struct dm_engine *dm_engine_new(const struct dm_engine_config *config, struct dm_ledger *ledger,
                                const struct dm_wake *wake, GError **error);

/**
 * End the sessions (rank processes are gone afterwards) and free. What was RUNNING stays so: the
 * next engine on this ledger gives it back. Accepts NULL.
 */
void dm_engine_free(struct dm_engine *engine);

/** Do what is due. Returns when the next turn is wanted (monotonic us); INT64_MAX: on events. */
int64_t dm_engine_turn(struct dm_engine *engine, int64_t now_us);

/** Let ranks work on what the turn handed out: the ledger, which knows of it, is committed. */
void dm_engine_committed(struct dm_engine *engine);

void dm_engine_status(const struct dm_engine *engine, int64_t now_us, struct dm_engine_status *ret);

#endif
