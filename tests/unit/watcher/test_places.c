// SPDX-License-Identifier: MIT
//
// Finding the share, its directories and the worker.
#include "watcher/places.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID "0a1b2c3d-0000-4000-8000-123456789abc"

struct fixture {
    char *root; // a temporary directory with all that follows
    char *share;
    struct dm_config *config;
};

static void write_file(const char *dir, const char *name, const char *text) {
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void set_text(char **field, char *text) {
    g_free(*field);
    *field = text;
}

static void set_up(struct fixture *fixture, const void *data) {
    (void)data;
    fixture->root = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    fixture->share = g_build_filename(fixture->root, "share", NULL);
    g_autofree char *private = g_build_filename(fixture->share, DM_DIR_PRIVATE, NULL);
    g_assert_cmpint(g_mkdir_with_parents(private, 0755), ==, 0);
    write_file(fixture->share, DM_ROOT_ID, ID "\n");
    fixture->config = dm_config_load("/dev/null", NULL);
    set_text(&fixture->config->state_dir, g_build_filename(fixture->root, "state", NULL));
    set_text(&fixture->config->runtime_dir, g_build_filename(fixture->root, "run", NULL));
}

static void tear_down(struct fixture *fixture, const void *data) {
    (void)data;
    g_assert_cmpint(chdir("/"), ==, 0);
    dm_remove_tree(fixture->root);
    dm_config_free(fixture->config);
    g_free(fixture->root);
    g_free(fixture->share);
}

static void assert_share(struct fixture *fixture, const char *share) {
    g_autoptr(GError) error = NULL;
    struct dm_places *places = dm_places_find(fixture->config, share, &error);
    g_assert_no_error(error);
    g_autofree char *ledger = g_build_filename(fixture->root, "state", ID, "ledger.db", NULL);
    g_autofree char *runtime_dir = g_build_filename(fixture->root, "run", ID, NULL);
    g_autofree char *control = g_build_filename(runtime_dir, "control.sock", NULL);
    g_assert_cmpstr(places->share, ==, fixture->share);
    g_assert_cmpstr(places->share_id, ==, ID);
    g_assert_cmpstr(places->ledger, ==, ledger);
    g_assert_cmpstr(places->runtime_dir, ==, runtime_dir);
    g_assert_cmpstr(places->control, ==, control);
    dm_places_free(places);
}

static void test_three_ways(struct fixture *fixture, const void *data) {
    (void)data;
    assert_share(fixture, fixture->share);
    g_autofree char *roundabout = g_build_filename(fixture->share, "..", "share", NULL);
    assert_share(fixture, roundabout);

    g_autofree char *deep = g_build_filename(fixture->share, "inbox", "blur-5", NULL);
    g_assert_cmpint(g_mkdir_with_parents(deep, 0755), ==, 0);
    g_assert_cmpint(chdir(deep), ==, 0);
    assert_share(fixture, NULL);

    g_assert_cmpint(chdir("/"), ==, 0);
    set_text(&fixture->config->share, g_strdup(fixture->share));
    assert_share(fixture, NULL);
}

static void test_not_a_share(struct fixture *fixture, const void *data) {
    (void)data;
    static const struct {
        const char *share; // below root
        const char *id;    // (nullable) written before
        const char *message;
    } cases[] = {
        {"gone", NULL, "No such file"},
        {"", NULL, "dropmill setup"},
        {"", NULL, "(no .dropmill/root.id): if it should be mounted, mount it"},
        {"share", "", "does not hold an id"},
        {"share", "../../etc", "does not hold an id"},
        {"share", "-abcdefgh", "does not hold"},
        {"share", "short", "does not hold an id"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *share = g_build_filename(fixture->root, cases[i].share, NULL);
        if (cases[i].id)
            write_file(fixture->share, DM_ROOT_ID, cases[i].id);
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_places_find(fixture->config, share, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, cases[i].message));
    }
    g_assert_cmpint(chdir("/"), ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_places_find(fixture->config, NULL, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
}

static int lock_share(struct fixture *fixture) {
    g_autofree char *path = g_build_filename(fixture->share, DM_LOCK_FILE, NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0664);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    g_assert_cmpint(fcntl(fd, F_OFD_SETLK, &lock), ==, 0);
    return fd;
}

static void assert_watcher(const struct dm_places *places, const char *user, int64_t pid) {
    int64_t found_pid = 0;
    g_autofree char *found = dm_places_watcher(places, &found_pid);
    g_assert_cmpstr(found, ==, user);
    g_assert_cmpint(found_pid, ==, pid);
}

static void test_watcher(struct fixture *fixture, const void *data) {
    (void)data;
    static const struct {
        const char *text, *user;
        int64_t pid;
    } cases[] = {
        {"", "", 0},
        {"123 tester\n", "tester", 123},
        {"123 tester\nmore\n", "tester", 123},
        {"nonsense\n", "", 0},
        {"123\n", "", 0},
        {"-5 tester\n", "", 0},
        {"123 a\033[2J\n", "a\\x1b[2J", 123},
    };
    struct dm_places *places = dm_places_find(fixture->config, fixture->share, NULL);
    assert_watcher(places, NULL, 0); // no such file
    int fd = lock_share(fixture);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(ftruncate(fd, 0), ==, 0);
        g_assert_cmpint(pwrite(fd, cases[i].text, strlen(cases[i].text), 0), >=, 0);
        assert_watcher(places, cases[i].user, cases[i].pid);
    }
    dm_places_sign_lock(fd);
    assert_watcher(places, g_get_user_name(), getpid());
    close(fd);
    assert_watcher(places, NULL, 0); // what is written there counts for nothing without the lock
    dm_places_free(places);
}

static void test_make(struct fixture *fixture, const void *data) {
    (void)data;
    struct dm_places *places = dm_places_find(fixture->config, fixture->share, NULL);
    g_autoptr(GError) error = NULL;
    for (int round = 0; round < 2; round++) {
        g_assert_true(dm_places_make(places, &error));
        g_assert_no_error(error);
        struct stat status;
        g_assert_cmpint(stat(places->runtime_dir, &status), ==, 0);
        g_assert_cmpint(status.st_mode & 0777, ==, 0700);
        g_autofree char *state_dir = g_path_get_dirname(places->ledger);
        g_assert_cmpint(stat(state_dir, &status), ==, 0);
        g_assert_cmpint(status.st_mode & 0777, ==, 0700);
        g_chmod(state_dir, 0755); // the second round closes it again
    }
    dm_places_free(places);
}

/** In /tmp somebody may have put a symlink where our directory is to be. */
static void test_make_refuses_symlink(struct fixture *fixture, const void *data) {
    (void)data;
    g_autofree char *elsewhere = g_build_filename(fixture->root, "elsewhere", NULL);
    g_assert_cmpint(g_mkdir(elsewhere, 0755), ==, 0);
    g_assert_cmpint(symlink(elsewhere, fixture->config->runtime_dir), ==, 0);
    struct dm_places *places = dm_places_find(fixture->config, fixture->share, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(dm_places_make(places, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
    g_assert_cmpint(rmdir(elsewhere), ==, 0); // nothing was put there
    dm_places_free(places);
}

static void write_program(struct fixture *fixture, const char *text) {
    write_file(fixture->root, "worker", text);
    set_text(&fixture->config->engine.worker, g_build_filename(fixture->root, "worker", NULL));
    g_chmod(fixture->config->engine.worker, 0755);
}

static void test_worker(struct fixture *fixture, const void *data) {
    (void)data;
    g_autoptr(GError) error = NULL;
    set_text(&fixture->config->engine.worker, g_strdup("/nonexistent/worker"));
    g_assert_null(dm_find_worker(fixture->config, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    g_clear_error(&error);

    write_program(fixture, "#!/bin/sh\n");
    g_autofree char *worker = dm_find_worker(fixture->config, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(worker, ==, fixture->config->engine.worker);
}

static void test_catalogue(struct fixture *fixture, const void *data) {
    (void)data;
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_read_catalogue("/nonexistent/worker", NULL, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    g_clear_error(&error);

    write_program(fixture, "#!/bin/sh\necho 'no libvips' >&2\necho more >&2\nexit 3\n");
    g_assert_null(dm_read_catalogue(fixture->config->engine.worker, NULL, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
    g_assert_nonnull(strstr(error->message, "no libvips"));
    g_assert_null(strstr(error->message, "more"));
    g_clear_error(&error);

    write_program(fixture, "#!/bin/sh\necho nonsense\n");
    g_assert_null(dm_read_catalogue(fixture->config->engine.worker, NULL, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
    g_clear_error(&error);

    static const struct dm_operation gray = {
        .name = "gray", .aliases = "", .summary = "To gray", .group = "tone", .example = "gray"};
    struct dm_catalogue *catalogue = dm_catalogue_new();
    dm_catalogue_add_operation(catalogue, &gray);
    g_autofree char *text = dm_catalogue_print(catalogue);
    dm_catalogue_free(catalogue);
    g_autofree char *script = g_strdup_printf(
        "#!/bin/sh\n[ \"$1\" = --catalogue ] || exit 1\ncat <<'END'\n%sEND\n", text);
    write_program(fixture, script);
    catalogue = dm_read_catalogue(fixture->config->engine.worker, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(dm_catalogue_find(catalogue, "gray"));
    dm_catalogue_free(catalogue);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    static const struct {
        const char *name;
        void (*test)(struct fixture *fixture, const void *data);
    } tests[] = {
        {"/places/three_ways", test_three_ways},
        {"/places/not_a_share", test_not_a_share},
        {"/places/watcher", test_watcher},
        {"/places/make", test_make},
        {"/places/make_refuses_symlink", test_make_refuses_symlink},
        {"/places/worker", test_worker},
        {"/places/catalogue", test_catalogue},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, struct fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
