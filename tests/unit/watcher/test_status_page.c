// SPDX-License-Identifier: MIT
//
// The status page: when it is written, under which number, and what it says; that no name of a file
// or folder is anything but text in it.
#include "watcher/status_page.h"

#include "watcher/ledger/under_way.h"
#include "watcher/status_html.h"

#include <string.h>

#define S ((int64_t)G_USEC_PER_SEC)
#define STRANGE "<script>alert(\"1\")</script>&amp;'"

// ---- when

static void test_pace(void) {
    struct dm_status_pace pace = {0};
    g_assert_cmpint(dm_status_page_due_us(&pace), ==, 0);
    pace.written_us = 100 * S;
    g_assert_cmpint(dm_status_page_due_us(&pace), ==, 120 * S);
    pace.changed_us = 101 * S;
    g_assert_cmpint(dm_status_page_due_us(&pace), ==, 105 * S);
    pace.changed_us = 110 * S;
    g_assert_cmpint(dm_status_page_due_us(&pace), ==, 111 * S);
    pace.changed_us = 120 * S - 1;
    g_assert_cmpint(dm_status_page_due_us(&pace), ==, 120 * S);
}

static void test_dear_pages_are_rare(void) {
    struct dm_status_pace pace = {.written_us = 100 * S, .changed_us = 100 * S, .cost_us = S / 5};
    g_assert_cmpint(dm_status_page_due_us(&pace), ==, 110 * S);
    pace.cost_us = 2 * S;
    g_assert_cmpint(dm_status_page_due_us(&pace), ==, 120 * S);
}

static void test_numbers_grow(void) {
    g_assert_cmpint(dm_status_page_number(0, 5000), ==, 5);
    g_assert_cmpint(dm_status_page_number(5, 5000), ==, 6);
    g_assert_cmpint(dm_status_page_number(9, 5000), ==, 10); // the clock was set back
}

// ---- what

struct fixture {
    struct dm_daemon_status now;
    GPtrArray *under_way, *folder_problems, *rows;
    struct dm_status_facts facts;
};

static void set_up(struct fixture *fixture, const void *data) {
    (void)data;
    fixture->now = (struct dm_daemon_status){
        .version = "1", .jail = "", .settings = "", .gate.held = dm_gate_reason_name(DM_GATE_OPEN)};
    fixture->under_way = g_ptr_array_new();
    fixture->folder_problems = g_ptr_array_new();
    fixture->rows = g_ptr_array_new();
    fixture->facts = (struct dm_status_facts){.now = &fixture->now,
                                              .under_way = fixture->under_way,
                                              .folder_problems = fixture->folder_problems,
                                              .troubled = fixture->rows,
                                              .originals = ""};
}

static void tear_down(struct fixture *fixture, const void *data) {
    (void)data;
    g_ptr_array_unref(fixture->under_way);
    g_ptr_array_unref(fixture->folder_problems);
    g_ptr_array_unref(fixture->rows);
}

static char *page_of(const struct fixture *fixture, bool is_twin) {
    const struct dm_status_writing writing = {.number = 77, .utc_us = S, .is_twin = is_twin};
    return dm_status_html(&fixture->facts, &writing);
}

static void assert_has(const char *page, const char *text) {
    if (strstr(page, text) == NULL) {
        g_error("the page lacks '%s': %s", text, strstr(page, "<main>"));
    }
}

static void assert_lacks(const char *page, const char *text) {
    g_assert_null(strstr(page, text));
}

static void test_twins(struct fixture *fixture, const void *data) {
    (void)data;
    g_autofree char *page = page_of(fixture, false), *twin = page_of(fixture, true);
    g_assert_true(g_str_has_prefix(page, DM_STATUS_TITLE));
    g_assert_true(g_str_has_prefix(twin, DM_STATUS_TITLE));
    assert_has(page, "content=\"30; url=.dropmill/status.html?77#w77\"");
    assert_has(twin, "content=\"30; url=../_Status.html?77#w77\"");
    assert_has(page, "id=\"w77\"");
    assert_has(twin, "id=\"w77\"");
    assert_has(page, "<h1>Ready");
    assert_lacks(page, "<script");
}

static void test_stopped(struct fixture *fixture, const void *data) {
    (void)data;
    fixture->facts.stopped = true;
    g_autofree char *page = page_of(fixture, false);
    assert_has(page, "<h1>Stopped</h1>");
    assert_has(page, "?77#w77"); // it looks whether somebody has begun again
    assert_lacks(page, "id=\"w77\"");
}

