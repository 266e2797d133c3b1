// SPDX-License-Identifier: MIT
//
// Did you mean: see suggest.h.
#include "common/suggest.h"

#include <string.h>

// ---- the nearest of some words

static int min3(int a, int b, int c) {
    return MIN(MIN(a, b), c);
}

enum { MAX_WORD = 40 };

typedef int distances[MAX_WORD + 1][MAX_WORD + 1];

/** The distance of the first @i bytes of @a from the first @j of @b, those of shorter ones known.
 */
static int step_distance(const char *a, const char *b, int i, int j, distances d) {
    if (i == 0 || j == 0) {
        return i + j;
    }
    int least = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
    bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
    return swapped ? MIN(least, d[i - 2][j - 2] + 1) : least;
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost 1.
 */
static int edit_distance(const char *a, const char *b) {
    int n = (int)strlen(a), m = (int)strlen(b);
    if (n > MAX_WORD || m > MAX_WORD) {
        return MAX_WORD;
    }
    distances d;
    for (int i = 0; i <= n; i++) {
        for (int j = 0; j <= m; j++) {
            d[i][j] = step_distance(a, b, i, j, d);
        }
    }
    return d[n][m];
}

const char *dm_nearest(const char *word, const char *const *candidates, size_t count) {
    // One mistake in a short word, two in a longer one, three in a long one: more is another word.
    size_t length = strlen(word);
    int limit = length <= 4 ? 1 : length <= 9 ? 2 : 3;
    const char *nearest = NULL;
    int least = limit + 1;
    for (size_t i = 0; i < count; i++) {
        int distance = edit_distance(word, candidates[i]);
        if (distance < least) {
            least = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

// ---- the nearest word of the grammar

static void add_words(GPtrArray *words, const char *list) {
    g_auto(GStrv) some = g_strsplit(list, " ", -1);
    for (char **word = some; *word != NULL; word++) {
        if (**word != '\0') {
            g_ptr_array_add(words, g_strdup(*word));
        }
    }
}

/** Every word that can begin a step. */
static GPtrArray *all_words(const struct dm_catalogue *catalogue, GHashTable *recipes) {
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        const struct dm_operation *operation = dm_catalogue_operation(catalogue, i);
        add_words(words, operation->name);
        add_words(words, operation->aliases);
    }
    GHashTableIter iter;
    gpointer name;
    if (recipes != NULL) {
        g_hash_table_iter_init(&iter, recipes);
        while (g_hash_table_iter_next(&iter, &name, NULL)) {
            add_words(words, name);
        }
    }
    return words;
}

/** The canonical word nearest to @word, owned by the catalogue or the recipes, or NULL. */
static const char *nearest_word(const struct dm_catalogue *catalogue, GHashTable *recipes,
                                const char *word) {
    g_autoptr(GPtrArray) words = all_words(catalogue, recipes);
    const char *near = dm_nearest(word, (const char *const *)words->pdata, words->len);
    if (near == NULL) {
        return NULL;
    }
    const struct dm_operation *operation = dm_catalogue_find(catalogue, near);
    gpointer recipe = NULL;
    if (operation == NULL) {
        g_hash_table_lookup_extended(recipes, near, &recipe, NULL);
    }
    return operation != NULL ? operation->name : recipe;
}

/** How many bytes at the beginning of @segment are words: "color-inversion" of "color-inversion-5".
 */
static size_t words_length(const char *segment) {
    size_t length = strspn(segment, "abcdefghijklmnopqrstuvwxyz-");
    while (length > 0 && segment[length - 1] == '-') {
        length--;
    }
    return length;
}

const char *dm_suggest(const struct dm_catalogue *catalogue, GHashTable *recipes,
                       const char *segment, char **ret_bad) {
    const size_t ends[] = {words_length(segment), strcspn(segment, "-.0123456789"),
                           strlen(segment)};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *bad = g_strndup(segment, ends[i]);
        const char *near = ends[i] > 0 ? nearest_word(catalogue, recipes, bad) : NULL;
        if (near != NULL) {
            *ret_bad = g_steal_pointer(&bad);
            return near;
        }
    }
    return NULL;
}
