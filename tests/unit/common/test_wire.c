// SPDX-License-Identifier: MIT
//
// Lines: what is written is read back, whatever bytes a name has; malformed lines are refused.
#include "common/wire.h"

#include "common/error.h"

#include <string.h>

static const char awkward[] = "a b\t\"c\"\n'\\x41 \xff\xfe \xc3\xa9=1";

static void test_task(void) {
    struct dm_task task = {
        .id = 7,
        .attempt = 2,
        .chain = (char *)"rotate-90_resize-1600",
        .input_root = (char *)"/srv/share/inbox",
        .input = (char *)awkward,
        .output_root = (char *)"/srv/share/outbox",
        .input_mark = {1, UINT64_MAX, -1},
        .output_mark = {UINT64_MAX, 2, INT64_MIN},
        .temp = (char *)".dropmill-7-2.tmp",
        .fingerprint = {.dev = 1,
                        .ino = UINT64_MAX,
                        .btime_ns = -1,
                        .size_bytes = 5,
                        .mtime_ns = INT64_MAX,
                        .ctime_ns = 9,
                        .links = 3},
        .max_bytes = 10,
        .max_pixels = 20,
        .deadline_ms = 30,
        .sync = true,
        .mode = 0660,
    };
    g_autofree char *line = dm_task_line(&task);
    g_assert_true(g_str_has_suffix(line, "\n"));
    for (const char *p = line; *p != '\n'; p++) {
        g_assert_true(*p == '\t' || g_ascii_isprint(*p));
    }
    struct dm_task back;
    g_assert_true(dm_task_parse(line, &back, NULL));
    g_assert_cmpstr(back.input, ==, awkward);
    g_assert_cmpstr(back.chain, ==, task.chain);
    g_assert_cmpint(back.mode, ==, 0660);
    g_assert_true(dm_mark_fits(&task.input_mark, &back.input_mark));
    g_assert_true(dm_mark_fits(&task.output_mark, &back.output_mark));
    g_assert_false(dm_mark_fits(&task.input_mark, &back.output_mark));
    g_assert_true(dm_fingerprint_equal(&back.fingerprint, &task.fingerprint));
    g_assert_cmpint(back.fingerprint.links, ==, 3);
    g_assert_cmpint(back.deadline_ms, ==, 30);
    g_assert_true(back.sync);
    dm_task_clear(&back);
    g_assert_null(back.input);
    dm_task_clear(NULL);
}

// A file has another ctime when one of its other names goes; its bytes are the same.
static void test_links(void) {
    static const struct {
        struct dm_fingerprint other;
        bool equal;
    } cases[] = {
        {{.ino = 1, .size_bytes = 9, .mtime_ns = 3, .ctime_ns = 4, .links = 2}, true},
        {{.ino = 1, .size_bytes = 9, .mtime_ns = 3, .ctime_ns = 5, .links = 2}, true},
        {{.ino = 1, .size_bytes = 9, .mtime_ns = 3, .ctime_ns = 5, .links = 1}, true},
        {{.ino = 1, .size_bytes = 9, .mtime_ns = 2, .ctime_ns = 5, .links = 1}, false},
        {{.ino = 1, .size_bytes = 8, .mtime_ns = 3, .ctime_ns = 5, .links = 1}, false},
        {{.ino = 2, .size_bytes = 9, .mtime_ns = 3, .ctime_ns = 4, .links = 1}, false},
    };
    const struct dm_fingerprint print = {
        .ino = 1, .size_bytes = 9, .mtime_ns = 3, .ctime_ns = 4, .links = 2};
    const struct dm_fingerprint one = {.ino = 1, .ctime_ns = 4, .links = 1};
    const struct dm_fingerprint other = {.ino = 1, .ctime_ns = 5, .links = 1};
    g_assert_false(dm_fingerprint_equal(&one, &other));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(dm_fingerprint_equal(&print, &cases[i].other), ==, cases[i].equal);
        g_assert_cmpint(dm_fingerprint_equal(&cases[i].other, &print), ==, cases[i].equal);
    }
}

static void test_result(void) {
    struct dm_result result = {.id = 3,
                               .attempt = 1,
                               .status = DM_STATUS_FAILED,
                               .reason = DM_REASON_TRUNCATED,
                               .message = (char *)"ends early",
                               .rank = 4};
    g_autofree char *line = dm_result_line(&result);
    struct dm_result back;
    g_assert_true(dm_result_parse(line, &back, NULL));
    g_assert_cmpint(back.status, ==, DM_STATUS_FAILED);
    g_assert_cmpint(back.reason, ==, DM_REASON_TRUNCATED);
    g_assert_cmpstr(back.message, ==, "ends early");
    g_assert_cmpstr(back.format, ==, ""); // never NULL
    dm_result_clear(&back);
}

static void test_unknown_key_is_ignored(void) {
    struct dm_event back;
    g_assert_true(dm_event_parse("event\tkind=start\tcolour=blue\tid=5\n", &back, NULL));
    g_assert_cmpint(back.id, ==, 5);
    dm_event_clear(&back);
}

static void test_malformed(void) {
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"tusk\tid=1\n", "unknown verb: 'tusk', expected 'event' of protocol version 1"},
        {"", "unknown verb: ''"},
        {"events\tid=1", "unknown verb: 'events'"},
        {"event\tkind=start", "lacks 'id'"},
        {"event\tkind=start\tid", "a field without '='"},
        {"event\tkind=start\tid=12x", "bad value for 'id'"},
        {"event\tkind=start\tid=99999999999999999999", "bad value for 'id'"},
        {"event\tkind=a\\q\tid=1", "bad value for 'kind'"},
        {"event\tkind=a\\x0\tid=1", "bad value for 'kind'"},
        {"event\tkind=a\\x00\tid=1", "bad value for 'kind'"},
        {"event\tkind=a\\", "bad value for 'kind'"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_event event;
        GError *error = NULL;
        g_assert_false(dm_event_parse(cases[i].line, &event, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, cases[i].message));
        g_error_free(error);
    }
}

static void test_other_version(void) {
    struct dm_hello hello;
    GError *error = NULL;
    g_assert_false(dm_hello_parse(
        "hello\tversion=99\tprogram=dropmill-worker 9\tranks=1\tthreads=1", &hello, &error));
    g_assert_nonnull(strstr(error->message, "'dropmill-worker 9' speaks 99, expected 1"));
    g_error_free(error);
}

static void test_any_bytes(void) {
    g_autoptr(GRand) random = g_rand_new_with_seed(3);
    for (int i = 0; i < 20000; i++) {
        char line[64] = "event\t";
        for (int j = 6; j < 63; j++) {
            line[j] = (char)g_rand_int_range(random, 1, 256);
        }
        struct dm_event event;
        if (dm_event_parse(line, &event, NULL)) {
            dm_event_clear(&event);
        }
        g_autofree char *escaped = dm_escape(line);
        g_autofree char *plain = dm_unescape(escaped, strlen(escaped));
        g_assert_cmpstr(plain, ==, line);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wire/task", test_task);
    g_test_add_func("/wire/links", test_links);
    g_test_add_func("/wire/result", test_result);
    g_test_add_func("/wire/unknown-key", test_unknown_key_is_ignored);
    g_test_add_func("/wire/malformed", test_malformed);
    g_test_add_func("/wire/other-version", test_other_version);
    g_test_add_func("/wire/any-bytes", test_any_bytes);
    return g_test_run();
}
