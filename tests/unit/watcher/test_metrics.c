// SPDX-License-Identifier: MIT
//
// Metrics: what is counted at the ledger's moves, and the text that is written of it.
#include "tests/unit/watcher/support/inbox_world.h"
#include "watcher/metrics.h"

#include <string.h>

#define SECOND_US ((int64_t)G_USEC_PER_SEC)

struct bench {
    struct dm_ledger *ledger;
    struct dm_catalogue *catalogue;
    GHashTable *recipes;
    struct dm_metrics_counts *counts;
    int64_t utc_us;
};

static int64_t clock_of(void *data) {
    return ((const struct bench *)data)->utc_us;
}

static void set_up(struct bench *bench) {
    bench->utc_us = 1000 * SECOND_US;
    bench->ledger = dm_ledger_open(":memory:", false, NULL);
    dm_ledger_set_clock(bench->ledger, clock_of, bench);
    bench->catalogue = world_catalogue();
    bench->recipes = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(bench->recipes, (gpointer) "web-large", (gpointer) "blur-3");
    bench->counts = dm_metrics_counts_new(bench->ledger, bench->catalogue, bench->recipes);
}

static void clear(struct bench *bench) {
    dm_metrics_counts_free(bench->counts);
    dm_ledger_free(bench->ledger);
    dm_catalogue_free(bench->catalogue);
    g_hash_table_destroy(bench->recipes);
}

/** A row that was handed out in @batch. */
static struct dm_row *hand_out(struct bench *bench, const char *path, const char *chain,
                               int64_t batch) {
    const struct dm_fingerprint original = {.size_bytes = 1000};
    struct dm_row *row = dm_ledger_insert(bench->ledger, path, chain, &original);
    bench->utc_us += 2 * SECOND_US;
    dm_ledger_move(bench->ledger, row, DM_FACT_SETTLED);
    row->job = 1;
    row->batch = batch;
    dm_row_set(&row->temp, "t");
    dm_ledger_move(bench->ledger, row, DM_FACT_DISPATCHED);
    return row;
}

static void make(struct bench *bench, struct dm_row *row) {
    dm_row_set(&row->format, "jpeg");
    row->bytes = 100;
    row->width_px = 30;
    row->height_px = 20;
    dm_ledger_move(bench->ledger, row, DM_FACT_COMPUTED);
    dm_row_set(&row->temp, "");
    dm_row_set(&row->output, row->path);
    dm_ledger_move(bench->ledger, row, DM_FACT_PUBLISHED);
}

static void refuse(struct bench *bench, struct dm_row *row) {
    row->reason = DM_REASON_TRUNCATED;
    dm_row_set(&row->temp, "");
    dm_ledger_move(bench->ledger, row, DM_FACT_REFUSED);
}

static char *text_of(struct bench *bench) {
    char here[] = "here", there[] = "there";
    struct dm_engine_host warm = {here, 3, 8, "warm"}, away = {there, 0, 8, "away"};
    g_autoptr(GPtrArray) hosts = g_ptr_array_new();
    g_ptr_array_add(hosts, &warm);
    g_ptr_array_add(hosts, &away);
    struct dm_daemon_status status = {
        .version = "1.2",
        .vips = "8.14.1",
        .mpi = "An \"MPI\"",
        .share = {.online = true},
        .gate = {.held = "paused", .by = "", .free_bytes = -1},
        .engine = {.state = "warm", .deaths = 2, .decoder_deaths = 5},
        .inbox = {.scanned_utc_us = 900 * SECOND_US},
        .mirror = {.oldest_us = 1500000,
                   .pending = 7,
                   .requests = 9,
                   .failures = 1,
                   .success_utc_us = 800 * SECOND_US},
        .hosts = hosts,
    };
    dm_store_counts_add(&status.mirror.counts, "PUT", 200);
    dm_store_counts_add(&status.mirror.counts, "PUT", 200);
    dm_store_counts_add(&status.mirror.counts, "PUT", 0);
    dm_store_counts_add(&status.mirror.counts, "GET", 299);
    dm_store_counts_add(&status.s3_inbox.counts, "DELETE", 503);
    struct dm_metrics_facts facts = {.status = &status,
                                     .counts = bench->counts,
                                     .seen = (int64_t)dm_ledger_drops(bench->ledger),
                                     .folder_problems = 4,
                                     .now_utc_us = bench->utc_us + 3 * SECOND_US};
    dm_ledger_count(bench->ledger, facts.states);
    dm_ledger_queue(bench->ledger, &facts.queue);
    return dm_metrics_write(&facts);
}

static void assert_line(const char *text, const char *line) {
    g_autofree char *whole = g_strdup_printf("\n%s\n", line);
    if (strstr(text, whole) == NULL) {
        g_error("no line '%s' in:\n%s", line, text);
    }
}

static void test_table(void) {
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t i = 0; i < dm_metric_count; i++) {
        const struct dm_metric *metric = &dm_metrics[i];
        g_test_message("%s", metric->name);
        g_assert_true(g_hash_table_add(names, (gpointer)metric->name));
        g_assert_true(g_str_has_suffix(metric->help, "."));
        g_assert_true(g_str_has_suffix(metric->name, "_total") ==
                      (strcmp(metric->type, "counter") == 0));
        bool is_item = metric->item == NULL;
        for (size_t k = 0; k < dm_status_item_count; k++) {
            is_item = is_item || strcmp(dm_status_items[k].name, metric->item) == 0;
        }
        g_assert_true(is_item);
    }
}

