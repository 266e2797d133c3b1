// SPDX-License-Identifier: MIT
//
// Files on files: settings replace, groups of names grow, lists replace; files of recipes.
#include "common/error.h"
#include "tests/unit/watcher/support/config_text.h"

#include <string.h>

static void test_parts(void) {
    g_autoptr(GError) error = NULL;
    char *dir = config_dir_make("dropmill.conf", "share = \"/a\"; inbox = { sweep = \"40s\"; };",
                                "conf.d/9.conf", "log_level = \"debug\";", "conf.d/10.conf",
                                "log_level = \"error\"; inbox = { max_folders = 7; };",
                                "conf.d/9.conf~", "nonsense", "conf.d/.9.conf", "nonsense", NULL);
    struct dm_config *config = dm_config_load(NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(config->share, ==, "/a");
    g_assert_cmpstr(config->log_level, ==, "debug"); // "10.conf" < "9.conf"
    g_assert_cmpint(config->inbox.sweep_us, ==, 40 * G_USEC_PER_SEC);
    g_assert_cmpint(config->inbox.max_folders, ==, 7);
    dm_config_free(config);
    config_dir_remove(dir);
}

static void test_parts_alone(void) {
    g_autoptr(GError) error = NULL;
    char *dir = config_dir_make("conf.d/share.conf", "share = \"/b\";", NULL);
    struct dm_config *config = dm_config_load(NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(config->share, ==, "/b");
    dm_config_free(config);
    config = config_text_load("", &error); // a file that is named is all there is
    g_assert_no_error(error);
    g_assert_cmpstr(config->share, ==, "");
    dm_config_free(config);
    config_dir_remove(dir);
}

static void test_mistakes_in_parts(void) {
    g_autoptr(GError) error = NULL;
    char *dir = config_dir_make("dropmill.conf", "log_level = \"loud\";", "conf.d/a.conf",
                                "\nshare = \"b\";", "conf.d/b.conf", "share", NULL);
    g_assert_null(dm_config_load(NULL, &error));
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 3);
    g_assert_nonnull(strstr(lines[0], "/dropmill.conf:1: log_level: 'loud'"));
    g_assert_nonnull(strstr(lines[1], "/conf.d/a.conf:2: share: 'b' is not an absolute path"));
    g_assert_nonnull(strstr(lines[2], "/conf.d/b.conf:1: syntax error"));
    config_dir_remove(dir);
}

static void assert_recipe(const struct dm_config *config, const char *name, const char *text) {
    g_assert_cmpstr(g_hash_table_lookup(config->recipes, name), ==, text);
}

/** A later file adds names, replaces those of the same name, and takes out what it leaves empty. */
static void test_maps_grow(void) {
    char *dir = config_dir_make("dropmill.conf",
                                "recipes: { a = \"gray\"; b = \"gray\"; c = \"gray\"; };"
                                "watermarks: { logo = \"/1.png\"; };"
                                "inbox: { ignore = [ \"x\", \"y\" ]; };",
                                "conf.d/1.conf",
                                "recipes: { b = \"invert\"; c = \"\"; web-large = \"\"; };"
                                "watermarks: { name = \"/2.png\"; };"
                                "inbox: { ignore = [ \"z\" ]; };",
                                NULL);
    struct dm_config *config = config_dir_load();
    g_assert_cmpuint(g_hash_table_size(config->recipes), ==, 2);
    assert_recipe(config, "a", "gray");
    assert_recipe(config, "b", "invert");
    g_assert_cmpstr(g_hash_table_lookup(config->watermarks, "logo"), ==, "/1.png");
    g_assert_cmpstr(g_hash_table_lookup(config->watermarks, "name"), ==, "/2.png");
    g_assert_cmpstr(config->inbox.ignore[0], ==, "z");
    g_assert_null(config->inbox.ignore[1]); // lists do not grow
    dm_config_free(config);
    config_dir_remove(dir);
}

/** Files of recipes come after all others, by the bytes of their names. */
static void test_recipes(void) {
    char *dir = config_dir_make("dropmill.conf", "recipes: { a = \"gray\"; page = \"gray\"; };",
                                "conf.d/z.conf", "recipes: { b = \"gray\"; };", "recipes.d/10.conf",
                                "# ours\nb = \"invert\";\nc = \"invert\";\n", "recipes.d/9.conf",
                                "c = \"blur-5\";\npage = \"blur-5\"; web-large = \"\";",
                                "recipes.d/c.conf~", "nonsense", "recipes.d/.c.conf", "nonsense",
                                "recipes.d/readme", "nonsense", NULL);
    struct dm_config *config = config_dir_load();
    g_assert_cmpuint(g_hash_table_size(config->recipes), ==, 4);
    assert_recipe(config, "a", "gray");
    assert_recipe(config, "b", "invert");
    assert_recipe(config, "c", "blur-5");    // "10.conf" < "9.conf"
    assert_recipe(config, "page", "blur-5"); // a group of settings may be called so, too
    g_assert_true(g_str_has_suffix(dm_config_origin(config, "recipes.c"), "/recipes.d/9.conf:1"));
    dm_config_free(config);
    struct dm_config *alone = config_text_load("", NULL); // a file that is named is all there is
    g_assert_cmpuint(g_hash_table_size(alone->recipes), ==, 1);
    dm_config_free(alone);
    config_dir_remove(dir);
}

/** Only recipes stand there; all mistakes in all of them are told at once. */
static void test_mistakes_in_recipes(void) {
    static const char *const expected[] = {
        "/recipes.d/a.conf:1: 'recipes': no group is wanted here, expected its lines alone",
        "/recipes.d/a.conf:2: 'share' is a setting, expected in dropmill.conf or conf.d/NAME.conf",
        "/recipes.d/a.conf:3: 'inbox' is a setting",
        "/recipes.d/a.conf:4: 'log_levl' is no recipe; did you mean the setting 'log_level'?",
        "/recipes.d/a.conf:5: 'thumb' is no recipe, expected a chain in quotes",
        "/recipes.d/b.conf:1: syntax error",
        "/recipes.d/c.conf: cannot be read",
    };
    char *dir =
        config_dir_make("recipes.d/a.conf",
                        "recipes: { a = \"gray\"; };\n"
                        "share = \"/a\";\n"
                        "inbox: { sweep = \"3s\"; };\n"
                        "log_levl = \"debug\";\n"
                        "thumb = 5;\n"
                        "good = \"gray\";\n",
                        "recipes.d/b.conf", "small = resize-5;", "recipes.d/c.conf/x", "", NULL);
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    struct dm_config *config = dm_config_read(NULL, mistakes);
    for (size_t i = 0; i < MIN(mistakes->len, G_N_ELEMENTS(expected)); i++) {
        g_test_message("%s", (char *)mistakes->pdata[i]);
        g_assert_nonnull(strstr(mistakes->pdata[i], expected[i]));
    }
    g_assert_cmpuint(mistakes->len, ==, G_N_ELEMENTS(expected));
    assert_recipe(config, "good", "gray");
    dm_config_free(config);
    config_dir_remove(dir);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config-files/parts", test_parts);
    g_test_add_func("/config-files/parts_alone", test_parts_alone);
    g_test_add_func("/config-files/mistakes_in_parts", test_mistakes_in_parts);
    g_test_add_func("/config-files/maps_grow", test_maps_grow);
    g_test_add_func("/config-files/recipes", test_recipes);
    g_test_add_func("/config-files/mistakes_in_recipes", test_mistakes_in_recipes);
    return g_test_run();
}
