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

#include "common/reader.h"

#include <string.h>

static void walk(struct dm_reader *reader) {
    const struct dm_token *token;
    while ((token = dm_reader_token(reader, reader->at)) != NULL) {
        switch (token->kind) {
        case DM_TOKEN_WORD:
            dm_reader_take_word(reader);
            break;
        case DM_TOKEN_JOINT:
            reader->joined |= strchr(token->text, '>') == NULL && strcmp(token->text, "→") != 0;
            reader->at++;
            break;
        case DM_TOKEN_RATIO:
        case DM_TOKEN_NUMBER:
        case DM_TOKEN_SIZE:
            reader->at++;
            dm_reader_take_value(reader, token);
            break;
        }
    }
}
/** A purpose or a format by itself says too little; so does a guess made of one. */
static void weigh(struct dm_reader *reader) {
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
    struct dm_reader reader = {.catalogue = catalogue,
                               .recipes = recipes,
                               .tokens = dm_tokens_of(name),
                               .steps = g_ptr_array_new_with_free_func(g_free),
                               .refused = g_string_new(NULL),
                               .waiting = g_ptr_array_new(),
                               .made = g_ptr_array_new_with_free_func(free_made),
                               .reading = reading};
    walk(&reader);
    dm_reader_end_waiting(&reader);
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
