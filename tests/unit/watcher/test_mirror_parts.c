// SPDX-License-Identifier: MIT
//
// Large results: in parts, gone on with after a stop at any step, never of two files; and uploads
// that were begun and lost.
#include "tests/unit/watcher/support/mirror_stand.h"

#include "watcher/mirror/orphans.h"

#include <glib/gstdio.h>
#include <string.h>

#define MIB (INT64_C(1) << 20)
#define PART (5 * MIB)
#define LARGE (22 * MIB) // five parts, the last of them small
#define PATH "gray/large.tif"

static void restart(struct stand *stand) {
    stand_stop(stand);
    stand_start(stand);
}

static void test_whole(struct stand *stand, gconstpointer data) {
    (void)data;
    stand->settings->part_bytes = PART;
    stand_publish_large(stand, PATH, LARGE, 1);
    stand_publish(stand, "gray/small.jpg", "small");
    stand_run(stand);
    stand_expect_same(stand, PATH);
    stand_expect_state(stand, PATH, DM_UPLOAD_SYNCED);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_PART), ==, 5);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_HEAD), ==, 1);
    struct dm_upload *upload = dm_ledger_find_upload(stand->ledger, PATH);
    g_assert_cmpstr(upload->multipart, ==, "");
    g_assert_cmpstr(upload->etag, !=, "");
    dm_upload_free(upload);
}

/** Stopped after each number of operations in turn: it is there in the end, and no part of it is
 * sent much more often than it was stopped. */
static void test_stopped_anywhere(struct stand *stand, gconstpointer data) {
    (void)data;
    stand->settings->part_bytes = PART;
    for (int operations = 1; operations <= 8; operations++) {
        g_autofree char *path = g_strdup_printf("gray/large-%d.tif", operations);
        stand_publish_large(stand, path, LARGE, operations);
        stand_run_until(stand, operations);
        restart(stand);
        stand_run(stand);
        stand_expect_same(stand, path);
        stand_expect_state(stand, path, DM_UPLOAD_SYNCED);
        g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_PART), <=, 5);
    }
    g_assert_cmpint(stand_count_objects(stand), ==, 8);
}

/** What the store has of it is not sent again. */
static void test_resumed(struct stand *stand, gconstpointer data) {
    (void)data;
    stand->settings->part_bytes = PART;
    stand_publish_large(stand, PATH, LARGE, 1);
    faulty_store_fail(stand->store, DM_STORE_COMPLETE, DM_STORE_SERVER, false);
    stand_run(stand);
    stand_expect_state(stand, PATH, DM_UPLOAD_PENDING);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_PART), ==, 5);
    restart(stand);
    stand_pass(stand, 2 * MINUTE_US);
    stand_expect_same(stand, PATH);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_PART), ==, 0);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_CREATE), ==, 0);
}

/** Rewritten between two runs: the parts of the old file are of no use, and are given back. */
static void test_rewritten(struct stand *stand, gconstpointer data) {
    (void)data;
    stand->settings->part_bytes = PART;
    stand_publish_large(stand, PATH, LARGE, 1);
    faulty_store_fail(stand->store, DM_STORE_COMPLETE, DM_STORE_SERVER, false);
    stand_run(stand);
    stand_publish_large(stand, PATH, LARGE, 2);
    restart(stand);
    stand_pass(stand, 2 * MINUTE_US);
    stand_expect_same(stand, PATH);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_ABORT), ==, 1);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_PART), ==, 5);
}

/** The answer to the last step is lost: head decides. */
static void test_completed_unknown(struct stand *stand, gconstpointer data) {
    (void)data;
    stand->settings->part_bytes = PART;
    faulty_store_fail(stand->store, DM_STORE_COMPLETE, DM_STORE_TRANSPORT, true);
    stand_publish_large(stand, PATH, LARGE, 1);
    stand_run(stand);
    stand_expect_same(stand, PATH);
    g_assert_cmpint(stand_count(stand, DM_UPLOAD_PENDING), ==, 0);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_COMPLETE), ==, 1);
}

/** Somebody has thrown the upload away. */
static void test_lost(struct stand *stand, gconstpointer data) {
    (void)data;
    stand->settings->part_bytes = PART;
    stand_publish_large(stand, PATH, LARGE, 1);
    faulty_store_fail(stand->store, DM_STORE_COMPLETE, DM_STORE_SERVER, false);
    stand_run(stand);
    struct dm_upload *upload = dm_ledger_find_upload(stand->ledger, PATH);
    dm_ledger_set_multipart(stand->ledger, upload->id, "nobody-knows-this", upload->part_bytes,
                            upload->source);
    dm_upload_free(upload);
    restart(stand);
    stand_pass(stand, 5 * MINUTE_US);
    stand_expect_same(stand, PATH);
    stand_expect_state(stand, PATH, DM_UPLOAD_SYNCED);
}

