// SPDX-License-Identifier: MIT
//
// deletes = "mirror", and all that must not empty a bucket: an empty mount, a stale one, a marker
// that is lost, a copy of the share in its place, a new generation, somebody else's object, a
// folder that is moved away at once.
#include "tests/unit/watcher/support/mirror_stand.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "tests/unit/watcher/support/share_dir.h"
#include "watcher/mirror/deletions.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#define COUNT 40

static int mount_errnum = ENOSYS;

static void own_mounts(void) {
    bool good =
        unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    mount_errnum = good ? 0 : errno;
}

static bool may_mount(void) {
    if (mount_errnum != 0) {
        g_autofree char *why = g_strdup_printf("no private mounts: %s", g_strerror(mount_errnum));
        g_test_skip(why);
    }
    return mount_errnum == 0;
}

/** Many results that are there, deletes = @deletes. */
static void begin(struct stand *stand, const char *deletes) {
    stand_stop(stand);
    g_free(stand->settings->deletes);
    stand->settings->deletes = g_strdup(deletes);
    stand_start(stand);
    for (int i = 0; i < COUNT; i++) {
        g_autofree char *path = g_strdup_printf("gray/%02d.jpg", i);
        stand_publish(stand, path, path);
    }
    stand_run(stand);
    g_assert_cmpint(stand_count_objects(stand), ==, COUNT);
}

/** A day later all is there, and nothing was even tried. */
static void expect_no_deletion(struct stand *stand) {
    stand_pass(stand, 24 * HOUR_US);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_REMOVE), ==, 0);
    g_assert_cmpint(stand_count_objects(stand), ==, COUNT);
}

static char *in_share(const struct stand *stand, const char *path) {
    return g_build_filename(stand->share_path, path, NULL);
}

static void test_off(struct stand *stand, gconstpointer data) {
    (void)data;
    begin(stand, "off");
    stand_remove(stand, "gray/03.jpg");
    int64_t trips = dm_share_trips(stand->share);
    expect_no_deletion(stand);
    g_assert_cmpint(dm_share_trips(stand->share), ==, trips); // it does not even look
}

static void test_on(struct stand *stand, gconstpointer data) {
    (void)data;
    begin(stand, "mirror");
    stand_remove(stand, "gray/03.jpg");
    stand_pass(stand, 10 * MINUTE_US);
    g_assert_cmpint(stand_count_objects(stand), ==, COUNT);
    stand_pass(stand, 2 * HOUR_US);
    g_assert_cmpint(stand_count_objects(stand), ==, COUNT - 1);
    g_assert_null(stand_object(stand, "gray/03.jpg"));
    g_assert_null(dm_ledger_find_upload(stand->ledger, "gray/03.jpg"));
    g_autofree char *log = stand_take_log();
    g_assert_nonnull(strstr(log, "deleted 'gray/03.jpg'"));
    stand_publish(stand, "gray/03.jpg", "anew");
    stand_run(stand);
    stand_expect_object(stand, "gray/03.jpg", "anew");
}

/** It was away only for a while. */
static void test_back_again(struct stand *stand, gconstpointer data) {
    (void)data;
    begin(stand, "mirror");
    g_autofree char *path = in_share(stand, "outbox/gray/03.jpg");
    g_autofree char *aside = in_share(stand, "outbox/aside");
    g_assert_cmpint(rename(path, aside), ==, 0);
    stand_pass(stand, 12 * MINUTE_US);
    g_assert_cmpint(rename(aside, path), ==, 0);
    expect_no_deletion(stand);
}

/** Everything is gone at once, by the hand of a person: at most 5 % an hour follow. */
static void test_budget(struct stand *stand, gconstpointer data) {
    (void)data;
    begin(stand, "mirror");
    g_autofree char *outbox = in_share(stand, "outbox/gray");
    g_autofree char *aside = in_share(stand, "aside");
    g_assert_cmpint(rename(outbox, aside), ==, 0);
    stand_pass(stand, HOUR_US);
    g_assert_cmpint(stand_count_objects(stand), >=, COUNT - 2);
    stand_pass(stand, 2 * HOUR_US);
    g_assert_cmpint(stand_count_objects(stand), >=, COUNT - 6);
    g_assert_cmpint(stand_count_objects(stand), <, COUNT);
    // Restarted ever so often it deletes no faster: the budget begins empty.
    int before = stand_count_objects(stand);
    for (int i = 0; i < 10; i++) {
        stand_stop(stand);
        stand_start(stand);
        stand_pass(stand, 10 * MINUTE_US);
    }
    g_assert_cmpint(stand_count_objects(stand), ==, before);
}

