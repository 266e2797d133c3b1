// SPDX-License-Identifier: MIT
//
// The line socket: two ends that meet at a path; over a socketpair torn and joined lines, a slow
// reader, the other side's end.
#include "common/line_socket.h"

#include "common/error.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct dm_line_socket *make(int *ret_other) {
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    *ret_other = fds[1];
    return dm_line_socket_new(fds[0], "the watcher");
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
    struct dm_line_socket *socket = make(&other);
    bool more = true;
    g_assert_true(dm_line_socket_read(socket, &more, NULL)); // nothing there: no error, no wait
    g_assert_false(more);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        say(other, cases[i].arrives);
        g_assert_true(dm_line_socket_read(socket, NULL, NULL));
        for (size_t j = 0; j < 3 && cases[i].lines[j] != NULL; j++) {
            g_assert_cmpstr(dm_line_socket_next_line(socket), ==, cases[i].lines[j]);
        }
        g_assert_null(dm_line_socket_next_line(socket));
    }
    close(other);
    dm_line_socket_free(socket);
}

static void test_end(void) {
    int other;
    struct dm_line_socket *socket = make(&other);
    say(other, "last\nhalf");
    close(other);
    g_assert_true(dm_line_socket_read(socket, NULL, NULL));
    size_t length = 0;
    const char *lines = dm_line_socket_peek(socket, &length);
    g_assert_cmpuint(length, ==, strlen("last\n"));
    g_assert_true(g_str_has_prefix(lines, "last\n"));
    g_assert_cmpstr(dm_line_socket_next_line(socket), ==, "last");
    g_assert_null(dm_line_socket_peek(socket, &length));
    GError *error = NULL;
    g_assert_false(dm_line_socket_read(socket, NULL, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
    g_clear_error(&error);
    dm_line_socket_write(socket, "x\n", 2);
    g_assert_false(dm_line_socket_flush(socket, &error)); // and no SIGPIPE
    g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
    g_clear_error(&error);
    dm_line_socket_free(socket);
}

/** A reader that is slower than we are gets every byte, in order, and never makes us wait. */
static void test_slow_reader(void) {
    enum { LINES = 200000 };
    int other;
    struct dm_line_socket *socket = make(&other);
    GString *got = g_string_new(NULL);
    for (int i = 0; i < LINES; i++) {
        char line[16];
        int length = g_snprintf(line, sizeof(line), "%d\n", i);
        dm_line_socket_write(socket, line, (size_t)length);
        if (i % 1000 == 0) {
            g_assert_true(dm_line_socket_flush(socket, NULL));
        }
    }
    g_assert_false(dm_line_socket_is_flushed(socket));
    g_assert_cmpint(dm_line_socket_events(socket), ==, POLLIN | POLLOUT);
    while (!dm_line_socket_is_flushed(socket)) {
        char chunk[5000];
        ssize_t length = read(other, chunk, sizeof(chunk));
        g_assert_cmpint(length, >, 0);
        g_string_append_len(got, chunk, length);
        g_assert_true(dm_line_socket_flush(socket, NULL));
    }
    g_assert_cmpint(dm_line_socket_events(socket), ==, POLLIN);
    dm_line_socket_free(socket); // closes: the rest can be read up to the end
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
    struct dm_line_socket *socket = make(&other);
    char chunk[64 * 1024];
    memset(chunk, 'x', sizeof(chunk));
    GError *error = NULL;
    for (int i = 0; error == NULL && i < 100; i++) {
        g_assert_cmpint(send(other, chunk, sizeof(chunk), MSG_DONTWAIT), >, 0);
        dm_line_socket_read(socket, NULL, &error);
        g_assert_null(dm_line_socket_next_line(socket));
    }
    g_assert_error(error, DM_ERROR, DM_ERROR_LIMIT);
    g_clear_error(&error);
    close(other);
    dm_line_socket_free(socket);
}

/** Both ends, each as its program has it. */
static void test_two_ends(void) {
    g_autofree char *dir = g_dir_make_tmp("dm-line-socket-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "socket", NULL);
    g_autoptr(GError) error = NULL;
    int listener = dm_line_socket_listen(path, &error);
    g_assert_no_error(error);
    g_assert_null(dm_line_socket_accept(listener, "rank 0")); // nobody yet: no wait
    struct dm_line_socket *rank = dm_line_socket_connect(path, "the watcher", &error);
    g_assert_no_error(error);
    struct dm_line_socket *watcher = dm_line_socket_accept(listener, "rank 0");
    dm_line_socket_write(watcher, "task\n", 5);
    g_assert_true(dm_line_socket_flush(watcher, NULL));
    dm_line_socket_shut(watcher);
    g_assert_true(dm_line_socket_read(rank, NULL, NULL));
    g_assert_cmpstr(dm_line_socket_next_line(rank), ==, "task");
    g_assert_false(dm_line_socket_read(rank, NULL, &error)); // shut: no more comes
    g_assert_cmpstr(error->message, ==, "the watcher has closed the connection");
    dm_line_socket_write(rank, "result\n", 7); // but the other way is open
    g_assert_true(dm_line_socket_flush(rank, NULL));
    dm_line_socket_free(rank);
    bool more = false;
    g_assert_true(dm_line_socket_read(watcher, &more, NULL));
    g_assert_true(more);
    g_assert_cmpstr(dm_line_socket_next_line(watcher), ==, "result");
    dm_line_socket_free(watcher);
    close(listener);
    unlink(path);
    rmdir(dir);
}

static void test_nobody_there(void) {
    GError *error = NULL;
    g_assert_null(dm_line_socket_connect("/nonexistent/socket", "the watcher", &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
    g_assert_nonnull(strstr(error->message, "/nonexistent/socket"));
    g_clear_error(&error);
    g_autofree char *longer = g_strnfill(200, 'x');
    g_assert_null(dm_line_socket_connect(longer, "the watcher", &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    g_clear_error(&error);
    g_assert_cmpint(dm_line_socket_listen(longer, &error), ==, -1);
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    g_clear_error(&error);
    dm_line_socket_free(NULL);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/line-socket/two-ends", test_two_ends);
    g_test_add_func("/line-socket/lines", test_lines);
    g_test_add_func("/line-socket/end", test_end);
    g_test_add_func("/line-socket/slow-reader", test_slow_reader);
    g_test_add_func("/line-socket/endless-line", test_endless_line);
    g_test_add_func("/line-socket/nobody-there", test_nobody_there);
    return g_test_run();
}
