// SPDX-License-Identifier: MIT
//
// See choice.h.
#include "watcher/engine/choice.h"

#include <sched.h>
#include <unistd.h>

bool dm_choice_is_remote(const struct dm_engine_settings *settings) {
    return *settings->hostfile != '\0' || g_getenv("SLURM_JOB_ID") != NULL;
}

enum dm_launch_way dm_choice_way(const struct dm_engine_settings *settings) {
    return dm_launch_way(settings, dm_choice_is_remote(settings), settings->ranks);
}

char *dm_choice_mpirun(const struct dm_engine_settings *settings) {
    g_autofree char *found = g_find_program_in_path(settings->mpirun);
    return found != NULL ? g_canonicalize_filename(found, NULL) : NULL;
}

static int64_t count_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        return MAX(1, sysconf(_SC_NPROCESSORS_ONLN));
    }
    return CPU_COUNT(&set);
}

struct dm_shape dm_choice_shape(const struct dm_engine_settings *settings) {
    const struct dm_shape wanted = {settings->ranks, settings->threads,
                                    settings->limits.memory_bytes};
    return dm_launch_shape(&wanted, dm_choice_is_remote(settings), count_cores(),
                           (int64_t)sysconf(_SC_PHYS_PAGES) * (int64_t)sysconf(_SC_PAGESIZE));
}
