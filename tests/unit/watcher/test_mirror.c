// SPDX-License-Identifier: MIT
//
// The mirror on a store with faults: what is published comes there, once; rewrites; results that
// are gone; outages, throttles, lost answers, refusals, parts, kills between the steps.
#include "tests/unit/watcher/support/mirror_stand.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void publish_many(struct stand *stand, int count) {
    for (int i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("gray/%04d.jpg", i);
        stand_publish(stand, path, path);
    }
}

static void test_sent(struct stand *stand, gconstpointer data) {
    (void)data;
    stand_publish(stand, "gray/a.jpg", "one");
    stand_publish(stand, "gray/Holiday 2024/b.jpg", "two");
    stand_run(stand);
    stand_expect_object(stand, "gray/a.jpg", "one");
    stand_expect_object(stand, "gray/Holiday 2024/b.jpg", "two");
    stand_expect_state(stand, "gray/a.jpg", DM_UPLOAD_SYNCED);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_PUT), ==, 2);
    stand_stop(stand);
    stand_start(stand);
    stand_run(stand); // all is there: nothing is sent again
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_PUT), ==, 0);
}

static void test_rewritten(struct stand *stand, gconstpointer data) {
    (void)data;
    stand_publish(stand, "gray/a.jpg", "one");
    stand_run(stand);
    stand_publish(stand, "gray/a.jpg", "other");
    stand_run(stand);
    stand_expect_object(stand, "gray/a.jpg", "other");
    // What a process before us may have under way is looked for when it must have come in.
    stand_expect_state(stand, "gray/a.jpg", DM_UPLOAD_DOUBTED);
    stand_pass(stand, 2 * MINUTE_US);
    stand_expect_state(stand, "gray/a.jpg", DM_UPLOAD_SYNCED);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_HEAD), ==, 1);
}

/** A rewrite while the old one is in flight: the new one is sent, too. */
static void test_overtaken(struct stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_hold(stand->store, true);
    stand_publish(stand, "gray/a.jpg", "one");
    stand_run_until(stand, 1);
    stand_publish(stand, "gray/a.jpg", "other");
    stand_turn(stand);
    faulty_store_hold(stand->store, false);
    stand_run(stand);
    stand_expect_object(stand, "gray/a.jpg", "other");
    g_assert_cmpint(stand_count(stand, DM_UPLOAD_PENDING), ==, 0);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_PUT), ==, 2);
}

/** A consumer takes an object out of the bucket: it is not sent again. */
static void test_consumed(struct stand *stand, gconstpointer data) {
    (void)data;
    stand_publish(stand, "gray/a.jpg", "one");
    stand_run(stand);
    g_autofree char *object = g_build_filename(stand->store_path, "results/gray/a.jpg", NULL);
    g_assert_cmpint(remove(object), ==, 0);
    stand_pass(stand, 3 * HOUR_US);
    stand_stop(stand);
    stand_start(stand);
    stand_pass(stand, 3 * HOUR_US);
    g_assert_cmpint(stand_count_objects(stand), ==, 0);
}

static void test_absent(struct stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_fail(stand->store, DM_STORE_PUT, DM_STORE_SERVER, false);
    stand_publish(stand, "gray/a.jpg", "one");
    stand_run(stand);
    stand_remove(stand, "gray/a.jpg");
    faulty_store_fail(stand->store, DM_STORE_PUT, DM_STORE_OK, false);
    stand_pass(stand, 2 * MINUTE_US);
    stand_expect_state(stand, "gray/a.jpg", DM_UPLOAD_PARKED);
    g_autofree char *log = stand_take_log();
    g_assert_nonnull(strstr(log, "taken out of the outbox before it was sent"));
}

static void test_bad_name(struct stand *stand, gconstpointer data) {
    (void)data;
    stand_publish(stand, "gray/new\nline.jpg", "one");
    stand_publish(stand, "gray/\xff.jpg", "one");
    stand_publish(stand, "gray/good.jpg", "one");
    stand_run(stand);
    g_assert_cmpint(stand_count(stand, DM_UPLOAD_PARKED), ==, 2);
    g_assert_cmpint(stand_count(stand, DM_UPLOAD_SYNCED), ==, 1);
}

