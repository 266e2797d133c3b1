// SPDX-License-Identifier: MIT
//
// Printing the configuration: it is read back as the same, says where each value comes from, and
// shows no secret.
#include "common/error.h"
#include "tests/unit/watcher/support/config_text.h"
#include "watcher/config_keys.h"
#include "watcher/units.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** @print without its comments; (transfer full). */
static char *values_of(const char *print) {
    g_autoptr(GRegex) comments = g_regex_new(" # .*$", G_REGEX_MULTILINE, 0, NULL);
    return g_regex_replace(comments, print, -1, 0, "", 0, NULL);
}

static const char changed[] =
    "share = \"/srv/photos \\\"x\\\" \\\\\";\n"
    "log_level = \"debug\";\n"
    "inbox = { settle_closed = \"400ms\"; ignore = [ \"*.part\", \"a\\tb\" ]; };\n"
    "engine: { ranks = 3; mpirun_args = ( \"--bind-to\", \"none\" ); };\n"
    "originals: { keep = \"forever\"; };\n"
    "folders: { recipes_only = true; };\n"
    "recipes = { thumb = \"fill-200x200\"; bw = \"gray\"; };\n";

static void test_reads_and_prints(void) {
    g_autoptr(GError) error = NULL;
    struct dm_config *config = config_text_load(changed, &error);
    g_assert_no_error(error);
    g_autofree char *first = dm_config_print(config), *first_values = values_of(first);
    dm_config_free(config);

    config = config_text_load(first, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(config->share, ==, "/srv/photos \"x\" \\");
    g_assert_cmpint(config->inbox.waits.closed_us, ==, 400000);
    g_assert_cmpint(config->inbox.waits.unseen_us, ==, 3000000);
    g_assert_cmpstr(config->inbox.ignore[0], ==, "*.part");
    g_assert_cmpstr(config->inbox.ignore[1], ==, "a\tb");
    g_assert_null(config->inbox.ignore[2]);
    g_assert_cmpstr(config->engine.mpirun_args[1], ==, "none");
    g_assert_cmpint(config->engine.ranks, ==, 3);
    g_assert_cmpint(config->outbox.keep_us, ==, DM_DURATION_FOREVER);
    g_assert_true(config->inbox.recipes_only);
    g_assert_cmpuint(g_hash_table_size(config->recipes), ==, 3); // the default one is there, too
    g_assert_cmpstr(g_hash_table_lookup(config->recipes, "bw"), ==, "gray");
    g_autofree char *second = dm_config_print(config), *second_values = values_of(second);
    g_assert_cmpstr(first_values, ==, second_values);
    dm_config_free(config);
}

static void assert_line(const char *print, const char *value, const char *dir, const char *origin) {
    g_autofree char *line = g_strdup_printf("%s # %s%s", value, dir, origin);
    g_test_message("%s", line);
    g_assert_true(config_text_has_line(print, line));
}

static void test_origins(void) {
    char *dir =
        config_dir_make("dropmill.conf", "log_level = \"debug\";\nmin_free = \"1GB\";",
                        "conf.d/10-share.conf", "# mine\n\nshare = \"/a\";", "conf.d/20.conf",
                        "inbox: {\n ignore = [ \"a\" ];\n};\n"
                        "recipes: { thumb =\n\"fill-9x9\"; };",
                        "recipes.d/own.conf", "\nbw = \"gray\";", NULL);
    g_setenv("DROPMILL_LOG_LEVEL", "error", TRUE);
    struct dm_config *config = config_dir_load();
    g_unsetenv("DROPMILL_LOG_LEVEL");
    g_assert_true(dm_config_take_option(config, "page.listen", "[::1]:1", "--listen", NULL));
    g_autofree char *print = dm_config_print(config);
    assert_line(print, "share = \"/a\";", dir, "/conf.d/10-share.conf:3");
    assert_line(print, "min_free = \"1GB\";", dir, "/dropmill.conf:2");
    assert_line(print, "log_level = \"error\";", "", "DROPMILL_LOG_LEVEL");
    assert_line(print, "    listen = \"[::1]:1\";", "", "--listen");
    assert_line(print, "    ignore = [ \"a\" ];", dir, "/conf.d/20.conf:2");
    assert_line(print, "    sweep = \"30s\";", "", "default");
    assert_line(print, "    web-large = \"resize-2048_jpeg-82\";", "", "default");
    assert_line(print, "    bw = \"gray\";", dir, "/recipes.d/own.conf:2");
    assert_line(print, "    thumb = \"fill-9x9\";", dir, "/conf.d/20.conf:4");
    assert_line(print, "watermarks: {", "", "default");
    dm_config_free(config);
    config_dir_remove(dir);
}

/** Every line with a value says where it comes from. */
static void test_all_have_origins(void) {
    struct dm_config *config = dm_config_defaults();
    g_autofree char *print = dm_config_print(config);
    g_auto(GStrv) lines = g_strsplit(print, "\n", -1);
    size_t with_origin = 0;
    for (char **line = lines; *line != NULL; line++) {
        bool ends = **line == '\0' || strcmp(*line, "};") == 0;
        bool opens = g_str_has_suffix(*line, ": {");
        g_assert_true(ends || opens || g_str_has_suffix(*line, " # default"));
        with_origin += g_str_has_suffix(*line, " # default") ? 1 : 0;
    }
    g_assert_cmpuint(with_origin, ==, dm_key_count + g_hash_table_size(config->recipes));
    dm_config_free(config);
}

/** A path can be called anything: what stands behind the # stays behind it. */
static void test_origin_with_newline(void) {
    char *dir = config_dir_make("conf.d/a\nshare.conf", "share = \"/a\";", NULL);
    struct dm_config *config = config_dir_load();
    g_autofree char *print = dm_config_print(config);
    assert_line(print, "share = \"/a\";", dir, "/conf.d/a?share.conf:1");
    dm_config_free(config);
    config_dir_remove(dir);
}

/** What was taken out is out in what is read back, too. */
static void test_taken_out(void) {
    g_autoptr(GError) error = NULL;
    struct dm_config *config = config_text_load("recipes: { web-large = \"\"; };", &error);
    g_assert_no_error(error);
    g_autofree char *print = dm_config_print(config);
    dm_config_free(config);
    config = config_text_load(print, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_hash_table_size(config->recipes), ==, 0);
    dm_config_free(config);
}

static void test_secrets(void) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = config_text_write("s3: { secret_access_key = \"hunter2\"; };");
    struct dm_config *config = dm_config_load(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(config->store.secret_access_key, ==, "hunter2");
    g_autofree char *print = dm_config_print(config);
    g_assert_null(strstr(print, "hunter2"));
    g_assert_nonnull(strstr(print, "secret_access_key = \"(secret)\";"));
    g_assert_nonnull(strstr(print, "session_token = \"\";"));
    dm_config_free(config);
    chmod(path, 0640);
    g_assert_null(dm_config_load(path, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    g_assert_nonnull(strstr(error->message, "secret_access_key: others can read this file"));
    g_assert_null(strstr(error->message, "hunter2"));
    unlink(path);
}

/** What was printed in place of a secret is none. */
static void test_mask_is_no_secret(void) {
    g_autoptr(GError) error = NULL;
    g_assert_null(config_text_load("s3: { session_token = \"(secret)\"; };", &error));
    g_assert_nonnull(strstr(error->message, ":1: s3.session_token: '(secret)' is what "));
}

/** A secret in one file does not make a secret of another one. */
static void test_secret_beside(void) {
    char *dir = config_dir_make("dropmill.conf", "s3: { session_token = \"hunter2\"; };",
                                "conf.d/a.conf", "share = \"/a\";", "recipes.d/a.conf", "", NULL);
    static const char *const names[] = {"dropmill.conf", "conf.d/a.conf", "recipes.d/a.conf"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);
        g_assert_cmpint(chmod(path, i == 0 ? 0600 : 0644), ==, 0);
    }
    struct dm_config *config = config_dir_load();
    g_assert_cmpstr(config->store.session_token, ==, "hunter2");
    dm_config_free(config);
    config_dir_remove(dir);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config-print/reads_and_prints", test_reads_and_prints);
    g_test_add_func("/config-print/origins", test_origins);
    g_test_add_func("/config-print/all_have_origins", test_all_have_origins);
    g_test_add_func("/config-print/origin_with_newline", test_origin_with_newline);
    g_test_add_func("/config-print/taken_out", test_taken_out);
    g_test_add_func("/config-print/secrets", test_secrets);
    g_test_add_func("/config-print/mask_is_no_secret", test_mask_is_no_secret);
    g_test_add_func("/config-print/secret_beside", test_secret_beside);
    return g_test_run();
}
