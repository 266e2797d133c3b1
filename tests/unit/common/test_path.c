// SPDX-License-Identifier: MIT
//
// Names made from names, and the file-system moves that both programs make.
#include "common/fsutil.h"
#include "common/path.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_parts(void) {
    static const struct {
        const char *path, *chain, *subfolder, *dir, *base;
    } cases[] = {
        {"blur-5/a/c/d/b.jpg", "blur-5", "blur-5/a", "blur-5/a/c/d", "b.jpg"},
        {"blur-5/a/b.jpg", "blur-5", "blur-5/a", "blur-5/a", "b.jpg"},
        {"blur-5/b.jpg", "blur-5", "blur-5", "blur-5", "b.jpg"},
        {"b.jpg", NULL, "", "", "b.jpg"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *chain = dm_path_chain(cases[i].path);
        g_autofree char *subfolder = dm_path_subfolder(cases[i].path);
        g_autofree char *dir = dm_path_dir(cases[i].path);
        g_autofree char *joined = dm_path_join(dir, dm_path_base(cases[i].path));
        g_assert_cmpstr(chain, ==, cases[i].chain);
        g_assert_cmpstr(subfolder, ==, cases[i].subfolder);
        g_assert_cmpstr(dir, ==, cases[i].dir);
        g_assert_cmpstr(dm_path_base(cases[i].path), ==, cases[i].base);
        g_assert_cmpstr(joined, ==, cases[i].path);
    }
}

static void test_extensions(void) {
    static const struct {
        const char *name, *stem, *extension;
    } cases[] = {
        {"a.jpg", "a", "jpg"}, {"a.b.jpg", "a.b", "jpg"}, {"a", "a", ""},
        {".jpg", ".jpg", ""},  {"a.", "a", ""},           {".", ".", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *stem = dm_name_stem(cases[i].name);
        g_assert_cmpstr(stem, ==, cases[i].stem);
        g_assert_cmpstr(dm_name_extension(cases[i].name), ==, cases[i].extension);
    }
}

static void test_fit(void) {
    g_autofree char *plain = g_strnfill(300, 'x');
    g_autofree char *cut = dm_name_fit(plain, ".jpg");
    g_assert_cmpuint(strlen(cut), ==, DM_NAME_MAX);
    g_assert_true(g_str_has_suffix(cut, "x.jpg"));
    GString *accents = g_string_new(NULL);
    for (int i = 0; i < 150; i++) {
        g_string_append(accents, "é");
    }
    g_autofree char *whole = dm_name_fit(accents->str, ".jpg");
    g_assert_true(g_utf8_validate(whole, -1, NULL)); // not cut inside a character
    g_assert_cmpuint(strlen(whole), ==, DM_NAME_MAX - 1);
    g_autofree char *shorter = dm_name_fit("a", ".jpg");
    g_assert_cmpstr(shorter, ==, "a.jpg");
    g_string_free(accents, TRUE);
}

static void test_temp_names(void) {
    static const char *const others[] = {"",
                                         "a.jpg",
                                         ".dropmill-",
                                         ".dropmill-1.tmp",
                                         ".dropmill-1-2.tmp.jpg",
                                         ".dropmill-x-2.tmp",
                                         ".dropmill-1-.tmp",
                                         ".dropmill--1-2.tmp",
                                         ".dropmill-note.tmp"};
    g_autofree char *name = dm_temp_name(12, 3);
    int64_t id = 0, attempt = 0;
    g_assert_cmpstr(name, ==, ".dropmill-12-3.tmp");
    g_assert_true(dm_temp_name_parse(name, &id, &attempt));
    g_assert_cmpint(id, ==, 12);
    g_assert_cmpint(attempt, ==, 3);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_assert_false(dm_temp_name_parse(others[i], &id, &attempt));
    }
}

