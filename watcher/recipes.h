// SPDX-License-Identifier: MIT
//
// Recipes: chains that an administrator has given a name. They may be used wherever an operation
// may.
#ifndef DM_WATCHER_RECIPES_H
#define DM_WATCHER_RECIPES_H

#include "common/catalogue.h"

#include <glib.h>
#include <stdbool.h>

/**
 * Check the configured recipes: names legal, no operation or device name shadowed, texts
 * understood, no recipe in a circle. @origins (nullable): "recipes.NAME" -> "FILE:LINE". Errors:
 * DM_ERROR_CONFIG with a line for each mistake, naming its recipe.
 */
bool dm_recipes_check(const struct dm_catalogue *catalogue, GHashTable *recipes,
                      GHashTable *origins, GError **error);

#endif
