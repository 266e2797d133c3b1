// SPDX-License-Identifier: MIT
//
// Free reading: what a folder's name means that the grammar (chain.c) does not take as it stands.
// Words are looked up (operations and their aliases, recipes, words.c), numbers go to the step that
// takes them, and what comes out is text for the grammar, which has the last word.
#ifndef DM_COMMON_READING_H
#define DM_COMMON_READING_H

#include "common/catalogue.h"

#include <glib.h>
#include <stdbool.h>

/** What a name was found to say. */
struct dm_reading {
    // For the grammar: "rotate-90_gray"; "" when nothing was understood.
    char *text;
    // Some word or sure size of it said what to do.
    bool named;
    // Something was a guess: a misspelling, another language, a bare number. Proposed, never done.
    bool guessed;
    // (nullable) A misspelt word and the one that was probably meant.
    char *misspelt;
    const char *meant; // interned
    // Words as typed that nobody understands; char *.
    GPtrArray *unknown;
    // (nullable) The sentence for what cannot be done; a literal.
    const char *cannot;
};

/**
 * Read @name (UTF-8, lower-case, without its label) as a person would. @recipes: (nullable).
 * Returns never NULL; dm_reading_free(). Threads: any.
 */
struct dm_reading *dm_reading_new(const struct dm_catalogue *catalogue, GHashTable *recipes,
                                  const char *name);
void dm_reading_free(struct dm_reading *reading);

#endif
