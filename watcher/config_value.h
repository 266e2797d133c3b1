// SPDX-License-Identifier: MIT
//
// The value of a setting: how it may be written, and how it comes to its member of struct
// dm_config. Defaults are text that goes the same way as what an administrator writes.
#ifndef DM_WATCHER_CONFIG_VALUE_H
#define DM_WATCHER_CONFIG_VALUE_H

#include "watcher/config_keys.h"
#include "watcher/settings.h"

#include <glib.h>
#include <stdbool.h>

// libconfig's, of a value in a file.
struct config_setting_t;

/** The member that @key writes to. */
void *dm_config_member(struct dm_config *config, const struct dm_key *key);

/** Say whether a value in a file is of the kind that @key wants. Errors: DM_ERROR_CONFIG. */
bool dm_config_value_fits(const struct dm_key *key, const struct config_setting_t *setting,
                          GError **error);

/** Take a value from a file, a map as a whole. Errors: DM_ERROR_CONFIG. */
bool dm_config_value_set(struct dm_config *config, const struct dm_key *key,
                         const struct config_setting_t *setting, GError **error);

/**
 * Let @name mean @text in the map of @key; "" takes the name out of it. Errors: DM_ERROR_CONFIG,
 * too when @text is NULL: it was none.
 */
bool dm_config_value_add(struct dm_config *config, const struct dm_key *key, const char *name,
                         const char *text, GError **error);

/** Take a value, but that of a map, as a variable or an option says it: without quotes, the items
 * of a list with blanks or commas between them. Errors: DM_ERROR_CONFIG. */
bool dm_config_value_set_text(struct dm_config *config, const struct dm_key *key, const char *text,
                              GError **error);

void dm_config_value_set_default(struct dm_config *config, const struct dm_key *key);

/** Free what the member holds. */
void dm_config_value_clear(struct dm_config *config, const struct dm_key *key);

#endif
