// SPDX-License-Identifier: MIT
//
// How a job is started: its command line and environment, and how many ranks and threads. A single
// rank on this machine is started by itself, everything else by mpirun.
// Pure. Why each option: the measurements in launch.c. Who runs it: session.h.
#ifndef DM_WATCHER_ENGINE_LAUNCH_H
#define DM_WATCHER_ENGINE_LAUNCH_H

#include "watcher/engine/settings.h"

#include <glib.h>
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

/** How a job is started: see launch.c. */
enum dm_launch_way {
    // One rank on this machine, without mpirun.
    DM_LAUNCH_ALONE,
    // By mpirun, all on this machine, in a network of their own.
    DM_LAUNCH_HERE,
    // By mpirun, on other hosts too.
    DM_LAUNCH_HOSTS,
};

/** All that goes into a command line. */
struct dm_launch {
    const struct dm_engine_settings *settings;
    // DM_LAUNCH_HOSTS: those of the hostfile, if there is one.
    enum dm_launch_way way;
    // The path of mpirun; (nullable) where it is not needed.
    const char *mpirun;
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

/** What people are told that runs: one process on one machine is no job to them. A literal. */
const char *dm_launch_noun(enum dm_launch_way way);

/** @ranks  0 for as many as the engine chooses. */
enum dm_launch_way dm_launch_way(const struct dm_engine_settings *settings, bool remote,
                                 int64_t ranks);

/** Ports of TCP; none: any. */
struct dm_ports {
    int first;
    int count;
};

/** Read "FIRST-LAST", or "" for none. Errors: DM_ERROR_CONFIG. */
bool dm_launch_ports(const char *text, struct dm_ports *ret_ports, GError **error);

/** "10.1.0.0/24", or "". Errors: DM_ERROR_CONFIG. */
bool dm_launch_check_network(const char *text, GError **error);

/** The command line, NULL-terminated; (transfer full): g_strfreev(). */
char **dm_launch_argv(const struct dm_launch *launch);

/**
 * The environment of the job: the few variables of @environment that it may have, and its own;
 * (transfer full): g_strfreev().
 *
 * @as_root  Open MPI refuses to run as root unless it is told twice; only our child is told.
 */
char **dm_launch_env(const char *const *environment, const struct dm_launch *launch, bool as_root);

#endif
