// SPDX-License-Identifier: MIT
//
// What the daemon tells of itself: see daemon_told.h.
#include "watcher/daemon_told.h"

#include "watcher/metrics.h"
#include "watcher/status.h"

#include <string.h>
#include <unistd.h>

// Of the time, counting the queue may take one part in so many.
#define QUEUE_SHARE 100

/** @hosts: those of dm_engine_hosts(). */
static void fill_status(const struct dm_daemon *daemon, const GPtrArray *hosts, int64_t now_us,
                        struct dm_daemon_status *ret) {
    *ret = (struct dm_daemon_status){
        .pid = getpid(),
        .version = DM_VERSION,
        .jail = dm_catalogue_jail(daemon->catalogue),
        .turns = dm_turns_count(daemon->turns),
        .io_trips = dm_share_trips(daemon->share),
        .hosts = hosts,
        .rate_milli = dm_rate_milli(&daemon->rate, now_us),
    };
    g_strlcpy(ret->refused, daemon->refused != NULL ? daemon->refused : "", sizeof(ret->refused));
    dm_ledger_stats(daemon->ledger, &ret->ledger);
    dm_share_status(daemon->share, now_us, &ret->share);
    dm_gate_status(daemon->gate, &ret->gate);
    dm_inbox_status(daemon->inbox, &ret->inbox);
    dm_engine_status(daemon->engine, now_us, &ret->engine);
    dm_mirror_status(daemon->mirror, now_us, &ret->mirror);
    dm_s3_inbox_status(daemon->s3_inbox, now_us, &ret->s3_inbox);
}

char *dm_daemon_status(const struct dm_daemon *daemon) {
    int64_t now_us = g_get_monotonic_time();
    g_autoptr(GPtrArray) hosts = dm_engine_hosts(daemon->engine, now_us);
    struct dm_daemon_status status;
    fill_status(daemon, hosts, now_us, &status);
    return dm_status_write(&status);
}

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
    fill_status(daemon, hosts, now_us, &status);
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
        .name = "metrics", .turn = metrics_turn, .room = daemon->metrics_file};
    dm_turns_add(daemon->turns, &metrics);
}
