// SPDX-License-Identifier: MIT
//
// What the service manager is told, when, and what it costs in turns.
#include "watcher/service_manager.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define S G_USEC_PER_SEC

struct fixture {
    char *root;
    // Where datagrams arrive.
    int fd;
    // What the service is doing.
    const char *words;
};

static char *copy_words(void *data) {
    return g_strdup(((const struct fixture *)data)->words);
}

/** Listen in the file system, or with @is_abstract without one. */
static void listen_at(struct fixture *fixture, bool is_abstract) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_autofree char *path = g_strconcat(is_abstract ? "@" : "", fixture->root, "/notify", NULL);
    g_assert_cmpuint(g_strlcpy(address.sun_path, path, sizeof(address.sun_path)), ==, strlen(path));
    if (is_abstract) {
        address.sun_path[0] = '\0';
    }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    fixture->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    g_assert_cmpint(bind(fixture->fd, (struct sockaddr *)&address, size), ==, 0);
    g_setenv("NOTIFY_SOCKET", path, TRUE);
}

static void set_up(struct fixture *fixture, const void *data) {
    (void)data;
    fixture->root = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    fixture->words = "/srv/pictures";
    fixture->fd = -1;
}

static void tear_down(struct fixture *fixture, const void *data) {
    (void)data;
    g_autofree char *path = g_build_filename(fixture->root, "notify", NULL);
    g_unlink(path);
    g_rmdir(fixture->root);
    g_free(fixture->root);
    if (fixture->fd >= 0) {
        close(fixture->fd);
    }
    g_unsetenv("NOTIFY_SOCKET");
    g_unsetenv("WATCHDOG_USEC");
    g_unsetenv("WATCHDOG_PID");
}

/** The datagrams that came are @expected, each followed by '|'. */
static void assert_told(struct fixture *fixture, const char *expected) {
    g_autoptr(GString) all = g_string_new(NULL);
    char text[512];
    ssize_t size;
    while ((size = recv(fixture->fd, text, sizeof(text), 0)) > 0) {
        g_string_append_len(all, text, size);
        g_string_append_c(all, '|');
    }
    g_assert_cmpstr(all->str, ==, expected);
}

static void test_nobody(struct fixture *fixture, const void *data) {
    (void)data;
    struct dm_service_manager *manager = dm_service_manager_new(copy_words, fixture);
    g_assert_null(manager);
    dm_service_manager_ready(manager);
    dm_service_manager_reloading(manager);
    dm_service_manager_stopping(manager);
    g_assert_cmpint(dm_service_manager_turn(manager, S), ==, INT64_MAX);
    dm_service_manager_free(manager, false);
}

static void test_bad_address(struct fixture *fixture, const void *data) {
    (void)data;
    g_setenv("NOTIFY_SOCKET", "run/notify", TRUE);
    g_test_expect_message("dropmill", G_LOG_LEVEL_WARNING, "*'run/notify' is no address*");
    g_assert_null(dm_service_manager_new(copy_words, fixture));
    g_test_assert_expected_messages();
}

static void test_life(struct fixture *fixture, const void *is_abstract) {
    listen_at(fixture, is_abstract != NULL);
    struct dm_service_manager *manager = dm_service_manager_new(copy_words, fixture);
    g_assert_nonnull(manager);
    g_assert_null(g_getenv("NOTIFY_SOCKET"));
    dm_service_manager_ready(manager);
    assert_told(fixture, "READY=1|");
    dm_service_manager_stopping(manager);
    assert_told(fixture, "STOPPING=1\nSTATUS=Stopping|");
    dm_service_manager_free(manager, false);
}

static void test_reload(struct fixture *fixture, const void *data) {
    (void)data;
    listen_at(fixture, false);
    struct dm_service_manager *manager = dm_service_manager_new(copy_words, fixture);
    int64_t before_us = g_get_monotonic_time();
    dm_service_manager_reloading(manager);
    char text[128] = "";
    g_assert_cmpint(recv(fixture->fd, text, sizeof(text) - 1, 0), >, 0);
    g_assert_true(g_str_has_prefix(text, "RELOADING=1\nMONOTONIC_USEC="));
    int64_t told_us = g_ascii_strtoll(strrchr(text, '=') + 1, NULL, 10);
    g_assert_cmpint(told_us, >=, before_us);
    g_assert_cmpint(told_us, <=, g_get_monotonic_time());
    dm_service_manager_free(manager, false);
}

