// SPDX-License-Identifier: MIT
//
// What can be configured of the engine and of the tasks that it hands out. The configuration
// embeds this struct and its table of keys writes into it (watcher/config_keys.c); the engine
// obeys it. What is found out rather than configured is in struct dm_engine_config.
#ifndef DM_WATCHER_ENGINE_SETTINGS_H
#define DM_WATCHER_ENGINE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/** Limits of a task and of a rank. */
struct dm_task_limits {
    int64_t max_file_bytes; // of an input
    int64_t max_pixels;     // width x height x pages, before and after any step
    int64_t deadline_us;    // of one task
    int64_t memory_bytes;   // of all ranks on one machine together; 0: half of the machine's
    bool jail;              // decoders are held by Landlock and seccomp
};

/** Strings are the configuration's; a copy of the struct borrows them. */
struct dm_engine_settings {
    char *mpirun;        // program, looked up in PATH
    char *worker;        // path of dropmill-worker; "": looked for, see dm_find_worker()
    char *hostfile;      // "" for this machine alone
    char **mpirun_args;  // (nullable) NULL-terminated, put before the worker
    int64_t ranks;       // 0: chosen by the engine
    int64_t threads;     // of each rank; 0: chosen by the engine
    int64_t idle_us;     // a job without work ends after this
    int64_t connect_us;  // rank 0 must answer within this
    int64_t batch_files; // most files of a batch
    int64_t batch_bytes; // a batch is full at this many bytes of input
    struct dm_task_limits limits;
};

#endif