static void test_moods(struct fixture *fixture, const void *data) {
    (void)data;
    fixture->facts.counts[DM_STATE_READY] = 1070;
    fixture->facts.counts[DM_STATE_SEEN] = 1;
    fixture->facts.counts[DM_STATE_RUNNING] = 16;
    fixture->now.rate_milli = 61000;
    fixture->now.engine.threads = 16;
    g_autofree char *working = page_of(fixture, false);
    assert_has(working, "<title>dropmill: Working: 1,087 pictures to go, about 18 seconds</title>");
    assert_has(working, "61 pictures a second, on 16 threads. Written at");
    assert_has(working, "<b>1,071</b><span>waiting");
    assert_has(working, "<b>16</b><span>being processed");
    fixture->now.gate.held = dm_gate_reason_name(DM_GATE_PAUSED);
    g_autofree char *paused = page_of(fixture, false);
    assert_has(paused, "<h1>Paused: 1,087 pictures wait</h1>");
    for (int i = DM_GATE_OPEN + 1; i < DM_GATE_REASON_COUNT; i++) {
        fixture->now.gate.held = dm_gate_reason_name((enum dm_gate_reason)i);
        g_autofree char *held = page_of(fixture, false);
        assert_lacks(held, "Working");
    }
}

static void test_names_are_text(struct fixture *fixture, const void *data) {
    (void)data;
    char folder[] = STRANGE, path[] = STRANGE "/" STRANGE "/\xff" STRANGE ".jpg";
    struct dm_under_way work = {.folder = folder, .left = 1};
    struct dm_folder_problem problem = {folder, folder, folder};
    struct dm_row row = {.path = path, .reason = DM_REASON_EMPTY};
    g_ptr_array_add(fixture->under_way, &work);
    g_ptr_array_add(fixture->folder_problems, &problem);
    g_ptr_array_add(fixture->rows, &row);
    fixture->facts.counts[DM_STATE_FAILED] = 1;
    g_strlcpy(fixture->now.engine.problem, STRANGE, sizeof(fixture->now.engine.problem));
    g_strlcpy(fixture->now.notices.problem, "for the administrator alone",
              sizeof(fixture->now.notices.problem));
    struct dm_engine_host hosts[] = {{.name = folder, .state = "warm"},
                                     {.name = folder, .state = "warm"}};
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_ptr_array_add(names, &hosts[0]);
    g_ptr_array_add(names, &hosts[1]);
    fixture->now.hosts = names;
    g_autofree char *page = page_of(fixture, false);
    assert_lacks(page, "<script");
    assert_lacks(page, "&amp;'");
    assert_lacks(page, "administrator alone");
    assert_has(page, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&apos;");
    assert_has(page, "<b>3</b><span>problems");
    assert_has(page, dm_reason_advice(DM_REASON_EMPTY));
    g_assert_true(g_utf8_validate(page, -1, NULL));
}

static unsigned occurrences(const char *text, const char *part) {
    unsigned count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

static void test_long_lists_end(struct fixture *fixture, const void *data) {
    (void)data;
    char folder[] = "folder-9", path[] = "gray/picture-9.jpg";
    struct dm_under_way work = {.folder = folder, .left = 1};
    struct dm_row row = {.path = path, .reason = DM_REASON_DAMAGED};
    for (int i = 0; i < 60; i++) {
        g_ptr_array_add(fixture->under_way, &work);
        g_ptr_array_add(fixture->rows, &row);
    }
    fixture->facts.counts[DM_STATE_FAILED] = 1060;
    g_autofree char *page = page_of(fixture, false);
    g_assert_cmpuint(occurrences(page, folder), ==, DM_STATUS_FOLDERS);
    g_assert_cmpuint(occurrences(page, "picture-9.jpg"), ==, DM_STATUS_PROBLEMS);
    assert_has(page, "and 10 more folders");
    assert_has(page, "and 1,040 more problems");
}

static void test_originals(void) {
    const struct {
        int64_t keep_us;
        const char *words;
    } cases[] = {
        {14 * 24 * 3600 * S, "for 14 days."},
        {3600 * S, "for some hours."},
        {DM_KEEP_FOREVER, "for good."},
        {0, "not kept"},
        {DM_KEEP_LEAVE, "stay in <code>inbox</code>"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *words = dm_status_originals(cases[i].keep_us);
        assert_has(words, cases[i].words);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/status_page/pace", test_pace);
    g_test_add_func("/status_page/dear_pages_are_rare", test_dear_pages_are_rare);
    g_test_add_func("/status_page/numbers_grow", test_numbers_grow);
    g_test_add_func("/status_page/originals", test_originals);
#define ADD(name)                                                                                  \
    g_test_add("/status_page/" #name, struct fixture, NULL, set_up, test_##name, tear_down)
    ADD(twins);
    ADD(stopped);
    ADD(moods);
    ADD(names_are_text);
    ADD(long_lists_end);
    return g_test_run();
}
