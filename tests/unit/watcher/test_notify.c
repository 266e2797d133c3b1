// SPDX-License-Identifier: MIT
//
// Notify against the kernel: what is told for what happens, and that nothing is lost between the
// making of a watch and the naming of its directory.
#include "watcher/inbox/notify.h"

#include "common/fsutil.h"

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
    char *root;
    struct dm_notify *notify;
    GString
        *told; // "dir/name:letters ", a letter each: Changed cLosed Moved Gone Dir Self Overflow
};

static void tell(const struct dm_notify_event *event, void *data) {
    static const char letters[] = "CWLMGDSO";
    struct scene *scene = data;
    g_string_append_printf(scene->told, "%s/%s:", event->dir, event->name);
    for (int i = 0; letters[i] != '\0'; i++) {
        if (event->what & 1u << i) {
            g_string_append_c(scene->told, letters[i]);
        }
    }
    g_string_append_c(scene->told, ' ');
}

static char *path_of(const struct scene *scene, const char *path) {
    return g_build_filename(scene->root, path, NULL);
}

static void make_dir(const struct scene *scene, const char *path) {
    g_autofree char *full = path_of(scene, path);
    g_assert_cmpint(g_mkdir(full, 0755), ==, 0);
}

static void write_file(const struct scene *scene, const char *path) {
    g_autofree char *full = path_of(scene, path);
    int fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    g_assert_cmpint(write(fd, "x", 1), ==, 1);
    close(fd);
}

static void move(const struct scene *scene, const char *from, const char *to) {
    g_autofree char *full_from = path_of(scene, from);
    g_autofree char *full_to = path_of(scene, to);
    g_assert_cmpint(g_rename(full_from, full_to), ==, 0);
}

static int watch(const struct scene *scene, const char *path) {
    g_autofree char *full = path_of(scene, path);
    int fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    int one = dm_notify_watch(dm_notify_fd(scene->notify), fd);
    close(fd);
    g_assert_cmpint(one, >, 0);
    return one;
}

static void watch_and_bind(struct scene *scene, const char *path) {
    dm_notify_bind(scene->notify, watch(scene, path), path, tell, scene);
}

static void expect(struct scene *scene, const char *told) {
    dm_notify_read(scene->notify, tell, scene);
    g_assert_cmpstr(scene->told->str, ==, told);
    g_string_truncate(scene->told, 0);
}

static void init(struct scene *scene) {
    scene->root = g_dir_make_tmp("dropmill-notify-XXXXXX", NULL);
    scene->notify = dm_notify_new();
    scene->told = g_string_new(NULL);
    g_assert_nonnull(scene->notify);
    make_dir(scene, "a");
}

static void clear(struct scene *scene) {
    dm_notify_free(scene->notify);
    dm_remove_tree(scene->root);
    g_string_free(scene->told, TRUE);
    g_free(scene->root);
}

static void test_meanings(void) {
    struct scene scene;
    init(&scene);
    watch_and_bind(&scene, "a");
    write_file(&scene, "a/f");
    expect(&scene, "a/f:C a/f:W a/f:L ");
    move(&scene, "a/f", "a/g");
    expect(&scene, "a/f:G a/g:M ");
    move(&scene, "a/g", "g");
    expect(&scene, "a/g:G ");
    make_dir(&scene, "a/sub");
    expect(&scene, "a/sub:CD ");
    move(&scene, "a/sub", "a/sub2");
    expect(&scene, "a/sub:GD a/sub2:MD ");
    g_autofree char *sub = path_of(&scene, "a/sub2");
    g_rmdir(sub);
    expect(&scene, "a/sub2:GD ");
    g_autofree char *from = path_of(&scene, "g");
    g_autofree char *to = path_of(&scene, "a/linked");
    g_assert_cmpint(link(from, to), ==, 0);
    expect(&scene, "a/linked:C ");
    int fd = open(to, O_RDONLY | O_CLOEXEC); // looking is no event
    close(fd);
    expect(&scene, "");
    clear(&scene);
}

static void test_before_its_name(void) {
    struct scene scene;
    init(&scene);
    int one = watch(&scene, "a");
    write_file(&scene, "a/f");
    expect(&scene, "");
    write_file(&scene, "a/g");
    dm_notify_bind(scene.notify, one, "a", tell, &scene);
    expect(&scene, "a/f:C a/f:W a/f:L a/g:C a/g:W a/g:L ");
    dm_notify_bind(scene.notify, one, "a", tell, &scene);
    expect(&scene, "");
    clear(&scene);
}