/** It is refused, whoever sends it: parked with the reason; the others go on; a retry helps. */
static void test_refused(struct stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_fail(stand->store, DM_STORE_PUT, DM_STORE_OBJECT, false);
    stand_publish(stand, "gray/a.jpg", "one");
    stand_run(stand);
    stand_expect_state(stand, "gray/a.jpg", DM_UPLOAD_PARKED);
    faulty_store_fail(stand->store, DM_STORE_PUT, DM_STORE_OK, false);
    stand_publish(stand, "gray/b.jpg", "two");
    stand_run(stand);
    stand_expect_state(stand, "gray/b.jpg", DM_UPLOAD_SYNCED);
    stand_pass(stand, HOUR_US);
    stand_expect_state(stand, "gray/a.jpg", DM_UPLOAD_PARKED);
    g_assert_cmpint(dm_mirror_retry(stand->mirror, "gray/a.jpg"), ==, 1);
    stand_run(stand);
    stand_expect_object(stand, "gray/a.jpg", "one");
}

/** A bucket that is away for ten minutes: bounded attempts, then all is there. */
static void test_outage(struct stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_fail(stand->store, DM_STORE_VERB_COUNT, DM_STORE_TRANSPORT, false);
    publish_many(stand, 500);
    stand_pass(stand, 10 * MINUTE_US);
    int attempts = faulty_store_count(stand->store, DM_STORE_VERB_COUNT);
    g_test_message("%d attempts in an outage of 10 minutes with 500 results", attempts);
    g_assert_cmpint(attempts, <, 100);
    struct dm_mirror_status status;
    dm_mirror_status(stand->mirror, g_get_monotonic_time() + stand->ahead_us, &status);
    g_assert_cmpstr(status.state, ==, "waiting");
    g_assert_nonnull(strstr(status.problem, "cannot mirror to"));
    g_assert_cmpint(status.pending, ==, 500);
    faulty_store_fail(stand->store, DM_STORE_VERB_COUNT, DM_STORE_OK, false);
    stand_pass(stand, 3 * MINUTE_US);
    g_assert_cmpint(stand_count(stand, DM_UPLOAD_PENDING), ==, 0);
    g_assert_cmpint(stand_count_objects(stand), ==, 500);
    g_autofree char *log = stand_take_log();
    g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 3); // one warning, one "is back"
    g_assert_nonnull(strstr(log, "is back"));
}

/** A wrong secret: all stops, one warning; somebody puts it right and says retry. */
static void test_endpoint(struct stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_fail(stand->store, DM_STORE_VERB_COUNT, DM_STORE_ENDPOINT, false);
    publish_many(stand, 100);
    stand_pass(stand, HOUR_US);
    int attempts = faulty_store_count(stand->store, DM_STORE_PUT);
    g_test_message("%d puts in an hour", attempts);
    g_assert_cmpint(attempts, <, 40);
    faulty_store_fail(stand->store, DM_STORE_VERB_COUNT, DM_STORE_OK, false);
    dm_mirror_retry(stand->mirror, NULL);
    stand_run(stand);
    g_assert_cmpint(stand_count_objects(stand), ==, 100);
}

/** Answers are lost, requests fail: each result is there once, none is parked. */
static void test_faults(struct stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_fail_some(stand->store, DM_STORE_TRANSPORT, true, 7);
    publish_many(stand, 300);
    stand_pass(stand, 10 * MINUTE_US);
    faulty_store_fail_some(stand->store, DM_STORE_OK, false, 1);
    stand_pass(stand, 10 * MINUTE_US);
    g_assert_cmpint(stand_count(stand, DM_UPLOAD_SYNCED), ==, 300);
    g_assert_cmpint(stand_count_objects(stand), ==, 300);
}

static void test_throttled(struct stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_fail_some(stand->store, DM_STORE_THROTTLE, false, 3);
    publish_many(stand, 200);
    stand_pass(stand, 10 * MINUTE_US);
    faulty_store_fail_some(stand->store, DM_STORE_OK, false, 1);
    stand_pass(stand, 2 * MINUTE_US);
    g_assert_cmpint(stand_count(stand, DM_UPLOAD_SYNCED), ==, 200);
    g_assert_cmpint(stand_count(stand, DM_UPLOAD_PARKED), ==, 0);
}

/** Other bytes arrive than were sent: three tries, then it is parked and the others go on. */
static void test_spoilt(struct stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_fail(stand->store, DM_STORE_PUT, DM_STORE_DATA, false);
    stand_publish(stand, "gray/a.jpg", "one");
    stand_pass(stand, 5 * MINUTE_US);
    stand_expect_state(stand, "gray/a.jpg", DM_UPLOAD_PARKED);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_PUT), ==, 3);
}

// ---- a late request

