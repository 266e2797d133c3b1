// SPDX-License-Identifier: MIT
//
// The engine: READY rows go into warm MPI jobs, result lines become facts in the ledger. Inside:
//
//   settings       what can be configured
//   runner         starts a session when there is work, feeds it, draws the conclusions
//   early          whether a session starts before there is work (pure)
//   supply         the rows that there are for it; batcher: how much it gets, and when (pure)
//   known_work     how long files take (pure)
//   in_flight      the tasks that are out
//   seats          on which host each rank is, and how busy it is (pure)
//   task_line      a row as a rank reads it
//   session        one mpirun from start to end
//   launch         its command line (pure), mpirun_output: what it says (pure)
//   story          what a job said and was told, for people
//   reaper         waits for the ranks that outlive it
//   results        a result line meets its row
//   health         who is suspect, who has killed too often, back-off (pure)
//   choice         what is found out of how jobs start (cores, memory, mpirun)
//   trial          one job that says hello and ends
//   postmortem     what health says of the rows of a session that died, into the ledger
#ifndef DM_WATCHER_ENGINE_ENGINE_H
#define DM_WATCHER_ENGINE_ENGINE_H

#include "watcher/engine/settings.h"
#include "watcher/ledger/ledger.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_engine;

/** Say whether jobs could be started: mpirun, hostfile, network. Errors: DM_ERROR_CONFIG. */
bool dm_engine_check(const struct dm_engine_settings *settings, GError **error);

/** What came of a trial. */
struct dm_engine_trial {
    // From the start to the hello.
    int64_t took_us;
    int64_t ranks, threads;
    // mpirun was needed.
    bool by_mpirun;
    // "dropmill-worker 0.1.0".
    char *program;
    // Where each rank is: "box:4 box:4 attic:8"; "" if that was not said.
    char *seats;
    // What the worker wants an administrator to know, or "".
    char *remark;
};
void dm_engine_trial_clear(struct dm_engine_trial *trial);

/**
 * Start a job as an engine of this @config would, wait for its hello, and let it end: at most its
 * connect_us and some seconds. It needs neither roots nor a ledger; `runtime_dir` is the trial's
 * alone, in which it may leave its story. Runs this thread's default main context.
 * Errors: DM_ERROR_CONFIG, DM_ERROR_SYSTEM; DM_ERROR_REMOTE: it did not come up, and why.
 */
bool dm_engine_try(const struct dm_engine_config *config, struct dm_engine_trial *ret,
                   GError **error);

/** Say whether jobs run in a network of their own, which takes namespaces of users and networks. */
bool dm_engine_wants_own_network(const struct dm_engine_settings *settings);

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

/** While it is held nothing is handed out, and no job is started; what ranks have they finish. */
void dm_engine_hold(struct dm_engine *engine, bool held);

/** Let ranks work on what the turn handed out: the ledger, which knows of it, is committed. */
void dm_engine_committed(struct dm_engine *engine);

void dm_engine_status(const struct dm_engine *engine, int64_t now_us, struct dm_engine_status *ret);

/** The machines on which ranks are, or were last, by name: struct dm_engine_host (transfer full).
 * None is known before the first job was up. */
GPtrArray *dm_engine_hosts(const struct dm_engine *engine, int64_t now_us);

#endif
