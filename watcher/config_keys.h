// SPDX-License-Identifier: MIT
//
// The table of keys, for the files that walk it: those of config.h's map. Everybody else uses
// config.h.
#ifndef DM_WATCHER_CONFIG_KEYS_H
#define DM_WATCHER_CONFIG_KEYS_H

#include "watcher/settings.h"

#include <stddef.h>

// What is printed of a secret.
#define DM_SECRET_SHOWN "(secret)"

enum dm_key_type {
    DM_KEY_TEXT,
    // "" or absolute.
    DM_KEY_PATH,
    DM_KEY_TEXTS,
    DM_KEY_TEXT_MAP,
    // Absolute.
    DM_KEY_PATH_MAP,
    // A text.
    DM_KEY_COLOUR,
    // A text that dm_quiet_hours_parse() reads.
    DM_KEY_QUIET_HOURS,
    // A text that nobody is shown.
    DM_KEY_SECRET,
    // What keys of objects begin with.
    DM_KEY_PREFIX,
    // Texts "GLOB: VALUE".
    DM_KEY_RULES,
    // Texts "GLOB: KEY=VALUE ...", of keys in struct dm_inbox_waits.
    DM_KEY_FOLDER_RULES,
    DM_KEY_INTEGER,
    DM_KEY_BOOL,
    DM_KEY_DURATION,
    DM_KEY_BYTES,
    DM_KEY_PIXELS,
};

struct dm_key {
    // "group.key", or "key" at the top.
    const char *name;
    enum dm_key_type type;
    // As written in the file.
    const char *default_text;
    const char *doc;
    // Into struct dm_config.
    size_t offset;
    // Inclusive, in the member's unit.
    int64_t min, max;
    // (nullable) TEXT: all that may be written, blank-separated. DURATION: the word that may be
    // written instead of one, DM_DURATION_WORD.
    const char *words;
    // (nullable) The environment variable that says it, too.
    const char *variable;
};

/** Every key; those of one group stand together. */
extern const struct dm_key dm_keys[];
extern const size_t dm_key_count;

/** Find a key by its dotted name; NULL when there is none. */
const struct dm_key *dm_key_find(const char *name);

/** Say whether some key is "NAME.something". */
bool dm_key_is_group(const char *name);

/** Say whether the member is one text; a list of texts; texts by name. */
bool dm_key_is_text(const struct dm_key *key);
bool dm_key_is_list(const struct dm_key *key);
bool dm_key_is_map(const struct dm_key *key);

/** What stands behind the dot; points into @name. */
const char *dm_key_last_part(const char *name);

/** The key that was probably meant: one of that name in another group, else one spelt alike, or
 * NULL. */
const char *dm_key_nearest(const char *name);

/** The names in a map, sorted; the array is NULL-terminated and the caller's: g_free(). */
const char **dm_key_map_names(GHashTable *map);

/** Write a number of this key's kind as it stands in the file, without quotes; (transfer full). */
char *dm_key_number_text(const struct dm_key *key, int64_t value);

/** Say whether a number is in the range of its key. Errors: DM_ERROR_CONFIG. */
bool dm_key_check_number(const struct dm_key *key, int64_t value, GError **error);

/**
 * Walk the table: the dotted name, default (as it is written in the file: "1s" with its quotes, 64,
 * [ ]) and sentence of each key; false past the end.
 */
bool dm_config_key(size_t index, const char **ret_name, const char **ret_default,
                   const char **ret_doc);

#endif
