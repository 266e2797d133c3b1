// SPDX-License-Identifier: MIT
//
// move.h: an original moves once, whole, and over nobody.
#include "watcher/share/move.h"

#include "tests/unit/watcher/support/outbox_bench.h"

struct fixture {
    struct bench bench;
    int inbox, originals;
    struct dm_fingerprint fingerprint, put;
    char *moved;
};

static int open_dir(struct bench *bench, const char *name) {
    g_autofree char *path = bench_path(bench, name);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    return fd;
}

static void set_up(struct fixture *f, gconstpointer data) {
    (void)data;
    bench_init(&f->bench);
    f->inbox = open_dir(&f->bench, "inbox");
    f->originals = open_dir(&f->bench, "originals");
    f->moved = NULL;
}

static void tear_down(struct fixture *f, gconstpointer data) {
    (void)data;
    close(f->inbox);
    close(f->originals);
    g_free(f->moved);
    bench_clear(&f->bench);
}

static void drop(struct fixture *f, const char *path, const char *text) {
    g_autofree char *full = g_strconcat("inbox/", path, NULL);
    bench_write(&f->bench, full, text);
    g_assert_cmpint(dm_fingerprint_at(f->inbox, path, &f->fingerprint, NULL), ==, 0);
}

static struct dm_move move_of(const struct fixture *f, const char *path) {
    return (struct dm_move){.from_fd = f->inbox,
                            .to_fd = f->originals,
                            .path = path,
                            .fingerprint = &f->fingerprint,
                            .temp = ".dropmill-1-1.tmp"};
}

static enum dm_moved move(struct fixture *f, const char *path) {
    struct dm_move move = move_of(f, path);
    g_clear_pointer(&f->moved, g_free);
    return dm_move(&move, &f->moved, &f->put);
}

