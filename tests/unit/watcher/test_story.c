// SPDX-License-Identifier: MIT
//
// Stories of jobs as files: stamps and marks, the bound, and which of them are kept.
#include "watcher/engine/story.h"

#include "common/fsutil.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#define DAY_US (INT64_C(86400) * G_USEC_PER_SEC)

static char *tmp_dir(void) {
    return g_dir_make_tmp("dm-story-XXXXXX", NULL);
}

static char *read_all(const char *path, size_t *ret_length) {
    char *text;
    g_assert_true(g_file_get_contents(path, &text, ret_length, NULL));
    return text;
}

static void add(struct dm_story *story, int64_t utc_us, enum dm_story_line kind, const char *text) {
    dm_story_add(story, utc_us, kind, text, strlen(text));
}

static void test_lines(void) {
    g_autofree char *dir = tmp_dir();
    g_autofree char *path = dm_story_path(dir, 7);
    struct dm_story *story = dm_story_new(path, NULL);
    int64_t noon_us = 20000 * DAY_US + DAY_US / 2;
    add(story, noon_us, DM_STORY_NOTE, "new -> starting");
    add(story, noon_us + 1, DM_STORY_TO, "task 1\ntask 2\n");
    add(story, noon_us + 3661000002, DM_STORY_FROM, "result 1");
    add(story, noon_us - 1, DM_STORY_OUTPUT, "a\tb \033[31m\n");
    add(NULL, 0, DM_STORY_NOTE, "nobody listens");
    size_t length;
    g_autofree char *text = read_all(path, &length); // while it is open: it may never be closed
    g_assert_cmpstr(text, ==,
                    "12:00:00.000000 - new -> starting\n"
                    "12:00:00.000001 > task 1\n"
                    "12:00:00.000001 > task 2\n"
                    "13:01:01.000002 < result 1\n"
                    "11:59:59.999999 | a\tb ?[31m\n");
    dm_story_free(story);
    dm_story_free(NULL);
    dm_remove_tree(dir);
}

/** However long it gets: the beginning, a word about the middle, the end; each line whole. */
static void test_bound(void) {
    g_autofree char *dir = tmp_dir();
    g_autofree char *path = dm_story_path(dir, 7);
    struct dm_story *story = dm_story_new(path, NULL);
    int written = 0;
    for (; written < 50000; written++) {
        g_autofree char *line = g_strdup_printf("line %d", written);
        add(story, written, DM_STORY_FROM, line);
    }
    dm_story_free(story);
    size_t length;
    g_autofree char *text = read_all(path, &length);
    g_assert_cmpuint(length, <=, DM_STORY_HEAD_BYTES + 2 * DM_STORY_TAIL_BYTES + 100);
    g_assert_cmpuint(length, >=, DM_STORY_HEAD_BYTES + DM_STORY_TAIL_BYTES - 100);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    int next = 0, gaps = 0;
    for (char **line = lines; **line != '\0'; line++) {
        if (strstr(*line, "left out") != NULL) {
            gaps++;
            g_assert_cmpint(next * 30, >, DM_STORY_HEAD_BYTES); // about 28 bytes a line
            next = -1;
            continue;
        }
        int number = 0;
        g_assert_cmpint(sscanf(*line, "%*s < line %d", &number), ==, 1);
        g_assert_true(next < 0 || number == next);
        next = number + 1;
    }
    g_assert_cmpint(gaps, ==, 1);
    g_assert_cmpint(next, ==, written);
    dm_remove_tree(dir);
}

static void test_old_ones_go(void) {
    g_autofree char *dir = tmp_dir();
    static const char *const names[] = {"job-1.txt",   "job-12.txt", "job-13.txt", "job-x.txt",
                                        "job-1.txt.x", "job-.txt",   "session-1"};
    static const bool kept[] = {false, false, true, true, true, true, true};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);
        g_assert_true(g_file_set_contents(path, "x", 1, NULL));
    }
    dm_story_remove_old(dir, 20);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);
        g_assert_cmpint(g_file_test(path, G_FILE_TEST_EXISTS), ==, kept[i]);
    }
    dm_story_remove_old("/nonexistent", 20);
    dm_remove_tree(dir);
}

static void test_no_room(void) {
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_story_new("/nonexistent/job-1.txt", &error));
    g_assert_nonnull(strstr(error->message, "/nonexistent/job-1.txt"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/story/lines", test_lines);
    g_test_add_func("/story/bound", test_bound);
    g_test_add_func("/story/old-ones-go", test_old_ones_go);
    g_test_add_func("/story/no-room", test_no_room);
    return g_test_run();
}