/** The answer to an old generation is lost; it comes in behind the new one and undoes it. */
static void test_late_request(struct stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_fail(stand->store, DM_STORE_PUT, DM_STORE_TRANSPORT, false);
    stand_publish(stand, "gray/a.jpg", "one");
    stand_run(stand);
    faulty_store_fail(stand->store, DM_STORE_PUT, DM_STORE_OK, false);
    stand_publish(stand, "gray/a.jpg", "two");
    stand_pass(stand, 10 * SECOND_US);
    stand_expect_object(stand, "gray/a.jpg", "two");
    stand_expect_state(stand, "gray/a.jpg", DM_UPLOAD_DOUBTED);
    g_autofree char *object = g_build_filename(stand->store_path, "results/gray/a.jpg", NULL);
    g_assert_true(g_file_set_contents(object, "one", 3, NULL));
    stand_pass(stand, 3 * MINUTE_US);
    stand_expect_object(stand, "gray/a.jpg", "two");
    stand_pass(stand, 3 * MINUTE_US);
    stand_expect_state(stand, "gray/a.jpg", DM_UPLOAD_SYNCED);
}

/** A store that is away and back is noticed, although there is nothing to send. */
static void test_idle(struct stand *stand, gconstpointer data) {
    (void)data;
    struct dm_mirror_status status;
    faulty_store_fail(stand->store, DM_STORE_VERB_COUNT, DM_STORE_ENDPOINT, false);
    stand_pass(stand, 2 * HOUR_US); // it looks for orphans now and then
    dm_mirror_status(stand->mirror, g_get_monotonic_time() + stand->ahead_us, &status);
    g_assert_cmpstr(status.state, ==, "held");
    faulty_store_fail(stand->store, DM_STORE_VERB_COUNT, DM_STORE_OK, false);
    stand_pass(stand, 6 * MINUTE_US);
    dm_mirror_status(stand->mirror, g_get_monotonic_time() + stand->ahead_us, &status);
    g_assert_cmpstr(status.state, ==, "idle");
    g_assert_cmpstr(status.problem, ==, "");
}

// ---- the share

static void test_share_away(struct stand *stand, gconstpointer data) {
    (void)data;
    stand_publish(stand, "gray/a.jpg", "one");
    g_autofree char *away = g_strconcat(stand->share_path, ".away", NULL);
    g_assert_cmpint(rename(stand->share_path, away), ==, 0);
    stand_pass(stand, HOUR_US);
    stand_expect_state(stand, "gray/a.jpg", DM_UPLOAD_PENDING); // not: it was taken away
    g_assert_cmpint(rename(away, stand->share_path), ==, 0);
    stand_pass(stand, MINUTE_US);
    stand_expect_object(stand, "gray/a.jpg", "one");
}

/** Nothing is said of a store that is not asked, and a stop while much is under way loses none. */
static void test_stopped(struct stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_hold(stand->store, true);
    publish_many(stand, 50);
    stand_run_until(stand, 4);
    stand_stop(stand);
    stand_start(stand);
    g_assert_cmpint(stand_count(stand, DM_UPLOAD_PENDING), ==, 50);
    stand_run(stand);
    g_assert_cmpint(stand_count_objects(stand), ==, 50);
}

static int64_t resident_kb(void) {
    g_autofree char *text = NULL;
    long pages = 0;
    g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    g_assert_cmpint(sscanf(text, "%*s %ld", &pages), ==, 1);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/** 100,000 results wait when the daemon starts: the first is sent at once, and memory stays. */
static void test_many_pending(struct stand *stand, gconstpointer data) {
    (void)data;
    publish_many(stand, 1);
    for (int i = 0; i < 100000; i++) {
        g_autofree char *path = g_strdup_printf("gray/not-there-%06d.jpg", i);
        dm_ledger_queue_upload(stand->ledger, path, 1);
    }
    stand_stop(stand);
    int64_t before_kb = resident_kb(), begun_us = g_get_monotonic_time();
    stand_start(stand);
    stand_run_until(stand, 2); // one looks for orphans
    int64_t took_ms = (g_get_monotonic_time() - begun_us) / 1000;
    int64_t more_kb = resident_kb() - before_kb;
    g_test_message("the first upload after %d ms, %d kB more", (int)took_ms, (int)more_kb);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_PUT), ==, 1);
    g_assert_cmpint(more_kb, <, 16 << 10);
}

int main(int argc, char **argv) {
    static const struct stand_test tests[] = {
        {"sent", test_sent},
        {"rewritten", test_rewritten},
        {"overtaken", test_overtaken},
        {"consumed", test_consumed},
        {"absent", test_absent},
        {"bad_name", test_bad_name},
        {"refused", test_refused},
        {"outage", test_outage},
        {"endpoint", test_endpoint},
        {"idle", test_idle},
        {"faults", test_faults},
        {"throttled", test_throttled},
        {"spoilt", test_spoilt},
        {"late_request", test_late_request},
        {"share_away", test_share_away},
        {"stopped", test_stopped},
        {"many_pending", test_many_pending},
    };
    return stand_main(argc, argv, tests, G_N_ELEMENTS(tests));
}
