// SPDX-License-Identifier: MIT
//
// The share: what is and what is not the one that we know; jobs; online and offline; its lock.
#include "watcher/share/share.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"
#include "tests/unit/watcher/support/share_dir.h"
#include "tests/unit/watcher/support/share_scene.h"
#include "watcher/share/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND_US G_USEC_PER_SEC

static int mount_errnum;
static GPtrArray *logged;

static bool may_mount(void) {
    if (mount_errnum != 0) {
        g_test_skip("may not mount");
    }
    return mount_errnum == 0;
}

static void keep_log(const char *domain, GLogLevelFlags level, const char *message, void *data) {
    (void)domain, (void)level, (void)data;
    g_ptr_array_add(logged, g_strdup(message));
}

static unsigned count_logged(const char *text) {
    unsigned count = 0;
    for (guint i = 0; i < logged->len; i++) {
        count += strstr(logged->pdata[i], text) != NULL;
    }
    return count;
}

static void lay_tmpfs(const char *path) {
    g_assert_cmpint(mount("none", path, "tmpfs", 0, NULL), ==, 0);
}

static void set_up_here(struct scene *scene, const void *data) {
    scene_set_up(scene, data);
    g_ptr_array_set_size(logged, 0);
}

// ---- is it the one?

static void test_marker(struct scene *scene, const void *data) {
    (void)data;
    g_assert_true(scene_try(scene, ""));
    static const char *const parts[] = {DM_ROOT_ID, DM_DIR_INBOX, DM_DIR_OUTBOX};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        scene_move(scene->path, parts[i], "away");
        g_assert_false(scene_try(scene, parts[i]));
        scene_move(scene->path, "away", parts[i]);
        g_assert_true(scene_try(scene, ""));
    }
    scene_move(scene->root, "share", "away");
    g_assert_false(scene_try(scene, "No such file"));
    share_dir_fill(scene->path, "two");
    g_assert_false(scene_try(scene, "another share"));
    share_dir_fill(scene->path, "");
    g_assert_false(scene_try(scene, DM_ROOT_ID));
    dm_remove_tree(scene->path);
    scene_move(scene->root, "away", "share");
    g_assert_true(scene_try(scene, ""));
}

/** What is ours to make is made again. */
static void test_ours_to_make(struct scene *scene, const void *data) {
    (void)data;
    g_autofree char *failed = scene_path(scene, DM_DIR_FAILED);
    g_assert_cmpint(g_rmdir(failed), ==, 0);
    g_assert_true(scene_try(scene, ""));
    g_assert_cmpint(g_access(failed, F_OK), ==, 0);
}

/** A room that was made anew is known to those who work there, too. */
static void test_room_marks(struct scene *scene, const void *data) {
    (void)data;
    const struct dm_mark *mark = dm_share_room_mark(scene->share, DM_SHARE_OUTBOX);
    struct dm_mark before = *mark;
    g_assert_cmpuint(before.ino, !=, 0);
    g_autofree char *outbox = scene_path(scene, DM_DIR_OUTBOX);
    scene_move(scene->path, DM_DIR_OUTBOX, "away");
    g_assert_false(scene_try(scene, DM_DIR_OUTBOX));
    g_assert_true(dm_mark_fits(&before, mark));
    g_assert_cmpint(g_mkdir(outbox, 0755), ==, 0);
    g_assert_true(scene_try(scene, ""));
    g_assert_false(dm_mark_fits(&before, mark));
    g_assert_cmpint(g_rmdir(outbox), ==, 0);
    scene_move(scene->path, "away", DM_DIR_OUTBOX);
    g_assert_true(scene_try(scene, ""));
    g_assert_true(dm_mark_fits(&before, mark));
}

static void test_symlink(struct scene *scene, const void *data) {
    (void)data;
    static const char *const rooms[] = {DM_DIR_INBOX, DM_DIR_OUTBOX, DM_DIR_FAILED};
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        g_autofree char *room = scene_path(scene, rooms[i]);
        scene_move(scene->path, rooms[i], "away");
        g_assert_cmpint(symlink("/etc", room), ==, 0);
        g_assert_false(scene_try(scene, rooms[i]));
        g_assert_cmpint(unlink(room), ==, 0);
        scene_move(scene->path, "away", rooms[i]);
        g_assert_true(scene_try(scene, ""));
    }
}

static void test_no_share(struct scene *scene, const void *data) {
    (void)data;
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_share_open(scene->root, 0, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    g_assert_nonnull(strstr(error->message, "dropmill setup"));
}

/** Another file system in the place of the share or of one of its rooms, with and without the same
 * marker: by bind mount, by mount, by symlink. */
static void test_device(struct scene *scene, const void *data) {
    (void)data;
    if (!may_mount()) {
        return;
    }
    static const char *const rooms[] = {DM_DIR_INBOX, DM_DIR_OUTBOX, DM_DIR_ORIGINALS,
                                        DM_DIR_FAILED};
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        g_autofree char *room = scene_path(scene, rooms[i]);
        lay_tmpfs(room);
        g_assert_false(scene_try(scene, rooms[i]));
        g_assert_false(scene_try(scene, rooms[i]));
        umount(room);
        g_assert_true(scene_try(scene, ""));
    }
    lay_tmpfs(scene->path);
    g_assert_false(scene_try(scene, DM_ROOT_ID));
    share_dir_fill(scene->path, "one"); // a copy: another file
    g_assert_false(scene_try(scene, "another file system"));
    g_assert_false(scene_try(scene, "another file system"));
    umount(scene->path);
    g_assert_true(scene_try(scene, ""));
}

