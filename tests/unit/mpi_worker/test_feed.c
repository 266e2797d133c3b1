// SPDX-License-Identifier: MIT
//
// The line socket over a socketpair: torn and joined lines, a slow reader, the other side's end.
#include "mpi_worker/job/feed.h"

#include "common/error.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct dm_feed *make(int *ret_other) {
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    *ret_other = fds[1];
    return dm_feed_new(fds[0]);
}

static void say(int fd, const char *text) {
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (gssize)strlen(text));
}

static void test_lines(void) {
    static const struct {
        const char *arrives;
        const char *lines[3];
    } cases[] = {
        {"one\n", {"one"}}, {"two\nthree\n", {"two", "three"}},
        {"fo", {NULL}},     {"ur\nfi", {"four"}},
        {"ve", {NULL}},     {"\n\nsix\n", {"five", "", "six"}},
    };
    int other;
    struct dm_feed *feed = make(&other);
    g_assert_true(dm_feed_read(feed, NULL)); // nothing there: no error, no wait
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        say(other, cases[i].arrives);
        g_assert_true(dm_feed_read(feed, NULL));
        for (size_t j = 0; j < 3 && cases[i].lines[j] != NULL; j++) {
            g_assert_cmpstr(dm_feed_next_line(feed), ==, cases[i].lines[j]);
        }
        g_assert_null(dm_feed_next_line(feed));
    }
    close(other);
    dm_feed_free(feed);
}

static void test_end(void) {
    int other;
    struct dm_feed *feed = make(&other);
    say(other, "last\nhalf");
    close(other);
    g_assert_true(dm_feed_read(feed, NULL));
    g_assert_cmpstr(dm_feed_next_line(feed), ==, "last");
    GError *error = NULL;
    g_assert_false(dm_feed_read(feed, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
    g_clear_error(&error);
    dm_feed_write(feed, "x\n", 2);
    g_assert_false(dm_feed_flush(feed, &error)); // and no SIGPIPE
    g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
    g_clear_error(&error);
    dm_feed_free(feed);
}

/** A reader that is slower than we are gets every byte, in order, and never makes us wait. */
static void test_slow_reader(void) {
    enum { LINES = 200000 };
    int other;
    struct dm_feed *feed = make(&other);
    GString *got = g_string_new(NULL);
    for (int i = 0; i < LINES; i++) {
        char line[16];
        int length = g_snprintf(line, sizeof(line), "%d\n", i);
        dm_feed_write(feed, line, (size_t)length);
        if (i % 1000 == 0) {
            g_assert_true(dm_feed_flush(feed, NULL));
        }
    }
    g_assert_false(dm_feed_flushed(feed));
    g_assert_cmpint(dm_feed_events(feed), ==, POLLIN | POLLOUT);
    while (!dm_feed_flushed(feed)) {
        char chunk[5000];
        ssize_t length = read(other, chunk, sizeof(chunk));
        g_assert_cmpint(length, >, 0);
        g_string_append_len(got, chunk, length);
        g_assert_true(dm_feed_flush(feed, NULL));
    }
    g_assert_cmpint(dm_feed_events(feed), ==, POLLIN);
    dm_feed_free(feed); // closes: the rest can be read up to the end
    char chunk[5000];
    for (ssize_t length; (length = read(other, chunk, sizeof(chunk))) > 0;) {
        g_string_append_len(got, chunk, length);
    }
    close(other);
    char *at = got->str;
    for (int i = 0; i < LINES; i++) {
        g_assert_cmpint((int)g_ascii_strtoll(at, &at, 10), ==, i);
    }
    g_assert_cmpstr(at, ==, "\n");
    g_string_free(got, TRUE);
}

static void test_endless_line(void) {
    int other;
    struct dm_feed *feed = make(&other);
    char chunk[64 * 1024];
    memset(chunk, 'x', sizeof(chunk));
    GError *error = NULL;
    for (int i = 0; error == NULL && i < 100; i++) {
        g_assert_cmpint(send(other, chunk, sizeof(chunk), MSG_DONTWAIT), >, 0);
        dm_feed_read(feed, &error);
        g_assert_null(dm_feed_next_line(feed));
    }
    g_assert_error(error, DM_ERROR, DM_ERROR_LIMIT);
    g_clear_error(&error);
    close(other);
    dm_feed_free(feed);
}

static void test_nobody_there(void) {
    GError *error = NULL;
    g_assert_null(dm_feed_connect("/nonexistent/socket", &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
    g_assert_nonnull(strstr(error->message, "/nonexistent/socket"));
    g_clear_error(&error);
    g_autofree char *longer = g_strnfill(200, 'x');
    g_assert_null(dm_feed_connect(longer, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    g_clear_error(&error);
    dm_feed_free(NULL);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/feed/lines", test_lines);
    g_test_add_func("/feed/end", test_end);
    g_test_add_func("/feed/slow-reader", test_slow_reader);
    g_test_add_func("/feed/endless-line", test_endless_line);
    g_test_add_func("/feed/nobody-there", test_nobody_there);
    return g_test_run();
}