static void test_faults(struct stand *stand, gconstpointer data) {
    (void)data;
    stand->settings->part_bytes = PART;
    faulty_store_fail_some(stand->store, DM_STORE_TRANSPORT, true, 5);
    for (int i = 0; i < 4; i++) {
        g_autofree char *path = g_strdup_printf("gray/%d.tif", i);
        stand_publish_large(stand, path, LARGE, i);
    }
    stand_pass(stand, 20 * MINUTE_US);
    faulty_store_fail_some(stand->store, DM_STORE_OK, false, 1);
    stand_pass(stand, 10 * MINUTE_US);
    for (int i = 0; i < 4; i++) {
        g_autofree char *path = g_strdup_printf("gray/%d.tif", i);
        stand_expect_same(stand, path);
        stand_expect_state(stand, path, DM_UPLOAD_SYNCED);
    }
}

/** Made small again while its parts are there. */
static void test_shrunk(struct stand *stand, gconstpointer data) {
    (void)data;
    stand->settings->part_bytes = PART;
    stand_publish_large(stand, PATH, LARGE, 1);
    faulty_store_fail(stand->store, DM_STORE_COMPLETE, DM_STORE_SERVER, false);
    stand_run(stand);
    stand_publish(stand, PATH, "small");
    stand_pass(stand, 2 * MINUTE_US);
    stand_expect_object(stand, PATH, "small");
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_ABORT), ==, 1);
}

// ---- orphans

static bool is_orphan(struct stand *stand, const char *key, const char *id, int64_t age_us) {
    int64_t utc_us = dm_ledger_utc_us(stand->ledger);
    const struct dm_store_entry entry = {
        .key = (char *)key, .upload_id = (char *)id, .time_utc_us = utc_us - age_us};
    return dm_orphans_is_one(stand->mirror, &entry, utc_us);
}

static void test_what_is_an_orphan(struct stand *stand, gconstpointer data) {
    (void)data;
    stand_publish(stand, "gray/a.jpg", "one");
    stand_run(stand);
    struct dm_upload *upload = dm_ledger_find_upload(stand->ledger, "gray/a.jpg");
    dm_ledger_set_multipart(stand->ledger, upload->id, "known", PART, "x");
    dm_upload_free(upload);
    g_assert_true(is_orphan(stand, "results/gray/a.jpg", "lost", 25 * HOUR_US));
    g_assert_false(is_orphan(stand, "results/gray/a.jpg", "known", 25 * HOUR_US));
    g_assert_false(is_orphan(stand, "results/gray/a.jpg", "lost", 23 * HOUR_US));
    g_assert_false(is_orphan(stand, "results/gray/other.jpg", "lost", 25 * HOUR_US));
    g_assert_false(is_orphan(stand, "gray/a.jpg", "lost", 25 * HOUR_US));
}

/** The answer to the first step is lost, again and again: a day later nothing is left of it. */
static void test_orphans(struct stand *stand, gconstpointer data) {
    (void)data;
    stand->settings->part_bytes = PART;
    faulty_store_fail(stand->store, DM_STORE_CREATE, DM_STORE_TRANSPORT, true);
    stand_publish_large(stand, PATH, LARGE, 1);
    stand_pass(stand, MINUTE_US);
    faulty_store_fail(stand->store, DM_STORE_CREATE, DM_STORE_OK, false);
    stand_pass(stand, 2 * MINUTE_US);
    stand_expect_same(stand, PATH);
    int begun = faulty_store_count(stand->store, DM_STORE_CREATE);
    g_assert_cmpint(begun, >=, 2);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_ABORT), ==, 0);
    stand_pass(stand, 26 * HOUR_US);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_ABORT), ==, begun - 1);
    g_autofree char *log = stand_take_log();
    g_assert_nonnull(strstr(log, "that were begun and lost"));
    stand_expect_same(stand, PATH);
}

int main(int argc, char **argv) {
    static const struct stand_test tests[] = {
        {"parts/whole", test_whole},
        {"parts/stopped_anywhere", test_stopped_anywhere},
        {"parts/resumed", test_resumed},
        {"parts/rewritten", test_rewritten},
        {"parts/completed_unknown", test_completed_unknown},
        {"parts/lost", test_lost},
        {"parts/faults", test_faults},
        {"parts/shrunk", test_shrunk},
        {"parts/what_is_an_orphan", test_what_is_an_orphan},
        {"parts/orphans", test_orphans},
    };
    return stand_main(argc, argv, tests, G_N_ELEMENTS(tests));
}
