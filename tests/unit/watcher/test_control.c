// SPDX-License-Identifier: MIT
//
// The control socket, asked by a child process while this one runs the main loop: answers of any
// size, unknown requests, a nasty client, a stale socket file, a path too long for an address.
#include "watcher/control.h"

#include "common/error.h"

#include <glib/gstdio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGE (1 << 20)

// Of a request that is answered later.
static uint64_t ticket;

static char *answer(const struct dm_asked *asked, void *data, GError **error) {
    int *count = data;
    ++*count;
    g_assert_cmpuint(asked->uid, ==, getuid());
    if (strcmp(asked->text, "status") == 0)
        return g_strdup("engine.state\tidle\n");
    if (strcmp(asked->text, "empty") == 0)
        return g_strdup("");
    if (strcmp(asked->text, "large") == 0)
        return g_strnfill(LARGE, 'x');
    if (strcmp(asked->text, "later") == 0)
        ticket = asked->ticket;
    else
        dm_fail(error, DM_ERROR_INPUT, "unknown request: '%s'", asked->text);
    return NULL;
}

/** Run @child in a child process and the main loop in this one until the child ends with success.
 */
static void run_beside(void (*child)(const char *path), const char *path) {
    pid_t pid = fork();
    if (pid == 0) {
        child(path);
        _exit(0);
    }
    int64_t deadline_us = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline_us);
        while (g_main_context_iteration(NULL, FALSE))
            ;
        g_usleep(200);
    }
    g_assert_cmpint(status, ==, 0);
}

static char *new_dir(void) {
    char *dir = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    g_assert_nonnull(dir);
    return dir;
}

static void ask_all(const char *path) {
    g_autoptr(GError) error = NULL;
    g_autofree char *status = dm_control_ask(path, "status", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(status, ==, "engine.state\tidle\n");
    g_autofree char *empty = dm_control_ask(path, "empty", &error);
    g_assert_cmpstr(empty, ==, "");
    g_autofree char *large = dm_control_ask(path, "large", &error);
    g_assert_cmpuint(strlen(large), ==, LARGE);
    g_assert_null(dm_control_ask(path, "nonsense", &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
    g_assert_nonnull(strstr(error->message, "unknown request: 'nonsense'"));
}

static void test_asks(void) {
    g_autofree char *dir = new_dir();
    g_autofree char *path = g_build_filename(dir, "control.sock", NULL);
    int count = 0;
    struct dm_control *control = dm_control_new(path, (gid_t)-1, answer, &count, NULL);
    g_assert_nonnull(control);
    struct stat status;
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0660);
    run_beside(ask_all, path);
    g_assert_cmpint(count, ==, 4);
    dm_control_free(control);
    g_assert_cmpint(access(path, F_OK), ==, -1);
    rmdir(dir);
}

static void ask_later(const char *path) {
    g_autoptr(GError) error = NULL;
    g_autofree char *late = dm_control_ask(path, "later", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(late, ==, "at last");
}

static int answer_ticket(void *control) {
    if (ticket == 0)
        return G_SOURCE_CONTINUE;
    dm_control_answer(control, ticket + 1, "nobody");
    dm_control_answer(control, ticket, "at last");
    dm_control_answer(control, ticket, "twice");
    return G_SOURCE_REMOVE;
}

/** An answer that comes later goes to who asked, once. */
static void test_later(void) {
    g_autofree char *dir = new_dir();
    g_autofree char *path = g_build_filename(dir, "control.sock", NULL);
    int count = 0;
    struct dm_control *control = dm_control_new(path, (gid_t)-1, answer, &count, NULL);
    g_idle_add(answer_ticket, control);
    run_beside(ask_later, path);
    dm_control_answer(NULL, ticket, "nobody");
    dm_control_free(control);
    rmdir(dir);
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(fd, (const struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

/** A request without end is cut off, one that never comes does not hold up the others. */
static void be_nasty(const char *path) {
    int silent = connect_to(path);
    int endless = connect_to(path);
    char junk[4096];
    memset(junk, 'j', sizeof junk);
    while (send(endless, junk, sizeof junk, MSG_NOSIGNAL) > 0)
        ;
    int impatient = connect_to(path);
    g_assert_cmpint(send(impatient, "large\n", 6, MSG_NOSIGNAL), ==, 6);
    close(impatient); // with the answer under way
    ask_all(path);
    close(silent);
    close(endless);
}

static void test_nasty_clients(void) {
    g_autofree char *dir = new_dir();
    g_autofree char *path = g_build_filename(dir, "control.sock", NULL);
    int count = 0;
    struct dm_control *control = dm_control_new(path, (gid_t)-1, answer, &count, NULL);
    run_beside(be_nasty, path);
    dm_control_free(control);
    rmdir(dir);
}

static void test_nobody(void) {
    g_autofree char *dir = new_dir();
    g_autofree char *path = g_build_filename(dir, "control.sock", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_control_ask(path, "status", &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
    rmdir(dir);
}

/** A socket file that a killed daemon left is replaced; one where somebody listens is not. */
static void test_stale_and_live(void) {
    g_autofree char *dir = new_dir();
    g_autofree char *path = g_build_filename(dir, "control.sock", NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(fd, (const struct sockaddr *)&address, sizeof address), ==, 0);
    close(fd);

    int count = 0;
    g_autoptr(GError) error = NULL;
    struct dm_control *control = dm_control_new(path, (gid_t)-1, answer, &count, &error);
    g_assert_no_error(error);
    g_assert_null(dm_control_new(path, (gid_t)-1, answer, &count, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
    run_beside(ask_all, path);
    dm_control_free(control);
    dm_control_free(NULL);
    rmdir(dir);
}

static void test_long_path(void) {
    g_autofree char *dir = new_dir();
    g_autofree char *name = g_strnfill(150, 'd');
    g_autofree char *deep = g_build_filename(dir, name, NULL);
    g_assert_cmpint(g_mkdir(deep, 0700), ==, 0);
    g_autofree char *path = g_build_filename(deep, "control.sock", NULL);
    int count = 0;
    g_autoptr(GError) error = NULL;
    struct dm_control *control = dm_control_new(path, (gid_t)-1, answer, &count, &error);
    g_assert_no_error(error);
    run_beside(ask_all, path);
    dm_control_free(control);
    g_assert_cmpint(rmdir(deep), ==, 0); // the socket file is gone
    rmdir(dir);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/asks", test_asks);
    g_test_add_func("/control/later", test_later);
    g_test_add_func("/control/nasty_clients", test_nasty_clients);
    g_test_add_func("/control/nobody", test_nobody);
    g_test_add_func("/control/stale_and_live", test_stale_and_live);
    g_test_add_func("/control/long_path", test_long_path);
    return g_test_run();
}
