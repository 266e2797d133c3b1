// SPDX-License-Identifier: MIT
//
// Every word that a folder's name may be made of, for the nearest of them to a misspelt one.
#ifndef DM_COMMON_VOCABULARY_H
#define DM_COMMON_VOCABULARY_H

#include "common/catalogue.h"

#include <glib.h>

/**
 * The words of operations, their aliases and values, of recipes (nullable table), of the table of
 * words and of colours, but for @but: char *, (transfer full). Threads: any.
 */
GPtrArray *dm_vocabulary(const struct dm_catalogue *catalogue, GHashTable *recipes,
                         const char *but);

#endif
