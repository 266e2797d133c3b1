// SPDX-License-Identifier: MIT
//
// One task: files around it (files.c), a look at the first bytes (codec/sniff.c), a share of the
// memory (budget.c), the pixels (picture.c), and the verdict. Whatever reads the stranger's bytes
// is done in the pool thread's cell (cell.c), which is in the jail; whatever needs a path, outside.
//
// libvips keeps one error text for the whole process, so among many threads the words at hand may
// be another picture's. A picture that fails for a reason that is not plain from its own bytes is
// therefore tried once more with the whole memory budget to itself, that is, alone: then the words
// are its own, and whatever was transient is gone.
#include "mpi_worker/pipeline.h"

#include "mpi_worker/budget.h"
#include "mpi_worker/cell.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/jail.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/picture.h"
#include "mpi_worker/plans.h"

#include "common/path.h"

#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { TASKS_BETWEEN_TRIMS = 50 };

struct dm_pipeline {
    struct dm_catalogue *catalogue;
    struct dm_plans *plans;
    struct dm_budget *budget;
    struct dm_colour background;
    int64_t memory_bytes; // of the budget
    bool jailed;
    atomic_uint tasks_done;
};

// Of the calling pool thread; made with its first task.
static _Thread_local struct dm_cell *own_cell;

