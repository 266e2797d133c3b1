// SPDX-License-Identifier: MIT
//
// Finding the share and its directories, also from memory.
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

/** @share (nullable) as --share names it. */
static struct dm_places *find(struct fixture *fixture, const char *share, GError **error) {
    g_autofree char *configured = g_strdup(fixture->config->share);
    g_assert_true(dm_config_take_option(fixture->config, "share", share, "--share", NULL));
    struct dm_places *places = dm_places_find(fixture->config, error);
    set_text(&fixture->config->share, g_steal_pointer(&configured));
    return places;
}

static struct dm_places *recall(struct fixture *fixture, const char *share) {
    g_autofree char *configured = g_strdup(fixture->config->share);
    g_assert_true(dm_config_take_option(fixture->config, "share", share, "--share", NULL));
    struct dm_places *places = dm_places_recall(fixture->config);
    set_text(&fixture->config->share, g_steal_pointer(&configured));
    return places;
}

static void assert_share(struct fixture *fixture, const char *share) {
    g_autoptr(GError) error = NULL;
    struct dm_places *places = find(fixture, share, &error);
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
        g_assert_null(find(fixture, share, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, cases[i].message));
    }
    g_assert_cmpint(chdir("/"), ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_null(find(fixture, NULL, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
}

static void test_make(struct fixture *fixture, const void *data) {
    (void)data;
    struct dm_places *places = find(fixture, fixture->share, NULL);
    g_autoptr(GError) error = NULL;
    for (int round = 0; round < 2; round++) {
        g_assert_true(dm_places_make(places, &error));
        g_assert_no_error(error);
        struct stat status;
        g_assert_cmpint(stat(places->runtime_dir, &status), ==, 0);
        g_assert_cmpint(status.st_mode & 0777, ==, 0750);
        g_autofree char *state_dir = g_path_get_dirname(places->ledger);
        g_assert_cmpint(stat(state_dir, &status), ==, 0);
        g_assert_cmpint(status.st_mode & 0777, ==, 0750);
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
    struct dm_places *places = find(fixture, fixture->share, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(dm_places_make(places, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
    g_assert_cmpint(rmdir(elsewhere), ==, 0); // nothing was put there
    dm_places_free(places);
}

// ---- a share that is away

static void assert_recalled(struct fixture *fixture, const char *share) {
    struct dm_places *places = recall(fixture, share);
    g_assert_nonnull(places);
    g_autofree char *ledger = g_build_filename(fixture->root, "state", ID, "ledger.db", NULL);
    g_assert_cmpstr(places->share, ==, fixture->share);
    g_assert_cmpstr(places->share_id, ==, ID);
    g_assert_cmpstr(places->ledger, ==, ledger);
    dm_places_free(places);
}

static void assert_unknown(struct fixture *fixture, const char *share) {
    g_assert_null(recall(fixture, share));
}

static void watch(struct fixture *fixture, const char *share) {
    g_autoptr(GError) error = NULL;
    struct dm_places *places = find(fixture, share, &error);
    g_assert_no_error(error);
    g_assert_true(dm_places_make(places, &error) && dm_places_remember(places, &error));
    g_assert_no_error(error);
    dm_places_free(places);
}

static void test_recalled_while_away(struct fixture *fixture, const void *data) {
    (void)data;
    assert_unknown(fixture, fixture->share);
    g_autofree char *link = g_build_filename(fixture->root, "a\nlink", NULL);
    g_assert_cmpint(symlink("share", link), ==, 0);
    watch(fixture, link);
    g_autofree char *elsewhere = g_build_filename(fixture->root, "elsewhere", NULL);
    g_assert_cmpint(g_rename(fixture->share, elsewhere), ==, 0);

    assert_recalled(fixture, fixture->share);
    assert_recalled(fixture, link);
    assert_unknown(fixture, elsewhere);
    assert_unknown(fixture, NULL);
    g_assert_cmpint(g_mkdir(fixture->share, 0755), ==, 0);
    g_assert_cmpint(chdir(fixture->share), ==, 0);
    assert_recalled(fixture, NULL);
}

static void test_recalled_where_it_was_last(struct fixture *fixture, const void *data) {
    (void)data;
    watch(fixture, fixture->share);
    g_autofree char *elsewhere = g_build_filename(fixture->root, "elsewhere", NULL);
    g_assert_cmpint(g_rename(fixture->share, elsewhere), ==, 0);
    watch(fixture, elsewhere);
    assert_unknown(fixture, fixture->share);
}

static void test_one_share_a_path(struct fixture *fixture, const void *data) {
    (void)data;
    watch(fixture, fixture->share);
    write_file(fixture->share, DM_ROOT_ID, "another-share\n");
    watch(fixture, fixture->share);
    struct dm_places *places = recall(fixture, fixture->share);
    g_assert_cmpstr(places->share_id, ==, "another-share");
    dm_places_free(places);
}

/** A service manager's directories count before ours, and a setting before them. */
static void test_service_manager(struct fixture *fixture, const void *data) {
    (void)data;
    g_setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", TRUE);
    g_setenv("RUNTIME_DIRECTORY", "/run/a", TRUE);
    g_autofree char *state = dm_default_state_dir();
    g_autofree char *configured = dm_runtime_top(fixture->config);
    set_text(&fixture->config->runtime_dir, g_strdup(""));
    g_autofree char *managed = dm_runtime_top(fixture->config);
    g_unsetenv("STATE_DIRECTORY");
    g_unsetenv("RUNTIME_DIRECTORY");
    g_assert_cmpstr(state, ==, "/var/lib/a");
    g_assert_true(g_str_has_prefix(configured, fixture->root));
    g_assert_cmpstr(managed, ==, "/run/a");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    static const struct {
        const char *name;
        void (*test)(struct fixture *fixture, const void *data);
    } tests[] = {
        {"/places/three_ways", test_three_ways},
        {"/places/not_a_share", test_not_a_share},
        {"/places/make", test_make},
        {"/places/make_refuses_symlink", test_make_refuses_symlink},
        {"/places/recalled_while_away", test_recalled_while_away},
        {"/places/recalled_where_it_was_last", test_recalled_where_it_was_last},
        {"/places/one_share_a_path", test_one_share_a_path},
        {"/places/service_manager", test_service_manager},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, struct fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
