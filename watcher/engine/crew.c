// SPDX-License-Identifier: MIT
//
// A crew at work: see crew.h. The way of a file through here:
//
//   turn n      READY -> RUNNING in the ledger; its task line waits in `pending`
//   (commit)    by the daemon, after each round of turns
//   turn n + 1  the line is sent: no rank works on a task that the ledger might forget
//   later       result line -> the row moves on, the daemon is woken to commit
//   or          the session ends -> every row that it still has is LOST, suspects are marked
//
// A task that was sent stays a flight until its result or the end of the session, even when its
// file has changed meanwhile and the row has moved on: two ranks must not write one temporary.
#include "watcher/engine/crew.h"

#include "common/log.h"
#include "common/path.h"
#include "watcher/engine/batcher.h"
#include "watcher/engine/health.h"
#include "watcher/engine/intake.h"
#include "watcher/engine/session.h"
#include "watcher/engine/toll.h"

#include <inttypes.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)

enum { BATCHES_AHEAD = 4 }; // so many batches' worth of rows are looked at for a fair choice

struct dm_crew {
    struct dm_crew_shared *shared;
    struct dm_shape shape;
    bool alone;
    bool remote;

    struct dm_session *session; // NULL: none
    int64_t job, batch;         // numbers
    bool leaving;
    int64_t ranks, threads; // of all ranks, as the hello says
    int64_t results;        // of this session
    GString *pending;       // task lines whose rows are not committed yet
    struct dm_load load;
    int64_t heard_us; // when the session last said something, or had nothing to say
    int64_t check_us; // when to look for an unanswered task

    struct dm_backoff backoff;
    char *remark; // (nullable) of the last hello that had one: said once
    char problem[256];
};

static const struct dm_engine_config *config_of(const struct dm_crew *crew) {
    return &crew->shared->config;
}

// ---- results

static void on_result(void *data, const struct dm_result *result) {
    struct dm_crew *crew = data;
    struct dm_flight *flight =
        dm_flights_find(crew->shared->flights, crew, result->id, result->attempt);
    if (flight == NULL) {
        dm_log_debug("job %" PRId64 ": a result for task %" PRId64 ", attempt %" PRId64
                     ", which nobody asked for",
                     crew->job, result->id, result->attempt);
        return;
    }
    crew->results++;
    crew->heard_us = g_get_monotonic_time();
    dm_backoff_reset(&crew->backoff);
    crew->load.files--;
    crew->load.bytes -= flight->bytes;
    dm_flights_remove(crew->shared->flights, flight);
    dm_intake(crew->shared, result);
    dm_wake(&crew->shared->wake);
}

static void on_event(void *data, const struct dm_event *event) {
    struct dm_crew *crew = data;
    struct dm_flight *flight =
        dm_flights_find(crew->shared->flights, crew, event->id, event->attempt);
    crew->heard_us = g_get_monotonic_time();
    if (flight != NULL && strcmp(event->kind, "start") == 0) {
        flight->started_us = crew->heard_us;
    }
}

/** What a worker wants the administrator to know, once. */
static void tell_remark(struct dm_crew *crew, const char *remark) {
    if (remark != NULL && *remark != '\0' && g_strcmp0(remark, crew->remark) != 0) {
        dm_log_warning("%s", remark);
        g_free(crew->remark);
        crew->remark = g_strdup(remark);
    }
}

static void on_up(void *data, const struct dm_hello *hello) {
    struct dm_crew *crew = data;
    crew->ranks = hello->ranks;
    crew->threads = hello->threads;
    crew->heard_us = g_get_monotonic_time();
    crew->problem[0] = '\0';
    dm_log_message("job %" PRId64 "%s is up: ranks %" PRId64 ", threads %" PRId64, crew->job,
                   crew->alone ? " (suspects)" : "", hello->ranks, hello->threads);
    tell_remark(crew, hello->remark);
    dm_wake(&crew->shared->wake);
}

// ---- the end of a session

