// SPDX-License-Identifier: MIT
//
// The pure parts of `dropmill send`, and results getting their names. The whole way:
// tests/e2e/send_s3.t.
#include "watcher/cli/send_files.h"
#include "watcher/cli/send_keep.h"
#include "watcher/cli/send_report.h"
#include "watcher/cli/send_sums.h"
#include "watcher/cli/send_talk.h"

#include "common/fsutil.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- what is said

static void test_place(void) {
    static const struct {
        const char *text, *bucket, *prefix;
    } cases[] = {
        {"b", "b", ""},        {"b/", "b", ""},        {"b/in", "b", "in/"},
        {"b/in/", "b", "in/"}, {"b/a/b", "b", "a/b/"}, {"s3://b/in", "b", "in/"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *bucket = NULL, *prefix = NULL;
        g_assert_true(dm_send_split_place(cases[i].text, &bucket, &prefix, NULL));
        g_assert_cmpstr(bucket, ==, cases[i].bucket);
        g_assert_cmpstr(prefix, ==, cases[i].prefix);
    }
    char *bucket = NULL, *prefix = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_false(dm_send_split_place("b//in", &bucket, &prefix, &error));
    g_assert_nonnull(error);
}

static void test_host(void) {
    static const char *const bad[] = {"", "[]", "{}", "{\"dropmill\":\"1\"}",
                                      "{\"dropmill\":\"1\",\"results\":\"r/\"}"};
    struct dm_send_host host = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_send_read_host(bad[i], &host, &error));
        g_assert_nonnull(error);
    }
    g_assert_true(dm_send_read_host(
        "{\"dropmill\":\"1\",\"results\":\"\",\"answers\":\"in/.answers/\",\"x\":[1]}", &host,
        NULL));
    g_assert_cmpstr(host.results, ==, "");
    g_assert_cmpstr(host.answers, ==, "in/.answers/");
    g_assert_cmpstr(host.host, ==, "");
    dm_send_host_clear(&host);
}

static void test_answer(void) {
    static const char *const bad[] = {"", "{}", "{\"state\":\"maybe\"}",
                                      "{\"state\":\"done\",\"results\":[1]}"};
    struct dm_send_answer answer = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_send_read_answer(bad[i], &answer, &error));
        g_assert_nonnull(error);
    }
    g_assert_true(dm_send_read_answer(
        "{\"etag\":\"e\",\"state\":\"done\",\"results\":[\"r/a\",\"r/b\"]}", &answer, NULL));
    g_assert_true(answer.is_done);
    g_assert_cmpuint(g_strv_length(answer.results), ==, 2);
    g_assert_cmpstr(answer.results[1], ==, "r/b");
    dm_send_answer_clear(&answer);
    g_assert_true(dm_send_read_answer("{\"etag\":\"\\\"e\\\"\",\"state\":\"failed\",\"reason\":"
                                      "\"damaged\",\"message\":\"It is.\"}",
                                      &answer, NULL));
    g_assert_false(answer.is_done);
    g_assert_cmpstr(answer.etag, ==, "e");
    g_assert_cmpstr(answer.reason, ==, "damaged");
    dm_send_answer_clear(&answer);
}