static void test_status(void) {
    struct bench bench;
    set_up(&bench);
    g_autofree char *text = text_of(&bench);
    static const char *const lines[] = {
        "dropmill_build_info{version=\"1.2\",vips=\"8.14.1\",mpi=\"An \\\"MPI\\\"\"} 1",
        "dropmill_last_scan_timestamp_seconds 900.000000",
        "dropmill_decoder_deaths_total 5",
        "dropmill_written_timestamp_seconds 1003.000000",
        "dropmill_config_last_reload_successful 1",
        "dropmill_paused 1",
        "dropmill_work_held{reason=\"paused\"} 1",
        "dropmill_work_held{reason=\"quiet hours\"} 0",
        "dropmill_share_up 1",
        "dropmill_folder_problems 4",
        "dropmill_queue_oldest_age_seconds 0.000000",
        "dropmill_workers{state=\"busy\"} 3",
        "dropmill_workers{state=\"idle\"} 5",
        "dropmill_worker_deaths_total 2",
        "dropmill_s3_pending_objects 7",
        "dropmill_s3_oldest_pending_age_seconds 1.500000",
        "dropmill_s3_requests_total{room=\"mirror\",method=\"PUT\",code=\"200\"} 2",
        "dropmill_s3_requests_total{room=\"mirror\",method=\"PUT\",code=\"none\"} 1",
        "dropmill_s3_requests_total{room=\"mirror\",method=\"GET\",code=\"other\"} 1",
        "dropmill_s3_requests_total{room=\"inbox\",method=\"DELETE\",code=\"503\"} 1",
        "dropmill_s3_last_success_timestamp_seconds{room=\"mirror\"} 800.000000",
        "dropmill_s3_request_failures_total{room=\"mirror\"} 1",
        "dropmill_file_failures_total{reason=\"damaged\"} 0",
        "dropmill_file_retries_total 0",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        assert_line(text, lines[i]);
    }
    g_assert_null(strstr(text, "\ndropmill_share_free_bytes")); // not known
    g_assert_null(strstr(text, "seconds{room=\"inbox\"}"));     // it never succeeded
    clear(&bench);
}

static void test_moves(void) {
    struct bench bench;
    set_up(&bench);
    DM_AUTO_ROW struct dm_row *one = hand_out(&bench, "blur-5/secret/a.jpg", "blur-5", 1);
    DM_AUTO_ROW struct dm_row *two = hand_out(&bench, "web-large_rotate/b.jpg", "blur-3_rotate", 1);
    DM_AUTO_ROW struct dm_row *three = hand_out(&bench, "nothing/c.jpg", "nothing", 2);
    dm_ledger_move(bench.ledger, two, DM_FACT_LOST);
    dm_ledger_move(bench.ledger, two, DM_FACT_DISPATCHED); // in batch 1 again
    make(&bench, one);
    refuse(&bench, three);
    g_autofree char *text = text_of(&bench);
    static const char *const lines[] = {
        "dropmill_files_seen_total 3",
        "dropmill_files_processed_total{operation=\"blur\",result=\"done\"} 1",
        "dropmill_files_processed_total{operation=\"other\",result=\"failed\"} 1",
        "dropmill_file_failures_total{reason=\"truncated\"} 1",
        "dropmill_file_retries_total 1",
        "dropmill_input_bytes_total 1000",
        "dropmill_output_bytes_total 100",
        "dropmill_pixels_total 600",
        "dropmill_batches_total{result=\"failed\"} 1",
        "dropmill_batches_total{result=\"lost\"} 0", // one of it is still in work
        "dropmill_queue_files{state=\"running\"} 1",
        "dropmill_queue_bytes 1000",
        "dropmill_queue_oldest_age_seconds 7.000000",
        "dropmill_stage_duration_seconds_bucket{stage=\"settle\",le=\"1\"} 0",
        "dropmill_stage_duration_seconds_bucket{stage=\"settle\",le=\"5\"} 3",
        "dropmill_stage_duration_seconds_bucket{stage=\"settle\",le=\"10\"} 3",
        "dropmill_stage_duration_seconds_bucket{stage=\"settle\",le=\"+Inf\"} 3",
        "dropmill_stage_duration_seconds_sum{stage=\"settle\"} 6.000000",
        "dropmill_stage_duration_seconds_count{stage=\"settle\"} 3",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        assert_line(text, lines[i]);
    }
    g_assert_null(strstr(text, "secret"));
    make(&bench, two);
    g_autofree char *later = text_of(&bench);
    assert_line(later, "dropmill_batches_total{result=\"lost\"} 1");
    assert_line(later, "dropmill_files_processed_total{operation=\"web-large\",result=\"done\"} 1");
    // What follows an end does not count again.
    one->retired = true;
    dm_ledger_move(bench.ledger, one, DM_FACT_RETIRED);
    dm_ledger_move(bench.ledger, three, DM_FACT_RETIRED);
    g_autofree char *last = text_of(&bench);
    assert_line(last, "dropmill_files_processed_total{operation=\"blur\",result=\"done\"} 1");
    assert_line(last, "dropmill_files_processed_total{operation=\"other\",result=\"failed\"} 1");
    clear(&bench);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/metrics/table", test_table);
    g_test_add_func("/metrics/status", test_status);
    g_test_add_func("/metrics/moves", test_moves);
    return g_test_run();
}
