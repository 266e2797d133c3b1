// SPDX-License-Identifier: MIT
//
// Metrics for Prometheus (text 0.0.4): one table over what the status table knows (status.h), what
// is counted at the ledger's moves (metrics_counts.h), and a few facts beside. Adding one: a row in
// metrics.c, and its line in dropmill-metrics(7). Base units; what is not known now has no sample.
#ifndef DM_WATCHER_METRICS_H
#define DM_WATCHER_METRICS_H

#include "watcher/ledger/under_way.h"
#include "watcher/metrics_counts.h"
#include "watcher/status.h"

#include <glib.h>
#include <stdint.h>

/** Everything, at one moment. */
struct dm_metrics_facts {
    const struct dm_daemon_status *status;
    const struct dm_metrics_counts *counts;
    // Rows of the ledger.
    int64_t states[DM_STATE_COUNT];
    struct dm_queue queue;
    // Files that were dropped since the daemon started.
    int64_t seen;
    // Folders that are not understood.
    int64_t folder_problems;
    int64_t now_utc_us;
};

struct dm_metric {
    /** Behind "dropmill_". */
    const char *name;
    /** "gauge", "counter", "histogram". */
    const char *type;
    /** A sentence with its full stop. */
    const char *help;
    /** (nullable) Writes the samples; NULL: it is `item`, or else `count`. */
    void (*write)(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                  GString *text);
    /** (nullable) The item of the status table that it is; microseconds become seconds. */
    const char *item;
    enum dm_count count;
};

extern const struct dm_metric dm_metrics[];
extern const size_t dm_metric_count;

/** All of them; (transfer full). */
char *dm_metrics_write(const struct dm_metrics_facts *facts);

#endif
