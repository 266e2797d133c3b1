// SPDX-License-Identifier: MIT
//
// The gate: which reason is told, a pause that outlives the daemon and ends by the clock, quiet
// hours as the clock moves, and how much is free. The clock comes in. rate.h, too.
#include "watcher/gate.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "tests/unit/watcher/support/share_dir.h"
#include "watcher/rate.h"

#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECOND_US ((int64_t)G_USEC_PER_SEC)
#define HOUR_US (3600 * SECOND_US)

// ---- the decision

static void test_first_reason_counts(void) {
    const struct dm_gate_facts open = {
        .now_utc_us = 1000, .online = true, .free_bytes = 10, .min_free_bytes = 10};
    struct dm_gate_facts facts = open;
    int64_t until_us = 7;
    g_assert_cmpint(dm_gate_decide(&facts, &until_us), ==, DM_GATE_OPEN);
    g_assert_cmpint(until_us, ==, 0);
    facts.free_bytes = 9;
    g_assert_cmpint(dm_gate_decide(&facts, &until_us), ==, DM_GATE_NO_ROOM);
    g_assert_cmpint(until_us, ==, 0);
    facts.quiet_until_utc_us = 1001;
    g_assert_cmpint(dm_gate_decide(&facts, &until_us), ==, DM_GATE_QUIET);
    g_assert_cmpint(until_us, ==, 1001);
    facts.paused_until_utc_us = INT64_MAX;
    g_assert_cmpint(dm_gate_decide(&facts, &until_us), ==, DM_GATE_PAUSED);
    g_assert_cmpint(until_us, ==, 0); // nobody knows
    facts.online = false;
    g_assert_cmpint(dm_gate_decide(&facts, &until_us), ==, DM_GATE_OFFLINE);
}

static void test_times_end(void) {
    struct dm_gate_facts facts = {.now_utc_us = 1000,
                                  .online = true,
                                  .paused_until_utc_us = 1000,
                                  .quiet_until_utc_us = 1000,
                                  .free_bytes = -1,
                                  .min_free_bytes = 10};
    int64_t until_us;
    g_assert_cmpint(dm_gate_decide(&facts, &until_us), ==, DM_GATE_OPEN);
    facts.now_utc_us--;
    g_assert_cmpint(dm_gate_decide(&facts, &until_us), ==, DM_GATE_PAUSED);
}

static void test_names(void) {
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (int i = 0; i < DM_GATE_REASON_COUNT; i++) {
        const char *name = dm_gate_reason_name((enum dm_gate_reason)i);
        g_assert_true(g_hash_table_add(names, (gpointer)(uintptr_t)name));
    }
    g_assert_cmpstr(dm_gate_reason_name(DM_GATE_OPEN), ==, "off");
}

// ---- a gate

struct scene {
    char *dir, *path;
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_gate *gate;
    int64_t now_us, utc_us;
    unsigned wakes;
};

static int64_t scene_utc_us(void *data) {
    return ((const struct scene *)data)->utc_us;
}

static void count_wake(void *data) {
    ((struct scene *)data)->wakes++;
}

static void open_gate(struct scene *scene, const char *quiet_hours, int64_t min_free_bytes) {
    g_autoptr(GError) error = NULL;
    g_autofree char *ledger = g_build_filename(scene->dir, "ledger.db", NULL);
    scene->ledger = dm_ledger_open(ledger, false, &error);
    g_assert_no_error(error);
    dm_ledger_set_clock(scene->ledger, scene_utc_us, scene);
    scene->share = dm_share_open(scene->path, 0, &error);
    g_assert_no_error(error);
    const struct dm_gate_config config = {.ledger = scene->ledger,
                                          .share = scene->share,
                                          .wake = {count_wake, scene},
                                          .quiet_hours = quiet_hours,
                                          .min_free_bytes = min_free_bytes};
    scene->gate = dm_gate_new(&config, &error);
    g_assert_no_error(error);
}

static void close_gate(struct scene *scene) {
    g_assert_true(dm_ledger_commit(scene->ledger, NULL));
    dm_share_stop(scene->share);
    dm_gate_free(scene->gate);
    dm_share_free(scene->share);
    dm_ledger_free(scene->ledger);
}

static void set_up(struct scene *scene, const void *data) {
    (void)data;
    *scene = (struct scene){.now_us = 1000 * SECOND_US, .utc_us = INT64_C(1780000000) * SECOND_US};
    scene->dir = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    scene->path = g_build_filename(scene->dir, "share", NULL);
    share_dir_fill(scene->path, "one");
}

static void tear_down(struct scene *scene, const void *data) {
    (void)data;
    dm_remove_tree(scene->dir);
    g_free(scene->path);
    g_free(scene->dir);
}

/** A turn @after_us later on both clocks. Returns in how long the next one is wanted. */
static int64_t turn(struct scene *scene, int64_t after_us) {
    scene->now_us += after_us;
    scene->utc_us += after_us;
    return dm_gate_turn(scene->gate, scene->now_us) - scene->now_us;
}

/** The same, and what it asks the share comes back. */
static void turn_and_back(struct scene *scene, int64_t after_us) {
    turn(scene, after_us);
    for (int i = 0; i < 1000 && dm_share_load(scene->share) > 0; i++) {
        struct pollfd fd = {.fd = dm_share_fd(scene->share), .events = POLLIN};
        poll(&fd, 1, 1000);
        dm_share_dispatch(scene->share, scene->now_us);
    }
    turn(scene, 0);
}

static void check(const struct scene *scene, const char *held, int64_t until_utc_us) {
    struct dm_gate_status status;
    dm_gate_status(scene->gate, &status);
    g_assert_cmpstr(status.held, ==, held);
    g_assert_cmpint(status.until_utc_us, ==, until_utc_us);
}