/** A start that led to nothing: wait before the next. */
static void note_failure(struct dm_crew *crew, const char *problem) {
    bool news = strcmp(problem, crew->problem) != 0;
    int64_t before = crew->backoff.failures;
    int64_t delay_us = dm_backoff_fail(&crew->backoff, g_get_monotonic_time());
    g_strlcpy(crew->problem, problem, sizeof(crew->problem));
    // At the longest delay the same sentence again and again would tell nobody anything.
    dm_log(news || before < 6 ? DM_LOG_WARNING : DM_LOG_DEBUG,
           "the MPI job cannot work: %s, will retry in %" PRId64 " s", crew->problem,
           delay_us / SECOND_US);
}

/** Why a session came to nothing, for people: our own observation, else what mpirun said. */
static char *describe(const struct dm_ending *ending) {
    g_autofree char *said = dm_report_summary(ending->report);
    g_autofree char *cause = dm_health_cause(ending);
    g_autofree char *what = *ending->problem != '\0' ? g_strdup(ending->problem)
                                                     : g_strdup_printf("mpirun ended (%s)", cause);
    return *said == '\0' ? g_steal_pointer(&what) : g_strdup_printf("%s: %s", what, said);
}

static void log_end(const struct dm_crew *crew, const struct dm_ending *ending,
                    const struct dm_toll *toll) {
    g_autofree char *cause = dm_health_cause(ending);
    if (toll->lost + toll->failed == 0) {
        dm_log_message("job %" PRId64 " has ended", crew->job);
    } else if (toll->suspects > 0) {
        dm_log_warning("job %" PRId64 " died (%s), will retry %" PRId64 " files, %" PRId64
                       " of them one at a time",
                       crew->job, cause, toll->lost, toll->suspects);
    } else {
        dm_log_warning("job %" PRId64 " died (%s), will retry %" PRId64 " files", crew->job, cause,
                       toll->lost);
    }
}

/** Whether the end of a session with @toll was a step forward; else starts slow down. */
static bool was_of_use(const struct dm_crew *crew, const struct dm_ending *ending,
                       const struct dm_toll *toll) {
    bool in_order = ending->up && crew->leaving && toll->lost == 0;
    return in_order || crew->results > 0 || toll->suspects + toll->failed > 0;
}

static void on_over(void *data, const struct dm_ending *ending) {
    struct dm_crew *crew = data;
    struct dm_crew_shared *shared = crew->shared;
    struct dm_toll_case of = {ending, crew->job, crew, crew->alone};
    struct dm_toll toll = dm_toll_take(&of, shared->flights, shared->ledger);
    if (ending->up) {
        log_end(crew, ending, &toll);
    }
    if (!was_of_use(crew, ending, &toll)) {
        if (ending->up && dm_health_from_outside(ending)) {
            dm_backoff_reset(&crew->backoff); // it did start: wait, but not longer each time
        }
        g_autofree char *problem = describe(ending);
        note_failure(crew, problem);
    }
    dm_flights_remove_all(shared->flights, crew);
    crew->load = (struct dm_load){0};
    g_string_truncate(crew->pending, 0);
    dm_session_free(crew->session);
    crew->session = NULL;
    crew->leaving = false;
    dm_wake(&shared->wake);
}

// ---- the start of a session

/** READY rows of this crew's kind that nobody works on, oldest first. */
static GPtrArray *list_work(struct dm_crew *crew, int64_t limit) {
    const struct dm_query query = {
        .states = 1u << DM_STATE_READY,
        .no_litter = true,
        .suspects = crew->alone,
        .no_suspects = !crew->alone,
        .limit = limit,
    };
    GPtrArray *rows = dm_ledger_list(crew->shared->ledger, &query);
    for (guint i = rows->len; i-- > 0;) {
        const struct dm_row *row = rows->pdata[i];
        if (dm_flights_has(crew->shared->flights, row->id)) {
            g_ptr_array_remove_index(rows, i);
        }
    }
    return rows;
}

static bool has_work(struct dm_crew *crew) {
    g_autoptr(GPtrArray) rows = list_work(crew, 1 + dm_flights_count(crew->shared->flights));
    return rows->len > 0;
}

