// SPDX-License-Identifier: MIT
//
// What the log tells of work that goes well: see work_log.h.
#include "watcher/work_log.h"

#include "common/log.h"

#include <inttypes.h>
#include <string.h>

#define HOUR_US (INT64_C(3600) * G_USEC_PER_SEC)

#define IN(state) (1u << DM_STATE_##state)
#define UNDER_WAY (IN(READY) | IN(RUNNING) | IN(COMPUTED) | IN(PUBLISHED))

struct tally {
    int64_t done, failed;
};

struct dm_work_log {
    struct dm_ledger *ledger;
    const struct dm_metrics_counts *counts;
    struct tally told;
    // Since when (monotonic, on the clock) there is something to tell; 0: there is nothing.
    int64_t since_us, since_utc_us;
    // No line before this.
    int64_t earliest_us;
};

static void add(const char *labels, int64_t value, void *data) {
    struct tally *tally = data;
    if (strstr(labels, "result=\"done\"") != NULL) {
        tally->done += value;
    } else {
        tally->failed += value;
    }
}

static struct tally count(const struct dm_work_log *log) {
    struct tally tally = {0};
    dm_metrics_counts_each(log->counts, DM_COUNT_PROCESSED, add, &tally);
    return tally;
}

static void tell(struct dm_work_log *log) {
    struct tally now = count(log);
    g_autoptr(GDateTime) since =
        g_date_time_new_from_unix_local(log->since_utc_us / G_USEC_PER_SEC);
    g_autofree char *time = since != NULL ? g_date_time_format(since, "%H:%M") : g_strdup("then");
    dm_log_message("since %s: %" PRId64 " done, %" PRId64 " failed", time,
                   now.done - log->told.done, now.failed - log->told.failed);
    log->told = now;
    log->since_us = 0;
}

/** Note that there is something to tell. */
static void look(struct dm_work_log *log, int64_t now_us) {
    struct tally now = count(log);
    if (log->since_us == 0 && (now.done != log->told.done || now.failed != log->told.failed)) {
        log->since_us = now_us;
        log->since_utc_us = dm_ledger_utc_us(log->ledger);
    }
}

int64_t dm_work_log_turn(struct dm_work_log *log, int64_t now_us) {
    look(log, now_us);
    if (log->since_us == 0) {
        return INT64_MAX;
    }
    bool rests = !dm_ledger_has(log->ledger, UNDER_WAY);
    int64_t due_us = rests ? log->earliest_us : MAX(log->earliest_us, log->since_us + HOUR_US);
    if (now_us < due_us) {
        return due_us;
    }
    tell(log);
    log->earliest_us = now_us + HOUR_US;
    return INT64_MAX;
}

struct dm_work_log *dm_work_log_new(struct dm_ledger *ledger,
                                    const struct dm_metrics_counts *counts) {
    struct dm_work_log *log = g_new0(struct dm_work_log, 1);
    log->ledger = ledger;
    log->counts = counts;
    return log;
}

void dm_work_log_free(struct dm_work_log *log) {
    if (log != NULL) {
        look(log, 1);
        if (log->since_us != 0) {
            tell(log);
        }
        g_free(log);
    }
}
