// SPDX-License-Identifier: MIT
//
// A trial: one job is started as the engine starts it, says hello and is asked to end. No file is
// made. See dm_engine_try() in engine.h.
#include "watcher/engine/engine.h"

#include "common/error.h"
#include "watcher/engine/choice.h"
#include "watcher/engine/health.h"
#include "watcher/engine/session.h"

#include <unistd.h>

struct trial {
    struct dm_session *session;
    struct dm_engine_trial *ret;
    int64_t begun_us;
    bool up, over;
    char *problem;
};

static void on_up(void *data, const struct dm_hello *hello, struct dm_now now) {
    struct trial *trial = data;
    trial->up = true;
    *trial->ret = (struct dm_engine_trial){
        .took_us = now.us - trial->begun_us,
        .ranks = hello->ranks,
        .threads = hello->threads,
        .program = g_strdup(hello->program),
        .seats = g_strdup(hello->seats != NULL ? hello->seats : ""),
        .remark = g_strdup(hello->remark != NULL ? hello->remark : ""),
    };
    dm_session_leave(trial->session, "that was all");
}

static void on_result(void *data, const struct dm_result *result, struct dm_now now) {
    (void)data, (void)result, (void)now; // nothing was handed out
}

static void on_event(void *data, const struct dm_event *event, struct dm_now now) {
    (void)data, (void)event, (void)now;
}

static void on_over(void *data, const struct dm_ending *ending, struct dm_now now) {
    (void)now;
    struct trial *trial = data;
    trial->over = true;
    trial->problem = trial->up ? NULL : dm_health_problem(ending);
}

static bool start(struct trial *trial, const struct dm_session_config *config, GError **error) {
    struct dm_session_events events = {on_up, on_result, on_event, on_over, trial};
    trial->begun_us = g_get_monotonic_time();
    trial->session = dm_session_start(config, &events, error);
    return trial->session != NULL;
}

static bool run(struct trial *trial, const struct dm_session_config *config, GError **error) {
    if (!start(trial, config, error)) {
        return false;
    }
    while (!trial->over) {
        g_main_context_iteration(NULL, TRUE);
    }
    dm_session_free(trial->session);
    bool good = trial->up || dm_fail(error, DM_ERROR_REMOTE, "%s", trial->problem);
    g_free(trial->problem);
    return good;
}

bool dm_engine_try(const struct dm_engine_config *config, struct dm_engine_trial *ret,
                   GError **error) {
    const struct dm_engine_settings *settings = &config->settings;
    if (!dm_engine_check(settings, error)) {
        return false;
    }
    g_autofree char *mpirun = dm_choice_mpirun(settings);
    g_autofree char *dir = g_build_filename(config->runtime_dir, "session-0", NULL);
    g_autofree char *socket = dm_session_socket(dir);
    g_autofree char *story = g_build_filename(config->runtime_dir, "job-0.txt", NULL);
    struct dm_shape shape = dm_choice_shape(settings);
    const struct dm_launch launch = {
        .settings = settings,
        .way = dm_launch_way(settings, dm_choice_is_remote(settings), shape.ranks),
        .mpirun = mpirun,
        .worker = config->worker,
        .worker_args = config->worker_args,
        .dir = dir,
        .socket = socket,
        .shape = shape,
    };
    g_auto(GStrv) environment = g_get_environ();
    g_auto(GStrv) argv = dm_launch_argv(&launch);
    g_auto(GStrv) env = dm_launch_env((const char *const *)environment, &launch, geteuid() == 0);
    const struct dm_session_config session = {
        .dir = dir,
        .story = story,
        .argv = (const char *const *)argv,
        .env = (const char *const *)env,
        .alone = launch.way == DM_LAUNCH_ALONE,
        .own_network = launch.way == DM_LAUNCH_HERE,
        .connect_us = settings->connect_us,
    };
    struct trial trial = {.ret = ret};
    bool good = run(&trial, &session, error);
    if (good) {
        ret->by_mpirun = launch.way != DM_LAUNCH_ALONE;
    }
    return good;
}

void dm_engine_trial_clear(struct dm_engine_trial *trial) {
    g_free(trial->program);
    g_free(trial->seats);
    g_free(trial->remark);
    *trial = (struct dm_engine_trial){0};
}
