// SPDX-License-Identifier: MIT
//
// See reading.h. One walk over the pieces of a name (tokens.h). At each place the longest phrase
// that is known is taken:
//
//   an operation    begins a step; what waited for one ("50% resize", "left rotate") goes to it first
//   values          go to the open step, or wait for the next
//   a filler        falls away
//   anything else   is looked at as a misspelling, then written down as unknown
//
// A number goes to the open step if that takes it. Else a size ("1600px", "50%") is a resize of its
// own; a bare number only where it can hardly be anything else, and then as a guess. What does not
// fit is handed on all the same, for the grammar knows best how to say why.
#include "common/reading.h"

#include "common/step.h"
#include "common/suggest.h"
#include "common/tokens.h"
#include "common/value.h"
#include "common/vocabulary.h"
#include "common/words.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_PHRASE = 5 }; // in words

/** What one walk carries. */
struct reader {
    const struct dm_catalogue *catalogue;
    GHashTable *recipes; // nullable
    GArray *tokens;
    guint at;
    GPtrArray *steps; // char *, finished
    struct dm_step open;
    bool is_open;
    // Values that the open step refused, for the grammar to speak about.
    GString *refused;
    // The values that are taken for the open step if it lacks some; NULL: none.
    const char *alone;
    // A sign or "and" stands between the open step and what comes.
    bool joined;
    // The open step was called by a word of the table: "max 2024" may be a name.
    bool by_word;
    GPtrArray *waiting; // struct dm_token *, borrowed, or of `made`
    GPtrArray *made;    // tokens that stand for values of words
    const char *purpose;
    // A format that cannot be written: what can.
    const char *source;
    struct dm_reading *reading;
};

static const struct dm_token *token_at(const struct reader *reader, guint index) {
    return index < reader->tokens->len ? &g_array_index(reader->tokens, struct dm_token, index)
                                       : NULL;
}

// ---- steps

static void finish_step(struct reader *reader) {
    if (!reader->is_open) {
        return;
    }
    if (dm_step_missing(&reader->open) != NULL && reader->alone != NULL &&
        dm_step_offer(&reader->open, reader->alone, NULL) == DM_MATCH_FITS) {
        reader->reading->guessed = true;
    }
    char *text = dm_step_print(&reader->open);
    g_ptr_array_add(reader->steps, g_strconcat(text, reader->refused->str, NULL));
    g_free(text);
    g_string_truncate(reader->refused, 0);
    dm_step_clear(&reader->open);
    reader->is_open = false;
    reader->alone = NULL;
}

static void open_step(struct reader *reader, const struct dm_operation *operation,
                      const char *word) {
    finish_step(reader);
    dm_step_init(&reader->open, operation, word);
    reader->is_open = true;
    reader->by_word = false;
    reader->joined = false;
}

static bool has_values(const struct dm_step *step) {
    bool any = false;
    for (size_t i = 0; i < step->operation->param_count; i++) {
        any |= step->values[i].given;
    }
    return any;
}

static const struct dm_operation *resize_of(const struct reader *reader) {
    return dm_catalogue_find(reader->catalogue, "resize");
}

static enum dm_match offer(struct reader *reader, const char *text) {
    return dm_step_offer(&reader->open, text, NULL);
}

/** Give @token to the open step in one of the ways in which it may be meant. */
static enum dm_match offer_token(struct reader *reader, const struct dm_token *token) {
    enum dm_match match = offer(reader, token->text);
    if (match == DM_MATCH_FITS) {
        bool year_or_size = dm_token_is_year(token) && reader->by_word;
        reader->reading->guessed |= token->guessed || year_or_size;
        return match;
    }
    bool saves = (reader->open.operation->flags & DM_OP_OUTPUT) != 0;
    if (saves && dm_token_is_percentage(token)) { // "jpeg 80%"
        g_autofree char *number = g_strndup(token->text, strlen(token->text) - strlen("pct"));
        return offer(reader, number);
    }
    g_autofree char *percent = dm_token_times(token);
    if (percent != NULL && offer(reader, percent) == DM_MATCH_FITS) {
        reader->reading->guessed = true;
        return DM_MATCH_FITS;
    }
    return match;
}

