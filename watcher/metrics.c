// SPDX-License-Identifier: MIT
//
// The table of metrics, and how it is written: see metrics.h.
#include "watcher/metrics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define SECOND_US ((double)G_USEC_PER_SEC)

// ---- samples

/** @labels: `state="done"`, or "". */
static void add_number(GString *text, const char *name, const char *labels, int64_t value) {
    const char *open = *labels != '\0' ? "{" : "", *close = *labels != '\0' ? "}" : "";
    g_string_append_printf(text, "dropmill_%s%s%s%s %" PRId64 "\n", name, open, labels, close,
                           value);
}

/** Microseconds as seconds. */
static void add_seconds(GString *text, const char *name, const char *labels, int64_t us) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(number, sizeof(number), "%.6f", (double)us / SECOND_US);
    const char *open = *labels != '\0' ? "{" : "", *close = *labels != '\0' ? "}" : "";
    g_string_append_printf(text, "dropmill_%s%s%s%s %s\n", name, open, labels, close, number);
}

/** @value of a label as Prometheus quotes it; (transfer full). */
static char *quote(const char *value) {
    GString *quoted = g_string_new(value);
    g_string_replace(quoted, "\\", "\\\\", 0);
    g_string_replace(quoted, "\"", "\\\"", 0);
    g_string_replace(quoted, "\n", "\\n", 0);
    g_string_prepend_c(quoted, '"');
    g_string_append_c(quoted, '"');
    return g_string_free(quoted, FALSE);
}

static void write_item(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                       GString *text) {
    for (size_t i = 0; i < dm_status_item_count; i++) {
        const struct dm_status_item *item = &dm_status_items[i];
        if (strcmp(item->name, metric->item) != 0) {
            continue;
        }
        const void *member = (const char *)facts->status + item->offset;
        bool is_switch = item->type == DM_STATUS_SWITCH;
        int64_t value = is_switch ? *(const bool *)member : *(const int64_t *)member;
        bool is_never = strcmp(item->unit, "utc_us") == 0 && value == 0;
        if (*item->unit != '\0' && !is_never) {
            add_seconds(text, metric->name, "", value);
        } else if (*item->unit == '\0' && value >= 0) { // -1: not known
            add_number(text, metric->name, "", value);
        }
    }
}

struct samples {
    GString *text;
    const char *name;
};

static void add_count(const char *labels, int64_t value, void *data) {
    const struct samples *samples = data;
    add_number(samples->text, samples->name, labels, value);
}

static void write_count(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                        GString *text) {
    struct samples samples = {text, metric->name};
    dm_metrics_counts_each(facts->counts, metric->count, add_count, &samples);
}

// ---- what is no item

static void write_build(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                        GString *text) {
    const struct dm_daemon_status *status = facts->status;
    g_autofree char *vips = quote(status->vips), *mpi = quote(status->mpi);
    g_autofree char *labels =
        g_strdup_printf("version=\"%s\",vips=%s,mpi=%s", status->version, vips, mpi);
    add_number(text, metric->name, labels, 1);
}

static void write_reloaded(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                           GString *text) {
    add_number(text, metric->name, "", *facts->status->refused == '\0');
}

static void write_now(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                      GString *text) {
    add_seconds(text, metric->name, "", facts->now_utc_us);
}

static void write_paused(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                         GString *text) {
    add_number(text, metric->name, "", strcmp(facts->status->gate.held, "paused") == 0);
}

static void write_held(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                       GString *text) {
    for (int reason = DM_GATE_OPEN + 1; reason < DM_GATE_REASON_COUNT; reason++) {
        const char *name = dm_gate_reason_name((enum dm_gate_reason)reason);
        g_autofree char *labels = g_strdup_printf("reason=\"%s\"", name);
        add_number(text, metric->name, labels, strcmp(facts->status->gate.held, name) == 0);
    }
}

static void write_states(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                         GString *text) {
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        g_autofree char *labels =
            g_strdup_printf("state=\"%s\"", dm_state_name((enum dm_state)state));
        add_number(text, metric->name, labels, facts->states[state]);
    }
}

static void write_queue_bytes(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                              GString *text) {
    add_number(text, metric->name, "", facts->queue.bytes);
}

static void write_oldest(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                         GString *text) {
    int64_t since_utc_us = facts->queue.since_utc_us;
    int64_t age_us = since_utc_us > 0 ? MAX(0, facts->now_utc_us - since_utc_us) : 0;
    add_seconds(text, metric->name, "", age_us);
}