static void test_pause(struct scene *scene, const void *data) {
    (void)data;
    open_gate(scene, "", 0);
    turn(scene, 0);
    check(scene, "off", 0);
    g_assert_false(dm_gate_resume(scene->gate, 0));
    dm_gate_pause(scene->gate, INT64_MAX, 0);
    g_assert_cmpuint(scene->wakes, >, 0);
    turn(scene, 1);
    check(scene, "paused", 0);
    close_gate(scene);

    open_gate(scene, "", 0); // it outlives the daemon, and so does who did it
    turn(scene, HOUR_US);
    check(scene, "paused", 0);
    struct dm_gate_status status;
    dm_gate_status(scene->gate, &status);
    g_assert_cmpstr(status.by, ==, "uid 0 (root)");
    g_assert_true(dm_gate_resume(scene->gate, 0));
    turn(scene, 1);
    check(scene, "off", 0);
    close_gate(scene);

    open_gate(scene, "", 0);
    turn(scene, 1);
    check(scene, "off", 0);
    close_gate(scene);
}

static void test_pause_ends(struct scene *scene, const void *data) {
    (void)data;
    open_gate(scene, "", 0);
    turn(scene, 0);
    int64_t until_us = scene->utc_us + 2 * HOUR_US;
    dm_gate_pause(scene->gate, until_us, 0);
    g_assert_cmpint(turn(scene, 0), <=, 60 * SECOND_US); // the clock may be set
    check(scene, "paused", until_us);
    g_assert_cmpint(turn(scene, 2 * HOUR_US - 10 * SECOND_US), <=, 10 * SECOND_US);
    check(scene, "paused", until_us);
    turn(scene, 10 * SECOND_US);
    check(scene, "off", 0);
    close_gate(scene);

    open_gate(scene, "", 0); // one that ended while nobody was there
    dm_gate_pause(scene->gate, scene->utc_us + HOUR_US, 0);
    close_gate(scene);
    scene->utc_us += 2 * HOUR_US;
    open_gate(scene, "", 0);
    turn(scene, 0);
    check(scene, "off", 0);
    close_gate(scene);
}

static void test_quiet(struct scene *scene, const void *data) {
    (void)data;
    g_setenv("TZ", "UTC", TRUE);
    tzset();
    scene->utc_us = INT64_C(1780000000) / 86400 * 86400 * SECOND_US; // midnight
    open_gate(scene, "08:00-18:00", 0);
    g_assert_cmpint(turn(scene, 8 * HOUR_US - SECOND_US), <=, SECOND_US);
    check(scene, "off", 0);
    turn(scene, SECOND_US);
    check(scene, "quiet hours", scene->utc_us + 10 * HOUR_US);
    dm_gate_pause(scene->gate, INT64_MAX, 0);
    turn(scene, 0);
    check(scene, "paused", 0);
    dm_gate_resume(scene->gate, 0);
    turn(scene, 0);
    check(scene, "quiet hours", scene->utc_us + 10 * HOUR_US);
    turn(scene, 10 * HOUR_US);
    check(scene, "off", 0);
    close_gate(scene);
}

static void test_room(struct scene *scene, const void *data) {
    (void)data;
    open_gate(scene, "", INT64_MAX);
    turn(scene, 0);
    check(scene, "off", 0); // not known yet
    turn_and_back(scene, 0);
    check(scene, "no room", 0);
    struct dm_gate_status status;
    dm_gate_status(scene->gate, &status);
    g_assert_cmpint(status.free_bytes, >, 0);
    g_assert_nonnull(strstr(status.problem, "min_free"));
    close_gate(scene);
    open_gate(scene, "", 1);
    turn_and_back(scene, 0);
    check(scene, "off", 0);
    dm_gate_status(scene->gate, &status);
    g_assert_cmpstr(status.problem, ==, "");
    close_gate(scene);
}

static void test_bad_hours(void) {
    g_autoptr(GError) error = NULL;
    const struct dm_gate_config config = {.quiet_hours = "sometimes"};
    g_assert_null(dm_gate_new(&config, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    dm_gate_free(NULL);
}

// ---- how fast it goes

static void test_rate(void) {
    struct dm_rate rate = {0};
    int64_t now_us = 50 * SECOND_US;
    g_assert_cmpint(dm_rate_milli(&rate, now_us), ==, 0);
    uint64_t count = 0;
    for (int i = 0; i < 600; i++) { // 20 a second for 30 s
        now_us += SECOND_US / 20;
        dm_rate_note(&rate, ++count, now_us);
    }
    g_assert_cmpint(dm_rate_milli(&rate, now_us), >, 19000);
    g_assert_cmpint(dm_rate_milli(&rate, now_us), <, 21000);
    dm_rate_note(&rate, count, now_us + 2 * SECOND_US); // no news
    g_assert_cmpint(dm_rate_milli(&rate, now_us + 60 * SECOND_US), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_FATAL_MASK);
    g_test_add_func("/gate/first_reason_counts", test_first_reason_counts);
    g_test_add_func("/gate/times_end", test_times_end);
    g_test_add_func("/gate/names", test_names);
    g_test_add("/gate/pause", struct scene, NULL, set_up, test_pause, tear_down);
    g_test_add("/gate/pause_ends", struct scene, NULL, set_up, test_pause_ends, tear_down);
    g_test_add("/gate/quiet", struct scene, NULL, set_up, test_quiet, tear_down);
    g_test_add("/gate/room", struct scene, NULL, set_up, test_room, tear_down);
    g_test_add_func("/gate/bad_hours", test_bad_hours);
    g_test_add_func("/gate/rate", test_rate);
    return g_test_run();
}
