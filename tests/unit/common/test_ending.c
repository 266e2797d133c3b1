// SPDX-License-Identifier: MIT
//
// Endings: a file that is cut anywhere has lost its end, whether it is looked at in memory or
// through a window; what is read of a large one is bounded.
#include "common/ending.h"

#include "common/bytes.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUDGET (8 << 20)

// A thumbnail with its own end inside APP1, then a progressive frame of two scans.
static const char jpeg[] =
    "\xFF\xD8\xFF\xE1\0\6\xFF\xD8\xFF\xD9"
    "\xFF\xC2\0\x11\10\0\5\0\3\3\1\x22\0\2\x11\1\3\x11\1"
    "\xFF\xDA\0\x0C\3\1\0\2\x11\3\x11\0\x3F\0\x12\xFF\0\x34\xFF\xD0\x56"
    "\xFF\xC4\0\4\xFF\xD9\xFF\xDA\0\x0C\3\1\0\2\x11\3\x11\0\x3F\0\x12\xFF\xD9";
// One scan with bytes too many before a restart marker, then a phone's own data and no end marker.
static const char phone[] =
    "\xFF\xD8\xFF\xC0\0\x0B\10\0\5\0\3\1\1\x11\0"
    "\xFF\xDA\0\10\1\1\0\0\x3F\0\x12\xFF\0\x34\1\2\3\xFF\xD0\x56\0\0\1\x0A....SEFH....SEFT";
static const char png[] =
    "\x89PNG\r\n\x1A\n\0\0\0\15IHDR\0\0\0\1\0\0\0\1\10\0\0\0\0....\0\0\0\4IDATIEND....\0\0\0\0IEND"
    "\xAE\x42\x60\x82";
static const char gif[] =
    "GIF89a\4\0\3\0\x80\0\0\0\0\0\0\0\0!\xF9\1;\0,\0\0\0\0\4\0\3\0\0\2\2;;\0;";
static const char webp[] = "RIFF\x0C\0\0\0WEBPVP8 \0\0\0\0";
static const char avif[] = "\0\0\0\x10"
                           "ftypavif....\0\0\0\x0A"
                           "mdat..";
// Two directories of one strip each: 8: "ab", 10: the first, 40: "cd", 42: the second.
static const char tiff[] = "II*\0\12\0\0\0ab"
                           "\2\0\x11\1\4\0\1\0\0\0\10\0\0\0\x17\1\4\0\1\0\0\0\2\0\0\0\x2A\0\0\0cd"
                           "\2\0\x11\1\4\0\1\0\0\0\x28\0\0\0\x17\1\4\0\1\0\0\0\2\0\0\0\0\0\0\0";
// A reduced copy of one byte, then the page: 8: "ab", 10: the copy, 52: "cd", 54: the page.
static const char reduced[] = "II*\0\12\0\0\0ab"
                              "\3\0\xFE\0\4\0\1\0\0\0\1\0\0\0\x11\1\4\0\1\0\0\0\10\0\0\0"
                              "\x17\1\4\0\1\0\0\0\1\0\0\0\x36\0\0\0cd"
                              "\2\0\x11\1\4\0\1\0\0\0\x34\0\0\0\x17\1\4\0\1\0\0\0\2\0\0\0\0\0\0\0";

struct sample {
    const char *name, *bytes;
    size_t size;
    bool grows;
};

#define SAMPLE(bytes) #bytes, bytes, sizeof(bytes) - 1
static const struct sample samples[] = {
    {SAMPLE(jpeg), false}, {SAMPLE(phone), false}, {SAMPLE(png), false}, {SAMPLE(gif), false},
    {SAMPLE(webp), false}, {SAMPLE(avif), false},  {SAMPLE(tiff), true}, {SAMPLE(reduced), true},
};

