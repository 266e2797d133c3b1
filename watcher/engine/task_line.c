// SPDX-License-Identifier: MIT
//
// Rows as task lines: see task_line.h.
#include "watcher/engine/task_line.h"

/** Let a worker do nothing in directories that are not those that the watcher has looked at. */
static void mark_roots(const struct dm_engine_config *config, enum dm_launch_way way,
                       struct dm_task *task) {
    if (config->input_mark != NULL && config->output_mark != NULL) {
        task->input_mark = *config->input_mark;
        task->output_mark = *config->output_mark;
    }
    if (way == DM_LAUNCH_HOSTS) {
        task->input_mark.dev = task->output_mark.dev = 0;
    }
}

char *dm_task_line_of(const struct dm_runner_shared *shared, enum dm_launch_way way,
                      const struct dm_row *row) {
    const struct dm_engine_config *config = &shared->config;
    const struct dm_task_limits *limits = &config->settings.limits;
    struct dm_task task = {
        .id = row->id,
        .attempt = row->attempt,
        .chain = row->chain,
        .input_root = config->input_root,
        .input = row->path,
        .output_root = config->output_root,
        .temp = row->temp,
        .fingerprint = row->fingerprint,
        .max_bytes = limits->max_file_bytes,
        .max_pixels = limits->max_pixels,
        .max_pages = limits->max_pages,
        .deadline_ms = limits->deadline_us / 1000,
        .sync = shared->sync,
        .mode = config->file_mode,
    };
    mark_roots(config, way, &task);
    return dm_task_line(&task);
}
