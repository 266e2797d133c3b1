// SPDX-License-Identifier: MIT
//
// Settings by the environment: over the files and below the options, checked like them, and what
// may be a slip.
#include "common/error.h"
#include "tests/unit/watcher/support/config_text.h"
#include "watcher/config_environment.h"
#include "watcher/config_keys.h"

#include <string.h>

struct stand {
    struct dm_config *config;
    GPtrArray *mistakes;
};

/** @variables: with commas between them and blanks in them as they are. */
static void read_variables(struct stand *stand, const char *first, const char *second) {
    const char *const all[] = {"HOME=/root", first, second, NULL};
    stand->config = dm_config_defaults();
    stand->mistakes = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) environment = g_strdupv((char **)(uintptr_t)all);
    dm_config_environment_read(stand->config, environment, stand->mistakes);
}

static void clear(struct stand *stand) {
    dm_config_free(stand->config);
    g_ptr_array_unref(stand->mistakes);
}

static void test_over_files(void) {
    char *dir = config_dir_make("dropmill.conf", "share = \"/a\"; log_level = \"debug\";", NULL);
    g_setenv("DROPMILL_SHARE", "/b c", TRUE);
    g_setenv("DROPMILL_LOG_LEVEL", "", TRUE); // counts as none
    struct dm_config *config = config_dir_load();
    g_assert_cmpstr(config->share, ==, "/b c");
    g_assert_cmpstr(config->log_level, ==, "debug");
    g_assert_cmpstr(dm_config_origin(config, "share"), ==, "DROPMILL_SHARE");
    g_assert_true(dm_config_take_option(config, "share", "/c", "--share", NULL));
    g_assert_cmpstr(config->share, ==, "/c");
    g_assert_cmpstr(dm_config_origin(config, "share"), ==, "--share");
    dm_config_free(config);
    config = dm_config_load_files(NULL, NULL);
    g_assert_cmpstr(config->share, ==, "/a");
    dm_config_free(config);
    g_unsetenv("DROPMILL_SHARE");
    g_unsetenv("DROPMILL_LOG_LEVEL");
    config_dir_remove(dir);
}

static void test_kinds(void) {
    struct stand stand;
    read_variables(&stand, "DROPMILL_ENGINE_RANKS=3", "DROPMILL_PAGE_HOSTS=a.example, b.example c");
    g_assert_cmpuint(stand.mistakes->len, ==, 0);
    g_assert_cmpint(stand.config->engine.ranks, ==, 3);
    g_assert_cmpuint(g_strv_length(stand.config->page.hosts), ==, 3);
    g_assert_cmpstr(stand.config->page.hosts[1], ==, "b.example");
    clear(&stand);
    read_variables(&stand, "DROPMILL_ORIGINALS_KEEP=2d", "DROPMILL_LIMITS_MEMORY=1GB");
    g_assert_cmpuint(stand.mistakes->len, ==, 0);
    g_assert_cmpint(stand.config->outbox.keep_us, ==, INT64_C(172800000000));
    g_assert_cmpint(stand.config->engine.limits.memory_bytes, ==, 1000000000);
    clear(&stand);
}

static void test_mistakes(void) {
    static const struct {
        const char *variable, *message;
    } cases[] = {
        {"DROPMILL_SHARE=photos", "DROPMILL_SHARE: share: 'photos' is not an absolute path"},
        {"DROPMILL_LOG_LEVEL=inof", "DROPMILL_LOG_LEVEL: log_level: 'inof' is not one of error "
                                    "warning message info debug; did you mean 'info'?"},
        {"DROPMILL_ENGINE_RANKS=two", "DROPMILL_ENGINE_RANKS: engine.ranks: 'two' is not a whole "
                                      "number"},
        {"DROPMILL_ENGINE_RANKS=5000",
         "DROPMILL_ENGINE_RANKS: engine.ranks: '5000' is out of range,"
         " expected 0 to 4096"},
        {"DROPMILL_LIMITS_MEMORY=5", "DROPMILL_LIMITS_MEMORY: limits.memory: '5' has no unit"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct stand stand;
        read_variables(&stand, cases[i].variable, NULL);
        g_assert_cmpuint(stand.mistakes->len, ==, 1);
        g_test_message("%s", (char *)stand.mistakes->pdata[0]);
        g_assert_true(g_str_has_prefix(stand.mistakes->pdata[0], cases[i].message));
        clear(&stand);
    }
}

static void test_strangers(void) {
    static const struct {
        const char *variable, *warning;
    } cases[] = {
        {"DROPMILL_SHAER=/a",
         "DROPMILL_SHAER is ignored: no variable has this name, did you mean 'DROPMILL_SHARE'?"},
        {"DROPMILL_LIMITS_MAX_FILE=1GB",
         "DROPMILL_LIMITS_MAX_FILE is ignored: there is no variable for limits.max_file"},
        {"DROPMILL_QQQQQQQQQQQ=1", "DROPMILL_QQQQQQQQQQQ is ignored: no variable has this name"},
        {"DROPMILL_TOKEN=hunter2", NULL},
        {"DROPMIL_SHARE=/a", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct stand stand;
        read_variables(&stand, cases[i].variable, NULL);
        g_assert_cmpuint(stand.mistakes->len, ==, 0);
        g_assert_cmpuint(stand.config->warnings->len, ==, cases[i].warning != NULL ? 1 : 0);
        if (cases[i].warning != NULL) {
            g_test_message("%s", (char *)stand.config->warnings->pdata[0]);
            g_assert_true(g_str_has_prefix(stand.config->warnings->pdata[0], cases[i].warning));
        }
        clear(&stand);
    }
}

/** Whoever knows the key knows the variable; and none is of a kind that cannot be said so. */
static void test_names(void) {
    size_t count = 0;
    for (size_t i = 0; i < dm_key_count; i++) {
        const struct dm_key *key = &dm_keys[i];
        if (key->variable != NULL) {
            g_autofree char *name = g_strconcat("DROPMILL_", key->name, NULL);
            g_strdelimit(name, ".", '_');
            g_autofree char *upper = g_ascii_strup(name, -1);
            g_assert_cmpstr(key->variable, ==, upper);
            g_assert_false(dm_key_is_map(key) || key->type == DM_KEY_BOOL ||
                           key->type == DM_KEY_SECRET);
            count++;
        }
    }
    g_assert_cmpuint(count, >, 10);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config-environment/over_files", test_over_files);
    g_test_add_func("/config-environment/kinds", test_kinds);
    g_test_add_func("/config-environment/mistakes", test_mistakes);
    g_test_add_func("/config-environment/strangers", test_strangers);
    g_test_add_func("/config-environment/names", test_names);
    return g_test_run();
}
