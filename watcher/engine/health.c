// SPDX-License-Identifier: MIT
//
// Who killed the worker?
//
// A rank that crashes names the task of its thread: that image is the suspect and nobody else. A
// rank that was killed from outside (SIGKILL: the kernel out of memory, an administrator) says
// nothing, and neither does a job that ends although nobody asked it to, whatever its exit code, or
// that hangs up: every image that a thread had taken up is suspect. When mpirun itself was killed
// or the connection between hosts broke, no image had to do with it.
//
//   what ended it                           suspects             given up after
//   crash SIGSEGV, SIGABRT, SIGBUS, SIGFPE  the named one        2 deaths, the last one alone
//   crash TIMEOUT                           the named one        2 deaths, the last one alone
//   a rank died of something else           all that had begun   4 deaths, the last one alone
//   it ended unasked, with any exit code    all that had begun   the same
//   no answer at all (stopped)              all that had begun   the same
//   mpirun killed, host lost, we ended it   none                 never
//
// Suspects run one at a time and alone, so that only the guilty one dies again. Deaths from outside
// are given two more tries: an administrator's kill -9 must not fail a good image.
#include "watcher/engine/health.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define SECOND_US INT64_C(1000000)
#define BACKOFF_MAX_US (60 * SECOND_US)

/** One row a kind of death. */
static const struct {
    int64_t limit; // deaths; 0: never given up
    enum dm_reason reason;
    const char *verb; // of the message
} deaths[DM_DEATH_COUNT] = {
    [DM_DEATH_INNOCENT] = {0, DM_REASON_NONE, ""},
    [DM_DEATH_UNKNOWN] = {4, DM_REASON_WORKER_CRASH, "killed"},
    [DM_DEATH_CRASH] = {2, DM_REASON_WORKER_CRASH, "killed"},
    [DM_DEATH_TIMEOUT] = {2, DM_REASON_TIMEOUT, "hung"},
};

enum dm_death dm_health_named(const struct dm_ending *ending, const struct dm_suspect *task,
                              const char **ret_cause) {
    for (guint i = 0; i < ending->output->crashes->len; i++) {
        const struct dm_crash *crash = &g_array_index(ending->output->crashes, struct dm_crash, i);
        if (crash->id != task->id || crash->attempt != task->attempt) {
            continue;
        }
        if (ret_cause != NULL) {
            *ret_cause = crash->cause;
        }
        return strcmp(crash->cause, "TIMEOUT") == 0 ? DM_DEATH_TIMEOUT : DM_DEATH_CRASH;
    }
    return DM_DEATH_INNOCENT;
}

/** Whether a rank died of something that an image may have caused. */
static bool rank_died(const struct dm_ending *ending) {
    const struct dm_mpirun_output *output = ending->output;
    if (ending->hung || ending->broken) {
        return true;
    }
    if (ending->asked || WIFSIGNALED(ending->wait_status)) {
        return false;
    }
    if (output->rank_signal != 0 || output->rank_failed || output->crashes->len > 0) {
        return true;
    }
    return ending->up && !output->host_lost;
}

enum dm_death dm_health_death(const struct dm_ending *ending, const struct dm_suspect *task,
                              bool any_named) {
    if (any_named) {
        return dm_health_named(ending, task, NULL);
    }
    return task->started && rank_died(ending) ? DM_DEATH_UNKNOWN : DM_DEATH_INNOCENT;
}

bool dm_health_is_exhausted(enum dm_death death, int64_t crashes, bool alone) {
    return alone && deaths[death].limit > 0 && crashes >= deaths[death].limit;
}

enum dm_reason dm_health_reason(enum dm_death death) {
    return deaths[death].reason;
}

char *dm_health_message(enum dm_death death, int64_t crashes, const char *cause) {
    g_autofree char *often =
        crashes == 2 ? g_strdup("twice") : g_strdup_printf("%" PRId64 " times", crashes);
    return g_strdup_printf("%s the worker %s (%s)", deaths[death].verb, often, cause);
}

static char *signal_name(int number) {
    const char *name = sigabbrev_np(number);
    return name != NULL ? g_strdup_printf("SIG%s", name) : g_strdup_printf("signal %d", number);
}

char *dm_health_cause(const struct dm_ending *ending) {
    const struct dm_mpirun_output *output = ending->output;
    if (ending->hung) {
        return g_strdup("no answer");
    }
    if (output->crashes->len > 0) {
        return g_strdup(g_array_index(output->crashes, struct dm_crash, 0).cause);
    }
    if (output->rank_signal != 0) {
        return signal_name(output->rank_signal);
    }
    if (ending->broken) {
        return g_strdup(ending->problem);
    }
    if (WIFSIGNALED(ending->wait_status)) {
        g_autofree char *name = signal_name(WTERMSIG(ending->wait_status));
        return g_strdup_printf("mpirun: %s", name);
    }
    return g_strdup_printf("exit code %d", WEXITSTATUS(ending->wait_status));
}

char *dm_health_problem(const struct dm_ending *ending) {
    g_autofree char *said = dm_mpirun_output_summary(ending->output);
    g_autofree char *cause = dm_health_cause(ending);
    g_autofree char *what = *ending->problem != '\0'
                                ? g_strdup(ending->problem)
                                : g_strdup_printf("%s ended (%s)", ending->program, cause);
    return *said == '\0' ? g_steal_pointer(&what) : g_strdup_printf("%s: %s", what, said);
}

bool dm_health_from_outside(const struct dm_ending *ending) {
    return !ending->asked &&
           (WIFSIGNALED(ending->wait_status) || ending->output->rank_signal == SIGKILL);
}

int64_t dm_backoff_fail(struct dm_backoff *backoff, int64_t now_us) {
    int64_t delay_us = BACKOFF_MAX_US;
    if (backoff->failures < 6) { // 2^6 s is over the limit
        delay_us = SECOND_US << backoff->failures;
    }
    backoff->failures++;
    backoff->until_us = now_us + delay_us;
    return delay_us;
}

void dm_backoff_reset(struct dm_backoff *backoff) {
    *backoff = (struct dm_backoff){0};
}
