// SPDX-License-Identifier: MIT
//
// Words of a name as a person reads them: operations and their aliases, recipes, rows of words.c,
// misspellings of any of these. See reading.h.
#include "common/reader.h"

#include "common/suggest.h"
#include "common/tokens.h"
#include "common/vocabulary.h"
#include "common/words.h"

#include <string.h>

enum { LONGEST_PHRASE = 5 }; // in words

static void take_word_value(struct dm_reader *reader, const char *value, const char *shown) {
    struct dm_token *token = g_new0(struct dm_token, 1);
    *token = (struct dm_token){
        .kind = DM_TOKEN_WORD, .text = g_strdup(value), .shown = g_strdup(shown), .unit = ""};
    g_ptr_array_add(reader->made, token);
    dm_reader_take_value(reader, token);
}

/** Take what a row of the table stands for: a step, a step with values, or values. */
static void take_meaning(struct dm_reader *reader, const struct dm_word *word, const char *shown) {
    g_auto(GStrv) parts = g_strsplit(word->means, "-", -1);
    char **part = parts;
    const struct dm_operation *operation =
        *part != NULL ? dm_catalogue_find(reader->catalogue, *part) : NULL;
    bool more = operation != NULL && parts[1] != NULL;
    bool at_size = more && reader->is_open && reader->open.operation == operation;
    if (operation != NULL && !at_size) {
        dm_reader_begin_step(reader, operation, *part);
        reader->by_word = reader->is_open;
        reader->alone = word->alone;
    }
    part += operation != NULL;
    for (; *part != NULL && **part != '\0'; part++) {
        take_word_value(reader, *part, shown);
    }
}

static void take_recipe(struct dm_reader *reader, const char *name) {
    dm_reader_finish_step(reader);
    g_ptr_array_add(reader->steps, g_strdup(name));
    reader->reading->named = true;
}

/** The words from here on, joined: "black-and-white"; NULL: there are not so many. */
static char *phrase_of(const struct dm_reader *reader, guint count) {
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    for (guint i = 0; i < count; i++) {
        const struct dm_token *token = dm_reader_token(reader, reader->at + i);
        bool joins = token != NULL && token->kind == DM_TOKEN_JOINT && i > 0 && i + 1 < count;
        if (joins && strcmp(token->text, "_") == 0) { // some write it for a blank
            continue;
        }
        joins = joins && strcmp(token->text, "and") == 0;
        bool digits = token != NULL && token->kind == DM_TOKEN_NUMBER && i > 0;
        if (token == NULL || (token->kind != DM_TOKEN_WORD && !joins && !digits)) {
            return NULL;
        }
        g_ptr_array_add(words, token->text);
    }
    g_ptr_array_add(words, NULL);
    return g_strjoinv("-", (char **)words->pdata);
}

static char *shown_of(const struct dm_reader *reader, guint count) {
    GString *shown = g_string_new(NULL);
    for (guint i = 0; i < count; i++) {
        g_string_append_printf(shown, "%s%s", i > 0 ? " " : "",
                               dm_reader_token(reader, reader->at + i)->shown);
    }
    return g_string_free(shown, FALSE);
}

static void take_row(struct dm_reader *reader, const struct dm_word *word, const char *shown) {
    switch (word->kind) {
    case DM_WORD_PERHAPS:
    case DM_WORD_FOREIGN:
        reader->reading->guessed |= *word->means != '\0' && strcmp(word->means, "_") != 0;
        reader->joined |= strcmp(word->means, "_") == 0;
        if (strcmp(word->means, "_") == 0) {
            return;
        }
        take_meaning(reader, word, shown);
        return;
    case DM_WORD_MEANS:
        take_meaning(reader, word, shown);
        return;
    case DM_WORD_THEN:
        reader->joined = true;
        return;
    case DM_WORD_SOURCE:
        reader->source = word->means;
        return;
    case DM_WORD_PURPOSE:
        reader->purpose = word->means;
        return;
    case DM_WORD_CANNOT:
        if (reader->reading->cannot == NULL) {
            reader->reading->cannot = word->means;
        }
        return;
    case DM_WORD_OTHER:
        g_ptr_array_add(reader->reading->unknown, g_strdup(shown));
        return;
    case DM_WORD_FILLER:
    case DM_WORD_UNIT:
    case DM_WORD_WIDTH:
    case DM_WORD_HEIGHT:
        return;
    }
}