static void test_rules_of_the_budget(struct stand *stand, gconstpointer data) {
    (void)stand;
    (void)data;
    g_assert_cmpfloat(dm_deletions_budget(0, HOUR_US, 1000000), ==, 100);
    g_assert_cmpfloat(dm_deletions_budget(0, 10 * HOUR_US, 1000000), ==, 100);
    g_assert_cmpfloat(dm_deletions_budget(0, HOUR_US, 1000), ==, 50);
    g_assert_cmpfloat(dm_deletions_budget(0, HOUR_US, 2), <, 1);
    g_assert_cmpfloat(dm_deletions_budget(0, 10 * HOUR_US, 2), ==, 1);
    g_assert_cmpfloat(dm_deletions_budget(0, 0, 1000), ==, 0);
}

/** The object is not what was put there. */
static void test_others(struct stand *stand, gconstpointer data) {
    (void)data;
    begin(stand, "mirror");
    stand_remove(stand, "gray/03.jpg");
    g_autofree char *object = g_build_filename(stand->store_path, "results/gray/03.jpg", NULL);
    g_assert_true(g_file_set_contents(object, "somebody's", -1, NULL));
    expect_no_deletion(stand);
    stand_expect_object(stand, "gray/03.jpg", "somebody's");
    g_autofree char *log = stand_take_log();
    g_assert_nonnull(strstr(log, "is left alone"));
}

static void test_pending(struct stand *stand, gconstpointer data) {
    (void)data;
    begin(stand, "mirror");
    faulty_store_fail(stand->store, DM_STORE_PUT, DM_STORE_SERVER, false);
    stand_publish(stand, "gray/03.jpg", "newer");
    stand_run(stand);
    stand_remove(stand, "gray/03.jpg");
    expect_no_deletion(stand);
}

static void test_marker_lost(struct stand *stand, gconstpointer data) {
    (void)data;
    begin(stand, "mirror");
    g_autofree char *outbox = in_share(stand, "outbox");
    g_autofree char *marker = in_share(stand, DM_ROOT_ID);
    g_assert_cmpint(g_remove(marker), ==, 0);
    g_autofree char *gray = g_build_filename(outbox, "gray", NULL);
    dm_remove_tree(gray);
    expect_no_deletion(stand);
}

static void test_share_away(struct stand *stand, gconstpointer data) {
    (void)data;
    begin(stand, "mirror");
    g_autofree char *away = g_strconcat(stand->share_path, ".away", NULL);
    g_assert_cmpint(rename(stand->share_path, away), ==, 0);
    expect_no_deletion(stand);
    g_assert_cmpint(g_mkdir(stand->share_path, 0775), ==, 0); // an empty mount point
    expect_no_deletion(stand);
}

/** An empty file system lies over the share, or over its outbox alone. */
static void empty_mount(struct stand *stand, const char *path) {
    begin(stand, "mirror");
    g_autofree char *place = in_share(stand, path);
    g_assert_cmpint(mount("tmpfs", place, "tmpfs", 0, "size=1m"), ==, 0);
    expect_no_deletion(stand);
    g_assert_cmpint(umount2(place, MNT_DETACH), ==, 0);
    expect_no_deletion(stand);
}

static void test_empty_mount(struct stand *stand, gconstpointer data) {
    (void)data;
    if (may_mount()) {
        empty_mount(stand, "");
    }
}

static void test_empty_outbox_mount(struct stand *stand, gconstpointer data) {
    (void)data;
    if (may_mount()) {
        empty_mount(stand, "outbox");
    }
}

/** A copy of the share on another file system, with the same marker and an empty outbox. */
static void test_copy(struct stand *stand, gconstpointer data) {
    (void)data;
    if (!may_mount()) {
        return;
    }
    begin(stand, "mirror");
    g_assert_cmpint(mount("tmpfs", stand->share_path, "tmpfs", 0, "size=1m"), ==, 0);
    share_dir_fill(stand->share_path, SHARE_DIR_ID "\n");
    expect_no_deletion(stand);
    g_assert_cmpint(umount2(stand->share_path, MNT_DETACH), ==, 0);
    expect_no_deletion(stand);
}

int main(int argc, char **argv) {
    static const struct stand_test tests[] = {
        {"deletions/off", test_off},
        {"deletions/on", test_on},
        {"deletions/back_again", test_back_again},
        {"deletions/budget", test_budget},
        {"deletions/rules_of_the_budget", test_rules_of_the_budget},
        {"deletions/others", test_others},
        {"deletions/pending", test_pending},
        {"deletions/marker_lost", test_marker_lost},
        {"deletions/share_away", test_share_away},
        {"deletions/empty_mount", test_empty_mount},
        {"deletions/empty_outbox_mount", test_empty_outbox_mount},
        {"deletions/copy", test_copy},
    };
    own_mounts();
    return stand_main(argc, argv, tests, G_N_ELEMENTS(tests));
}
