// SPDX-License-Identifier: MIT
//
// A runner at work: see runner.h. The way of a file through here:
//
//   turn n      READY -> RUNNING in the ledger; its task line waits in `pending`
//   (commit)    by the daemon, after each round of turns
//   committed   the line is sent: no rank works on a task that the ledger might forget
//   later       result line -> the row moves on, the daemon is woken to commit
//   or          the session ends -> every row that it still has is LOST, suspects are marked
//
// A task that was sent stays in flight until its result or the end of the session, even when its
// file has changed meanwhile and the row has moved on: two ranks must not write one temporary.
#include "watcher/engine/runner.h"

#include "common/log.h"
#include "common/log_event.h"
#include "common/path.h"
#include "watcher/engine/batcher.h"
#include "watcher/engine/early.h"
#include "watcher/engine/health.h"
#include "watcher/engine/postmortem.h"
#include "watcher/engine/results.h"
#include "watcher/engine/seats.h"
#include "watcher/engine/session.h"
#include "watcher/engine/story.h"
#include "watcher/engine/supply.h"
#include "watcher/engine/task_line.h"

#include <inttypes.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)

struct dm_runner {
    struct dm_runner_shared *shared;
    struct dm_shape shape;
    bool alone;
    enum dm_launch_way way;

    // NULL when there is none.
    struct dm_session *session;
    // Their numbers.
    int64_t job, batch;
    // The file that tells of the job.
    char *story;
    bool leaving;
    // Of all ranks, as the hello says.
    int64_t ranks, threads;
    // Where they are, or were last.
    struct dm_seats *seats;
    // Of this session.
    int64_t results;
    // Task lines whose rows are not committed yet.
    GString *pending;
    struct dm_load load;
    struct dm_supply supply;
    struct dm_early early;
    // When the session last said something, or had nothing to say.
    int64_t heard_us;
    // When to look for an unanswered task.
    int64_t check_us;

    struct dm_backoff backoff;
    // (nullable) The remark of the last hello that had one: said once.
    char *remark;
    char problem[256];
};

static const struct dm_engine_config *config_of(const struct dm_runner *runner) {
    return &runner->shared->config;
}

// ---- results

/** Count @task among those that no thread has taken up, or no longer. */
static void count_waiting(struct dm_runner *runner, const struct dm_task_in_flight *task,
                          int64_t more) {
    runner->load.waiting += more;
    runner->load.waiting_us += more * task->guess_us;
}

static const char *noun(const struct dm_runner *runner) {
    return dm_launch_noun(runner->way);
}

static void on_result(void *data, const struct dm_result *result, struct dm_now now) {
    struct dm_runner *runner = data;
    struct dm_task_in_flight *task =
        dm_in_flight_find(runner->shared->in_flight, runner, result->id, result->attempt);
    if (task == NULL) {
        dm_log_debug("job %" PRId64 ": a result for task %" PRId64 ", attempt %" PRId64
                     ", which nobody asked for",
                     runner->job, result->id, result->attempt);
        return;
    }
    runner->results++;
    runner->heard_us = now.us;
    dm_backoff_reset(&runner->backoff);
    runner->load.files--;
    if (task->started_us == 0) {
        count_waiting(runner, task, -1);
    } else {
        dm_seats_count(runner->seats, task->rank, -1);
    }
    if (result->status == DM_STATUS_DONE) { // how fast others fail says nothing
        dm_known_work_learn(runner->shared->known, task->kind, task->bytes, result->elapsed_us);
    }
    dm_in_flight_remove(runner->shared->in_flight, task);
    dm_results_take(runner->shared, result, now);
    dm_wake(&runner->shared->wake);
}

static void on_event(void *data, const struct dm_event *event, struct dm_now now) {
    struct dm_runner *runner = data;
    struct dm_task_in_flight *task =
        dm_in_flight_find(runner->shared->in_flight, runner, event->id, event->attempt);
    runner->heard_us = now.us;
    if (task != NULL && strcmp(event->kind, "start") == 0 && task->started_us == 0) {
        task->started_us = runner->heard_us;
        task->rank = event->rank;
        dm_seats_count(runner->seats, task->rank, 1);
        count_waiting(runner, task, -1);
    }
}