/** The whole story of a copy on another file system, and of the way back: nothing is done there. */
static void play_copy(struct scene *scene) {
    unsigned worked = scene->worked;
    for (int i = 0; i < 4; i++) {
        dm_share_push(scene->share, scene_work, scene_done, scene);
        scene_dispatch_all(scene);
        dm_share_turn(scene->share, scene->now_us);
        scene_dispatch_all(scene);
        scene->now_us += 40 * SECOND_US;
    }
    g_assert_false(dm_share_is_online(scene->share));
    g_assert_cmpuint(scene->worked, ==, worked);
    g_assert_cmpuint(count_logged("is offline"), ==, 1);
    g_assert_cmpuint(count_logged("is back"), ==, 0);
}

static void expect_return(struct scene *scene) {
    unsigned returns = dm_share_returns(scene->share);
    dm_share_turn(scene->share, scene->now_us);
    scene_dispatch_all(scene);
    g_assert_true(dm_share_is_online(scene->share));
    g_assert_cmpuint(dm_share_returns(scene->share), ==, returns + 1);
    g_assert_cmpuint(count_logged("is offline"), ==, 1);
    g_assert_cmpuint(count_logged("is back"), ==, 1);
}

static void test_copy_by_bind_mount(struct scene *scene, const void *data) {
    (void)data;
    if (!may_mount()) {
        return;
    }
    g_autofree char *copy = g_build_filename(scene->root, "copy", NULL);
    g_mkdir(copy, 0755);
    lay_tmpfs(copy);
    share_dir_fill(copy, "one");
    g_assert_cmpint(mount(copy, scene->path, NULL, MS_BIND, NULL), ==, 0);
    play_copy(scene);
    umount(scene->path);
    expect_return(scene);
    umount(copy);
}

static void test_copy_by_symlink(struct scene *scene, const void *data) {
    (void)data;
    if (!may_mount()) {
        return;
    }
    g_autofree char *copy = g_build_filename(scene->root, "copy", NULL);
    g_mkdir(copy, 0755);
    lay_tmpfs(copy);
    share_dir_fill(copy, "one");
    scene_move(scene->root, "share", "true");
    g_assert_cmpint(symlink(copy, scene->path), ==, 0);
    play_copy(scene);
    g_assert_cmpint(unlink(scene->path), ==, 0);
    scene_move(scene->root, "true", "share");
    expect_return(scene);
    umount(copy);
}

/** The share comes back as another device, as NFS does: refused once, then known. */
static void test_mounted_anew(void) {
    const struct dm_identity known = {.id = "one",
                                      .marker = {1, 7, 70},
                                      .root = {1, 2, 20},
                                      .rooms = {{1, 3, 30}, {5, 2, 50}, {1, 4, 40}, {1, 5, 50}}};
    bool anew;
    struct dm_identity found = known;
    g_assert_null(dm_identity_objection(&known, &found, &anew));
    g_assert_false(anew);
    found.marker.dev = found.root.dev = found.rooms[0].dev = found.rooms[2].dev = 9;
    found.rooms[3].dev = 9;
    g_assert_nonnull(dm_identity_objection(&known, &found, &anew));
    g_assert_true(anew);
    g_assert_null(dm_identity_objection(&found, &found, &anew));
    struct dm_identity copy = found;
    copy.marker.btime_ns = 71; // the same number of another file
    g_assert_nonnull(dm_identity_objection(&known, &copy, &anew));
    g_assert_false(anew);
    struct dm_identity half = found;
    half.rooms[1].dev = 9; // the outbox, a mount of its own, is not there yet
    g_assert_nonnull(dm_identity_objection(&known, &half, &anew));
    g_assert_false(anew);
}

// ---- jobs

static void test_back_off(struct scene *scene, const void *data) {
    (void)data;
    static const int delays_s[] = {1, 2, 4, 8, 16, 30, 30, 30};
    scene_move(scene->path, DM_ROOT_ID, "away");
    dm_share_push(scene->share, scene_work, scene_done, scene);
    scene_dispatch_all(scene);
    g_assert_cmpuint(scene->undone, ==, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(delays_s); i++) {
        int64_t next_us = dm_share_turn(scene->share, scene->now_us);
        g_assert_cmpint(next_us, ==, scene->now_us + delays_s[i] * SECOND_US);
        scene->now_us = next_us;
        g_assert_cmpint(dm_share_turn(scene->share, next_us), ==, INT64_MAX); // it is asked
        scene_dispatch_all(scene);
    }
    scene_move(scene->path, "away", DM_ROOT_ID);
    dm_share_probe(scene->share); // somebody knows that it is back
    dm_share_turn(scene->share, scene->now_us);
    scene_dispatch_all(scene);
    g_assert_true(dm_share_is_online(scene->share));
    g_assert_cmpint(dm_share_turn(scene->share, scene->now_us), ==, INT64_MAX);
}

