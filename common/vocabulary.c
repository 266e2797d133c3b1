// SPDX-License-Identifier: MIT
//
// See vocabulary.h.
#include "common/vocabulary.h"

#include "common/colour.h"
#include "common/words.h"

#include <string.h>

enum { SHORTEST_GUESSED = 3 }; // letters of a word that may be a misspelling

static void add_parts(GPtrArray *words, const char *but, const char *list, const char *separators) {
    g_auto(GStrv) parts = g_strsplit_set(list, separators, -1);
    for (char **part = parts; *part != NULL; part++) {
        if (strlen(*part) >= SHORTEST_GUESSED && strcmp(*part, but) != 0) {
            g_ptr_array_add(words, g_strdup(*part));
        }
    }
}

GPtrArray *dm_vocabulary(const struct dm_catalogue *catalogue, GHashTable *recipes,
                         const char *but) {
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        const struct dm_operation *operation = dm_catalogue_operation(catalogue, i);
        add_parts(words, but, operation->name, " ");
        add_parts(words, but, operation->aliases, " -");
        for (size_t p = 0; p < operation->param_count; p++) {
            add_parts(words, but,
                      operation->params[p].type == DM_PARAM_WORD ? operation->params[p].forms : "",
                      " ");
        }
    }
    GHashTableIter iter;
    gpointer name;
    if (recipes != NULL) {
        g_hash_table_iter_init(&iter, recipes);
        while (g_hash_table_iter_next(&iter, &name, NULL)) {
            add_parts(words, but, name, " ");
            add_parts(words, but, name, "-");
        }
    }
    size_t count;
    const struct dm_word *rows = dm_words(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == DM_WORD_MEANS || rows[i].kind == DM_WORD_FOREIGN) {
            add_parts(words, but, rows[i].phrases, rows[i].kind == DM_WORD_FOREIGN ? " " : " -");
        }
    }
    g_autofree char *colours = dm_colour_names();
    add_parts(words, but, colours, ", ");
    return words;
}
