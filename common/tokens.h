// SPDX-License-Identifier: MIT
//
// A folder's name in pieces: words, numbers, sizes, and signs between steps. What they mean is
// reading.c's business.
#ifndef DM_COMMON_TOKENS_H
#define DM_COMMON_TOKENS_H

#include <glib.h>
#include <stdbool.h>

enum dm_token_kind {
    DM_TOKEN_WORD,   // letters: "rotate"
    DM_TOKEN_NUMBER, // "2.5", "50pct"
    DM_TOKEN_SIZE,   // "1600x1200", "1600x", "x900"
    DM_TOKEN_RATIO,  // "4:5"
    DM_TOKEN_JOINT,  // "_", ",", "+", "->"
};

struct dm_token {
    enum dm_token_kind kind;
    // Lower-case, without accents; of a number with a dot.
    char *text;
    // As typed, for messages; lower-case.
    char *shown;
    // Interned: "px", "pct", "deg" or "".
    const char *unit;
    // Read with some freedom: "1.600" as 1600.
    bool guessed;
};

/** Cut @name (UTF-8, lower-case, without label) into pieces: an array of struct dm_token; (transfer
 * full). Signs that mean nothing are left out. */
GArray *dm_tokens_of(const char *name);

/** Say whether @token is more likely a year than a size. */
bool dm_token_is_year(const struct dm_token *token);

bool dm_token_is_percentage(const struct dm_token *token);

/** Say whether @token is the size of a picture even without a word; @ret_sure: not only perhaps. */
bool dm_token_is_size(const struct dm_token *token, bool *ret_sure);

/** "2x" is said of twice as large: "200pct", (transfer full), or NULL. */
char *dm_token_times(const struct dm_token *token);

#endif