/** Make @token a step of its own: a resize, or a turn. */
static bool open_implied(struct reader *reader, const struct dm_token *token) {
    bool sure = false;
    const struct dm_operation *operation = NULL;
    g_autofree char *times = dm_token_times(token);
    if (strcmp(token->unit, "deg") == 0) {
        operation = dm_catalogue_find(reader->catalogue, "rotate");
        sure = true;
    } else if (dm_token_is_size(token, &sure) || times != NULL) {
        operation = resize_of(reader);
    }
    if (operation == NULL) {
        return false;
    }
    open_step(reader, operation, operation->name);
    offer_token(reader, token);
    reader->reading->guessed |= !sure;
    reader->reading->named |= sure;
    return true;
}

static bool takes_sizes(const struct dm_operation *operation) {
    for (size_t i = 0; i < operation->param_count; i++) {
        if (operation->params[i].type == DM_PARAM_SIZE) {
            return true;
        }
    }
    return false;
}

/** Say whether a size that the open step does not take may be a step behind it. */
static bool may_follow(const struct reader *reader, const struct dm_token *token,
                       enum dm_match match) {
    const struct dm_operation *operation = reader->open.operation;
    bool takes_none = operation->param_count == 0;
    bool saves = (operation->flags & DM_OP_OUTPUT) != 0;
    bool sure = false;
    if (!dm_token_is_size(token, &sure) || (takes_sizes(operation) && !reader->joined)) {
        return false;
    }
    if (!sure && match == DM_MATCH_WRONG) {
        return saves;
    }
    return takes_none || saves || reader->joined || (sure && !dm_token_is_percentage(token));
}

static const char no_proportions[] =
    "a proportion such as 4:5 is not known here, only pixels: for example crop-800x1000 or "
    "fill-800x1000; square cuts to a square";
static const char no_small_sizes[] = "a size is in pixels, with at least 16 on each side: for "
                                     "example resize-1600 or fill-1800x1200; "
                                     "sizes on paper (inch, cm) are not known here";
static const char no_bare_numbers[] =
    "a number alone says too little: resize-1600 makes the longest side at most 1600 pixels, "
    "rotate-90 turns by a quarter";

static void take_value(struct reader *reader, const struct dm_token *token) {
    enum dm_match match = reader->is_open ? offer_token(reader, token) : DM_MATCH_NONE;
    bool waits = !reader->is_open || token->kind == DM_TOKEN_WORD;
    if (waits && match != DM_MATCH_FITS) {
        g_ptr_array_add(reader->waiting, (gpointer)token);
        return;
    }
    if (match == DM_MATCH_FITS ||
        (may_follow(reader, token, match) && open_implied(reader, token))) {
        return;
    }
    if (token->kind == DM_TOKEN_RATIO) {
        reader->reading->cannot = no_proportions;
    } else if (dm_token_is_year(token) || *reader->refused->str != '\0') {
        g_ptr_array_add(reader->reading->unknown, g_strdup(token->shown));
    } else {
        g_string_append_printf(reader->refused, "-%s", token->text);
    }
}

/** Give the values that wait to the step that has just been opened, or steps of their own. */
static void take_waiting(struct reader *reader, const struct dm_operation *operation,
                         const char *word) {
    g_autoptr(GPtrArray) waiting = g_steal_pointer(&reader->waiting);
    reader->waiting = g_ptr_array_new();
    struct dm_step probe;
    dm_step_init(&probe, operation, word);
    for (guint i = 0; i < waiting->len; i++) {
        const struct dm_token *token = g_ptr_array_index(waiting, i);
        bool fits = dm_step_offer(&probe, token->text, NULL) == DM_MATCH_FITS;
        if (fits) {
            g_ptr_array_add(reader->waiting, (gpointer)token);
        } else if (!open_implied(reader, token)) {
            g_ptr_array_add(reader->reading->unknown, g_strdup(token->shown));
        }
    }
    dm_step_clear(&probe);
    open_step(reader, operation, word);
    reader->reading->named = true;
    for (guint i = 0; i < reader->waiting->len; i++) {
        offer_token(reader, g_ptr_array_index(reader->waiting, i));
    }
    g_ptr_array_set_size(reader->waiting, 0);
}

