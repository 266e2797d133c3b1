// SPDX-License-Identifier: MIT
//
// Events: their numbers, who gets which, what is said once, who is refused. The server's side of a
// request is played.
#include "watcher/page/events.h"
#include "watcher/page/request_private.h"

#include <string.h>

/** A request that listens, and what it has heard. */
struct browser {
    struct dm_request *request;
    GString *heard;
    const char *last_id;
    bool is_woken;
};

static const char *header(void *connection, const char *name) {
    return strcmp(name, "Last-Event-ID") == 0 ? ((struct browser *)connection)->last_id : NULL;
}

static void resume(struct dm_request *request) {
    ((struct browser *)request->connection)->is_woken = true;
}

static struct browser *browser_new(struct dm_events *events, const char *last_id) {
    struct browser *browser = g_new0(struct browser, 1);
    browser->heard = g_string_new(NULL);
    browser->last_id = last_id;
    browser->request = dm_request_new();
    browser->request->connection = browser;
    browser->request->header = header;
    browser->request->resume = resume;
    dm_events_answer(events, browser->request);
    return browser;
}

static void browser_free(struct browser *browser) {
    if (browser->request->answer.body == NULL) {
        browser->request->answer.stream.end(browser->request->answer.stream.data);
    }
    dm_request_free(browser->request);
    g_string_free(browser->heard, TRUE);
    g_free(browser);
}

/** Read until there is nothing. @size: so much at once. */
static void hear(struct browser *browser, size_t size) {
    const struct dm_stream *stream = &browser->request->answer.stream;
    char buffer[4096];
    ssize_t count;
    g_assert_cmpuint(size, <=, sizeof(buffer));
    while ((count = stream->read(stream->data, buffer, size)) > 0) {
        g_string_append_len(browser->heard, buffer, count);
    }
    g_assert_cmpint(count, ==, DM_STREAM_WAIT);
}

static unsigned count_of(const struct browser *browser, const char *text) {
    unsigned count = 0;
    for (const char *at = browser->heard->str; (at = strstr(at, text)) != NULL; at++) {
        count++;
    }
    return count;
}

/** Until all that was told is there to be read. */
static void flush(struct browser *browser) {
    browser->is_woken = false;
    while (!browser->is_woken) {
        g_main_context_iteration(NULL, TRUE);
    }
}

/** The number of the first event that was heard; (transfer full). */
static char *first_id(const struct browser *browser) {
    const char *id = strstr(browser->heard->str, "id: ");
    g_assert_nonnull(id);
    return g_strndup(id + strlen("id: "), strspn(id + strlen("id: "), "0123456789"));
}

static void test_tells(void) {
    struct dm_events *events = dm_events_new(8);
    struct browser *browser = browser_new(events, NULL);
    hear(browser, 4096);
    g_assert_true(g_str_has_prefix(browser->heard->str, "retry: "));
    dm_events_tell(events, "drop", "gray/Day 1");
    dm_events_tell(events, "log", NULL);
    dm_events_tell(events, "drop", "gray/Day 1");
    dm_events_tell(events, "drop", "gray/Day 2");
    flush(browser);
    hear(browser, 7); // in small pieces
    g_assert_cmpuint(count_of(browser, "event: drop\n"), ==, 2);
    g_assert_cmpuint(count_of(browser, "event: log\ndata: {}\n\n"), ==, 1);
    g_assert_cmpuint(count_of(browser, "{\"id\":\"Z3JheS9EYXkgMQ\"}"), ==, 1);
    browser_free(browser);
    dm_events_free(events);
}

static void test_numbers(void) {
    struct dm_events *events = dm_events_new(8);
    struct browser *first = browser_new(events, NULL);
    dm_events_tell(events, "drop", "gray/Day 1");
    dm_events_tell(events, "state", NULL);
    flush(first);
    hear(first, 4096);
    g_autofree char *id = first_id(first);
    g_autofree char *next_id =
        g_strdup_printf("id: %" G_GINT64_FORMAT "\n", g_ascii_strtoll(id, NULL, 10) + 1);
    g_assert_cmpuint(count_of(first, next_id), ==, 1);
    struct browser *again = browser_new(events, id); // has seen the first
    hear(again, 4096);
    g_assert_cmpuint(count_of(again, "event: "), ==, 1);
    g_assert_cmpuint(count_of(again, "event: state\n"), ==, 1);
    struct browser *fresh = browser_new(events, NULL); // what was is no news
    hear(fresh, 4096);
    g_assert_cmpuint(count_of(fresh, "event: "), ==, 0);
    browser_free(first);
    browser_free(again);
    browser_free(fresh);
    dm_events_free(events);
}

static void test_resync(void) {
    static const char *const unknown[] = {"0", "17", "9223372036854775806"};
    struct dm_events *events = dm_events_new(8);
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++) {
        struct browser *browser = browser_new(events, unknown[i]);
        hear(browser, 4096);
        g_assert_cmpuint(count_of(browser, "event: resync\n"), ==, 1);
        g_assert_cmpuint(count_of(browser, "event: "), ==, 1);
        browser_free(browser);
    }
    static const char *const nonsense[] = {"x", "-1", "", "99999999999999999999"};
    for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
        struct browser *browser = browser_new(events, nonsense[i]);
        hear(browser, 4096);
        g_assert_cmpuint(count_of(browser, "event: "), ==, 0);
        browser_free(browser);
    }
    dm_events_free(events);
}

/** Who does not read finds the ring past him, and is told so. */
static void test_slow(void) {
    struct dm_events *events = dm_events_new(8);
    struct browser *slow = browser_new(events, NULL);
    struct browser *quick = browser_new(events, NULL);
    for (int i = 0; i < 1100; i++) {
        g_autofree char *drop = g_strdup_printf("gray/%d", i);
        dm_events_tell(events, "drop", drop);
    }
    flush(quick);
    hear(slow, 4096);
    g_assert_cmpuint(count_of(slow, "event: resync\n"), ==, 1);
    g_assert_cmpuint(count_of(slow, "event: drop\n"), ==, 0);
    dm_events_tell(events, "drop", "gray/later");
    flush(quick);
    hear(slow, 4096);
    g_assert_cmpuint(count_of(slow, "event: drop\n"), ==, 1);
    browser_free(slow);
    browser_free(quick);
    dm_events_free(events);
}

static void test_too_many(void) {
    struct dm_events *events = dm_events_new(2);
    struct browser *browsers[3];
    for (int i = 0; i < 3; i++) {
        browsers[i] = browser_new(events, NULL);
        g_assert_cmpuint(browsers[i]->request->answer.status, ==, i < 2 ? 200 : 503);
    }
    g_assert_cmpuint(dm_events_streams(events), ==, 2);
    browser_free(browsers[0]);
    g_assert_cmpuint(dm_events_streams(events), ==, 1);
    browsers[0] = browser_new(events, NULL);
    g_assert_cmpuint(browsers[0]->request->answer.status, ==, 200);
    for (int i = 0; i < 3; i++) {
        browser_free(browsers[i]);
    }
    dm_events_free(events);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/events/tells", test_tells);
    g_test_add_func("/events/numbers", test_numbers);
    g_test_add_func("/events/resync", test_resync);
    g_test_add_func("/events/slow", test_slow);
    g_test_add_func("/events/too-many", test_too_many);
    return g_test_run();
}
