// SPDX-License-Identifier: MIT
//
// dropmill's worker without the rest: each thread hands the next file to dm_task_run(), as the pool
// of a rank does, but nothing comes over MPI, and nobody keeps a ledger or publishes.
//
//   pipeline_pool THREADS CHAIN OUTDIR FILE...    prints what file_pool.h says
#include "common/error.h"
#include "common/fsutil.h"
#include "mpi_worker/task/task.h"
#include "tests/bench/file_pool.h"

#include <fcntl.h>
#include <stdio.h>

static struct dm_task_shared *shared;
static const char *chain;

static bool begin(const char *operation) {
    const struct dm_task_settings settings = {.jailed = true, .background = {255, 255, 255, 255}};
    g_autoptr(GError) error = NULL;
    chain = operation;
    shared = dm_task_shared_new(&settings, &error);
    if (shared == NULL) {
        fprintf(stderr, "pipeline_pool: %s\n", error->message);
    }
    return shared != NULL;
}

static bool one(struct file_job *job) {
    g_autofree char *input_root = g_path_get_dirname(job->in);
    g_autofree char *input = g_path_get_basename(job->in);
    g_autofree char *output_root = g_path_get_dirname(job->out);
    struct dm_task task = {.id = 1,
                           .attempt = 1,
                           .chain = (char *)chain,
                           .input_root = input_root,
                           .input = input,
                           .output_root = output_root,
                           .temp = input,
                           .max_bytes = 1 << 30,
                           .max_pixels = 1 << 30,
                           .deadline_ms = 600000};
    if (dm_fingerprint_at(AT_FDCWD, job->in, &task.fingerprint, NULL) != 0) {
        perror(job->in);
        return false;
    }
    struct dm_result result;
    dm_task_run(shared, &task, &result);
    bool good = result.status == DM_STATUS_DONE;
    if (!good) {
        fprintf(stderr, "pipeline_pool: %s: %s\n", job->in, result.message);
    }
    dm_result_clear(&result);
    return good;
}

int main(int argc, char **argv) {
    static const struct file_work work = {
        .operations = "CHAIN", .begin = begin, .one = one, .thread_end = dm_task_thread_end};
    int status = file_pool_main(argc, argv, &work);
    dm_task_shared_free(shared);
    return status;
}