static void start(struct dm_crew *crew) {
    const struct dm_engine_config *config = config_of(crew);
    crew->job = dm_ledger_next_job(crew->shared->ledger);
    crew->batch = crew->results = 0;
    g_autofree char *name = g_strdup_printf("session-%" PRId64, crew->job);
    g_autofree char *dir = g_build_filename(config->runtime_dir, name, NULL);
    g_autofree char *socket = dm_session_socket(dir);
    struct dm_launch launch = {
        .settings = &config->settings,
        .remote = crew->remote,
        .worker = config->worker,
        .worker_args = config->worker_args,
        .dir = dir,
        .socket = socket,
        .shape = crew->shape,
    };
    g_auto(GStrv) argv = dm_launch_argv(&launch);
    g_auto(GStrv) env =
        dm_launch_env((const char *const *)crew->shared->env, dir, crew->shared->as_root);
    struct dm_session_config session = {
        .job = crew->job,
        .dir = dir,
        .argv = (const char *const *)argv,
        .env = (const char *const *)env,
        .connect_us = config->settings.connect_us,
    };
    struct dm_session_events events = {on_up, on_result, on_event, on_over, crew};
    g_autoptr(GError) error = NULL;
    crew->session = dm_session_start(&session, &events, &error);
    if (crew->session == NULL) {
        note_failure(crew, error->message);
    }
}

// ---- work for a session

static char *task_line(const struct dm_crew *crew, const struct dm_row *row) {
    const struct dm_engine_config *config = config_of(crew);
    const struct dm_task_limits *limits = &config->settings.limits;
    struct dm_task task = {
        .id = row->id,
        .attempt = row->attempt,
        .chain = row->chain,
        .input_root = (char *)config->input_root,
        .input = row->path,
        .output_root = (char *)config->output_root,
        .temp = row->temp,
        .fingerprint = row->fingerprint,
        .max_bytes = limits->max_file_bytes,
        .max_pixels = limits->max_pixels,
        .deadline_ms = limits->deadline_us / 1000,
        .sync = crew->shared->sync,
    };
    return dm_task_line(&task);
}

static void dispatch(struct dm_crew *crew, struct dm_row *row) {
    g_autofree char *dir = config_of(crew)->flat ? g_strdup("") : dm_path_dir(row->path);
    g_autofree char *name = dm_temp_name(row->id, row->attempt + 1); // DISPATCHED counts it
    g_autofree char *temp = dm_path_join(dir, name);
    dm_row_set(&row->temp, temp);
    row->job = crew->job;
    row->batch = crew->batch;
    dm_ledger_move(crew->shared->ledger, row, DM_FACT_DISPATCHED);
    if (crew->load.files == 0) {
        crew->heard_us = g_get_monotonic_time();
    }
    crew->load.files++;
    crew->load.bytes += row->fingerprint.size_bytes;
    dm_flights_add(crew->shared->flights, crew, row);
    g_autofree char *line = task_line(crew, row);
    g_string_append(crew->pending, line);
}

/** Returns: GPtrArray of pointers into @rows. */
static GPtrArray *choose(struct dm_crew *crew, GPtrArray *rows,
                         const struct dm_batch_limits *limits) {
    if (!crew->alone) {
        return dm_batcher_pick(rows, limits);
    }
    GPtrArray *picks = g_ptr_array_new();
    struct dm_row *suspect = dm_batcher_suspect(rows);
    if (suspect != NULL) {
        g_ptr_array_add(picks, suspect);
    }
    return picks;
}

static bool has_room(const struct dm_crew *crew, const struct dm_batch_limits *limits) {
    return crew->alone ? crew->load.files == 0
                       : dm_batcher_has_room(&crew->load, limits, crew->threads);
}

/** Take batches while there is room and work. */
static void take_work(struct dm_crew *crew) {
    const struct dm_batch_limits limits = {
        .files = MAX(1, config_of(crew)->settings.batch_files),
        .bytes = config_of(crew)->settings.batch_bytes,
    };
    while (has_room(crew, &limits)) {
        int64_t busy = dm_flights_count(crew->shared->flights);
        g_autoptr(GPtrArray) rows = list_work(crew, BATCHES_AHEAD * limits.files + busy);
        g_autoptr(GPtrArray) picks = choose(crew, rows, &limits);
        if (picks->len == 0) {
            return;
        }
        crew->batch++;
        for (guint i = 0; i < picks->len; i++) {
            dispatch(crew, picks->pdata[i]);
        }
        dm_wake(&crew->shared->wake); // for the turn after the commit: it sends the lines
    }
}