static void write_problems(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                           GString *text) {
    add_number(text, metric->name, "", facts->folder_problems);
}

static void write_seen(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                       GString *text) {
    add_number(text, metric->name, "", facts->seen);
}

static void write_workers(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                          GString *text) {
    const GPtrArray *hosts = facts->status->hosts;
    int64_t busy = 0, threads = 0;
    for (guint i = 0; hosts != NULL && i < hosts->len; i++) {
        const struct dm_engine_host *host = hosts->pdata[i];
        if (strcmp(host->state, "warm") == 0) {
            busy += host->busy;
            threads += host->threads;
        }
    }
    add_number(text, metric->name, "state=\"busy\"", busy);
    add_number(text, metric->name, "state=\"idle\"", threads - busy);
}

/** Requests of one room. */
struct requests {
    struct samples samples;
    // Its label.
    const char *room;
};

static void add_requests(const char *method, const char *code, int64_t count, void *data) {
    const struct requests *requests = data;
    g_autofree char *labels =
        g_strdup_printf("%s,method=\"%s\",code=\"%s\"", requests->room, method, code);
    add_number(requests->samples.text, requests->samples.name, labels, count);
}

static void write_s3_requests(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                              GString *text) {
    struct requests mirror = {{text, metric->name}, "room=\"mirror\""};
    struct requests inbox = {{text, metric->name}, "room=\"inbox\""};
    dm_store_counts_each(&facts->status->mirror.counts, add_requests, &mirror);
    dm_store_counts_each(&facts->status->s3_inbox.counts, add_requests, &inbox);
}

static void write_s3_failures(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                              GString *text) {
    add_number(text, metric->name, "room=\"mirror\"", facts->status->mirror.failures);
    add_number(text, metric->name, "room=\"inbox\"", facts->status->s3_inbox.failures);
}

static void write_s3_success(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                             GString *text) {
    const struct {
        const char *labels;
        int64_t utc_us;
    } rooms[] = {{"room=\"mirror\"", facts->status->mirror.success_utc_us},
                 {"room=\"inbox\"", facts->status->s3_inbox.success_utc_us}};
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        if (rooms[i].utc_us > 0) { // else none has succeeded
            add_seconds(text, metric->name, rooms[i].labels, rooms[i].utc_us);
        }
    }
}

static void write_hooks(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                        GString *text) {
    add_number(text, metric->name, "result=\"delivered\"", facts->status->notices.delivered);
    add_number(text, metric->name, "result=\"retried\"", facts->status->notices.retried);
    add_number(text, metric->name, "result=\"lost\"", facts->status->notices.lost);
}

static void write_bucket(GString *text, const char *name, const char *stage, const char *bound,
                         int64_t count) {
    g_autofree char *labels = g_strdup_printf("stage=\"%s\",le=\"%s\"", stage, bound);
    add_number(text, name, labels, count);
}

