// SPDX-License-Identifier: MIT
//
// The open step and the values that it takes, or that wait for one. See reading.h.
#include "common/reader.h"

#include <string.h>

const struct dm_token *dm_reader_token(const struct dm_reader *reader, guint index) {
    return index < reader->tokens->len ? &g_array_index(reader->tokens, struct dm_token, index)
                                       : NULL;
}
void dm_reader_finish_step(struct dm_reader *reader) {
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

static void open_step(struct dm_reader *reader, const struct dm_operation *operation,
                      const char *word) {
    dm_reader_finish_step(reader);
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

static const struct dm_operation *resize_of(const struct dm_reader *reader) {
    return dm_catalogue_find(reader->catalogue, "resize");
}

static enum dm_match offer(struct dm_reader *reader, const char *text) {
    return dm_step_offer(&reader->open, text, NULL);
}

/** Give @token to the open step in one of the ways in which it may be meant. */
static enum dm_match offer_token(struct dm_reader *reader, const struct dm_token *token) {
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
static bool open_implied(struct dm_reader *reader, const struct dm_token *token) {
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
static bool may_follow(const struct dm_reader *reader, const struct dm_token *token,
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

void dm_reader_take_value(struct dm_reader *reader, const struct dm_token *token) {
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
static void take_waiting(struct dm_reader *reader, const struct dm_operation *operation,
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

void dm_reader_begin_step(struct dm_reader *reader, const struct dm_operation *operation,
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
/** Say what is wrong with a value that belongs to nothing. */
static void refuse_waiting(struct dm_reader *reader, const struct dm_token *token) {
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
void dm_reader_end_waiting(struct dm_reader *reader) {
    dm_reader_finish_step(reader);
    for (guint i = 0; i < reader->waiting->len; i++) {
        const struct dm_token *token = g_ptr_array_index(reader->waiting, i);
        bool taken = reader->is_open && offer_token(reader, token) == DM_MATCH_FITS;
        if (!taken && !open_implied(reader, token)) {
            refuse_waiting(reader, token);
        }
    }
    dm_reader_finish_step(reader);
}