/** What a worker wants the administrator to know, once. */
static void tell_remark(struct dm_runner *runner, const char *remark) {
    if (remark != NULL && *remark != '\0' && g_strcmp0(remark, runner->remark) != 0) {
        dm_log_warning("%s", remark);
        g_free(runner->remark);
        runner->remark = g_strdup(remark);
    }
}

static void tell_up(const struct dm_runner *runner, const struct dm_hello *hello) {
    g_autofree char *ranks = runner->way == DM_LAUNCH_ALONE
                                 ? g_strdup("")
                                 : g_strdup_printf("ranks %" PRId64 ", ", hello->ranks);
    dm_log_of_job(runner->job, DM_EVENT_JOB_UP, DM_LOG_MESSAGE,
                  "%s %" PRId64 "%s is up: %sthreads %" PRId64, noun(runner), runner->job,
                  runner->alone ? " (suspects)" : "", ranks, hello->threads);
}

static void on_up(void *data, const struct dm_hello *hello, struct dm_now now) {
    struct dm_runner *runner = data;
    runner->ranks = hello->ranks;
    runner->threads = hello->threads;
    dm_seats_take(runner->seats, hello->seats);
    runner->heard_us = now.us;
    runner->problem[0] = '\0';
    tell_up(runner, hello);
    tell_remark(runner, hello->remark);
    dm_wake(&runner->shared->wake);
}

// ---- the end of a session

/** A start that led to nothing: wait before the next. @story: (nullable) where to read more. */
static void note_failure(struct dm_runner *runner, const char *problem, const char *story,
                         int64_t now_us) {
    bool news = strcmp(problem, runner->problem) != 0;
    int64_t before = runner->backoff.failures;
    int64_t delay_us = dm_backoff_fail(&runner->backoff, now_us);
    g_strlcpy(runner->problem, problem, sizeof(runner->problem));
    g_autofree char *see = story != NULL ? g_strdup_printf(", see '%s'", story) : g_strdup("");
    // At the longest delay the same sentence again and again would tell nobody anything.
    dm_log_of_job(runner->job, NULL, news || before < 6 ? DM_LOG_WARNING : DM_LOG_DEBUG,
                  "the %s cannot work: %s%s, will retry in %" PRId64 " s", noun(runner),
                  runner->problem, see, delay_us / SECOND_US);
}

static void log_end(const struct dm_runner *runner, const struct dm_ending *ending,
                    const struct dm_postmortem *postmortem) {
    g_autofree char *cause = dm_health_cause(ending);
    if (postmortem->lost + postmortem->failed == 0) {
        dm_log_of_job(runner->job, DM_EVENT_JOB_ENDED, DM_LOG_MESSAGE, "%s %" PRId64 " has ended",
                      noun(runner), runner->job);
    } else if (postmortem->suspects > 0) {
        dm_log_of_job(runner->job, DM_EVENT_JOB_DIED, DM_LOG_WARNING,
                      "%s %" PRId64 " died (%s), see '%s', will retry %" PRId64 " files, %" PRId64
                      " of them one at a time",
                      noun(runner), runner->job, cause, runner->story, postmortem->lost,
                      postmortem->suspects);
    } else {
        dm_log_of_job(runner->job, DM_EVENT_JOB_DIED, DM_LOG_WARNING,
                      "%s %" PRId64 " died (%s), see '%s', will retry %" PRId64 " files",
                      noun(runner), runner->job, cause, runner->story, postmortem->lost);
    }
}

/** Whether the end of a session with @postmortem was a step forward; else starts slow down. */
static bool was_of_use(const struct dm_runner *runner, const struct dm_ending *ending,
                       const struct dm_postmortem *postmortem) {
    bool in_order = ending->up && runner->leaving && postmortem->lost == 0;
    return in_order || runner->results > 0 || postmortem->suspects + postmortem->failed > 0;
}

