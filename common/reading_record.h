// SPDX-License-Identifier: MIT
//
// What reading finds, as a record: see reading.h.
#ifndef DM_COMMON_READING_RECORD_H
#define DM_COMMON_READING_RECORD_H

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

#endif
