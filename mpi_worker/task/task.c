// SPDX-License-Identifier: MIT
//
// One task: files around it (files.c), a look at the first bytes (codec/sniff.c), a share of the
// memory (memory_budget.c), the pixels (picture.c), and the verdict (result of the wire). Whatever
// reads the stranger's bytes is done in the pool thread's sandbox (sandbox.c), which is in the
// jail; whatever needs a path, outside. So what goes in is two open files and the task's line, and
// what comes out is one verdict.
//
// libvips keeps one error text for the whole process, so among many threads the words at hand may
// be another picture's. A picture that fails for a reason that is not plain from its own bytes is
// therefore tried once more with the whole memory budget to itself, that is, alone: then the words
// are its own, and whatever was transient is gone.
#include "mpi_worker/task/task.h"

#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/task/jail.h"
#include "mpi_worker/task/memory_budget.h"
#include "mpi_worker/task/pages.h"
#include "mpi_worker/task/picture.h"
#include "mpi_worker/task/plan_cache.h"
#include "mpi_worker/task/sandbox.h"

#include "common/path.h"

#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { TASKS_BETWEEN_TRIMS = 50 };

struct dm_task_shared {
    struct dm_catalogue *catalogue;
    struct dm_plan_cache *plans;
    struct dm_memory_budget *budget;
    struct dm_colour background;
    int64_t memory_bytes; // of the budget
    bool jailed;
    atomic_uint tasks_done;
};

// Of the calling pool thread; made with its first task.
static _Thread_local struct dm_sandbox *own_sandbox;

static int64_t half_of_memory(void) {
    return (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / 2;
}

struct dm_task_shared *dm_task_shared_new(int64_t memory_bytes, bool jailed, GError **error) {
    if (!dm_vips_setup(error)) {
        return NULL;
    }
    struct dm_task_shared *shared = g_new0(struct dm_task_shared, 1);
    struct dm_jail_locks locks = dm_jail_probe();
    shared->jailed = jailed && (locks.landlock || locks.seccomp);
    shared->background = (struct dm_colour){255, 255, 255, 255};
    shared->catalogue = dm_ops_catalogue();
    shared->plans = dm_plan_cache_new(shared->catalogue);
    shared->memory_bytes = memory_bytes > 0 ? memory_bytes : half_of_memory();
    shared->budget = dm_memory_budget_new(shared->memory_bytes);
    return shared;
}

void dm_task_shared_set_background(struct dm_task_shared *shared, struct dm_colour background) {
    shared->background = background;
}

void dm_task_shared_free(struct dm_task_shared *shared) {
    if (shared == NULL) {
        return;
    }
    dm_plan_cache_free(shared->plans);
    dm_catalogue_free(shared->catalogue);
    dm_memory_budget_free(shared->budget);
    g_free(shared);
}

void dm_task_thread_end(void) {
    g_clear_pointer(&own_sandbox, dm_sandbox_free);
    vips_thread_shutdown();
}

/** In the variant made for it, files of two names behave as no decoder should. */
static void misbehave_if_asked(const struct dm_task *task) {
#ifdef DM_TEST_CRASH
    const char *name = dm_path_base(task->input);
    if (g_str_has_prefix(name, "crash-me")) {
        raise(SIGSEGV);
    }
    while (g_str_has_prefix(name, "hang-me")) {
        pause();
    }
#else
    (void)task;
#endif
}

/** Everything that can be said without a decoder. */
static bool look_at(struct dm_task_shared *shared, struct dm_work *work) {
    (void)shared;
    misbehave_if_asked(work->task);
    const struct dm_bytes *bytes = &work->original.bytes;
    dm_sniff(bytes->data, bytes->size, &work->sniff);
    if (work->sniff.codec == NULL) {
        g_autofree char *refusal = dm_sniff_refusal(&work->sniff);
        return dm_verdict(work->ret, DM_STATUS_FAILED, work->sniff.reason, "%s", refusal);
    }
    if (work->sniff.header.cut_short ||
        (work->sniff.codec->forgiving && !work->sniff.codec->whole(bytes->data, bytes->size))) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TRUNCATED,
                          "the file ends before the picture does");
    }
    return dm_picture_within(work->task, work->sniff.header.width_px, work->sniff.header.height_px,
                             1, work->ret);
}

/** A task over the whole budget runs alone; one over twice as much would starve the machine. */
static bool within_memory(struct dm_task_shared *shared, struct dm_work *work, int64_t wanted) {
    int64_t most = 2 * shared->memory_bytes;
    return wanted <= most || dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                                        "it would take about %" PRId64
                                        " MB of memory, at most %" PRId64 " MB are allowed",
                                        wanted / 1000000, most / 1000000);
}

