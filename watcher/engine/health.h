// SPDX-License-Identifier: MIT
//
// What the end of a session means: which images are suspects, which have killed often enough, when
// the next start is tried. Pure. The rules are the essay at the top of health.c.
#ifndef DM_WATCHER_ENGINE_HEALTH_H
#define DM_WATCHER_ENGINE_HEALTH_H

#include "common/reason.h"
#include "watcher/engine/mpirun_output.h"

#include <stdbool.h>
#include <stdint.h>

/** How a session ended. */
struct dm_ending {
    // It had said hello.
    bool up;
    // We asked it to end, by bye or by a signal, without blaming it.
    bool asked;
    // We killed it because it did not answer any more.
    bool hung;
    // It broke the line protocol.
    bool broken;
    // The program that it was: "mpirun", "the worker".
    const char *program;
    // That of mpirun, as waitpid() gives it; of a rank that is alone what mpirun would have said.
    int wait_status;
    // What went wrong first; "" if nothing was noticed.
    const char *problem;
    // What it wrote to stderr.
    const struct dm_mpirun_output *output;
};

/** What an image has to do with the end of its session. */
enum dm_death {
    // Nothing.
    DM_DEATH_INNOCENT,
    // A rank died and nobody was named: any image that was being worked on.
    DM_DEATH_UNKNOWN,
    // Named by the rank that crashed.
    DM_DEATH_CRASH,
    // Named, because it did not come back in time.
    DM_DEATH_TIMEOUT,
    DM_DEATH_COUNT,
};

/** One task that the session had. */
struct dm_suspect {
    int64_t id;
    int64_t attempt;
    // A thread had taken it up.
    bool started;
};

/** Say whether @ending names the task. @ret_cause (nullable) points into @ending. */
enum dm_death dm_health_named(const struct dm_ending *ending, const struct dm_suspect *task,
                              const char **ret_cause);

/**
 * Say what @task has to do with @ending.
 *
 * @any_named  the crash lines name at least one task of the session: then nobody else is suspect.
 */
enum dm_death dm_health_death(const struct dm_ending *ending, const struct dm_suspect *task,
                              bool any_named);

/**
 * Say whether an image has killed often enough to be given up.
 *
 * @crashes  deaths that it was suspect of, this one included.
 * @alone    this time nothing else was running.
 */
bool dm_health_is_exhausted(enum dm_death death, int64_t crashes, bool alone);

/** Why it failed, for the ledger, and a sentence: "killed the worker twice (SIGSEGV)". */
enum dm_reason dm_health_reason(enum dm_death death);
char *dm_health_message(enum dm_death death, int64_t crashes, const char *cause);

/** What killed the session, in a few words: "SIGKILL", "exit code 3"; (transfer full). */
char *dm_health_cause(const struct dm_ending *ending);

/** Why it came to nothing, for people: our own observation, else what mpirun said; (transfer full).
 */
char *dm_health_problem(const struct dm_ending *ending);

/** Say whether somebody killed mpirun or a rank from outside: no reason to start more slowly. */
bool dm_health_from_outside(const struct dm_ending *ending);

/** Back-off of starts: 1, 2, 4 .. 60 s. All zero: nothing has failed. */
struct dm_backoff {
    int64_t failures;
    // Monotonic; no start before.
    int64_t until_us;
};

/** Note a failure. Returns the time until the next try in us. */
int64_t dm_backoff_fail(struct dm_backoff *backoff, int64_t now_us);
void dm_backoff_reset(struct dm_backoff *backoff);

#endif
