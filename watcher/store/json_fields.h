// SPDX-License-Identifier: MIT
//
// The texts of a small JSON object, as credential services answer: {"AccessKeyId": "...", ...}.
// Strings and numbers are kept, all else is read over. Pure.
#ifndef DM_WATCHER_STORE_JSON_FIELDS_H
#define DM_WATCHER_STORE_JSON_FIELDS_H

#include <glib.h>

/** Read the object @text. Returns name to text, (transfer full), or NULL if it is none. */
GHashTable *dm_json_fields(const char *text);

#endif