static void test_paths(void) {
    static const struct {
        const char *key, *path;
    } cases[] = {
        {"r/gray/s/a.jpg", "a.jpg"},
        {"r/gray/s/trip/a (2).jpg", "trip/a (2).jpg"},
        {"elsewhere/b.jpg", "b.jpg"},
        {"r/gray/s/../../a.jpg", NULL},
        {"r/gray/s//etc/passwd", NULL},
        {"r/gray/s/.bashrc", NULL},
        {"r/gray/s/a/.", NULL},
        {"r/gray/s/a/", NULL},
        {"r/gray/s/", NULL},
        {"elsewhere/..", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = dm_send_path_of("r/gray/s/", cases[i].key);
        g_assert_cmpstr(path, ==, cases[i].path);
    }
}

static void test_names(void) {
    g_assert_null(dm_send_bad_name("日本é (2).jpg"));
    g_assert_nonnull(dm_send_bad_name("a\nb.jpg"));
    g_assert_nonnull(dm_send_bad_name("a\xff.jpg"));
}

static void test_progress(void) {
    struct dm_send send = {.get_fd = -1, .files = g_ptr_array_new(), .bytes = 4000000};
    g_ptr_array_set_size(send.files, 4);
    g_autofree char *first = dm_send_progress_text(&send, 0);
    g_assert_cmpstr(first, ==, "sent 0 of 4, 0 B of 4.0 MB");
    send.sent = 1;
    send.sent_bytes = 1000000;
    send.wire_bytes = 2000000;
    g_autofree char *some = dm_send_progress_text(&send, 2 * G_USEC_PER_SEC);
    g_assert_cmpstr(some, ==, "sent 1 of 4, 2.0 MB of 4.0 MB, 1.0 MB/s");
    send.waits = true;
    send.get_fd = 0;
    send.sent = 4;
    send.sent_bytes = 4000000;
    send.counts[DM_SEND_DONE] = 1;
    send.counts[DM_SEND_GOT] = 2;
    send.counts[DM_SEND_FAILED] = 1;
    g_autofree char *last = dm_send_progress_text(&send, 2 * G_USEC_PER_SEC);
    g_assert_cmpstr(last, ==, "sent 4 of 4, 4.0 MB of 4.0 MB; 3 done; 1 failed; 2 got");
    g_ptr_array_unref(send.files);
}

// ---- sums

static int file_of(const char *bytes, size_t length) {
    int fd = memfd_create("sum", MFD_CLOEXEC);
    g_assert_true(dm_write_all(fd, bytes, length));
    return fd;
}

static void test_sums(void) {
    struct dm_send_sums sums;
    int fd = file_of("hello", 5);
    g_assert_true(dm_send_sum(fd, 5, 5, &sums));
    g_assert_cmpstr(sums.sha256, ==,
                    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    g_assert_cmpstr(sums.etag, ==, "5d41402abc4b2a76b9719d911017c592");
    dm_send_sums_clear(&sums);
    // echo -n hel | md5sum, echo -n lo | md5sum, and both digests through md5sum
    g_assert_true(dm_send_sum(fd, 5, 3, &sums));
    g_assert_cmpstr(sums.etag, ==, "554a2f6105cc700b8cc987b5ddfb8102-2");
    dm_send_sums_clear(&sums);
    g_assert_true(dm_send_sum(fd, 5, 0, &sums));
    g_assert_null(sums.etag);
    dm_send_sums_clear(&sums);
    g_assert_false(dm_send_sum(fd, 6, 0, &sums)); // it was longer
    close(fd);
}

// ---- results

/** A directory for results. */
struct shelf {
    struct dm_send send;
    char *dir;
};

static void put_up(struct shelf *shelf) {
    *shelf = (struct shelf){.dir = g_dir_make_tmp("dm-send-XXXXXX", NULL)};
    shelf->send.files = g_ptr_array_new_with_free_func(dm_send_file_free);
    shelf->send.get_dir = shelf->dir;
    shelf->send.get_fd = open(shelf->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void take_down(struct shelf *shelf) {
    close(shelf->send.get_fd);
    g_ptr_array_unref(shelf->send.files);
    dm_remove_tree(shelf->dir);
    g_free(shelf->dir);
}

/** Keep @text as @path; returns what it is called below the directory. */
static char *keep(const struct shelf *shelf, const char *path, const char *text) {
    struct dm_send_half half;
    struct dm_send_sums sums;
    g_autofree char *kept = NULL;
    g_assert_true(dm_send_keep_begin(&shelf->send, path, &half, NULL));
    g_assert_true(dm_write_all(half.fd, text, strlen(text)));
    g_assert_true(dm_send_sum(half.fd, (int64_t)strlen(text), 0, &sums));
    g_assert_true(dm_send_keep_end(&shelf->send, &half, sums.sha256, &kept, NULL));
    dm_send_sums_clear(&sums);
    g_assert_true(g_str_has_prefix(kept, shelf->dir));
    return g_strdup(kept + strlen(shelf->dir) + 1);
}

static void assert_kept(const struct shelf *shelf, const char *path, const char *text,
                        const char *expected) {
    g_autofree char *kept = keep(shelf, path, text);
    g_autofree char *full = g_build_filename(shelf->dir, kept, NULL);
    g_autofree char *found = NULL;
    g_assert_cmpstr(kept, ==, expected);
    g_assert_true(g_file_get_contents(full, &found, NULL, NULL));
    g_assert_cmpstr(found, ==, text);
}

static void test_keep(void) {
    struct shelf shelf;
    put_up(&shelf);
    assert_kept(&shelf, "trip/a.jpg", "one", "trip/a.jpg");
    assert_kept(&shelf, "trip/a.jpg", "one", "trip/a.jpg"); // it is there
    assert_kept(&shelf, "trip/a.jpg", "two", "trip/a (2).jpg");
    assert_kept(&shelf, "trip/a.jpg", "six", "trip/a (3).jpg");
    assert_kept(&shelf, "noextension", "one", "noextension");
    assert_kept(&shelf, "noextension", "two", "noextension (2)");
    shelf.send.force = true;
    assert_kept(&shelf, "trip/a.jpg", "three", "trip/a.jpg");
    // An input is never replaced.
    struct stat status;
    g_assert_cmpint(fstatat(shelf.send.get_fd, "trip/a.jpg", &status, 0), ==, 0);
    struct dm_send_file *file = dm_send_file_new("trip/a.jpg", "a.jpg", status.st_size);
    file->dev = status.st_dev;
    file->ino = status.st_ino;
    g_ptr_array_add(shelf.send.files, file);
    assert_kept(&shelf, "trip/a.jpg", "four", "trip/a (2).jpg");
    take_down(&shelf);
}

static void test_half(void) {
    struct shelf shelf;
    struct dm_send_half half;
    put_up(&shelf);
    g_assert_true(dm_send_keep_begin(&shelf.send, "a.jpg", &half, NULL));
    dm_send_keep_drop(&half);
    dm_send_keep_drop(&half);
    GDir *dir = g_dir_open(shelf.dir, 0, NULL);
    g_assert_null(g_dir_read_name(dir));
    g_dir_close(dir);
    // A link in the way is not followed.
    g_assert_cmpint(symlinkat("/tmp", shelf.send.get_fd, "out"), ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(dm_send_keep_begin(&shelf.send, "out/a.jpg", &half, &error));
    g_assert_nonnull(error);
    take_down(&shelf);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/send/place", test_place);
    g_test_add_func("/send/host", test_host);
    g_test_add_func("/send/answer", test_answer);
    g_test_add_func("/send/paths", test_paths);
    g_test_add_func("/send/names", test_names);
    g_test_add_func("/send/progress", test_progress);
    g_test_add_func("/send/sums", test_sums);
    g_test_add_func("/send/keep", test_keep);
    g_test_add_func("/send/half", test_half);
    return g_test_run();
}
