// SPDX-License-Identifier: MIT
//
// The configuration: defaults, and every kind of mistake in one file.
#include "watcher/config.h"

#include "common/error.h"
#include "tests/unit/watcher/support/config_text.h"

#include <string.h>
#include <unistd.h>

static void test_defaults(void) {
    struct dm_config *config = config_text_load("", NULL);
    g_assert_cmpstr(config->share, ==, "");
    g_assert_cmpstr(config->log_level, ==, "message");
    g_assert_cmpint(config->inbox.waits.closed_us, ==, 250000);
    g_assert_cmpint(config->inbox.waits.unseen_us, ==, 3000000);
    g_assert_cmpint(config->inbox.sweep_us, ==, 30000000);
    g_assert_cmpint(config->inbox.rename_grace_us, ==, 5000000);
    g_assert_null(config->inbox.ignore[0]);
    g_assert_cmpstr(config->engine.mpirun, ==, "mpirun");
    g_assert_null(config->engine.mpirun_args[0]);
    g_assert_cmpint(config->engine.ranks, ==, 0);
    g_assert_cmpint(config->engine.threads, ==, 0);
    g_assert_cmpint(config->engine.idle_us, ==, 60000000);
    g_assert_cmpint(config->engine.connect_us, ==, 10000000);
    g_assert_cmpint(config->engine.batch_files, ==, 64);
    g_assert_cmpint(config->engine.batch_bytes, ==, 256000000);
    g_assert_cmpint(config->engine.limits.max_file_bytes, ==, 200000000);
    g_assert_cmpint(config->engine.limits.max_pixels, ==, 250000000);
    g_assert_cmpint(config->engine.limits.deadline_us, ==, 300000000);
    g_assert_cmpint(config->engine.limits.memory_bytes, ==, 0);
    g_assert_cmpint(config->outbox.keep_us, ==, INT64_C(1209600000000));
    g_assert_cmpint(config->outbox.retry_us, ==, 30000000);
    g_assert_cmpint(config->history.keep_us, ==, INT64_C(7776000000000));
    g_assert_false(config->inbox.recipes_only);
    g_assert_cmpuint(g_hash_table_size(config->recipes), ==, 1);
    g_assert_cmpstr(g_hash_table_lookup(config->recipes, "web-large"), ==, "resize-2048_jpeg-82");
    dm_config_free(config);
    dm_config_free(NULL);
}

static void test_mistakes(void) {
    static const struct {
        const char *text;
        const char *expected; // what the message contains
    } cases[] = {
        {"shar = \"/x\";", ":1: unknown key 'shar'; did you mean 'share'?"},
        {"\n\nsweep = \"3s\";", ":3: unknown key 'sweep'; did you mean 'inbox.sweep'?"},
        {"inbox: { swep = \"3s\"; };", "unknown key 'inbox.swep'; did you mean 'inbox.sweep'?"},
        {"engine: { sweep = \"3s\"; };", "unknown key 'engine.sweep'; did you mean 'inbox.sweep'?"},
        {"qqqqqqq = 1;", ":1: unknown key 'qqqqqqq'"},
        {"inbox = 3;", ":1: inbox: has the wrong type, expected a group"},
        {"share = 3;", ":1: share: has the wrong type, expected a path in quotes"},
        {"share = \"photos\";", ":1: share: 'photos' is not an absolute path"},
        {"log_level = \"inof\";",
         "'inof' is not one of error warning message info debug; did you mean "
         "'info'?"},
        {"inbox: { sweep = 30; };",
         "inbox.sweep: has the wrong type, expected a duration in quotes"},
        {"inbox: { sweep = \"30\"; };", "inbox.sweep: '30' has no unit, expected a number with us"},
        {"inbox: { sweep = \"3x\"; };", "inbox.sweep: '3x' has an unknown unit"},
        {"inbox: { sweep = \"1us\"; };", "'1us' is out of range, expected 100ms to 1d"},
        {"inbox: { sweep = \"forever\"; };", "'forever' is out of range, expected 100ms to 1d"},
        {"inbox: { ignore = \"*.part\"; };", "inbox.ignore: has the wrong type, expected a list"},
        {"inbox: { ignore = [ 1, 2 ]; };", "inbox.ignore: item 1 is not a text in quotes"},
        {"engine: { ranks = -1; };", "engine.ranks: '-1' is out of range, expected 0 to 4096"},
        {"engine: { ranks = 5000; };", "engine.ranks: '5000' is out of range, expected 0 to 4096"},
        {"engine: { ranks = \"2\"; };",
         "engine.ranks: has the wrong type, expected a whole number"},
        {"engine: { ranks = 2.0; };", "engine.ranks: has the wrong type, expected a whole number"},
        {"engine: { batch_bytes = \"1B\"; };", "'1B' is out of range, expected 1kB to 1TB"},
        {"limits: { max_pixels = \"5MB\"; };", "limits.max_pixels: '5MB' has an unknown unit"},
        {"folders: { recipes_only = 1; };", "has the wrong type, expected true or false"},
        {"recipes: { a = 1; };", "recipes.a: is not a text in quotes"},
        {"watermarks: { logo = \"logo.png\"; };", "logo: 'logo.png' is not an absolute path"},
        {"output: { background = \"transparent\"; };", "'transparent' is no colour"},
        {"share = \"/a\";\nshare = \"/b\";", ":2: duplicate setting name"},
        {"share = ;", ":1: syntax error"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(config_text_load(cases[i].text, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, cases[i].expected));
        g_assert_nonnull(strstr(error->message, "/dropmill-test-"));
        g_assert_null(strchr(error->message, '\n'));
        g_assert_cmpint(dm_error_exit_code(error), ==, 78);
    }
}

/** "forever" is offered where it may be written, and only there. */
static void test_forever_is_offered(void) {
    static const struct {
        const char *text;
        bool offered;
    } cases[] = {
        {"inbox: { settle_closed = \"1 parsec\"; };", false},
        {"originals: { keep = \"1 parsec\"; };", true},
        {"history: { keep = \"7\"; };", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(config_text_load(cases[i].text, &error));
        g_assert_cmpint(strstr(error->message, "or forever") != NULL, ==, cases[i].offered);
    }
}

static void test_all_mistakes_at_once(void) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = config_text_write("nope = 1;\n"
                                              "inbox: {\n"
                                              "  sweep = \"x\";\n"
                                              "  settle_closed = 4;\n"
                                              "};\n"
                                              "engine: { ranks = 99999; };\n");
    g_assert_null(dm_config_load(path, &error));
    unlink(path);
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 4);
    static const int numbers[] = {1, 3, 4, 6};
    for (size_t i = 0; i < 4; i++) {
        g_autofree char *place = g_strdup_printf("%s:%d: ", path, numbers[i]);
        g_assert_true(g_str_has_prefix(lines[i], place));
    }
}