static void send_pending(struct dm_crew *crew) {
    if (crew->pending->len > 0) {
        dm_session_send(crew->session, crew->pending->str, crew->pending->len);
        g_string_truncate(crew->pending, 0);
    }
}

// ---- sessions that do not answer, or have nothing to do

/** When the longest unanswered task will have had twice its deadline; INT64_MAX: never. */
static int64_t hung_at(const struct dm_crew *crew) {
    int64_t patience_us = 2 * config_of(crew)->settings.limits.deadline_us;
    if (patience_us <= 0 || crew->load.files == 0) {
        return INT64_MAX;
    }
    int64_t started_us = dm_flights_oldest_start(crew->shared->flights, crew);
    return MIN(crew->heard_us, started_us) + patience_us;
}

/** Returns when to look again. */
static int64_t check_hung(struct dm_crew *crew, int64_t now_us) {
    if (crew->load.files == 0) {
        crew->check_us = 0;
        return INT64_MAX;
    }
    if (now_us < crew->check_us) { // walking all flights in every turn would be too much
        return crew->check_us;
    }
    int64_t at_us = hung_at(crew);
    if (now_us >= at_us) {
        dm_log_warning("job %" PRId64 " does not answer, will start another", crew->job);
        dm_session_hung(crew->session);
        crew->leaving = true;
        return INT64_MAX;
    }
    crew->check_us = at_us == INT64_MAX ? at_us : MIN(at_us, now_us + SECOND_US);
    return crew->check_us;
}

/** Returns when the session will have idled for too long. */
static int64_t check_idle(struct dm_crew *crew, int64_t now_us) {
    int64_t idle_us = config_of(crew)->settings.idle_us;
    int64_t at_us = crew->heard_us + (crew->alone ? MIN(idle_us, SECOND_US) : idle_us);
    if (crew->load.files > 0) {
        return INT64_MAX;
    }
    if (now_us < at_us) {
        return at_us;
    }
    dm_session_leave(crew->session);
    crew->leaving = true;
    return INT64_MAX;
}

// ---- the crew

struct dm_crew *dm_crew_new(struct dm_crew_shared *shared, const struct dm_shape *shape, bool alone,
                            bool remote) {
    struct dm_crew *crew = g_new(struct dm_crew, 1);
    *crew = (struct dm_crew){
        .shared = shared,
        .shape = *shape,
        .alone = alone,
        .remote = remote,
        .pending = g_string_new(NULL),
    };
    return crew;
}

void dm_crew_free(struct dm_crew *crew) {
    if (crew != NULL) {
        dm_session_free(crew->session);
        g_string_free(crew->pending, TRUE);
        g_free(crew->remark);
        g_free(crew);
    }
}

int64_t dm_crew_turn(struct dm_crew *crew, int64_t now_us) {
    if (crew->session == NULL) {
        if (!has_work(crew)) {
            return INT64_MAX;
        }
        if (now_us >= crew->backoff.until_us) {
            start(crew);
        }
        return crew->session == NULL ? crew->backoff.until_us : INT64_MAX;
    }
    if (!dm_session_is_up(crew->session)) {
        return INT64_MAX; // it ends by its own timers
    }
    send_pending(crew);
    take_work(crew);
    int64_t hung_us = check_hung(crew, now_us);
    return crew->leaving ? hung_us : MIN(hung_us, check_idle(crew, now_us));
}

void dm_crew_status(const struct dm_crew *crew, struct dm_engine_status *ret) {
    int64_t wait_us = crew->backoff.until_us - g_get_monotonic_time();
    bool waits = crew->session == NULL && wait_us > 0;
    bool up = crew->session != NULL && dm_session_is_up(crew->session);
    *ret = (struct dm_engine_status){
        .state = up                      ? "warm"
                 : crew->session != NULL ? "starting"
                 : waits                 ? "waiting"
                                         : "idle",
        .job = crew->session != NULL ? crew->job : 0,
        .ranks = up ? crew->ranks : 0,
        .threads = up ? crew->threads : 0,
        .in_flight = crew->load.files,
        .retry_in_us = waits ? wait_us : 0,
    };
    g_strlcpy(ret->problem, crew->problem, sizeof(ret->problem));
}
