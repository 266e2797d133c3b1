// SPDX-License-Identifier: MIT
//
// Probe: what a look into a file shows, on a real file system; and Finder's marks, on any bytes.
#include "watcher/inbox/probe.h"

#include "common/bytes.h"
#include "common/fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char whole[] = "\xFF\xD8\xFF\xDA\0\2\x12\x34\x56\x78\xFF\xD9";

struct place {
    char *path;
    int fd;
};

static void set_up(struct place *place, gconstpointer data) {
    (void)data;
    place->path = g_dir_make_tmp("dropmill-XXXXXX", NULL);
    place->fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void tear_down(struct place *place, gconstpointer data) {
    (void)data;
    close(place->fd);
    dm_remove_tree(place->path);
    g_free(place->path);
}

/** Write @size bytes at the end of @name. Returns it open. */
static int put(const struct place *place, const char *name, const void *bytes, size_t size) {
    int fd = openat(place->fd, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, bytes, size), ==, (ssize_t)size);
    return fd;
}

static struct dm_probe look(const struct place *place, const char *trigger) {
    const struct dm_probe_question question = {.trigger = trigger};
    struct dm_probe probe;
    g_assert_cmpint(dm_probe_file(place->fd, "a.jpg", &question, &probe), ==, 0);
    return probe;
}

static void test_writer(struct place *place, gconstpointer data) {
    (void)data;
    int fd = put(place, "a.jpg", whole, sizeof(whole) - 3);
    g_assert_cmpint(look(place, "").writer, ==, DM_WRITER_BUSY);
    g_assert_cmpint(look(place, "").ending.ending, ==, DM_ENDING_MISSING);
    g_assert_cmpint(write(fd, "\xFF\xD9", 2), ==, 2);
    close(fd);
    struct dm_probe probe = look(place, "");
    g_assert_cmpint(probe.writer, ==, DM_WRITER_NONE);
    g_assert_cmpint(probe.ending.ending, ==, DM_ENDING_THERE);
    g_assert_cmpint(probe.hole_at, ==, -1);
    g_assert_cmpint(probe.fingerprint.size_bytes, ==, sizeof(whole) - 1);
    g_assert_cmpint(probe.fingerprint.links, ==, 1);
    const struct dm_probe_question remote = {.trigger = "", .remote = true};
    g_assert_cmpint(dm_probe_file(place->fd, "a.jpg", &remote, &probe), ==, 0);
    g_assert_cmpint(probe.writer, ==, DM_WRITER_UNKNOWN);
}

static void test_hole(struct place *place, gconstpointer data) {
    (void)data;
    int fd = put(place, "a.jpg", whole, sizeof(whole) - 3);
    g_assert_cmpint(ftruncate(fd, 1 << 20), ==, 0);
    close(fd);
    int64_t hole_at = look(place, "").hole_at;
    if (hole_at < 0) {
        g_test_skip("the file system knows no holes");
        return;
    }
    g_assert_cmpint(hole_at, <, 1 << 20);
}

static void test_trigger(struct place *place, gconstpointer data) {
    (void)data;
    close(put(place, "a.jpg", whole, sizeof(whole) - 1));
    g_assert_true(look(place, "").triggered);
    g_assert_false(look(place, ".done").triggered);
    close(put(place, "a.jpg.done", "", 0));
    g_assert_true(look(place, ".done").triggered);
}

static void test_not_a_file(struct place *place, gconstpointer data) {
    (void)data;
    const struct dm_probe_question question = {.trigger = ""};
    struct dm_probe probe;
    g_assert_cmpint(dm_probe_file(place->fd, "a.jpg", &question, &probe), ==, ENOENT);
    g_assert_cmpint(mkfifoat(place->fd, "a.jpg", 0644), ==, 0); // does not hang
    g_assert_cmpint(dm_probe_file(place->fd, "a.jpg", &question, &probe), ==, EAGAIN);
    g_assert_cmpint(unlinkat(place->fd, "a.jpg", 0), ==, 0);
    g_assert_cmpint(symlinkat("/etc/passwd", place->fd, "a.jpg"), ==, 0);
    g_assert_cmpint(dm_probe_file(place->fd, "a.jpg", &question, &probe), ==, ELOOP);
}

// ---- Finder

/** An AppleDouble file with one entry of @size bytes. Returns its size. */
static size_t apple_double(uint8_t *file, uint32_t entry, const void *bytes, uint32_t size) {
    static const uint8_t head[] = {0, 5, 0x16, 7, 0, 2, 0, 0};
    memset(file, 0, 38);
    memcpy(file, head, sizeof(head));
    file[25] = 1;
    file[29] = (uint8_t)entry;
    file[33] = 38;
    file[37] = (uint8_t)size;
    memcpy(file + 38, bytes, size);
    return 38 + size;
}

static void test_finder(void) {
    static const struct {
        uint32_t entry;
        const char *bytes;
        bool copies;
    } cases[] = {
        {9, "brokMACS", true},
        {9, "JPEGogle", false},
        {9, "MACSbrok", false},
        {3, "brokMACS", false},            // a comment
        {8, "\x9A\xA8\x09\xB0....", true}, // 1946-02-14 00:34:56
        {8, "\xE2\x05\xE0\x80....", true}, // 1984-01-24
        {8, "\x2C\x05\xE0\x80....", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t file[64];
        size_t size = apple_double(file, cases[i].entry, cases[i].bytes, 8);
        g_test_message("case %zu", i);
        g_assert_cmpint(dm_probe_finder_copies(file, size), ==, cases[i].copies);
        for (size_t cut = 0; cut < size; cut++) {
            g_autofree uint8_t *part = g_memdup2(file, MAX(cut, 1));
            bool copies = dm_probe_finder_copies(part, cut);
            g_assert_true(!copies || cut >= 42); // a date has 4 bytes
        }
    }
}

static void test_finder_any_bytes(void) {
    g_autoptr(GRand) random = g_rand_new_with_seed(9);
    for (int round = 0; round < 20000; round++) {
        size_t size = (size_t)g_rand_int_range(random, 38, 100);
        g_autofree uint8_t *file = g_malloc0(MAX(size, 64));
        apple_double(file, 9, "brokMACS", 8);
        for (size_t i = 24; i < size; i++) {
            if (g_rand_int_range(random, 0, 3) == 0) {
                file[i] = (uint8_t)g_rand_int(random);
            }
        }
        g_autofree uint8_t *exact = g_memdup2(file, size);
        dm_probe_finder_copies(exact, size);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add("/probe/writer", struct place, NULL, set_up, test_writer, tear_down);
    g_test_add("/probe/hole", struct place, NULL, set_up, test_hole, tear_down);
    g_test_add("/probe/trigger", struct place, NULL, set_up, test_trigger, tear_down);
    g_test_add("/probe/not-a-file", struct place, NULL, set_up, test_not_a_file, tear_down);
    g_test_add_func("/probe/finder", test_finder);
    g_test_add_func("/probe/finder-any-bytes", test_finder_any_bytes);
    return g_test_run();
}
