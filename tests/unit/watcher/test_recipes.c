// SPDX-License-Identifier: MIT
//
// What is refused as a recipe. How recipes are expanded: tests/unit/common/test_chain.c.
#include "watcher/recipes.h"

#include "common/error.h"
#include "tests/unit/common/small_catalogue.h"

#include <string.h>

static struct dm_catalogue *catalogue;

static void test_refused(void) {
    static const struct {
        const char *name, *text, *message;
    } bad[] = {
        {"gray", "invert", "an operation has this name"},
        {"bw", "invert", "an operation has this name"},
        {"rotate-90", "gray", "a folder of this name means something already"},
        {"con", "invert", "a Windows device has this name"},
        {"lpt1", "invert", "a Windows device has this name"},
        {"Web", "invert", "bad name"},
        {"2web", "invert", "bad name"},
        {"web_x", "invert", "bad name"},
        {"web", "rotat-90",
         "recipe 'web': 'rotat-90' is not understood, did you mean 'rotate-90'?"},
        {"web", "web", "contains itself"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GHashTable) some = g_hash_table_new(g_str_hash, g_str_equal);
        GError *error = NULL;
        g_hash_table_insert(some, (gpointer)bad[i].name, (gpointer)bad[i].text);
        g_assert_false(dm_recipes_check(catalogue, some, NULL, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, bad[i].message));
        g_error_free(error);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    catalogue = dm_catalogue_parse(small_catalogue, NULL);
    g_test_add_func("/recipes/refused", test_refused);
    int status = g_test_run();
    dm_catalogue_free(catalogue);
    return status;
}
