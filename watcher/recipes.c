// SPDX-License-Identifier: MIT
//
// What a configured recipe must be: see recipes.h. How one is expanded is chain.c's business.
#include "watcher/recipes.h"

#include "common/chain.h"
#include "common/error.h"

#include <stdlib.h>
#include <string.h>

static bool is_device_name(const char *name) {
    static const char *const devices[] = {"con", "prn", "aux", "nul"};
    for (size_t i = 0; i < G_N_ELEMENTS(devices); i++) {
        if (strcmp(name, devices[i]) == 0) {
            return true;
        }
    }
    bool numbered = g_str_has_prefix(name, "com") || g_str_has_prefix(name, "lpt");
    return numbered && g_ascii_isdigit(name[3]) && name[4] == '\0';
}

static bool check_recipe(const struct dm_catalogue *catalogue, GHashTable *recipes,
                         const char *name, GError **error) {
    if (!g_ascii_islower(*name) ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name)) {
        return dm_fail(
            error, DM_ERROR_CONFIG,
            "recipe '%s': bad name, expected small letters, digits and '-', a letter first", name);
    }
    if (is_device_name(name) || dm_catalogue_find(catalogue, name) != NULL) {
        return dm_fail(error, DM_ERROR_CONFIG, "recipe '%s': %s has this name, expected another",
                       name, is_device_name(name) ? "a Windows device" : "an operation");
    }
    struct dm_chain *chain = NULL;
    GError *mistake = NULL;
    if (dm_chain_parse_expanded(catalogue, name, &chain, NULL)) {
        dm_chain_free(chain);
        return dm_fail(error, DM_ERROR_CONFIG,
                       "recipe '%s': a folder of this name means something already, expected "
                       "another",
                       name);
    }
    if (!dm_chain_parse(catalogue, recipes, name, &chain, NULL, &mistake)) {
        struct dm_advice advice;
        dm_chain_advise(catalogue, recipes, g_hash_table_lookup(recipes, name), &advice);
        bool near = advice.suggestion != NULL;
        dm_fail(error, DM_ERROR_CONFIG, "%s%s%s%s", mistake->message,
                near ? ", did you mean '" : "", near ? advice.suggestion : "", near ? "'?" : "");
        dm_advice_clear(&advice);
        g_error_free(mistake);
        return false;
    }
    dm_chain_free(chain);
    return true;
}

/** Where the recipe was written; NULL when that is not known. */
static const char *origin_of(GHashTable *origins, const char *recipe) {
    g_autofree char *key = g_strconcat("recipes.", recipe, NULL);
    return origins != NULL ? g_hash_table_lookup(origins, key) : NULL;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool dm_recipes_check(const struct dm_catalogue *catalogue, GHashTable *recipes,
                      GHashTable *origins, GError **error) {
    guint count = 0;
    g_autofree gpointer *names = g_hash_table_get_keys_as_array(recipes, &count);
    qsort(names, count, sizeof(*names), compare_names);
    g_autoptr(GString) mistakes = g_string_new(NULL);
    for (guint i = 0; i < count; i++) {
        GError *mistake = NULL;
        if (!check_recipe(catalogue, recipes, names[i], &mistake)) {
            const char *origin = origin_of(origins, names[i]);
            g_string_append_printf(mistakes, "%s%s%s%s", mistakes->len > 0 ? "\n" : "",
                                   origin != NULL ? origin : "", origin != NULL ? ": " : "",
                                   mistake->message);
            g_error_free(mistake);
        }
    }
    return mistakes->len == 0 || dm_fail(error, DM_ERROR_CONFIG, "%s", mistakes->str);
}
