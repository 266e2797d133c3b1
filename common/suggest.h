// SPDX-License-Identifier: MIT
//
// Did you mean: the nearest word to a misspelt one. Pure. Used by the grammar (chain.c) and
// wherever else a name was not understood.
#ifndef DM_COMMON_SUGGEST_H
#define DM_COMMON_SUGGEST_H

#include "common/catalogue.h"

#include <glib.h>
#include <stddef.h>

/** The candidate nearest to @word (edit distance: 1 for up to 4 letters, 2 up to 9, else 3), or
 * NULL. */
const char *dm_nearest(const char *word, const char *const *candidates, size_t count);

/**
 * The operation or recipe (nullable table) nearest to how @segment begins: to all its words, to the
 * first, to all of it ("web2"). Returns its canonical name, owned by the catalogue or the recipes,
 * or NULL. @ret_bad: the part of @segment that it stands instead of, (transfer full).
 */
const char *dm_suggest(const struct dm_catalogue *catalogue, GHashTable *recipes,
                       const char *segment, char **ret_bad);

#endif