/** Say whether the open step, or any if none is open, takes @text as a value: "left", "k15". */
static bool is_value(const struct dm_reader *reader, const char *text) {
    struct dm_step probe;
    bool takes = false;
    for (size_t i = 0; !takes && i < dm_catalogue_operation_count(reader->catalogue); i++) {
        const struct dm_operation *operation = dm_catalogue_operation(reader->catalogue, i);
        if (reader->is_open && reader->open.operation != operation) {
            continue;
        }
        dm_step_init(&probe, operation, operation->name);
        takes = dm_step_offer(&probe, text, NULL) == DM_MATCH_FITS;
        dm_step_clear(&probe);
    }
    return takes;
}

/** Say whether all that @operation needs is set up: a watermark may not be. */
static bool is_ready(const struct dm_operation *operation) {
    for (size_t i = 0; i < operation->param_count; i++) {
        if (operation->params[i].type == DM_PARAM_WORD && *operation->params[i].forms == '\0') {
            return false;
        }
    }
    return true;
}

/** Take the phrase of @count words that stands here, if there is one. */
static bool take_phrase(struct dm_reader *reader, guint count) {
    g_autofree char *phrase = phrase_of(reader, count);
    if (phrase == NULL) {
        return false;
    }
    g_autofree char *shown = shown_of(reader, count);
    const struct dm_operation *operation = dm_catalogue_find(reader->catalogue, phrase);
    const struct dm_word *word = dm_word_find(phrase);
    bool named = operation != NULL && strcmp(operation->name, phrase) == 0 && is_ready(operation);
    bool is_a_value = count == 1 && is_value(reader, phrase);
    bool value_first = is_a_value && reader->is_open && !named;
    if (reader->recipes != NULL && g_hash_table_contains(reader->recipes, phrase)) {
        take_recipe(reader, phrase);
    } else if (named || (operation != NULL && word == NULL && !value_first)) {
        dm_reader_begin_step(reader, operation, phrase);
    } else if (value_first || (is_a_value && word == NULL)) {
        take_word_value(reader, phrase, shown);
    } else if (word != NULL) {
        take_row(reader, word, shown);
    } else {
        return false;
    }
    reader->at += count;
    return true;
}

// ---- misspellings

/** The first one is told. */
static void note_misspelt(struct dm_reading *reading, const char *typed, const char *meant) {
    if (reading->misspelt == NULL) {
        reading->misspelt = g_strdup(typed);
        reading->meant = g_intern_string(meant);
    }
}

/** Read the word here as the nearest one that is known; false: there is none, or it leads nowhere.
 */
static bool take_misspelt(struct dm_reader *reader) {
    struct dm_token *token = &g_array_index(reader->tokens, struct dm_token, reader->at);
    g_autoptr(GPtrArray) words = dm_vocabulary(reader->catalogue, reader->recipes, token->text);
    const char *near = dm_nearest(token->text, (const char *const *)words->pdata, words->len);
    if (near == NULL) {
        return false;
    }
    g_autofree char *typed = token->text;
    token->text = g_strdup(near);
    bool named = reader->reading->named;
    for (guint count = LONGEST_PHRASE; count > 0; count--) {
        if (take_phrase(reader, count)) {
            reader->reading->guessed = true;
            reader->reading->named = named;
            note_misspelt(reader->reading, token->shown, near);
            return true;
        }
    }
    g_free(token->text);
    token->text = g_steal_pointer(&typed);
    return false;
}

/** Take the recipe whose name is nearest to the @count words here. */
static bool take_near_recipe(struct dm_reader *reader, guint count) {
    g_autofree char *phrase = reader->recipes != NULL ? phrase_of(reader, count) : NULL;
    if (phrase == NULL) {
        return false;
    }
    guint length;
    g_autofree const char **names =
        (const char **)g_hash_table_get_keys_as_array(reader->recipes, &length);
    const char *near = dm_nearest(phrase, names, length);
    if (near == NULL) {
        return false;
    }
    reader->reading->guessed = true;
    g_autofree char *shown = shown_of(reader, count);
    note_misspelt(reader->reading, shown, near);
    take_recipe(reader, near);
    reader->at += count;
    return true;
}

void dm_reader_take_word(struct dm_reader *reader) {
    for (guint count = LONGEST_PHRASE; count > 0; count--) {
        if (take_phrase(reader, count) || (count > 1 && take_near_recipe(reader, count))) {
            return;
        }
    }
    const char *text = dm_reader_token(reader, reader->at)->text;
    if (reader->is_open && g_ascii_isalpha(text[0]) && g_ascii_isdigit(text[1])) {
        g_string_append_printf(reader->refused, "-%s", text); // "k0": the grammar says why
        reader->at++;
    } else if (!take_near_recipe(reader, 1) && !take_misspelt(reader)) {
        g_ptr_array_add(reader->reading->unknown,
                        g_strdup(dm_reader_token(reader, reader->at)->shown));
        reader->at++;
    }
}