static void on_over(void *data, const struct dm_ending *ending, struct dm_now now) {
    struct dm_runner *runner = data;
    struct dm_runner_shared *shared = runner->shared;
    struct dm_postmortem_case of = {ending, runner->job, runner, runner->alone};
    struct dm_postmortem postmortem = dm_postmortem_hold(&of, shared->in_flight, shared->ledger);
    if (ending->up) {
        shared->deaths += postmortem.lost + postmortem.failed > 0;
        log_end(runner, ending, &postmortem);
    }
    if (!was_of_use(runner, ending, &postmortem)) {
        if (ending->up && dm_health_from_outside(ending)) {
            dm_backoff_reset(&runner->backoff); // it did start: wait, but not longer each time
        }
        g_autofree char *problem = dm_health_problem(ending);
        note_failure(runner, problem, runner->story, now.us);
    }
    dm_in_flight_remove_all(shared->in_flight, runner);
    runner->load = (struct dm_load){0};
    g_string_truncate(runner->pending, 0);
    dm_session_free(runner->session);
    runner->session = NULL;
    dm_seats_rest(runner->seats);
    runner->leaving = false;
    dm_early_ended(&runner->early, now.us);
    dm_wake(&shared->wake);
}

// ---- the start of a session

static void start(struct dm_runner *runner, int64_t now_us) {
    const struct dm_engine_config *config = config_of(runner);
    runner->job = dm_ledger_next_job(runner->shared->ledger);
    runner->batch = runner->results = 0;
    g_free(runner->story);
    runner->story = dm_story_path(config->runtime_dir, runner->job);
    dm_story_remove_old(config->runtime_dir, runner->job);
    g_autofree char *name = g_strdup_printf("session-%" PRId64, runner->job);
    g_autofree char *dir = g_build_filename(config->runtime_dir, name, NULL);
    g_autofree char *socket = dm_session_socket(dir);
    struct dm_launch launch = {
        .settings = &config->settings,
        .way = runner->way,
        .mpirun = runner->shared->mpirun,
        .worker = config->worker,
        .worker_args = config->worker_args,
        .dir = dir,
        .socket = socket,
        .shape = runner->shape,
    };
    g_auto(GStrv) argv = dm_launch_argv(&launch);
    g_auto(GStrv) env =
        dm_launch_env((const char *const *)runner->shared->env, &launch, runner->shared->as_root);
    struct dm_session_config session = {
        .job = runner->job,
        .dir = dir,
        .story = runner->story,
        .argv = (const char *const *)argv,
        .env = (const char *const *)env,
        .alone = runner->way == DM_LAUNCH_ALONE,
        .own_network = runner->way == DM_LAUNCH_HERE,
        .connect_us = config->settings.connect_us,
    };
    struct dm_session_events events = {on_up, on_result, on_event, on_over, runner};
    g_autoptr(GError) error = NULL;
    runner->session = dm_session_start(&session, &events, &error);
    if (runner->session == NULL) {
        note_failure(runner, error->message, NULL, now_us);
    }
}

// ---- work for a session

static void dispatch(struct dm_runner *runner, struct dm_row *row, int64_t now_us) {
    struct dm_runner_shared *shared = runner->shared;
    g_autofree char *dir = config_of(runner)->flat ? g_strdup("") : dm_path_dir(row->path);
    g_autofree char *name = dm_temp_name(row->id, row->attempt + 1); // DISPATCHED counts it
    g_autofree char *temp = dm_path_join(dir, name);
    dm_row_set(&row->temp, temp);
    row->job = runner->job;
    row->batch = runner->batch;
    dm_ledger_move(shared->ledger, row, DM_FACT_DISPATCHED);
    if (runner->load.files == 0) {
        runner->heard_us = now_us;
    }
    struct dm_task_in_flight *task = dm_in_flight_add(shared->in_flight, runner, row);
    task->kind = dm_known_work_of(shared->known, row->chain);
    task->guess_us = dm_known_work_guess(shared->known, task->kind, task->bytes);
    runner->load.files++;
    count_waiting(runner, task, 1);
    g_autofree char *line = dm_task_line_of(shared, runner->way, row);
    g_string_append(runner->pending, line);
}