/** A word a second at most, the last one always; nothing that was said already. */
static void test_words(struct fixture *fixture, const void *data) {
    (void)data;
    listen_at(fixture, false);
    struct dm_service_manager *manager = dm_service_manager_new(copy_words, fixture);
    g_assert_cmpint(dm_service_manager_turn(manager, 10 * S), ==, INT64_MAX);
    assert_told(fixture, "STATUS=/srv/pictures|");
    fixture->words = "1 waiting";
    g_assert_cmpint(dm_service_manager_turn(manager, 10 * S + 1), ==, 11 * S);
    fixture->words = "1 done";
    g_assert_cmpint(dm_service_manager_turn(manager, 10 * S + 2), ==, 11 * S);
    assert_told(fixture, "");
    g_assert_cmpint(dm_service_manager_turn(manager, 11 * S), ==, INT64_MAX);
    assert_told(fixture, "STATUS=1 done|");
    g_assert_cmpint(dm_service_manager_turn(manager, 20 * S), ==, INT64_MAX);
    assert_told(fixture, "");
    dm_service_manager_free(manager, false);
}

/** Twice in the time in which it must be heard of once. */
static void test_watchdog(struct fixture *fixture, const void *data) {
    (void)data;
    listen_at(fixture, false);
    g_setenv("WATCHDOG_USEC", "30000000", TRUE);
    g_autofree char *pid = g_strdup_printf("%d", (int)getpid());
    g_setenv("WATCHDOG_PID", pid, TRUE);
    struct dm_service_manager *manager = dm_service_manager_new(copy_words, fixture);
    g_assert_null(g_getenv("WATCHDOG_USEC"));
    g_assert_cmpint(dm_service_manager_turn(manager, 100 * S), ==, 115 * S);
    assert_told(fixture, "WATCHDOG=1|STATUS=/srv/pictures|");
    g_assert_cmpint(dm_service_manager_turn(manager, 114 * S), ==, 115 * S);
    assert_told(fixture, "");
    g_assert_cmpint(dm_service_manager_turn(manager, 115 * S), ==, 130 * S);
    assert_told(fixture, "WATCHDOG=1|");
    dm_service_manager_free(manager, false);
}

static void test_watchdog_of_another(struct fixture *fixture, const void *data) {
    (void)data;
    listen_at(fixture, false);
    g_setenv("WATCHDOG_USEC", "30000000", TRUE);
    g_setenv("WATCHDOG_PID", "1", TRUE);
    struct dm_service_manager *manager = dm_service_manager_new(copy_words, fixture);
    g_assert_cmpint(dm_service_manager_turn(manager, S), ==, INT64_MAX);
    dm_service_manager_free(manager, false);
}

/** Who begins anew in this process finds what we found. */
static void test_hands_over(struct fixture *fixture, const void *data) {
    (void)data;
    listen_at(fixture, false);
    g_autofree char *address = g_strdup(g_getenv("NOTIFY_SOCKET"));
    g_setenv("WATCHDOG_USEC", "30000000", TRUE);
    dm_service_manager_free(dm_service_manager_new(copy_words, fixture), true);
    g_assert_cmpstr(g_getenv("NOTIFY_SOCKET"), ==, address);
    g_assert_cmpstr(g_getenv("WATCHDOG_USEC"), ==, "30000000");
    g_assert_null(g_getenv("WATCHDOG_PID"));
}

/** Nobody reads: turns go on all the same. */
static void test_full(struct fixture *fixture, const void *data) {
    (void)data;
    listen_at(fixture, false);
    struct dm_service_manager *manager = dm_service_manager_new(copy_words, fixture);
    for (int i = 1; i <= 2000; i++) {
        g_autofree char *words = g_strdup_printf("%d done", i);
        fixture->words = words;
        dm_service_manager_turn(manager, i * S);
    }
    dm_service_manager_free(manager, false);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    const struct {
        const char *name;
        void (*test)(struct fixture *fixture, const void *data);
        const void *data;
    } tests[] = {
        {"/service_manager/nobody", test_nobody, NULL},
        {"/service_manager/bad_address", test_bad_address, NULL},
        {"/service_manager/life", test_life, NULL},
        {"/service_manager/abstract", test_life, "abstract"},
        {"/service_manager/reload", test_reload, NULL},
        {"/service_manager/words", test_words, NULL},
        {"/service_manager/watchdog", test_watchdog, NULL},
        {"/service_manager/watchdog_of_another", test_watchdog_of_another, NULL},
        {"/service_manager/hands_over", test_hands_over, NULL},
        {"/service_manager/full", test_full, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add(tests[i].name, struct fixture, tests[i].data, set_up, tests[i].test, tear_down);
    }
    return g_test_run();
}
