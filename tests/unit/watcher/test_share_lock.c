// SPDX-License-Identifier: MIT
//
// The lock of a share: who has it, what may not stand in its place, and what its loss means.
#include "watcher/share/lock.h"

#include "common/error.h"
#include "common/path.h"
#include "tests/unit/watcher/support/share_scene.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_holder(const char *path, const char *user, int64_t pid) {
    int64_t found_pid = 0;
    g_autofree char *found = dm_share_lock_holder(path, &found_pid);
    g_assert_cmpstr(found, ==, user);
    g_assert_cmpint(found_pid, ==, pid);
}

static void test_lock(struct scene *scene, const void *data) {
    (void)data;
    static const struct {
        const char *text, *user;
        int64_t pid;
    } cases[] = {
        {"", "", 0},
        {"123 tester\n", "tester", 123},
        {"123 tester\nmore\n", "tester", 123},
        {"nonsense\n", "", 0},
        {"123\n", "", 0},
        {"-5 tester\n", "", 0},
        {"123 a\033[2J\n", "a\\x1b[2J", 123},
    };
    g_autoptr(GError) error = NULL;
    expect_holder(scene->path, NULL, 0);
    int fd = dm_share_lock(scene->path, NULL, &(bool){0}, &error);
    g_assert_no_error(error);
    expect_holder(scene->path, g_get_user_name(), getpid());
    g_assert_cmpint(dm_share_lock(scene->path, NULL, &(bool){0}, &error), ==, -1);
    g_assert_error(error, DM_ERROR, DM_ERROR_TRANSIENT);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(ftruncate(fd, 0), ==, 0);
        g_assert_cmpint(pwrite(fd, cases[i].text, strlen(cases[i].text), 0), >=, 0);
        expect_holder(scene->path, cases[i].user, cases[i].pid);
    }
    close(fd);
    expect_holder(scene->path, NULL, 0); // what is written there counts for nothing
}

/** A symlink in the lock's place would lead to somebody's file, which would be emptied. */
static void test_lock_is_no_symlink(struct scene *scene, const void *data) {
    (void)data;
    g_autoptr(GError) error = NULL;
    g_autofree char *lock = scene_path(scene, DM_LOCK_FILE);
    g_autofree char *victim = scene_path(scene, "victim");
    g_assert_true(g_file_set_contents(victim, "precious", -1, NULL));
    g_assert_cmpint(symlink(victim, lock), ==, 0);
    g_assert_cmpint(dm_share_lock(scene->path, NULL, &(bool){0}, &error), ==, -1);
    g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(victim, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "precious");
}

/** Nor is it a pipe, or another name of somebody's file, or in a directory of somebody's. */
static void test_lock_is_ours(struct scene *scene, const void *data) {
    (void)data;
    g_autofree char *lock = scene_path(scene, DM_LOCK_FILE);
    g_autofree char *private = scene_path(scene, DM_DIR_PRIVATE);
    g_autofree char *victim = scene_path(scene, "victim");
    g_assert_true(g_file_set_contents(victim, "precious", -1, NULL));
    for (int i = 0; i < (geteuid() == 0 ? 3 : 2); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(i == 0   ? mkfifo(lock, 0666)
                        : i == 1 ? link(victim, lock)
                                 : chown(private, 61002, 61000),
                        ==, 0);
        g_assert_cmpint(dm_share_lock(scene->path, NULL, &(bool){0}, &error), ==, -1);
        g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
        g_unlink(lock);
    }
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(victim, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "precious");
}

/** Marker or lock are replaced while we watch: another share, or another watcher. */
static void test_replaced(struct scene *scene, const void *data) {
    (void)data;
    struct stat status;
    int fd = dm_share_lock(scene->path, NULL, &(bool){0}, NULL);
    g_assert_cmpint(fstat(fd, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0644);
    g_assert_true(dm_share_guard_lock(scene->share, fd, NULL));
    g_assert_true(scene_try(scene, ""));
    static const char *const files[] = {DM_LOCK_FILE, DM_ROOT_ID};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *file = scene_path(scene, files[i]);
        scene_move(scene->path, files[i], "away");
        g_assert_true(g_file_set_contents(file, "one", -1, NULL));
        g_assert_false(scene_try(scene, files[i]));
        g_assert_cmpint(g_unlink(file), ==, 0);
        g_assert_false(scene_try(scene, files[i]));
        scene_move(scene->path, "away", files[i]);
        g_assert_true(scene_try(scene, ""));
    }
}

/** It is let go while it is offline; if another has locked it meanwhile it is his. */
static void test_locked_by_another(struct scene *scene, const void *data) {
    (void)data;
    int fd = dm_share_lock(scene->path, NULL, &(bool){0}, NULL);
    g_assert_true(dm_share_guard_lock(scene->share, fd, NULL));
    g_assert_true(scene_try(scene, ""));
    expect_holder(scene->path, g_get_user_name(), getpid());
    scene_move(scene->path, DM_ROOT_ID, "away");
    g_assert_false(scene_try(scene, DM_ROOT_ID));
    expect_holder(scene->path, NULL, 0);
    int others = dm_share_lock(scene->path, NULL, &(bool){0}, NULL);
    g_assert_cmpint(others, >=, 0);
    scene_move(scene->path, "away", DM_ROOT_ID);
    g_assert_false(scene_try(scene, "another dropmilld"));
    close(others);
    g_assert_true(scene_try(scene, ""));
    expect_holder(scene->path, g_get_user_name(), getpid());
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
    static const struct {
        const char *name;
        void (*test)(struct scene *scene, const void *data);
    } tests[] = {
        {"/share-lock/lock", test_lock},
        {"/share-lock/is-no-symlink", test_lock_is_no_symlink},
        {"/share-lock/is-ours", test_lock_is_ours},
        {"/share-lock/replaced", test_replaced},
        {"/share-lock/locked-by-another", test_locked_by_another},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add(tests[i].name, struct scene, NULL, scene_set_up, tests[i].test, scene_tear_down);
    }
    return g_test_run();
}
