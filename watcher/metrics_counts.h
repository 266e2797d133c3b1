// SPDX-License-Identifier: MIT
//
// What is counted of files at the moment when the ledger moves them, for the metrics: one place,
// and no room counts for itself. From 0 when the daemon starts; a move whose commit fails ends the
// daemon.
//
//   count         goes up when                                  labels
//   ------------  --------------------------------------------  -----------------
//   processed     a result is there, a file is given up         operation, result
//   failures      a file is given up                            reason
//   retries       a file is handed out that was handed out      -
//   input_bytes   a result is there: of its original            -
//   output_bytes  a result is there                             -
//   pixels        a result is there                             -
//   batches       nothing of a batch is in work any more        result
//
// and how long files were in each stage. Labels never have the name of a folder or file in them.
// Threads: the main loop only.
#ifndef DM_WATCHER_METRICS_COUNTS_H
#define DM_WATCHER_METRICS_COUNTS_H

#include "common/catalogue.h"
#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdint.h>

enum dm_count {
    DM_COUNT_PROCESSED,
    DM_COUNT_FAILURES,
    DM_COUNT_RETRIES,
    DM_COUNT_INPUT_BYTES,
    DM_COUNT_OUTPUT_BYTES,
    DM_COUNT_PIXELS,
    DM_COUNT_BATCHES,
    DM_COUNT_COUNT,
};

#define DM_STAGE_BUCKETS 12

/** The upper bounds of the buckets, in seconds. */
extern const double dm_stage_bounds_s[DM_STAGE_BUCKETS];

/** How long files were in one state before the next. */
struct dm_stage {
    // "settle", "wait", "process", "publish", "retire".
    const char *name;
    // How many were there at most so long as each bound says, and longer than the one before.
    int64_t buckets[DM_STAGE_BUCKETS];
    int64_t count, sum_us;
};

struct dm_metrics_counts;

/** Count the moves of @ledger. All are borrowed; @recipes: name -> text, (nullable). */
struct dm_metrics_counts *dm_metrics_counts_new(struct dm_ledger *ledger,
                                                const struct dm_catalogue *catalogue,
                                                GHashTable *recipes);
/** Accepts NULL. */
void dm_metrics_counts_free(struct dm_metrics_counts *counts);

/** Call @each for every set of labels (`result="done"`, or "") of @count that there is, sorted. */
void dm_metrics_counts_each(const struct dm_metrics_counts *counts, enum dm_count count,
                            void (*each)(const char *labels, int64_t value, void *data),
                            void *data);

/** The stages. */
const struct dm_stage *dm_metrics_counts_stages(const struct dm_metrics_counts *counts,
                                                size_t *ret_count);

/**
 * What `operation` says of a file: the recipe that the name of its folder @path begins with, else
 * the operation that its @chain begins with, else "other"; (transfer full).
 */
char *dm_metrics_operation(const struct dm_catalogue *catalogue, GHashTable *recipes,
                           const char *path, const char *chain);

#endif
