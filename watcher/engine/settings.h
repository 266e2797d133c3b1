// SPDX-License-Identifier: MIT
//
// What can be configured of the engine and of the tasks that it hands out. The configuration
// embeds struct dm_engine_settings and its table of keys writes into it (watcher/config_keys.c);
// the engine obeys it. What is found out rather than configured is beside it in struct
// dm_engine_config; what the engine tells of itself is struct dm_engine_status.
#ifndef DM_WATCHER_ENGINE_SETTINGS_H
#define DM_WATCHER_ENGINE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct dm_share;

/** Limits of a task and of a rank. */
struct dm_task_limits {
    // Of an input.
    int64_t max_file_bytes;
    // The product of width, height and pages, before and after any step.
    int64_t max_pixels;
    // Pages or frames of an input.
    int64_t max_pages;
    // Of one task.
    int64_t deadline_us;
    // Of all ranks on one machine together; 0: half of the machine's.
    int64_t memory_bytes;
    // Decoders are held by Landlock and seccomp.
    bool jail;
    // So many images are made in one process.
    int64_t sandbox_pictures;
};

/** Strings are the configuration's; a copy of the struct borrows them. */
struct dm_engine_settings {
    // A program, looked up in PATH.
    char *mpirun;
    // The path of dropmill-worker; "": looked for, see dm_find_worker().
    char *worker;
    // "" for this machine alone.
    char *hostfile;
    // Of other hosts: the network that ranks keep to, "10.1.0.0/24", and the ports, "5000-5063"; ""
    // for any.
    char *network;
    char *ports;
    // Root may have ranks on other hosts.
    bool hosts_as_root;
    // (nullable) NULL-terminated, put before the worker: the administrator has the last word.
    char **mpirun_args;
    // Worker processes; 0: chosen by the engine.
    int64_t ranks;
    // Of each rank; 0: chosen by the engine.
    int64_t threads;
    // A job without work ends after this.
    int64_t idle_us;
    // Rank 0 must answer within this.
    int64_t connect_us;
    // The most files of a batch.
    int64_t batch_files;
    // A batch is full at this many bytes of input.
    int64_t batch_bytes;
    struct dm_task_limits limits;
};

/** Copied; what it points to is borrowed for the engine's life. */
struct dm_engine_config {
    struct dm_engine_settings settings;
    // Path of dropmill-worker, where it was found.
    const char *worker;
    // (nullable) Its arguments, NULL-terminated.
    const char *const *worker_args;
    // Ours: each session makes a directory in it.
    const char *runtime_dir;
    const char *input_root;
    const char *output_root;
    // (nullable) What stands there now; read for each task.
    const struct dm_mark *input_mark, *output_mark;
    // Of results; their originals may allow less. 0: what the umask leaves.
    mode_t file_mode;
    // Results go straight into output_root, whatever the input's directory.
    bool flat;
    // A file whose result cannot be written is tried again after this; 0: 30 s.
    int64_t retry_us;
    // (nullable) Where both roots are: it is told when ranks meet errors that are its own.
    struct dm_share *share;
};

/** A machine on which ranks are, or were last. */
struct dm_engine_host {
    char *name;
    // Of `threads`, so many have an image.
    int64_t busy, threads;
    // "warm", "starting", "away" (no job can be started, and another try follows), "idle".
    const char *state;
};
void dm_engine_host_free(struct dm_engine_host *host);

/** What status shows. */
struct dm_engine_status {
    // "idle", "starting", "warm", or "waiting" for the next try.
    const char *state;
    int64_t job;
    // The threads are those of all ranks together.
    int64_t ranks, threads;
    int64_t in_flight;
    // Jobs that died with images in work.
    int64_t deaths;
    // Processes that decoded a picture and died, or had to be killed.
    int64_t decoder_deaths;
    // Until the next try.
    int64_t retry_in_us;
    // Why it waits; "" if nothing is wrong.
    char problem[256];
};

#endif