/** Others say that it fails: jobs that go well prove nothing, a probe does, each time a little
 * later. */
static void test_accused(struct scene *scene, const void *data) {
    (void)data;
    for (int delay_s = 1; delay_s <= 8; delay_s *= 2) {
        dm_share_accuse(scene->share, EIO, scene->now_us);
        dm_share_accuse(scene->share, EIO, scene->now_us); // the next of many
        dm_share_push(scene->share, scene_work, scene_done, scene);
        scene_dispatch_all(scene);
        g_assert_false(dm_share_is_online(scene->share));
        int64_t next_us = dm_share_turn(scene->share, scene->now_us);
        g_assert_cmpint(next_us, ==, scene->now_us + delay_s * SECOND_US);
        scene->now_us = next_us;
        dm_share_turn(scene->share, scene->now_us);
        scene_dispatch_all(scene);
        g_assert_true(dm_share_is_online(scene->share));
    }
    scene->now_us += 61 * SECOND_US;
    dm_share_accuse(scene->share, EIO, scene->now_us); // that is another story
    g_assert_cmpint(dm_share_turn(scene->share, scene->now_us), ==, scene->now_us + SECOND_US);
}

/** The share fails in the middle of a job. */
static void test_failing_work(struct scene *scene, const void *data) {
    (void)data;
    scene->errnum = ESTALE;
    g_assert_false(scene_try(scene, g_strerror(ESTALE)));
    g_assert_cmpuint(scene->worked, ==, 1);
    scene->errnum = 0;
    g_assert_true(scene_try(scene, ""));
}

/** Whatever is queued is brought to its end, there or not. */
static void test_stop(struct scene *scene, const void *data) {
    (void)data;
    for (int i = 0; i < 100; i++) {
        dm_share_push(scene->share, scene_work, scene_done, scene);
    }
    g_assert_cmpint(dm_share_trips(scene->share), ==, 100);
    dm_share_stop(scene->share);
    g_assert_cmpuint(scene->done, ==, 100);
    g_assert_cmpuint(dm_share_load(scene->share), ==, 0);
}

static void test_delay(void) {
    static const int expected_s[] = {1, 1, 2, 4, 8, 16, 30, 30, 30};
    for (unsigned i = 0; i < G_N_ELEMENTS(expected_s); i++) {
        g_assert_cmpint(dm_share_delay_us(i), ==, expected_s[i] * SECOND_US);
    }
    g_assert_cmpint(dm_share_delay_us(4000000000u), ==, 30 * SECOND_US);
}

static void test_errnos(void) {
    g_assert_true(dm_errno_is_offline(ESTALE));
    g_assert_true(dm_errno_is_offline(EIO));
    g_assert_false(dm_errno_is_offline(ENOENT));
    g_assert_false(dm_errno_is_offline(EACCES));
}

/** A pipe is no marker, and nobody waits for its other end. */
static void test_marker_is_no_pipe(struct scene *scene, const void *data) {
    (void)data;
    g_autofree char *marker = scene_path(scene, DM_ROOT_ID);
    scene_move(scene->path, DM_ROOT_ID, "away");
    g_assert_cmpint(mkfifo(marker, 0666), ==, 0);
    g_assert_false(scene_try(scene, DM_ROOT_ID));
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_identity_share_id(scene->path, &error));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bool own_mounts =
        unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    mount_errnum = own_mounts ? 0 : errno;
    logged = g_ptr_array_new_with_free_func(g_free);
    g_log_set_default_handler(keep_log, NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
    static const struct {
        const char *name;
        void (*test)(struct scene *scene, const void *data);
    } tests[] = {
        {"/share/marker", test_marker},
        {"/share/ours-to-make", test_ours_to_make},
        {"/share/room-marks", test_room_marks},
        {"/share/symlink", test_symlink},
        {"/share/no-share", test_no_share},
        {"/share/device", test_device},
        {"/share/copy-by-bind-mount", test_copy_by_bind_mount},
        {"/share/copy-by-symlink", test_copy_by_symlink},
        {"/share/back-off", test_back_off},
        {"/share/accused", test_accused},
        {"/share/failing-work", test_failing_work},
        {"/share/stop", test_stop},
        {"/share/marker-is-no-pipe", test_marker_is_no_pipe},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add(tests[i].name, struct scene, NULL, set_up_here, tests[i].test, scene_tear_down);
    }
    g_test_add_func("/share/mounted-anew", test_mounted_anew);
    g_test_add_func("/share/delay", test_delay);
    g_test_add_func("/share/errnos", test_errnos);
    int code = g_test_run();
    g_ptr_array_unref(logged);
    return code;
}
