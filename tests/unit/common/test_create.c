// SPDX-License-Identifier: MIT
//
// New files where others may write, too: what somebody has laid under the name is neither opened,
// followed, waited for nor overwritten. As root, some of it belongs to another user.
#include "common/fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME ".dropmill-note.tmp"
#define MATE 61002

struct scene {
    char *path;
    int fd;
};

static char *in_scene(const struct scene *scene, const char *name) {
    return g_build_filename(scene->path, name, NULL);
}

static void set_up(struct scene *scene, const void *data) {
    (void)data;
    scene->path = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    scene->fd = open(scene->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autofree char *victim = in_scene(scene, "victim");
    g_assert_true(g_file_set_contents(victim, "precious", -1, NULL));
}

static void tear_down(struct scene *scene, const void *data) {
    (void)data;
    close(scene->fd);
    dm_remove_tree(scene->path);
    g_free(scene->path);
}

static void expect_victim(const struct scene *scene) {
    g_autofree char *victim = in_scene(scene, "victim"), *text = NULL;
    g_assert_true(g_file_get_contents(victim, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "precious");
}

// ---- what somebody lays under the name

static int lay_fifo(int dir_fd) {
    return mkfifoat(dir_fd, NAME, 0666);
}

static int lay_directory(int dir_fd) {
    return mkdirat(dir_fd, NAME, 0777);
}

static int lay_symlink(int dir_fd) {
    return symlinkat("victim", dir_fd, NAME);
}

static int lay_loose_symlink(int dir_fd) {
    return symlinkat("nowhere", dir_fd, NAME);
}

static int lay_file_of_mate(int dir_fd) {
    int fd = openat(dir_fd, NAME, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    return fd >= 0 && close(fd) == 0 ? fchownat(dir_fd, NAME, MATE, MATE, 0) : -1;
}

static const struct {
    const char *name;
    int (*lay)(int dir_fd);
    bool as_root;
} obstacles[] = {
    {"fifo", lay_fifo, false},
    {"directory", lay_directory, false},
    {"symlink", lay_symlink, false},
    {"loose symlink", lay_loose_symlink, false},
    {"a mate's file", lay_file_of_mate, true},
};

static void test_others_stay(struct scene *scene, const void *data) {
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(obstacles); i++) {
        if (obstacles[i].as_root && geteuid() != 0) {
            continue;
        }
        g_test_message("%s", obstacles[i].name);
        g_assert_cmpint(obstacles[i].lay(scene->fd), ==, 0);
        struct stat before, after;
        g_assert_cmpint(fstatat(scene->fd, NAME, &before, AT_SYMLINK_NOFOLLOW), ==, 0);
        g_assert_cmpint(dm_create_new(scene->fd, NAME, 0600), ==, -1);
        g_assert_cmpint(errno, ==, EEXIST);
        g_autofree char *half = NULL;
        int fd = dm_create_half(scene->fd, NAME, 0600, &half);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpstr(half, !=, NAME);
        g_assert_cmpint(write(fd, "text", 4), ==, 4);
        close(fd);
        g_assert_cmpint(fstatat(scene->fd, NAME, &after, AT_SYMLINK_NOFOLLOW), ==, 0);
        g_assert_cmpuint(before.st_ino, ==, after.st_ino);
        expect_victim(scene);
        g_assert_false(dm_is_our_file(scene->fd, NAME));
        int flags = S_ISDIR(before.st_mode) ? AT_REMOVEDIR : 0;
        g_assert_cmpint(unlinkat(scene->fd, NAME, flags), ==, 0);
    }
}

// ---- what a kill left

static void test_ours_goes(struct scene *scene, const void *data) {
    (void)data;
    for (int i = 0; i < 2; i++) {
        g_autofree char *half = NULL;
        int fd = dm_create_half(scene->fd, NAME, 0600, &half);
        struct stat s;
        g_assert_cmpint(fstat(fd, &s), ==, 0);
        g_assert_cmpint(s.st_size, ==, 0);
        g_assert_cmpstr(half, ==, NAME);
        g_assert_cmpint(write(fd, "text", 4), ==, 4);
        close(fd);
    }
}

/** A link to another file of ours: the name goes, the file does not feel it. */
static void test_hard_link(struct scene *scene, const void *data) {
    (void)data;
    g_assert_cmpint(linkat(scene->fd, "victim", scene->fd, NAME, 0), ==, 0);
    int fd = dm_create_new(scene->fd, NAME, 0600);
    g_assert_cmpint(write(fd, "overwritten", 11), ==, 11);
    close(fd);
    expect_victim(scene);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add("/create/others-stay", struct scene, NULL, set_up, test_others_stay, tear_down);
    g_test_add("/create/ours-goes", struct scene, NULL, set_up, test_ours_goes, tear_down);
    g_test_add("/create/hard-link", struct scene, NULL, set_up, test_hard_link, tear_down);
    return g_test_run();
}
