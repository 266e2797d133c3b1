// SPDX-License-Identifier: MIT
//
// One way of the notices: what waits for it, what goes, and how a way rests that is not well.
// Programs are run; the clock comes in.
#include "watcher/notices/delivery.h"

#include "common/fsutil.h"
#include "watcher/ledger/notices.h"
#include "watcher/notices/verdict.h"

#define SECOND_US ((int64_t)G_USEC_PER_SEC)
#define START_US (INT64_C(1780000000) * SECOND_US)

struct scene {
    char *dir;
    struct dm_ledger *ledger;
    int64_t utc_us;
};

static int64_t scene_utc_us(void *data) {
    return ((const struct scene *)data)->utc_us;
}

static void set_up(struct scene *scene, const void *data) {
    (void)data;
    *scene = (struct scene){.utc_us = START_US};
    scene->dir = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    scene->ledger = dm_ledger_open(":memory:", false, NULL);
    dm_ledger_set_clock(scene->ledger, scene_utc_us, scene);
}

static void tear_down(struct scene *scene, const void *data) {
    (void)data;
    dm_ledger_free(scene->ledger);
    dm_remove_tree(scene->dir);
    g_free(scene->dir);
}

static void wake_nobody(void *data) {
    (void)data;
}

/** The oldest make room. */
static void test_queue_is_bounded(struct scene *scene, const void *data) {
    (void)data;
    const struct dm_notices_settings settings = {.exec = (char *)"/nothing",
                                                 .timeout_us = SECOND_US};
    const struct dm_wake wake = {wake_nobody, NULL};
    struct dm_delivery *delivery =
        dm_delivery_new(DM_NOTICE_EXEC, &settings, scene->ledger, &wake, NULL);
    g_test_expect_message("dropmill", G_LOG_LEVEL_WARNING, "*oldest are dropped*");
    for (int i = 0; i < DM_DELIVERY_MAX + 3; i++) {
        g_autofree char *id = g_strdup_printf("id-%d", i);
        struct dm_notice notice = {.id = id,
                                   .kind = (char *)"done",
                                   .about = (char *)"gray",
                                   .text = (char *)"{}",
                                   .not_before_utc_us = START_US + SECOND_US};
        dm_delivery_add(delivery, &notice);
    }
    g_test_assert_expected_messages();
    struct dm_delivery_status status;
    dm_delivery_status(delivery, &status);
    g_assert_cmpint(status.pending, ==, DM_DELIVERY_MAX);
    g_assert_cmpint(status.lost, ==, 3);
    g_assert_cmpint(dm_ledger_count_notices(scene->ledger, DM_NOTICE_EXEC), ==, DM_DELIVERY_MAX);
    struct dm_notice *next = dm_ledger_next_notice(scene->ledger, DM_NOTICE_EXEC);
    g_assert_cmpstr(next->id, ==, "id-3");
    dm_notice_free(next);
    g_assert_cmpint(dm_delivery_turn(delivery, START_US), ==, START_US + SECOND_US);
    g_assert_cmpint(dm_ledger_forget_notices(scene->ledger, DM_NOTICE_EXEC), ==, DM_DELIVERY_MAX);
    dm_delivery_stop(delivery);
    dm_delivery_free(delivery);
}

static void add_notice(struct dm_delivery *delivery) {
    struct dm_notice notice = {.id = (char *)"id",
                               .kind = (char *)"done",
                               .about = (char *)"gray",
                               .text = (char *)"{}\n"};
    dm_delivery_add(delivery, &notice);
}

/** One notice by the program @path, on its way. */
static struct dm_delivery *begin_run(struct scene *scene, struct dm_notices_settings *settings,
                                     const char *path) {
    static const struct dm_wake wake = {wake_nobody, NULL};
    *settings = (struct dm_notices_settings){
        .exec = (char *)path, .timeout_us = 60 * SECOND_US, .retry_us = 3600 * SECOND_US};
    struct dm_delivery *delivery =
        dm_delivery_new(DM_NOTICE_EXEC, settings, scene->ledger, &wake, NULL);
    add_notice(delivery);
    g_assert_cmpint(dm_delivery_turn(delivery, scene->utc_us), ==, INT64_MAX);
    dm_delivery_committed(delivery);
    return delivery;
}