static void test_numbered(void) {
    static const struct {
        const char *name;
        unsigned n;
        const char *expected;
    } cases[] = {
        {"a.jpg", 1, "a.jpg"},
        {"a.jpg", 2, "a (2).jpg"},
        {"a.jpg", 10, "a (10).jpg"},
        {"a", 2, "a (2)"},
        {".jpg", 2, ".jpg (2)"},
        {"a.tar.gz", 3, "a.tar (3).gz"},
        {"Dr. Smith", 2, "Dr (2). Smith"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = dm_move_numbered(cases[i].name, cases[i].n);
        g_assert_cmpstr(name, ==, cases[i].expected);
    }
}

/** Numbers survive the cutting of long names, and so do those of their notes. */
static void test_numbered_long(void) {
    static const char *const extensions[] = {"", ".a", ".jpg", ".jpeg", ".abcdefghijklmnop"};
    for (size_t i = 0; i < G_N_ELEMENTS(extensions); i++) {
        g_autofree char *stem = g_strnfill(DM_NAME_MAX - strlen(extensions[i]), 'x');
        g_autofree char *longest = g_strconcat(stem, extensions[i], NULL);
        g_autofree char *second = dm_move_numbered(longest, 2);
        g_autofree char *third = dm_move_numbered(longest, 3);
        g_assert_cmpuint(strlen(second), ==, DM_NAME_MAX - 4);
        g_assert_cmpstr(second, !=, third);
        g_assert_true(g_str_has_suffix(second, extensions[i]));
    }
}

static void test_plain(struct fixture *f, gconstpointer data) {
    (void)data;
    drop(f, "gray/Holiday 2024/a.jpg", "one");
    g_assert_cmpint(move(f, "gray/Holiday 2024/a.jpg"), ==, DM_MOVED);
    g_assert_cmpstr(f->moved, ==, "gray/Holiday 2024/a.jpg");
    bench_expect(&f->bench, "originals/gray/Holiday 2024/a.jpg", "one");
    g_assert_false(bench_has(&f->bench, "inbox/gray/Holiday 2024/a.jpg"));
    g_assert_true(bench_has(&f->bench, "inbox/gray/Holiday 2024")); // the user's
    g_assert_cmpint(move(f, "gray/Holiday 2024/a.jpg"), ==, DM_MOVED_GONE);
}

static void test_never_overwrites(struct fixture *f, gconstpointer data) {
    (void)data;
    static const char *const expected[] = {"gray/a.jpg", "gray/a (2).jpg", "gray/a (3).jpg"};
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        drop(f, "gray/a.jpg", expected[i]);
        g_assert_cmpint(move(f, "gray/a.jpg"), ==, DM_MOVED);
        g_assert_cmpstr(f->moved, ==, expected[i]);
        g_autofree char *found = dm_move_find(f->originals, "gray/a.jpg", &f->fingerprint);
        g_assert_cmpstr(found, ==, expected[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autofree char *path = g_strconcat("originals/", expected[i], NULL);
        bench_expect(&f->bench, path, expected[i]);
    }
    f->fingerprint.ino++;
    g_assert_null(dm_move_find(f->originals, "gray/a.jpg", &f->fingerprint));
    g_assert_null(dm_move_find(f->originals, "nowhere/a.jpg", &f->fingerprint));
}

static void test_changed(struct fixture *f, gconstpointer data) {
    (void)data;
    drop(f, "gray/a.jpg", "one");
    bench_write(&f->bench, "inbox/gray/a.jpg", "another");
    g_assert_cmpint(move(f, "gray/a.jpg"), ==, DM_MOVED_CHANGED);
    bench_expect(&f->bench, "inbox/gray/a.jpg", "another");
    g_assert_false(bench_has(&f->bench, "originals/gray"));
}

static int replace(int dir_fd, const char *name, void *data) {
    (void)dir_fd;
    (void)name;
    const struct bench *bench = data;
    bench_write(bench, "inbox/gray/new", "dropped just now");
    bench_rename(bench, "inbox/gray/new", "inbox/gray/a.jpg");
    return 0;
}

/** Replaced between the look and the rename: the new one goes back and is nobody's original. */
static void test_replaced_in_the_last_moment(struct fixture *f, gconstpointer data) {
    (void)data;
    drop(f, "gray/a.jpg", "one");
    struct dm_move move = move_of(f, "gray/a.jpg");
    move.reserve = replace;
    move.data = &f->bench;
    g_assert_cmpint(dm_move(&move, &f->moved, &f->put), ==, DM_MOVED_CHANGED);
    bench_expect(&f->bench, "inbox/gray/a.jpg", "dropped just now");
    g_assert_false(bench_has(&f->bench, "originals/gray/a.jpg"));
}

static int refuse(int dir_fd, const char *name, void *data) {
    (void)dir_fd;
    int *count = data;
    ++*count;
    return strcmp(name, "a (3).jpg") == 0 ? ENOSPC : EEXIST;
}

static void test_reserve_decides(struct fixture *f, gconstpointer data) {
    (void)data;
    drop(f, "gray/a.jpg", "one");
    int count = 0;
    struct dm_move move = move_of(f, "gray/a.jpg");
    move.reserve = refuse;
    move.data = &count;
    g_assert_cmpint(dm_move(&move, &f->moved, &f->put), ==, DM_MOVED_REFUSED);
    g_assert_cmpint(errno, ==, ENOSPC);
    g_assert_cmpint(count, ==, 3);
    bench_expect(&f->bench, "inbox/gray/a.jpg", "one");
}

/** Nothing outside the two directories is read, moved or written through a symlink. */
static void test_symlinks(struct fixture *f, gconstpointer data) {
    (void)data;
    bench_write(&f->bench, "secret/a.jpg", "secret");
    drop(f, "gray/a.jpg", "one");
    bench_rename(&f->bench, "inbox/gray", "inbox/elsewhere");
    g_autofree char *link = bench_path(&f->bench, "inbox/gray");
    g_assert_cmpint(symlink("../secret", link), ==, 0);
    g_assert_cmpint(move(f, "gray/a.jpg"), ==, DM_MOVED_GONE);
    bench_expect(&f->bench, "secret/a.jpg", "secret");

    drop(f, "blur/a.jpg", "two");
    bench_remove(&f->bench, "inbox/blur/a.jpg");
    g_autofree char *file_link = bench_path(&f->bench, "inbox/blur/a.jpg");
    g_assert_cmpint(symlink("../../secret/a.jpg", file_link), ==, 0);
    g_assert_cmpint(move(f, "blur/a.jpg"), ==, DM_MOVED_CHANGED);

    drop(f, "edges/a.jpg", "three");
    g_autofree char *to_link = bench_path(&f->bench, "originals/edges");
    g_assert_cmpint(symlink("../secret", to_link), ==, 0);
    g_assert_cmpint(move(f, "edges/a.jpg"), ==, DM_MOVED_REFUSED);
    bench_expect(&f->bench, "inbox/edges/a.jpg", "three");
}

static void test_file_in_the_way_of_a_folder(struct fixture *f, gconstpointer data) {
    (void)data;
    bench_write(&f->bench, "originals/gray/scan", "an earlier file");
    drop(f, "gray/scan/a.jpg", "one");
    g_assert_cmpint(move(f, "gray/scan/a.jpg"), ==, DM_MOVED_REFUSED);
    g_assert_cmpint(errno, ==, ENOTDIR);
    bench_expect(&f->bench, "inbox/gray/scan/a.jpg", "one");
}

static void test_other_file_system(struct fixture *f, gconstpointer data) {
    (void)data;
    if (!bench_may_mount()) {
        return;
    }
    bench_mount(&f->bench, "originals", "size=1m");
    close(f->originals);
    f->originals = open_dir(&f->bench, "originals");
    bench_write(&f->bench, "originals/gray/a.jpg", "older");
    drop(f, "gray/a.jpg", "one");
    g_autofree char *full = bench_path(&f->bench, "inbox/gray/a.jpg");
    const struct timespec times[] = {{1000000000, 0}, {1000000000, 123456789}};
    g_assert_cmpint(utimensat(AT_FDCWD, full, times, 0), ==, 0);
    g_assert_cmpint(dm_fingerprint_at(f->inbox, "gray/a.jpg", &f->fingerprint, NULL), ==, 0);

    // Somebody lays a pipe where the copy is made: nobody waits for its other end.
    g_assert_cmpint(mkfifoat(f->originals, "gray/.dropmill-1-1.tmp", 0666), ==, 0);
    g_assert_cmpint(move(f, "gray/a.jpg"), ==, DM_MOVED);
    g_assert_cmpstr(f->moved, ==, "gray/a (2).jpg");
    g_assert_cmpint(unlinkat(f->originals, "gray/.dropmill-1-1.tmp", 0), ==, 0);
    bench_expect_no_temporaries(&f->bench, "originals/gray");
    bench_expect(&f->bench, "originals/gray/a (2).jpg", "one");
    bench_expect(&f->bench, "originals/gray/a.jpg", "older");
    struct dm_fingerprint copy;
    g_assert_cmpint(dm_fingerprint_at(f->originals, f->moved, &copy, NULL), ==, 0);
    g_assert_cmpint(copy.mtime_ns, ==, f->fingerprint.mtime_ns);
    g_assert_false(bench_has(&f->bench, "inbox/gray/a.jpg"));

    bench_remount(&f->bench, "originals", true);
    drop(f, "gray/b.jpg", "two");
    g_assert_cmpint(move(f, "gray/b.jpg"), ==, DM_MOVED_REFUSED);
    g_assert_cmpint(errno, ==, EROFS);
    bench_expect(&f->bench, "inbox/gray/b.jpg", "two");
    bench_unmount(&f->bench, "originals");
}

static void test_other_file_system_full(struct fixture *f, gconstpointer data) {
    (void)data;
    if (!bench_may_mount()) {
        return;
    }
    bench_mount(&f->bench, "originals", "size=64k");
    close(f->originals);
    f->originals = open_dir(&f->bench, "originals");
    g_autofree char *large = g_strnfill(200000, 'x');
    drop(f, "gray/a.jpg", large);
    g_assert_cmpint(move(f, "gray/a.jpg"), ==, DM_MOVED_REFUSED);
    g_assert_cmpint(errno, ==, ENOSPC);
    bench_expect(&f->bench, "inbox/gray/a.jpg", large);
    g_assert_false(bench_has(&f->bench, "originals/gray/.dropmill-1-1.tmp"));
    g_assert_false(bench_has(&f->bench, "originals/gray/a.jpg"));
    bench_unmount(&f->bench, "originals");
}

static void test_names(struct fixture *f, gconstpointer data) {
    (void)data;
    g_autofree char *longest = g_strnfill(DM_NAME_MAX, 'x');
    const char *const names[] = {"new\nline.jpg", "\xff\xfe.jpg", "-rf", "a 'b' \"c\".jpg",
                                 longest};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = dm_path_join("gray", names[i]);
        for (int n = 0; n < 2; n++) {
            drop(f, path, names[i]);
            g_assert_cmpint(move(f, path), ==, DM_MOVED);
            g_autofree char *moved = dm_path_join("originals", f->moved);
            bench_expect(&f->bench, moved, names[i]);
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_own_mounts();
    g_test_add_func("/move/numbered", test_numbered);
    g_test_add_func("/move/numbered_long", test_numbered_long);
    static const struct {
        const char *name;
        void (*run)(struct fixture *, gconstpointer);
    } tests[] = {
        {"/move/plain", test_plain},
        {"/move/never_overwrites", test_never_overwrites},
        {"/move/changed", test_changed},
        {"/move/replaced_in_the_last_moment", test_replaced_in_the_last_moment},
        {"/move/reserve_decides", test_reserve_decides},
        {"/move/symlinks", test_symlinks},
        {"/move/file_in_the_way_of_a_folder", test_file_in_the_way_of_a_folder},
        {"/move/other_file_system", test_other_file_system},
        {"/move/other_file_system_full", test_other_file_system_full},
        {"/move/names", test_names},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add(tests[i].name, struct fixture, NULL, set_up, tests[i].run, tear_down);
    }
    return g_test_run();
}