/** Of @rows hand out a batch. */
static void dispatch_batch(struct dm_runner *runner, const GPtrArray *rows,
                           const struct dm_batch_limits *limits, int64_t now_us) {
    struct dm_batch batch = {0};
    for (guint i = 0; i < rows->len; i++) {
        struct dm_row *row = rows->pdata[i];
        int64_t bytes = row->fingerprint.size_bytes;
        if (!dm_batcher_takes(&batch, limits, &runner->load, runner->threads, bytes)) {
            break;
        }
        dispatch(runner, row, now_us);
        batch.files++;
        batch.bytes += bytes;
    }
}

static bool has_room(const struct dm_runner *runner) {
    return runner->alone ? runner->load.files == 0
                         : dm_batcher_has_room(&runner->load, runner->threads);
}

/** Take a batch if there is room and work; what more there is room for has the next turn. */
static void take_work(struct dm_runner *runner, int64_t now_us) {
    if (runner->shared->held || !has_room(runner) || !dm_supply_may_have(&runner->supply)) {
        return;
    }
    const struct dm_batch_limits limits = {
        .files = MAX(1, config_of(runner)->settings.batch_files),
        .bytes = config_of(runner)->settings.batch_bytes,
    };
    g_autoptr(GPtrArray) rows = dm_supply_list(&runner->supply, limits.files);
    if (rows->len == 0) {
        return;
    }
    runner->batch++;
    dm_early_worked(&runner->early);
    if (runner->alone) {
        dispatch(runner, dm_batcher_suspect(rows), now_us);
    } else {
        dispatch_batch(runner, rows, &limits, now_us);
    }
    if (rows->len >= limits.files && has_room(runner)) {
        dm_wake(&runner->shared->wake);
    }
}

// ---- sessions that do not answer, or have nothing to do

enum { PATIENCE = 4 }; // in deadlines

/**
 * When the longest unanswered task will have had more than the worker gives it, which is two tries,
 * and has ended ranks for by then; INT64_MAX: never.
 */
static int64_t hung_at(const struct dm_runner *runner) {
    int64_t patience_us = PATIENCE * config_of(runner)->settings.limits.deadline_us;
    if (patience_us <= 0 || runner->load.files == 0) {
        return INT64_MAX;
    }
    int64_t started_us = dm_in_flight_oldest_start(runner->shared->in_flight, runner);
    return MIN(runner->heard_us, started_us) + patience_us;
}

/** Returns when to look again. */
static int64_t check_hung(struct dm_runner *runner, int64_t now_us) {
    if (runner->load.files == 0) {
        runner->check_us = 0;
        return INT64_MAX;
    }
    if (now_us < runner->check_us) { // walking all tasks in flight in every turn would be too much
        return runner->check_us;
    }
    int64_t at_us = hung_at(runner);
    if (now_us >= at_us) {
        dm_log_of_job(runner->job, NULL, DM_LOG_WARNING,
                      "%s %" PRId64 " does not answer, will start another", noun(runner),
                      runner->job);
        dm_session_hung(runner->session);
        runner->leaving = true;
        return INT64_MAX;
    }
    runner->check_us = at_us == INT64_MAX ? at_us : MIN(at_us, now_us + SECOND_US);
    return runner->check_us;
}

/** Returns when the session will have idled for too long. */
static int64_t check_idle(struct dm_runner *runner, int64_t now_us) {
    int64_t idle_us = config_of(runner)->settings.idle_us;
    int64_t at_us = runner->heard_us + (runner->alone ? MIN(idle_us, SECOND_US) : idle_us);
    if (runner->load.files > 0) {
        return INT64_MAX;
    }
    if (now_us < at_us) {
        return at_us;
    }
    dm_session_leave(runner->session, runner->alone ? "no suspect is left" : "nothing to do");
    runner->leaving = true;
    return INT64_MAX;
}

