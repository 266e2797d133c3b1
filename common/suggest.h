// SPDX-License-Identifier: MIT
//
// Did you mean: the nearest word to a misspelt one. Pure. Used where a folder's name is read
// (reading.c) and wherever else a name was not understood.
#ifndef DM_COMMON_SUGGEST_H
#define DM_COMMON_SUGGEST_H

#include <stddef.h>

/**
 * The candidate nearest to @word that begins with the same letter, or NULL: up to three letters may
 * be exchanged, up to five one may be wrong, above that two. More is another word.
 */
const char *dm_nearest(const char *word, const char *const *candidates, size_t count);

#endif