static void test_forgotten(void) {
    struct scene scene;
    init(&scene);
    int one = watch(&scene, "a");
    write_file(&scene, "a/f");
    expect(&scene, "");
    dm_notify_forget_unbound(scene.notify);
    dm_notify_bind(scene.notify, one, "a", tell, &scene);
    expect(&scene, "");
    clear(&scene);
}

static void test_renamed(void) {
    struct scene scene;
    init(&scene);
    watch_and_bind(&scene, "a");
    move(&scene, "a", "b");
    watch_and_bind(&scene, "b"); // the same directory: its watch has another name from now on
    write_file(&scene, "b/f");
    expect(&scene, "b/f:C b/f:W b/f:L ");
    make_dir(&scene, "a");
    watch_and_bind(&scene, "a");
    write_file(&scene, "a/f");
    expect(&scene, "a/f:C a/f:W a/f:L ");
    write_file(&scene, "b/f");
    expect(&scene, "b/f:W b/f:L ");
    clear(&scene);
}

static void test_replaced(void) {
    struct scene scene;
    init(&scene);
    watch_and_bind(&scene, "a");
    move(&scene, "a", "old");
    make_dir(&scene, "a");
    watch_and_bind(&scene, "a"); // another directory of that name: the old one is let go
    write_file(&scene, "old/f");
    write_file(&scene, "a/g");
    expect(&scene, "a/g:C a/g:W a/g:L ");
    clear(&scene);
}

static void test_ends(void) {
    struct scene scene;
    init(&scene);
    watch_and_bind(&scene, "a");
    g_autofree char *full = path_of(&scene, "a");
    g_rmdir(full);
    expect(&scene, "a/:S ");
    clear(&scene);
}

// We drop a watch that the I/O thread has just made again: SELF says that it must be made once
// more.
static void test_dropped_too_late(void) {
    struct scene scene;
    init(&scene);
    watch_and_bind(&scene, "a");
    int again = watch(&scene, "a");
    dm_notify_drop(scene.notify, "a", false);
    dm_notify_bind(scene.notify, again, "a", tell, &scene);
    expect(&scene, "a/:S ");
    watch_and_bind(&scene, "a");
    write_file(&scene, "a/f");
    expect(&scene, "a/f:C a/f:W a/f:L ");
    clear(&scene);
}

static void test_drop_below(void) {
    struct scene scene;
    init(&scene);
    make_dir(&scene, "a/b");
    make_dir(&scene, "ab");
    watch_and_bind(&scene, "a");
    watch_and_bind(&scene, "a/b");
    watch_and_bind(&scene, "ab");
    dm_notify_drop(scene.notify, "a", true);
    write_file(&scene, "a/f");
    write_file(&scene, "a/b/f");
    write_file(&scene, "ab/f");
    expect(&scene, "ab/f:C ab/f:W ab/f:L ");
    clear(&scene);
}

// The kernel's queue, really: 16384 events and one that says that there were more.
static void test_overflow(void) {
    struct scene scene;
    init(&scene);
    watch_and_bind(&scene, "a");
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents("/proc/sys/fs/inotify/max_queued_events", &text, NULL, NULL));
    int64_t most = g_ascii_strtoll(text, NULL, 10);
    if (most > 100000) {
        g_test_skip("fs.inotify.max_queued_events is too high to overflow");
        clear(&scene);
        return;
    }
    write_file(&scene, "a/f");
    write_file(&scene, "a/g");
    for (int64_t i = 0; i < most; i++) { // neighbours differ, so the kernel merges none
        write_file(&scene, i % 2 ? "a/f" : "a/g");
    }
    dm_notify_read(scene.notify, tell, &scene);
    g_assert_true(g_str_has_suffix(scene.told->str, " /:O "));
    clear(&scene);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/notify/meanings", test_meanings);
    g_test_add_func("/notify/before-its-name", test_before_its_name);
    g_test_add_func("/notify/forgotten", test_forgotten);
    g_test_add_func("/notify/renamed", test_renamed);
    g_test_add_func("/notify/replaced", test_replaced);
    g_test_add_func("/notify/ends", test_ends);
    g_test_add_func("/notify/dropped-too-late", test_dropped_too_late);
    g_test_add_func("/notify/drop-below", test_drop_below);
    g_test_add_func("/notify/overflow", test_overflow);
    return g_test_run();
}