static void begin_step(struct reader *reader, const struct dm_operation *operation,
                       const char *word) {
    bool open = reader->is_open;
    bool same = open && reader->open.operation == operation && !reader->joined;
    if (same && !has_values(&reader->open) && reader->waiting->len == 0) {
        return; // "resize longest side": said twice
    }
    bool both_save = open && !reader->joined && !has_values(&reader->open) &&
                     (reader->open.operation->flags & operation->flags & DM_OP_OUTPUT) != 0;
    if (both_save) { // "png to jpg": the first is where it comes from
        dm_step_clear(&reader->open);
        reader->is_open = false;
    }
    take_waiting(reader, operation, word);
}

// ---- words

static void take_word_value(struct reader *reader, const char *value, const char *shown) {
    struct dm_token *token = g_new0(struct dm_token, 1);
    *token = (struct dm_token){
        .kind = DM_TOKEN_WORD, .text = g_strdup(value), .shown = g_strdup(shown), .unit = ""};
    g_ptr_array_add(reader->made, token);
    take_value(reader, token);
}

/** Take what a row of the table stands for: a step, a step with values, or values. */
static void take_meaning(struct reader *reader, const struct dm_word *word, const char *shown) {
    g_auto(GStrv) parts = g_strsplit(word->means, "-", -1);
    char **part = parts;
    const struct dm_operation *operation =
        *part != NULL ? dm_catalogue_find(reader->catalogue, *part) : NULL;
    bool more = operation != NULL && parts[1] != NULL;
    bool at_size = more && reader->is_open && reader->open.operation == operation;
    if (operation != NULL && !at_size) {
        begin_step(reader, operation, *part);
        reader->by_word = reader->is_open;
        reader->alone = word->alone;
    }
    part += operation != NULL;
    for (; *part != NULL && **part != '\0'; part++) {
        take_word_value(reader, *part, shown);
    }
}

static void take_recipe(struct reader *reader, const char *name) {
    finish_step(reader);
    g_ptr_array_add(reader->steps, g_strdup(name));
    reader->reading->named = true;
}

