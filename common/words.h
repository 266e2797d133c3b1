// SPDX-License-Identifier: MIT
//
// The words that people bring: one table of what they mean, over and above the names and aliases of
// the operations. Walked by reading.c, which understands them, and by `dropmill ops --man`, which
// prints them. To teach dropmill a word: write it into a row of words.c.
#ifndef DM_COMMON_WORDS_H
#define DM_COMMON_WORDS_H

#include <stddef.h>

enum dm_word_kind {
    DM_WORD_FILLER,  // falls away: "to", "image"
    DM_WORD_THEN,    // the next step: "and"
    DM_WORD_MEANS,   // English for `means`
    DM_WORD_PERHAPS, // so may it be, or a name: never read, always proposed
    DM_WORD_FOREIGN, // another language's word for it: the same
    DM_WORD_UNIT,    // behind a number; `means`: "px", "pct", "deg"
    DM_WORD_WIDTH,   // beside a number: 1600x
    DM_WORD_HEIGHT,  // x900
    DM_WORD_SOURCE,  // a format that can only come in: "heic to jpg"
    DM_WORD_PURPOSE, // falls away where the rest says what to do: "for web"
    DM_WORD_CANNOT,  // `means` is the sentence for what cannot be done
    DM_WORD_OTHER,   // stands in names of people's own folders, and is no misspelling: "trip"
};

/** A row: words and phrases of one meaning. */
struct dm_word {
    enum dm_word_kind kind;
    // Blank-separated; "-" within a phrase stands for a blank. Lower-case, without accents.
    const char *phrases;
    // A step ("rotate"), a step with values ("resize-50pct"), or values alone ("left"); for a unit
    // its name, for what cannot be done or is a purpose the sentence that says so.
    const char *means;
    // (nullable) The values that are proposed where the step needs some and nothing was said.
    const char *alone;
};

/** The rows, in the order in which a document shows them. */
const struct dm_word *dm_words(size_t *ret_count);

/** The row that has @phrase, or NULL. Threads: any. */
const struct dm_word *dm_word_find(const char *phrase);

#endif
