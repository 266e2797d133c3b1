// SPDX-License-Identifier: MIT
//
// failure_note.h, note_file.h: the text beside a failed file, and which notes may be removed.
#include "watcher/outbox/failure_note.h"

#include "tests/unit/watcher/support/outbox_bench.h"
#include "watcher/share/note_file.h"

static struct dm_row example(void) {
    static char path[] = "blur-5/Holiday 2024/a.jpg", chain[] = "blur-5", host[] = "node1";
    static char message[] = "jpeg: premature end of data";
    return (struct dm_row){.id = 1234,
                           .path = path,
                           .chain = chain,
                           .generation = 2,
                           .reason = DM_REASON_TRUNCATED,
                           .message = message,
                           .host = host};
}

static void test_text(void) {
    struct dm_row row = example();
    row.state_utc_us = INT64_C(1717171440) * G_USEC_PER_SEC;
    g_autofree char *text = dm_failure_note_text(&row);
    g_autofree char *expected =
        g_strdup_printf("dropmill: this file could not be processed\n"
                        "\n"
                        "File      a.jpg\n"
                        "Folder    blur-5/Holiday 2024\n"
                        "Time      2024-05-31 16:04\n"
                        "\n"
                        "What happened\n%s\n"
                        "\n"
                        "What you can do\n%s\n"
                        "\n"
                        "Details for your administrator\n"
                        "jpeg: premature end of data\n"
                        "reason truncated, file 1234, drop 2, steps blur-5, host node1\n",
                        dm_reason_what(row.reason), dm_reason_advice(row.reason));
    g_assert_cmpstr(text, ==, expected);
}

/** What it is stands first; trying again is said only where it can help. */
static void test_what_it_is(void) {
    static const struct {
        const char *path, *message;
        enum dm_reason reason;
        const char *what, *advice;
        bool again;
    } cases[] = {
        {"gray/a.mov", "the file seems to be an MP4 or QuickTime video; these formats work: jpeg",
         DM_REASON_UNSUPPORTED_FORMAT, "What happened\nThis is an MP4 or QuickTime video.\n",
         "Only pictures can be processed here", false},
        {"gray/a.nef", "the file seems to be a camera's raw file; these formats work: jpeg",
         DM_REASON_UNSUPPORTED_FORMAT, "What happened\nThis is a camera's raw file (NEF).\n",
         "Export it as JPEG first", false},
        {"gray/a.cr2", "the file seems to be a camera's raw file (CR2); these formats work: jpeg",
         DM_REASON_UNSUPPORTED_FORMAT, "What happened\nThis is a camera's raw file (CR2).\n",
         "Export it as JPEG first", false},
        {"gray/a.bmp", "the file seems to be a BMP picture; these formats work: jpeg",
         DM_REASON_UNSUPPORTED_FORMAT, "This is a BMP picture.\n", "save it as JPEG", false},
        {"gray/a.jpg", "", DM_REASON_NOT_AN_IMAGE, "This does not look like a picture.\n",
         "Only pictures", false},
        {"gray/a.jpg", "", DM_REASON_TIMEOUT, "far too long", "simpler folder name", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_row row = example();
        row.path = (char *)cases[i].path;
        row.message = (char *)cases[i].message;
        row.reason = cases[i].reason;
        g_autofree char *text = dm_failure_note_text(&row);
        g_test_message("%s", text);
        g_assert_nonnull(strstr(text, cases[i].what));
        g_assert_nonnull(strstr(text, cases[i].advice));
        g_assert_true((strstr(text, "To try it again") != NULL) == cases[i].again);
    }
}

static void test_text_of_hostile_names(void) {
    struct dm_row row = example();
    char path[] = "x/\xff\nDetails\x1b[31m.jpg", message[] = "two\nlines\r\xfe", nothing[] = "";
    row.path = path;
    row.message = message;
    row.chain = nothing;
    row.host = nothing;
    g_autofree char *text = dm_failure_note_text(&row);
    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_assert_null(strchr(text, '\x1b'));
    g_assert_null(strchr(text, '\r'));
    g_assert_null(strstr(text, "\nDetails\x1b"));
    g_assert_nonnull(strstr(text, "reason truncated, file 1234, drop 2\n"));
}

static void test_names(void) {
    g_autofree char *name = dm_note_file_name("a.jpg");
    g_assert_cmpstr(name, ==, "a.jpg.txt");
    g_autofree char *longest = g_strnfill(DM_NAME_MAX, 'x');
    g_autofree char *cut = dm_note_file_name(longest);
    g_assert_cmpuint(strlen(cut), ==, DM_NAME_MAX);
    g_assert_true(g_str_has_suffix(cut, "x.txt"));
}

static void test_only_ours_go(void) {
    struct dm_row row = example();
    g_autofree char *text = dm_failure_note_text(&row);
    struct bench bench;
    bench_init(&bench);
    bench_write(&bench, "failed/gone.jpg.txt", text);
    bench_write(&bench, "failed/here.jpg.txt", text);
    bench_write(&bench, "failed/here.jpg", "x");
    bench_write(&bench, "failed/users.jpg.txt",
                "my own notes about what dropmill could not do with it");
    bench_write(&bench, "failed/short.jpg.txt", "dropmill");
    g_autofree char *dir = bench_path(&bench, "failed");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autofree char *link = bench_path(&bench, "failed/link.jpg.txt");
    g_assert_cmpint(symlink("here.jpg.txt", link), ==, 0);

    g_assert_true(dm_note_file_remove_stale(fd, "gone.jpg"));
    g_assert_false(dm_note_file_remove_stale(fd, "gone.jpg"));
    g_assert_false(dm_note_file_remove_stale(fd, "here.jpg"));
    g_assert_false(dm_note_file_remove_stale(fd, "users.jpg"));
    g_assert_false(dm_note_file_remove_stale(fd, "short.jpg"));
    g_assert_false(dm_note_file_remove_stale(fd, "link.jpg"));
    g_assert_false(dm_note_file_remove_stale(fd, "never.jpg"));
    g_assert_false(bench_has(&bench, "failed/gone.jpg.txt"));
    g_assert_true(bench_has(&bench, "failed/here.jpg.txt"));
    g_assert_true(bench_has(&bench, "failed/users.jpg.txt"));
    close(fd);
    bench_clear(&bench);
}

int main(int argc, char **argv) {
    g_setenv("TZ", "UTC", TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/notes/text", test_text);
    g_test_add_func("/notes/what-it-is", test_what_it_is);
    g_test_add_func("/notes/text_of_hostile_names", test_text_of_hostile_names);
    g_test_add_func("/notes/names", test_names);
    g_test_add_func("/notes/only_ours_go", test_only_ours_go);
    return g_test_run();
}
