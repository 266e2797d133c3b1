// SPDX-License-Identifier: MIT
//
// Finding the worker program, and what it says of itself.
#include "watcher/worker_program.h"

#include "common/error.h"
#include "common/fsutil.h"

#include <glib/gstdio.h>
#include <string.h>

struct fixture {
    char *root; // a temporary directory
    struct dm_config *config;
};

static void set_worker(struct fixture *fixture, char *path) {
    g_free(fixture->config->engine.worker);
    fixture->config->engine.worker = path;
}

static void set_up(struct fixture *fixture, const void *data) {
    (void)data;
    fixture->root = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    fixture->config = dm_config_load("/dev/null", NULL);
}

static void tear_down(struct fixture *fixture, const void *data) {
    (void)data;
    dm_remove_tree(fixture->root);
    dm_config_free(fixture->config);
    g_free(fixture->root);
}

static void write_program(struct fixture *fixture, const char *text) {
    set_worker(fixture, g_build_filename(fixture->root, "worker", NULL));
    g_assert_true(g_file_set_contents(fixture->config->engine.worker, text, -1, NULL));
    g_chmod(fixture->config->engine.worker, 0755);
}

static void test_worker(struct fixture *fixture, const void *data) {
    (void)data;
    g_autoptr(GError) error = NULL;
    set_worker(fixture, g_strdup("/nonexistent/worker"));
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
    g_test_add("/worker_program/found", struct fixture, NULL, set_up, test_worker, tear_down);
    g_test_add("/worker_program/catalogue", struct fixture, NULL, set_up, test_catalogue,
               tear_down);
    return g_test_run();
}