static void write_stage(GString *text, const char *name, const struct dm_stage *stage) {
    g_autofree char *buckets = g_strconcat(name, "_bucket", NULL);
    g_autofree char *sum = g_strconcat(name, "_sum", NULL);
    g_autofree char *count = g_strconcat(name, "_count", NULL);
    g_autofree char *labels = g_strdup_printf("stage=\"%s\"", stage->name);
    int64_t up_to = 0;
    for (size_t i = 0; i < DM_STAGE_BUCKETS; i++) {
        char bound[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(bound, sizeof(bound), "%g", dm_stage_bounds_s[i]);
        up_to += stage->buckets[i];
        write_bucket(text, buckets, stage->name, bound, up_to);
    }
    write_bucket(text, buckets, stage->name, "+Inf", stage->count);
    add_seconds(text, sum, labels, stage->sum_us);
    add_number(text, count, labels, stage->count);
}

static void write_stages(const struct dm_metric *metric, const struct dm_metrics_facts *facts,
                         GString *text) {
    size_t count;
    const struct dm_stage *stages = dm_metrics_counts_stages(facts->counts, &count);
    for (size_t i = 0; i < count; i++) {
        write_stage(text, metric->name, &stages[i]);
    }
}

// ---- the table

#define WRITTEN(function) .write = (function)
#define ITEM(of) .item = (of)
#define COUNT(of) .count = DM_COUNT_##of

const struct dm_metric dm_metrics[] = {
    {"build_info", "gauge", "Always 1; the labels are versions.", WRITTEN(write_build)},
    {"written_timestamp_seconds", "gauge", "When these lines were written.", WRITTEN(write_now)},
    {"config_last_reload_successful", "gauge",
     "Whether the configuration in the files is the one in use.", WRITTEN(write_reloaded)},
    {"paused", "gauge", "Whether somebody has paused the work.", WRITTEN(write_paused)},
    {"work_held", "gauge", "Whether files wait for this reason.", WRITTEN(write_held)},

    {"share_up", "gauge", "Whether the share is there.", ITEM("share.online")},
    {"share_free_bytes", "gauge", "How much is free where results go.", ITEM("share.free_bytes")},
    {"last_scan_timestamp_seconds", "gauge",
     "When the folders were last looked at, whatever the kernel tells.",
     ITEM("inbox.scanned_utc_us")},
    {"folder_problems", "gauge", "Folders whose name is not understood.", WRITTEN(write_problems)},

    {"queue_files", "gauge", "Files by their state.", WRITTEN(write_states)},
    {"queue_bytes", "gauge", "Bytes of the originals that are to be made.",
     WRITTEN(write_queue_bytes)},
    {"queue_oldest_age_seconds", "gauge", "How long the oldest of them waits; 0: none does.",
     WRITTEN(write_oldest)},
    {"workers", "gauge", "Threads that make images, by what they do.", WRITTEN(write_workers)},

    {"files_seen_total", "counter", "Files that were dropped.", WRITTEN(write_seen)},
    {"files_processed_total", "counter", "Files that ended, by operation and result.",
     COUNT(PROCESSED)},
    {"file_failures_total", "counter", "Files that were given up, by reason.", COUNT(FAILURES)},
    {"file_retries_total", "counter", "Tries of files that were tried before.", COUNT(RETRIES)},
    {"input_bytes_total", "counter", "Bytes of the originals of results.", COUNT(INPUT_BYTES)},
    {"output_bytes_total", "counter", "Bytes of results.", COUNT(OUTPUT_BYTES)},
    {"pixels_total", "counter", "Pixels of results.", COUNT(PIXELS)},
    {"batches_total", "counter", "Batches that ended: done, failed as a whole, lost with a job.",
     COUNT(BATCHES)},
    {"worker_deaths_total", "counter", "Jobs that died with images in work.",
     ITEM("engine.deaths")},
    {"decoder_deaths_total", "counter",
     "Processes that decoded a picture and died, or had to be killed.",
     ITEM("engine.decoder_deaths")},
    {"stage_duration_seconds", "histogram", "How long files were in each stage.",
     WRITTEN(write_stages)},

    {"s3_pending_objects", "gauge", "Results that are to be sent to the store.",
     ITEM("mirror.pending")},
    {"s3_oldest_pending_age_seconds", "gauge", "How long the oldest of them waits.",
     ITEM("mirror.oldest_us")},
    {"s3_parked_objects", "gauge", "Results that cannot be sent as they are.",
     ITEM("mirror.parked")},
    {"s3_requests_total", "counter",
     "Requests to the store, by room, method and code of the answer.", WRITTEN(write_s3_requests)},
    {"s3_request_failures_total", "counter", "Of these, how many failed.",
     WRITTEN(write_s3_failures)},
    {"s3_last_success_timestamp_seconds", "gauge", "When a request to the store last succeeded.",
     WRITTEN(write_s3_success)},
    {"s3_sent_bytes_total", "counter", "Bytes of results that were sent.",
     ITEM("mirror.sent_bytes")},

    {"hooks_pending_notices", "gauge", "Notices that have not gone out yet.",
     ITEM("hooks.pending")},
    {"hook_runs_total", "counter",
     "Notices that were delivered, attempts that are made again, notices that were lost.",
     WRITTEN(write_hooks)},
};

const size_t dm_metric_count = G_N_ELEMENTS(dm_metrics);

char *dm_metrics_write(const struct dm_metrics_facts *facts) {
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < dm_metric_count; i++) {
        const struct dm_metric *metric = &dm_metrics[i];
        g_string_append_printf(text, "# HELP dropmill_%s %s\n# TYPE dropmill_%s %s\n", metric->name,
                               metric->help, metric->name, metric->type);
        if (metric->write != NULL) {
            metric->write(metric, facts, text);
        } else if (metric->item != NULL) {
            write_item(metric, facts, text);
        } else {
            write_count(metric, facts, text);
        }
    }
    return g_string_free(text, FALSE);
}
