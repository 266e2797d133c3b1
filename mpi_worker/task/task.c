// SPDX-License-Identifier: MIT
//
// One task: the files around it (files.c), and the picture (attempt.c). What reads the stranger's
// bytes does so in a sandbox, which is another process; what needs a path, here. So what goes in
// there is two open files and the task's line, and what comes out is one verdict.
#include "mpi_worker/task/task.h"

#include "mpi_worker/task/attempt.h"
#include "mpi_worker/task/jail.h"

#include <unistd.h>

enum { SANDBOX_PICTURES = 50 };

struct dm_task_shared {
    struct dm_workshop workshop;
    bool source_time;
};

// Of the calling pool thread; made with its first task.
static _Thread_local struct dm_sandbox *own_sandbox;

static int64_t half_of_memory(void) {
    return (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / 2;
}

struct dm_task_shared *dm_task_shared_new(const struct dm_task_settings *settings, GError **error) {
    struct dm_jail_locks locks = dm_jail_probe();
    const struct dm_inside_settings inside = {
        .jailed = settings->jailed && (locks.landlock || locks.seccomp),
        .background = settings->background,
        .watermarks = settings->watermarks,
    };
    struct dm_zygote *zygote = dm_zygote_start(&inside, error);
    if (zygote == NULL) {
        return NULL;
    }
    int64_t memory_bytes = settings->memory_bytes > 0 ? settings->memory_bytes : half_of_memory();
    struct dm_task_shared *shared = g_new0(struct dm_task_shared, 1);
    shared->source_time = settings->source_time;
    shared->workshop = (struct dm_workshop){.zygote = zygote,
                                            .budget = dm_memory_budget_new(memory_bytes),
                                            .memory_bytes = memory_bytes,
                                            .sandbox_pictures = settings->sandbox_pictures > 0
                                                                    ? settings->sandbox_pictures
                                                                    : SANDBOX_PICTURES,
                                            .cores = (int)g_get_num_processors()};
    return shared;
}

bool dm_task_shared_ready(struct dm_task_shared *shared, GError **error) {
    return dm_zygote_ready(shared->workshop.zygote, error);
}

void dm_task_shared_free(struct dm_task_shared *shared) {
    if (shared == NULL) {
        return;
    }
    dm_zygote_free(shared->workshop.zygote);
    dm_memory_budget_free(shared->workshop.budget);
    g_free(shared);
}

void dm_task_thread_end(void) {
    g_clear_pointer(&own_sandbox, dm_sandbox_free);
}

static bool make(struct dm_task_shared *shared, const struct dm_task *task, struct dm_temp *temp,
                 struct dm_original *original, struct dm_result *ret) {
    const struct dm_attempt attempt = {
        .task = task, .original = original, .temp = temp, .ret = ret};
    if (!dm_original_open(task, original, ret) || !dm_temp_open(task, original, temp, ret)) {
        return false;
    }
    bool good = dm_attempt_make(&shared->workshop, &attempt, &own_sandbox);
    if (good && shared->source_time) {
        dm_temp_take_time(temp, original);
    }
    // Bytes that changed while they were read explain any failure better than the decoder does.
    return dm_original_recheck(task, original, ret) && good;
}

static void fill_gaps(struct dm_result *ret) {
    if (ret->message == NULL) {
        dm_record_take(&ret->message, g_strdup(""));
    }
    if (ret->format == NULL) {
        dm_record_take(&ret->format, g_strdup(""));
    }
}

void dm_task_run(struct dm_task_shared *shared, const struct dm_task *task, struct dm_result *ret) {
    int64_t start_us = g_get_monotonic_time();
    struct dm_original original = {.root_fd = -1, .fd = -1};
    struct dm_temp temp = {.dir_fd = -1, .fd = -1};
    *ret = (struct dm_result){.id = task->id, .attempt = task->attempt};
    bool good = make(shared, task, &temp, &original, ret);
    fill_gaps(ret);
    dm_temp_clear(&temp, good);
    dm_original_clear(&original);
    ret->id = task->id;
    ret->attempt = task->attempt;
    ret->elapsed_us = g_get_monotonic_time() - start_us;
}
