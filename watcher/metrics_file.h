// SPDX-License-Identifier: MIT
//
// The metrics in a file, for the textfile collector of node_exporter: a room that writes them every
// 15 s, by rename. A file that cannot be written is said once, and holds nothing up. A clean stop
// takes it away.
#ifndef DM_WATCHER_METRICS_FILE_H
#define DM_WATCHER_METRICS_FILE_H

#include <stdint.h>

struct dm_metrics_file;

/** @path: absolute. @write returns the text (transfer full), and is called in turns. */
struct dm_metrics_file *dm_metrics_file_new(const char *path, char *(*write)(void *data),
                                            void *data);
/** Accepts NULL. */
void dm_metrics_file_free(struct dm_metrics_file *file);

/** Write if it is time. Returns when (monotonic us) the next turn is wanted. */
int64_t dm_metrics_file_turn(struct dm_metrics_file *file, int64_t now_us);

#endif
