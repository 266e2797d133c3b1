// SPDX-License-Identifier: MIT
//
// Inside reading: one walk over the pieces of a name, and what it carries.
//
//   reading       the walk; what is left over at its end
//   reader_words  words: operations, recipes, rows of the table, misspellings
//   reader_steps  the step that is open, and the values that go to it
#ifndef DM_COMMON_READER_H
#define DM_COMMON_READER_H

#include "common/catalogue.h"
#include "common/reading_record.h"
#include "common/step.h"
#include "common/tokens.h"

#include <glib.h>
#include <stdbool.h>

/** What one walk carries. */
struct dm_reader {
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

/** The token at @index, borrowed; NULL behind the last. */
const struct dm_token *dm_reader_token(const struct dm_reader *reader, guint index);

/** Write the open step, if there is one, down as finished. */
void dm_reader_finish_step(struct dm_reader *reader);

/** Begin a step of @operation, called by @word; what waits for one goes to it first. */
void dm_reader_begin_step(struct dm_reader *reader, const struct dm_operation *operation,
                          const char *word);

/** Give @token (borrowed) to the open step, or let it wait, or make it a step of its own. */
void dm_reader_take_value(struct dm_reader *reader, const struct dm_token *token);

/** What still waits for a step makes one of its own, or belongs to nothing. */
void dm_reader_end_waiting(struct dm_reader *reader);

/** Take the longest phrase that begins at the word here. */
void dm_reader_take_word(struct dm_reader *reader);

#endif
