// SPDX-License-Identifier: MIT
//
// How a job is started: its command line and environment, and how many ranks and threads. A single
// rank on this machine is started by itself, everything else by mpirun.
// Pure. Why each option: the measurements in launch.c. Who runs it: session.h.
#ifndef DM_WATCHER_ENGINE_LAUNCH_H
#define DM_WATCHER_ENGINE_LAUNCH_H

#include "watcher/engine/settings.h"

#include <stdbool.h>
#include <stdint.h>

/** How large a job is. */
struct dm_shape {
    // 0: one for each slot that mpirun finds.
    int64_t ranks;
    // Of each rank; 0: the cores of its host dealt out to the ranks there.
    int64_t threads;
    // Of each rank; 0: chosen by the worker.
    int64_t memory_bytes;
};

/** All that goes into a command line. */
struct dm_launch {
    const struct dm_engine_settings *settings;
    // There may be ranks on other hosts: those of the hostfile, if there is one.
    bool remote;
    const char *worker;
    // (nullable) NULL-terminated.
    const char *const *worker_args;
    // The session's own, private directory.
    const char *dir;
    // Where rank 0 finds the watcher.
    const char *socket;
    struct dm_shape shape;
};

/**
 * Complete the configured shape (0: not configured).
 *
 * @cores         of this machine, at least 1.
 * @machine_bytes memory of this machine; half of it is for the ranks together.
 */
struct dm_shape dm_launch_shape(const struct dm_shape *wanted, bool remote, int64_t cores,
                                int64_t machine_bytes);

/**
 * Say whether a job is started by mpirun: for several ranks, for those of other hosts, and where
 * the administrator has words for it. @ranks: 0 for as many as the engine chooses.
 */
bool dm_launch_needs_mpirun(const struct dm_engine_settings *settings, bool remote, int64_t ranks);

/** The command line, NULL-terminated; (transfer full): g_strfreev(). */
char **dm_launch_argv(const struct dm_launch *launch);

/**
 * The environment of the job, made from @environment; (transfer full): g_strfreev().
 *
 * @as_root  Open MPI refuses to run as root unless it is told twice; only our child is told.
 */
char **dm_launch_env(const char *const *environment, const struct dm_launch *launch, bool as_root);

#endif