// ---- the runner

struct dm_runner *dm_runner_new(struct dm_runner_shared *shared, const struct dm_shape *shape,
                                bool alone, enum dm_launch_way way) {
    struct dm_runner *runner = g_new(struct dm_runner, 1);
    *runner = (struct dm_runner){
        .shared = shared,
        .shape = *shape,
        .alone = alone,
        .way = way,
        .pending = g_string_new(NULL),
        .supply = {.ledger = shared->ledger, .in_flight = shared->in_flight, .suspects = alone},
        .seats = dm_seats_new(),
    };
    return runner;
}

void dm_runner_free(struct dm_runner *runner) {
    if (runner != NULL) {
        dm_session_free(runner->session);
        g_string_free(runner->pending, TRUE);
        dm_seats_free(runner->seats);
        g_free(runner->story);
        g_free(runner->remark);
        g_free(runner);
    }
}

/** Start a session if there is, or soon will be, work for it. Returns when to look again. */
static int64_t start_if_wanted(struct dm_runner *runner, bool arrived, int64_t now_us) {
    bool work = !runner->shared->held && dm_supply_has(&runner->supply);
    if (runner->shared->held || (!work && !arrived)) {
        return INT64_MAX;
    }
    if (now_us >= runner->backoff.until_us) {
        start(runner, now_us);
        if (!work) {
            dm_early_started(&runner->early);
        }
    }
    return runner->session == NULL && work ? runner->backoff.until_us : INT64_MAX;
}

/** Say whether files have arrived for which it is worth while to start a session early. */
static bool look_for_arrivals(struct dm_runner *runner, int64_t now_us) {
    uint64_t arrivals = dm_ledger_drops(runner->shared->ledger);
    return dm_early_arrived(&runner->early, arrivals, now_us) && !runner->alone &&
           config_of(runner)->settings.idle_us > 0;
}

int64_t dm_runner_turn(struct dm_runner *runner, int64_t now_us) {
    bool arrived = look_for_arrivals(runner, now_us);
    if (runner->session == NULL) {
        return start_if_wanted(runner, arrived, now_us);
    }
    if (!dm_session_is_up(runner->session)) {
        return INT64_MAX; // it ends by its own timers
    }
    take_work(runner, now_us);
    int64_t hung_us = check_hung(runner, now_us);
    return runner->leaving ? hung_us : MIN(hung_us, check_idle(runner, now_us));
}

void dm_runner_committed(struct dm_runner *runner) {
    if (runner->session != NULL && runner->pending->len > 0) {
        dm_session_send(runner->session, runner->pending->str, runner->pending->len);
        g_string_truncate(runner->pending, 0);
    }
}

/** "warm", "starting", "waiting" for the next try, "idle". */
static const char *state_of(const struct dm_runner *runner, int64_t now_us) {
    if (runner->session != NULL) {
        return dm_session_is_up(runner->session) ? "warm" : "starting";
    }
    return runner->backoff.until_us > now_us ? "waiting" : "idle";
}

void dm_runner_hosts(const struct dm_runner *runner, int64_t now_us, GPtrArray *hosts) {
    const char *state = state_of(runner, now_us);
    dm_seats_add_hosts(runner->seats, strcmp(state, "waiting") == 0 ? "away" : state, hosts);
}

void dm_runner_status(const struct dm_runner *runner, int64_t now_us,
                      struct dm_engine_status *ret) {
    int64_t wait_us = runner->backoff.until_us - now_us;
    bool waits = runner->session == NULL && wait_us > 0;
    bool up = runner->session != NULL && dm_session_is_up(runner->session);
    *ret = (struct dm_engine_status){
        .state = state_of(runner, now_us),
        .job = runner->session != NULL ? runner->job : 0,
        .ranks = up ? runner->ranks : 0,
        .threads = up ? runner->threads : 0,
        .in_flight = runner->load.files,
        .retry_in_us = waits ? wait_us : 0,
    };
    g_strlcpy(ret->problem, runner->problem, sizeof(ret->problem));
}