static int make_file(const char *bytes, size_t size) {
    int fd = memfd_create("ending", MFD_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(pwrite(fd, bytes, size, 0), ==, (ssize_t)size);
    return fd;
}

static enum dm_ending look_in_memory(const char *bytes, size_t size, bool *ret_grows) {
    struct dm_source source = dm_source_memory((const uint8_t *)bytes, size);
    struct dm_ending_look look = dm_ending_look(&source);
    *ret_grows = look.grows;
    return look.ending;
}

static enum dm_ending look_at_file(int fd, size_t size, uint64_t budget_bytes) {
    struct dm_source source = dm_source_file(fd, size, budget_bytes);
    struct dm_ending_look look = dm_ending_look(&source);
    g_assert_cmpint(source.error, ==, 0);
    dm_source_clear(&source);
    return look.ending;
}

/** Where a file may end as well: behind the first box; and in a JPEG behind what looks like an end.
 */
static bool may_end(const struct sample *sample, size_t size) {
    return (strcmp(sample->name, "avif") == 0 && size == 16) ||
           (strcmp(sample->name, "jpeg") == 0 && size >= 2 &&
            memcmp(sample->bytes + size - 2, "\xFF\xD9", 2) == 0);
}

static void test_cut(gconstpointer data) {
    const struct sample *sample = data;
    int fd = make_file(sample->bytes, sample->size);
    for (size_t size = 0; size <= sample->size; size++) {
        bool grows, whole = size == sample->size;
        enum dm_ending in_memory = look_in_memory(sample->bytes, size, &grows);
        enum dm_ending in_file = look_at_file(fd, size, BUDGET);
        g_test_message("%zu of %zu bytes", size, sample->size);
        g_assert_true(size < 8 || grows == sample->grows);
        if (whole || !may_end(sample, size)) {
            g_assert_cmpint(in_memory, ==, whole ? DM_ENDING_THERE : DM_ENDING_MISSING);
            g_assert_cmpint(in_file, ==, in_memory);
        }
    }
    g_assert_cmpint(look_at_file(fd, 10, BUDGET), !=, DM_ENDING_THERE); // a thumbnail's end
    close(fd);
}

static void test_unknown(void) {
    static const char text[] = "no picture at all";
    static const char open_box[] = "\0\0\0\x10"
                                   "ftypavif....\0\0\0\0"
                                   "mdat..";
    static const char big_tiff[] = "II+\0\10\0\0\0........";
    bool grows;
    g_assert_cmpint(look_in_memory(text, sizeof(text), &grows), ==, DM_ENDING_UNKNOWN);
    g_assert_cmpint(look_in_memory(open_box, sizeof(open_box), &grows), ==, DM_ENDING_UNKNOWN);
    g_assert_cmpint(look_in_memory(big_tiff, sizeof(big_tiff), &grows), ==, DM_ENDING_UNKNOWN);
    g_assert_true(grows);
}

/** A picture of 200 MB, most of it a hole, which reads as entropy-coded zeros. */
static int large_jpeg(size_t size, size_t end_at) {
    int fd = make_file(jpeg, sizeof(jpeg) - 3);
    g_assert_cmpint(ftruncate(fd, (off_t)size), ==, 0);
    g_assert_cmpint(pwrite(fd, "\xFF\xD9", 2, (off_t)end_at), ==, 2);
    return fd;
}

// Its end is at the end, behind it there is a film of 3 MB, or it is not there; a megabyte is
// enough for the first, and the last costs no more than the budget.
static void test_large(void) {
    enum { SIZE = 200 << 20, MB = 1 << 20 };
    int whole = large_jpeg(SIZE, SIZE - 2), film = large_jpeg(6 * MB, 3 * MB);
    g_assert_cmpint(look_at_file(whole, SIZE, MB), ==, DM_ENDING_THERE);
    g_assert_cmpint(look_at_file(film, 6 * MB, BUDGET), ==, DM_ENDING_THERE);
    struct dm_source cut = dm_source_file(whole, SIZE - 2, BUDGET);
    g_assert_cmpint(dm_ending_look(&cut).ending, ==, DM_ENDING_MISSING);
    g_assert_true(cut.spent);
    dm_source_clear(&cut);
    close(whole);
    close(film);
}

// The worker asks for the picture, whatever its copies are like; the watcher for all that is there.
static void test_reduced(void) {
    enum { COPY_BYTES_AT = 44, PAGE_BYTES_AT = 76, BEYOND = 1000 };
    static const struct {
        size_t at;
        enum dm_ending page, all;
    } cases[] = {
        {COPY_BYTES_AT, DM_ENDING_THERE, DM_ENDING_MISSING},
        {PAGE_BYTES_AT, DM_ENDING_MISSING, DM_ENDING_MISSING},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t bytes[sizeof(reduced) - 1];
        memcpy(bytes, reduced, sizeof(bytes));
        dm_put_le32(bytes + cases[i].at, BEYOND);
        struct dm_source source = dm_source_memory(bytes, sizeof(bytes));
        g_assert_cmpint(dm_ending_tiff(&source), ==, cases[i].page);
        g_assert_cmpint(dm_ending_tiff_pages(&source), ==, cases[i].all);
    }
}

// Directories in a circle, and arrays of strips that are one and the same, have an end for us.
static void test_circle(void) {
    enum { ENTRY = 10, COUNT = 100000 };
    g_autofree char *bytes = g_malloc0(sizeof(tiff) + 4 * COUNT);
    memcpy(bytes, tiff, sizeof(tiff));
    for (int entry = 0; entry < 2; entry++) {
        uint8_t *at = (uint8_t *)bytes + ENTRY + 2 + 12 * entry;
        dm_put_le32(at + 4, COUNT);
        dm_put_le32(at + 8, sizeof(tiff));
    }
    dm_put_le32((uint8_t *)bytes + ENTRY + 2 + 24, ENTRY);
    bool grows;
    g_assert_cmpint(look_in_memory(bytes, sizeof(tiff) + 4 * COUNT, &grows), ==, DM_ENDING_THERE);
}

// No bytes whatever make it read outside of them, and a window over a file sees what memory does.
static void test_any_bytes(void) {
    g_autoptr(GRand) random = g_rand_new_with_seed(5);
    for (int round = 0; round < 20000; round++) {
        const struct sample *sample = &samples[round % (int)G_N_ELEMENTS(samples)];
        size_t size = sample->size + (size_t)g_rand_int_range(random, 0, 40);
        g_autofree char *bytes = g_malloc0(size);
        memcpy(bytes, sample->bytes, sample->size);
        for (size_t i = 8; i < size; i++) {
            if (i >= sample->size || g_rand_int_range(random, 0, 8) == 0) {
                bytes[i] = (char)g_rand_int(random);
            }
        }
        bool grows;
        enum dm_ending in_memory = look_in_memory(bytes, size, &grows);
        int fd = make_file(bytes, size);
        enum dm_ending in_file = look_at_file(fd, size, BUDGET);
        bool by_last_bytes =
            sample->bytes == png || sample->bytes == jpeg || sample->bytes == phone;
        g_assert_true(in_file == in_memory || by_last_bytes);
        close(fd);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree char *path = g_strconcat("/ending/cut/", samples[i].name, NULL);
        g_test_add_data_func(path, &samples[i], test_cut);
    }
    g_test_add_func("/ending/unknown", test_unknown);
    g_test_add_func("/ending/large", test_large);
    g_test_add_func("/ending/reduced", test_reduced);
    g_test_add_func("/ending/circle", test_circle);
    g_test_add_func("/ending/any-bytes", test_any_bytes);
    return g_test_run();
}