static void test_program_is_told(struct scene *scene, const void *data) {
    (void)data;
    struct dm_notices_settings settings;
    struct dm_delivery *delivery = begin_run(scene, &settings, "/bin/true");
    struct dm_delivery_status status = {0};
    while (status.delivered == 0) {
        g_main_context_iteration(NULL, TRUE);
        dm_delivery_status(delivery, &status);
    }
    g_assert_cmpint(status.pending, ==, 0);
    g_assert_cmpint(dm_ledger_count_notices(scene->ledger, DM_NOTICE_EXEC), ==, 0);
    dm_delivery_stop(delivery);
    dm_delivery_free(delivery);
}

/** Who is to stop does not wait for the program, and the notice stays. */
static void test_stop_in_the_middle(struct scene *scene, const void *data) {
    (void)data;
    struct dm_notices_settings settings;
    g_autofree char *path = g_build_filename(scene->dir, "sleeps", NULL);
    g_assert_true(g_file_set_contents_full(path, "#!/bin/sh\nsleep 1000\n", -1,
                                           G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    struct dm_delivery *delivery = begin_run(scene, &settings, path);
    int64_t before_us = g_get_monotonic_time();
    dm_delivery_stop(delivery);
    g_assert_cmpint(g_get_monotonic_time() - before_us, <, 30 * SECOND_US);
    struct dm_delivery_status status;
    dm_delivery_status(delivery, &status);
    g_assert_cmpint(status.pending, ==, 1);
    g_assert_cmpint(status.retried, ==, 0);
    g_assert_cmpint(dm_ledger_count_notices(scene->ledger, DM_NOTICE_EXEC), ==, 1);
    dm_delivery_free(delivery);
}

static struct dm_delivery_status after_attempts(const struct dm_delivery *delivery, int64_t count) {
    struct dm_delivery_status status = {0};
    while (status.delivered + status.retried + status.lost < count) {
        g_main_context_iteration(NULL, TRUE);
        dm_delivery_status(delivery, &status);
    }
    return status;
}

/** While one way fails, those that wait behind the first are not tried one after the other. */
static void test_rests(struct scene *scene, const void *data) {
    (void)data;
    struct dm_notices_settings settings;
    g_test_expect_message("dropmill", G_LOG_LEVEL_WARNING, "*will retry in 1min*");
    struct dm_delivery *delivery = begin_run(scene, &settings, "/bin/false");
    for (int i = 0; i < 5; i++) {
        add_notice(delivery);
    }
    g_assert_cmpint(after_attempts(delivery, 1).retried, ==, 1);
    g_test_assert_expected_messages();
    int64_t rest_us = scene->utc_us + settings.timeout_us;
    g_assert_cmpint(dm_delivery_turn(delivery, scene->utc_us + SECOND_US), ==, rest_us);
    settings.exec = (char *)"/bin/true";
    g_test_expect_message("dropmill", G_LOG_LEVEL_MESSAGE, "*delivered again*");
    for (int64_t i = 2; i < 8; i++) { // one that is well is rested no more
        scene->utc_us = rest_us;
        g_assert_cmpint(dm_delivery_turn(delivery, scene->utc_us), ==, INT64_MAX);
        dm_delivery_committed(delivery);
        g_assert_cmpint(after_attempts(delivery, i).delivered, ==, i - 1);
    }
    g_test_assert_expected_messages();
    dm_delivery_stop(delivery);
    dm_delivery_free(delivery);
}

#define ADD(name, test) g_test_add("/notices/" name, struct scene, NULL, set_up, test, tear_down)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ADD("queue/is-bounded", test_queue_is_bounded);
    ADD("queue/program-is-told", test_program_is_told);
    ADD("queue/stop-in-the-middle", test_stop_in_the_middle);
    ADD("queue/rests", test_rests);
    return g_test_run();
}