/** The words from here on, joined: "black-and-white"; NULL: there are not so many. */
static char *phrase_of(const struct reader *reader, guint count) {
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    for (guint i = 0; i < count; i++) {
        const struct dm_token *token = token_at(reader, reader->at + i);
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

static char *shown_of(const struct reader *reader, guint count) {
    GString *shown = g_string_new(NULL);
    for (guint i = 0; i < count; i++) {
        g_string_append_printf(shown, "%s%s", i > 0 ? " " : "",
                               token_at(reader, reader->at + i)->shown);
    }
    return g_string_free(shown, FALSE);
}

static void take_row(struct reader *reader, const struct dm_word *word, const char *shown) {
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
static bool is_value(const struct reader *reader, const char *text) {
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
static bool take_phrase(struct reader *reader, guint count) {
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
        begin_step(reader, operation, phrase);
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
static bool take_misspelt(struct reader *reader) {
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
static bool take_near_recipe(struct reader *reader, guint count) {
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

static void take_word(struct reader *reader) {
    for (guint count = LONGEST_PHRASE; count > 0; count--) {
        if (take_phrase(reader, count) || (count > 1 && take_near_recipe(reader, count))) {
            return;
        }
    }
    const char *text = token_at(reader, reader->at)->text;
    if (reader->is_open && g_ascii_isalpha(text[0]) && g_ascii_isdigit(text[1])) {
        g_string_append_printf(reader->refused, "-%s", text); // "k0": the grammar says why
        reader->at++;
    } else if (!take_near_recipe(reader, 1) && !take_misspelt(reader)) {
        g_ptr_array_add(reader->reading->unknown, g_strdup(token_at(reader, reader->at)->shown));
        reader->at++;
    }
}

// ---- the walk

static void walk(struct reader *reader) {
    const struct dm_token *token;
    while ((token = token_at(reader, reader->at)) != NULL) {
        switch (token->kind) {
        case DM_TOKEN_WORD:
            take_word(reader);
            break;
        case DM_TOKEN_JOINT:
            reader->joined |= strchr(token->text, '>') == NULL && strcmp(token->text, "→") != 0;
            reader->at++;
            break;
        case DM_TOKEN_RATIO:
        case DM_TOKEN_NUMBER:
        case DM_TOKEN_SIZE:
            reader->at++;
            take_value(reader, token);
            break;
        }
    }
}

/** Say what is wrong with a value that belongs to nothing. */
static void refuse_waiting(struct reader *reader, const struct dm_token *token) {
    struct dm_reading *reading = reader->reading;
    const char *why = token->kind == DM_TOKEN_RATIO                                ? no_proportions
                      : token->kind == DM_TOKEN_SIZE                               ? no_small_sizes
                      : token->kind == DM_TOKEN_NUMBER && !dm_token_is_year(token) ? no_bare_numbers
                                                                                   : NULL;
    bool alone = reader->steps->len == 0 && reading->unknown->len == 0;
    if (alone && why != NULL && reading->cannot == NULL) {
        reading->cannot = why;
    } else {
        g_ptr_array_add(reading->unknown, g_strdup(token->shown));
    }
}

/** What still waits for a step makes one of its own, or belongs to nothing. */
static void end_waiting(struct reader *reader) {
    finish_step(reader);
    for (guint i = 0; i < reader->waiting->len; i++) {
        const struct dm_token *token = g_ptr_array_index(reader->waiting, i);
        bool taken = reader->is_open && offer_token(reader, token) == DM_MATCH_FITS;
        if (!taken && !open_implied(reader, token)) {
            refuse_waiting(reader, token);
        }
    }
    finish_step(reader);
}

/** A purpose or a format by itself says too little; so does a guess made of one. */
static void weigh(struct reader *reader) {
    struct dm_reading *reading = reader->reading;
    bool little = reader->steps->len == 0 || (reading->guessed && reading->misspelt == NULL);
    if (reading->cannot == NULL && little && reading->unknown->len == 0) {
        reading->cannot = reader->purpose != NULL ? reader->purpose : reader->source;
    }
    g_ptr_array_add(reader->steps, NULL);
    reading->text = g_strjoinv("_", (char **)reader->steps->pdata);
}

static void free_made(void *data) {
    struct dm_token *token = data;
    g_free(token->text);
    g_free(token->shown);
    g_free(token);
}

struct dm_reading *dm_reading_new(const struct dm_catalogue *catalogue, GHashTable *recipes,
                                  const char *name) {
    struct dm_reading *reading = g_new0(struct dm_reading, 1);
    reading->unknown = g_ptr_array_new_with_free_func(g_free);
    struct reader reader = {.catalogue = catalogue,
                            .recipes = recipes,
                            .tokens = dm_tokens_of(name),
                            .steps = g_ptr_array_new_with_free_func(g_free),
                            .refused = g_string_new(NULL),
                            .waiting = g_ptr_array_new(),
                            .made = g_ptr_array_new_with_free_func(free_made),
                            .reading = reading};
    walk(&reader);
    end_waiting(&reader);
    weigh(&reader);
    g_array_unref(reader.tokens);
    g_ptr_array_unref(reader.steps);
    g_string_free(reader.refused, TRUE);
    g_ptr_array_unref(reader.waiting);
    g_ptr_array_unref(reader.made);
    return reading;
}

void dm_reading_free(struct dm_reading *reading) {
    if (reading == NULL) {
        return;
    }
    g_free(reading->text);
    g_free(reading->misspelt);
    g_ptr_array_unref(reading->unknown);
    g_free(reading);
}
