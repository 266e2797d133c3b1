// SPDX-License-Identifier: MIT
//
// The metrics of the daemon: see daemon_metrics.h.
#include "watcher/daemon_metrics.h"

#include "watcher/daemon_status.h"
#include "watcher/metrics.h"

// Of the time, counting the queue may take one part in so many.
#define QUEUE_SHARE 100

/** Count the queue anew, unless a large one was counted a moment ago. */
static void look_at_queue(struct dm_daemon *daemon, int64_t now_us) {
    if (now_us >= daemon->queue_due_us) {
        dm_ledger_queue(daemon->ledger, &daemon->queue);
        int64_t took_us = g_get_monotonic_time() - now_us;
        daemon->queue_due_us = now_us + QUEUE_SHARE * took_us;
    }
}

char *dm_daemon_metrics(struct dm_daemon *daemon) {
    int64_t now_us = g_get_monotonic_time();
    look_at_queue(daemon, now_us);
    g_autoptr(GPtrArray) hosts = dm_engine_hosts(daemon->engine, now_us);
    g_autoptr(GPtrArray) problems = dm_ledger_folder_problems(daemon->ledger);
    struct dm_daemon_status status;
    dm_daemon_look(daemon, hosts, &status);
    struct dm_metrics_facts facts = {
        .status = &status,
        .counts = daemon->counts,
        .queue = daemon->queue,
        .seen = (int64_t)dm_ledger_drops(daemon->ledger),
        .folder_problems = problems->len,
        .now_utc_us = dm_ledger_utc_us(daemon->ledger),
    };
    dm_ledger_count(daemon->ledger, facts.states);
    return dm_metrics_write(&facts);
}

// ---- the file

static char *metrics_text(void *daemon) {
    return dm_daemon_metrics(daemon);
}

static int64_t metrics_turn(void *file, int64_t now_us) {
    return dm_metrics_file_turn(file, now_us);
}

void dm_daemon_write_metrics(struct dm_daemon *daemon) {
    const char *path = daemon->config->metrics.file;
    if (*path == '\0') {
        return;
    }
    daemon->metrics_file = dm_metrics_file_new(path, metrics_text, daemon);
    const struct dm_turns_room metrics = {
        .name = "metrics", .turn = metrics_turn, .room = daemon->metrics_file, .only_reads = true};
    dm_turns_add(daemon->turns, &metrics);
}