static void test_display(void) {
    g_autofree char *shown = dm_path_display("a\nb\xff.jpg");
    g_assert_cmpstr(shown, ==, "a\\x0ab\xef\xbf\xbd.jpg");
    // A name that is read backwards, one with a line of its own, one that speaks to a terminal.
    g_autofree char *turned = dm_path_display("a\u202egpj.exe \u2066b\u2028c\u2029\u200f\u061c");
    g_assert_cmpstr(turned, ==, "a\\u202egpj.exe \\u2066b\\u2028c\\u2029\\u200f\\u061c");
    g_autofree char *terminal = dm_path_display("\xc2\x9b"
                                                "31m \x1b[31m \u00e9\u4e2d");
    g_assert_cmpstr(terminal, ==, "\\x9b31m \\x1b[31m \u00e9\u4e2d");
}

/** A directory with a file, a way out by symlink, and a FIFO. */
static char *make_place(int *ret_fd) {
    char *place = g_dir_make_tmp("dropmill-XXXXXX", NULL);
    *ret_fd = dm_open_root(place, NULL);
    g_autofree char *file = g_build_filename(place, "file", NULL);
    g_assert_true(g_file_set_contents(file, "hello", -1, NULL));
    g_assert_cmpint(symlinkat("/etc", *ret_fd, "out"), ==, 0);
    g_assert_cmpint(symlinkat("file", *ret_fd, "link"), ==, 0);
    g_assert_cmpint(mkfifoat(*ret_fd, "fifo", 0600), ==, 0);
    return place;
}

static void test_beneath(void) {
    static const char *const refused[] = {"out/passwd", "link", "/etc/passwd", "../etc", "nowhere"};
    int root;
    g_autofree char *place = make_place(&root);
    int fd = dm_open_beneath(root, "file", O_RDONLY, 0);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_assert_cmpint(dm_open_beneath(root, refused[i], O_RDONLY, 0), <, 0);
    }
    fd = dm_open_beneath(root, "fifo", O_RDONLY, 0); // does not block
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    fd = dm_make_dirs_beneath(root, "a/b//c");
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_cmpint(faccessat(root, "a/b/c", F_OK, 0), ==, 0);
    g_assert_cmpint(dm_make_dirs_beneath(root, "file/x"), <, 0);
    g_assert_cmpint(dm_make_dirs_beneath(root, "out/x"), <, 0);
    g_assert_cmpint(dm_make_dirs_beneath(root, "../x"), <, 0);
    close(root);
    dm_remove_tree(place);
    g_assert_cmpint(g_access(place, F_OK), !=, 0);
    g_assert_cmpint(g_access("/etc/passwd", F_OK), ==, 0); // never through the symlink
}

static void test_fingerprints(void) {
    int root;
    g_autofree char *place = make_place(&root);
    struct dm_fingerprint by_name, by_fd, changed;
    mode_t mode;
    g_assert_cmpint(dm_fingerprint_at(root, "file", &by_name, &mode), ==, 0);
    g_assert_true(S_ISREG(mode));
    int fd = dm_open_beneath(root, "file", O_RDWR, 0);
    g_assert_cmpint(dm_fingerprint_fd(fd, &by_fd), ==, 0);
    g_assert_true(dm_fingerprint_equal(&by_name, &by_fd));
    g_assert_cmpint(by_fd.size_bytes, ==, 5);
    g_assert_cmpint(ftruncate(fd, 4), ==, 0);
    g_assert_cmpint(dm_fingerprint_fd(fd, &changed), ==, 0);
    g_assert_false(dm_fingerprint_equal(&by_fd, &changed));
    by_name.dev++; // another client sees another device
    g_assert_true(dm_fingerprint_equal(&by_name, &by_fd));
    close(fd);
    g_assert_cmpint(dm_fingerprint_at(root, "link", &by_name, &mode), ==, 0);
    g_assert_true(S_ISLNK(mode));
    g_assert_cmpint(dm_fingerprint_at(root, "nowhere", &by_name, &mode), ==, -1);
    g_assert_cmpint(errno, ==, ENOENT);
    close(root);
    dm_remove_tree(place);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/path/parts", test_parts);
    g_test_add_func("/path/extensions", test_extensions);
    g_test_add_func("/path/fit", test_fit);
    g_test_add_func("/path/temp-names", test_temp_names);
    g_test_add_func("/path/display", test_display);
    g_test_add_func("/fsutil/beneath", test_beneath);
    g_test_add_func("/fsutil/fingerprints", test_fingerprints);
    return g_test_run();
}
