// SPDX-License-Identifier: MIT
//
// Free reading: what a folder's name means that the grammar (chain.c) does not take as it stands.
// Words are looked up (operations and their aliases, recipes, words.c), numbers go to the step that
// takes them, and what comes out is text for the grammar, which has the last word.
#ifndef DM_COMMON_READING_H
#define DM_COMMON_READING_H

#include "common/catalogue.h"
#include "common/reading_record.h"

#include <glib.h>

/**
 * Read @name (UTF-8, lower-case, without its label) as a person would. @recipes: (nullable).
 * Returns never NULL; dm_reading_free(). Threads: any.
 */
struct dm_reading *dm_reading_new(const struct dm_catalogue *catalogue, GHashTable *recipes,
                                  const char *name);
void dm_reading_free(struct dm_reading *reading);

#endif