static void test_unreadable(void) {
    static const char *const paths[] = {"/nonexistent/dropmill.conf", "/tmp"};
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_config_load(paths[i], &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_assert_nonnull(strstr(error->message, "cannot be read"));
    }
}

static void test_rules(void) {
    g_autoptr(GError) error = NULL;
    struct dm_config *config =
        config_text_load("s3: { acl = [ \"public/*: public-read\", \"*: private\" ]; };", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(config->mirror.acl[1], ==, "*: private");
    dm_config_free(config);
    g_assert_null(config_text_load("s3: { acl = [ \"public-read\" ]; };", &error));
    g_assert_nonnull(strstr(error->message, "'public-read' is no rule"));
}

/** Results that would be inputs, and other prefixes that cannot be meant. */
static void test_s3_inbox(void) {
    static const struct {
        const char *store, *inbox;
        // NULL: it is good.
        const char *mistake;
    } cases[] = {
        {"bucket = \"b\"; prefix = \"results/\";", "in/", NULL},
        {"directory = \"/d\"; prefix = \"results/\";", "a/in/", NULL},
        {"prefix = \"results/\";", "in/", "s3_inbox.prefix: 'in/' is of no bucket"},
        {"bucket = \"b\";", "in/", "'in/' and s3.prefix '' lie in each other"},
        {"bucket = \"b\"; prefix = \"x/\";", "x/", "'x/' and s3.prefix 'x/' lie in each other"},
        {"bucket = \"b\"; prefix = \"x/\";", "x/in/", "lie in each other"},
        {"bucket = \"b\"; prefix = \"in/results/\";", "in/", "lie in each other"},
        {"bucket = \"b\"; prefix = \"results/\";", "in", "'in' is not the name of a folder"},
        {"bucket = \"b\"; prefix = \"results/\";", "/in/", "'/in/' begins with a slash"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = g_strdup_printf("s3: { %s };\ns3_inbox: { prefix = \"%s\"; };",
                                                cases[i].store, cases[i].inbox);
        struct dm_config *config = config_text_load(text, &error);
        g_test_message("%s: %s", text, error != NULL ? error->message : "good");
        g_assert_true((config == NULL) == (cases[i].mistake != NULL));
        if (config == NULL) {
            g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
            g_assert_nonnull(strstr(error->message, cases[i].mistake));
        }
        dm_config_free(config);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/defaults", test_defaults);
    g_test_add_func("/config/mistakes", test_mistakes);
    g_test_add_func("/config/forever_is_offered", test_forever_is_offered);
    g_test_add_func("/config/all_mistakes_at_once", test_all_mistakes_at_once);
    g_test_add_func("/config/unreadable", test_unreadable);
    g_test_add_func("/config/rules", test_rules);
    g_test_add_func("/config/s3_inbox", test_s3_inbox);
    return g_test_run();
}