static int64_t half_of_memory(void) {
    return (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / 2;
}

struct dm_pipeline *dm_pipeline_new(int64_t memory_bytes, bool jailed, GError **error) {
    if (!dm_vips_setup(error)) {
        return NULL;
    }
    struct dm_pipeline *pipeline = g_new0(struct dm_pipeline, 1);
    struct dm_jail_locks locks = dm_jail_probe();
    pipeline->jailed = jailed && (locks.landlock || locks.seccomp);
    pipeline->background = (struct dm_colour){255, 255, 255, 255};
    pipeline->catalogue = dm_ops_catalogue();
    pipeline->plans = dm_plans_new(pipeline->catalogue);
    pipeline->memory_bytes = memory_bytes > 0 ? memory_bytes : half_of_memory();
    pipeline->budget = dm_budget_new(pipeline->memory_bytes);
    return pipeline;
}

void dm_pipeline_set_background(struct dm_pipeline *pipeline, struct dm_colour background) {
    pipeline->background = background;
}

void dm_pipeline_free(struct dm_pipeline *pipeline) {
    if (pipeline == NULL) {
        return;
    }
    dm_plans_free(pipeline->plans);
    dm_catalogue_free(pipeline->catalogue);
    dm_budget_free(pipeline->budget);
    g_free(pipeline);
}

void dm_pipeline_thread_end(void) {
    g_clear_pointer(&own_cell, dm_cell_free);
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
static bool look_at(struct dm_pipeline *pipeline, struct dm_work *work) {
    (void)pipeline;
    misbehave_if_asked(work->task);
    const struct dm_bytes *bytes = &work->input.bytes;
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
static bool within_memory(struct dm_pipeline *pipeline, struct dm_work *work, int64_t wanted) {
    int64_t most = 2 * pipeline->memory_bytes;
    return wanted <= most || dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                                        "it would take about %" PRId64
                                        " MB of memory, at most %" PRId64 " MB are allowed",
                                        wanted / 1000000, most / 1000000);
}

static bool attempt(struct dm_pipeline *pipeline, struct dm_work *work) {
    bool good = dm_picture_open(work);
    if (good) {
        int64_t wanted = dm_plan_memory(work->plan, &work->picture, work->shrink);
        if (!within_memory(pipeline, work, wanted)) {
            dm_picture_close(work);
            return false;
        }
        int64_t share = dm_budget_admit(pipeline->budget, wanted);
        good = dm_picture_make(work);
        dm_picture_close(work);
        dm_budget_release(pipeline->budget, share);
    }
    dm_picture_close(work);
    return good;
}

static bool attempt_alone(struct dm_pipeline *pipeline, struct dm_work *work) {
    int64_t share = dm_budget_admit(pipeline->budget, DM_BUDGET_ALONE);
    vips_error_clear();
    bool good = dm_picture_open(work) && dm_picture_make(work);
    dm_picture_close(work);
    dm_budget_release(pipeline->budget, share);
    return good;
}

/** Whether the verdict may rest on another picture's words, or on something transient. */
static bool is_doubtful(const struct dm_result *ret) {
    return ret->status == DM_STATUS_FAILED &&
           (ret->reason == DM_REASON_DAMAGED || ret->reason == DM_REASON_BAD_STEP ||
            ret->reason == DM_REASON_INTERNAL);
}

static bool make_picture(struct dm_pipeline *pipeline, struct dm_work *work) {
    GError *error = NULL;
    work->plan = dm_plans_get(pipeline->plans, work->task->chain, &error);
    if (work->plan == NULL) {
        dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_INTERNAL, "chain '%s': %s",
                   work->task->chain, error->message);
        g_error_free(error);
        return false;
    }
    bool good = attempt(pipeline, work);
    if (!good && is_doubtful(work->ret)) {
        good = attempt_alone(pipeline, work);
    }
    dm_plans_give_back(pipeline->plans, work->plan);
    return good;
}

/** A step of a task, for the cell to do. */
struct errand {
    bool (*step)(struct dm_pipeline *pipeline, struct dm_work *work);
    struct dm_pipeline *pipeline;
    struct dm_work *work;
    bool good;
};

static void do_errand(void *data) {
    struct errand *errand = data;
    errand->good = errand->step(errand->pipeline, errand->work);
}

static bool have_cell(struct dm_work *work) {
    g_autoptr(GError) error = NULL;
    if (own_cell == NULL) {
        own_cell = dm_cell_new(vips_thread_shutdown, &error);
    }
    return own_cell != NULL ||
           dm_verdict(work->ret, DM_STATUS_BLOCKED, DM_REASON_INTERNAL, "%s", error->message);
}

/** Do one step in the jail if there is one. */
static bool jailed(struct dm_pipeline *pipeline, struct dm_work *work,
                   bool (*step)(struct dm_pipeline *pipeline, struct dm_work *work)) {
    struct errand errand = {.step = step, .pipeline = pipeline, .work = work};
    if (!pipeline->jailed) {
        return step(pipeline, work);
    }
    if (!have_cell(work)) {
        return false;
    }
    dm_cell_run(own_cell, do_errand, &errand, work->task->id, work->task->attempt);
    return errand.good;
}

static bool do_task(struct dm_pipeline *pipeline, struct dm_work *work) {
    if (!dm_input_open(work->task, &work->input, work->ret) || !jailed(pipeline, work, look_at) ||
        !dm_temp_open(work->task, &work->temp, work->ret)) {
        return false;
    }
    bool good = jailed(pipeline, work, make_picture);
    // Bytes that changed while they were read explain any failure better than the decoder does.
    return dm_input_recheck(work->task, &work->input, work->ret) && good;
}

static void succeed(struct dm_work *work) {
    g_free(work->ret->message);
    work->ret->message = g_strdup(work->remarks->str);
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

void dm_pipeline_run(struct dm_pipeline *pipeline, const struct dm_task *task,
                     struct dm_result *ret) {
    int64_t start_us = g_get_monotonic_time();
    *ret = (struct dm_result){.id = task->id, .attempt = task->attempt};
    struct dm_work work = {.task = task,
                           .ret = ret,
                           .temp = {.dir_fd = -1, .fd = -1},
                           .background = pipeline->background,
                           .remarks = g_string_new(NULL)};
    bool good = do_task(pipeline, &work);
    if (good) {
        succeed(&work);
    }
    fill_gaps(ret);
    dm_temp_clear(&work.temp, good);
    dm_input_clear(&work.input);
    g_string_free(work.remarks, TRUE);
    if (atomic_fetch_add(&pipeline->tasks_done, 1) % TASKS_BETWEEN_TRIMS ==
        TASKS_BETWEEN_TRIMS - 1) {
        malloc_trim(0);
    }
    ret->elapsed_us = g_get_monotonic_time() - start_us;
}
