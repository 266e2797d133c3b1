// SPDX-License-Identifier: MIT
//
// The texts of a small JSON object, as credential services answer: {"AccessKeyId": "...", ...}, and
// the other side of `dropmill send`. Strings and numbers are kept, all else is read over. Pure.
#ifndef DM_WATCHER_STORE_JSON_FIELDS_H
#define DM_WATCHER_STORE_JSON_FIELDS_H

#include <glib.h>

/** Read the object @text. Returns name to text, (transfer full), or NULL if it is none. */
GHashTable *dm_json_fields(const char *text);

/** The strings in the array @name of the object @text; (transfer full), NULL-terminated; empty if
 * there is no such array. NULL if @text is no object, or not all in the array are strings. */
char **dm_json_texts(const char *text, const char *name);

/** The objects in the array @name of the object @text, each as dm_json_fields() has it; (transfer
 * full); empty if there is no such array. NULL if @text is no object, or not all in the array are.
 */
GPtrArray *dm_json_objects(const char *text, const char *name);

#endif