static bool attempt(struct dm_task_shared *shared, struct dm_work *work) {
    bool good = dm_picture_open(work);
    if (good) {
        int64_t wanted = dm_plan_memory(work->plan, &work->picture, work->shrink);
        if (!within_memory(shared, work, wanted)) {
            dm_picture_close(work);
            return false;
        }
        int64_t share = dm_memory_budget_admit(shared->budget, wanted);
        good = dm_pages_make(work);
        dm_picture_close(work);
        dm_memory_budget_release(shared->budget, share);
    }
    dm_picture_close(work);
    return good;
}

static bool attempt_alone(struct dm_task_shared *shared, struct dm_work *work) {
    int64_t share = dm_memory_budget_admit(shared->budget, DM_MEMORY_BUDGET_ALONE);
    vips_error_clear();
    bool good = dm_picture_open(work) && dm_pages_make(work);
    dm_picture_close(work);
    dm_memory_budget_release(shared->budget, share);
    return good;
}

/** Whether the verdict may rest on another picture's words, or on something transient. */
static bool is_doubtful(const struct dm_result *ret) {
    return ret->status == DM_STATUS_FAILED &&
           (ret->reason == DM_REASON_DAMAGED || ret->reason == DM_REASON_BAD_STEP ||
            ret->reason == DM_REASON_INTERNAL);
}

static bool make_picture(struct dm_task_shared *shared, struct dm_work *work) {
    GError *error = NULL;
    work->plan = dm_plan_cache_get(shared->plans, work->task->chain, &error);
    if (work->plan == NULL) {
        dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_INTERNAL, "chain '%s': %s",
                   work->task->chain, error->message);
        g_error_free(error);
        return false;
    }
    bool good = attempt(shared, work);
    if (!good && is_doubtful(work->ret)) {
        good = attempt_alone(shared, work);
    }
    dm_plan_cache_give_back(shared->plans, work->plan);
    return good;
}

/** A part of a task, for the sandbox to do. */
struct part {
    bool (*run)(struct dm_task_shared *shared, struct dm_work *work);
    struct dm_task_shared *shared;
    struct dm_work *work;
    bool good;
};

static void do_part(void *data) {
    struct part *part = data;
    part->good = part->run(part->shared, part->work);
}

static bool have_sandbox(struct dm_work *work) {
    g_autoptr(GError) error = NULL;
    if (own_sandbox == NULL) {
        own_sandbox = dm_sandbox_new(vips_thread_shutdown, &error);
    }
    return own_sandbox != NULL ||
           dm_verdict(work->ret, DM_STATUS_BLOCKED, DM_REASON_INTERNAL, "%s", error->message);
}

/** Do one part in the jail if there is one. */
static bool jailed(struct dm_task_shared *shared, struct dm_work *work,
                   bool (*run)(struct dm_task_shared *shared, struct dm_work *work)) {
    struct part part = {.run = run, .shared = shared, .work = work};
    if (!shared->jailed) {
        return run(shared, work);
    }
    if (!have_sandbox(work)) {
        return false;
    }
    dm_sandbox_run(own_sandbox, do_part, &part, work->task->id, work->task->attempt);
    return part.good;
}

static bool do_task(struct dm_task_shared *shared, struct dm_work *work) {
    if (!dm_original_open(work->task, &work->original, work->ret) ||
        !jailed(shared, work, look_at) ||
        !dm_temp_open(work->task, &work->original, &work->temp, work->ret)) {
        return false;
    }
    bool good = jailed(shared, work, make_picture);
    // Bytes that changed while they were read explain any failure better than the decoder does.
    return dm_original_recheck(work->task, &work->original, work->ret) && good;
}

static void succeed(struct dm_work *work) {
    dm_record_take(&work->ret->message, g_strdup(work->remarks->str));
    work->ret->status = DM_STATUS_DONE;
    work->ret->reason = DM_REASON_NONE;
}

static void fill_gaps(struct dm_result *ret) {
    if (ret->message == NULL) {
        ret->message = g_strdup("");
    }
    if (ret->format == NULL) {
        ret->format = g_strdup("");
    }
}

void dm_task_run(struct dm_task_shared *shared, const struct dm_task *task, struct dm_result *ret) {
    int64_t start_us = g_get_monotonic_time();
    *ret = (struct dm_result){.id = task->id, .attempt = task->attempt};
    struct dm_work work = {.task = task,
                           .ret = ret,
                           .temp = {.dir_fd = -1, .fd = -1},
                           .background = shared->background,
                           .remarks = g_string_new(NULL)};
    bool good = do_task(shared, &work);
    if (good) {
        succeed(&work);
    }
    fill_gaps(ret);
    dm_temp_clear(&work.temp, good);
    dm_original_clear(&work.original);
    g_string_free(work.remarks, TRUE);
    if (atomic_fetch_add(&shared->tasks_done, 1) % TASKS_BETWEEN_TRIMS == TASKS_BETWEEN_TRIMS - 1) {
        malloc_trim(0);
    }
    ret->elapsed_us = g_get_monotonic_time() - start_us;
}
