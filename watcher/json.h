// SPDX-License-Identifier: MIT
//
// Writing JSON: open, name, close, and it comes out indented with commas where they belong.
#ifndef DM_WATCHER_JSON_H
#define DM_WATCHER_JSON_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_json;

struct dm_json *dm_json_new(void);

/** The same on one line: for those who read objects while they come. */
struct dm_json *dm_json_new_line(void);

/** Open an object or a list. @key: (nullable) its name, if it stands in an object. */
void dm_json_object(struct dm_json *json, const char *key);
void dm_json_list(struct dm_json *json, const char *key);
/** Close what was opened last. */
void dm_json_close(struct dm_json *json);

/** Add a value; @key is (nullable) in a list. Bytes that are no UTF-8 become U+FFFD. */
void dm_json_text(struct dm_json *json, const char *key, const char *text);
void dm_json_integer(struct dm_json *json, const char *key, int64_t value);
void dm_json_number(struct dm_json *json, const char *key, double value);
void dm_json_bool(struct dm_json *json, const char *key, bool value);

/** Add a path under "path", and its exact bytes under "path_escaped" (dm_unescape() reads them). */
void dm_json_path(struct dm_json *json, const char *path);

/** Everything is closed: the text; (transfer full), and free @json. */
char *dm_json_end(struct dm_json *json);

/** Everything is closed: print it on stdout and free @json. */
void dm_json_print(struct dm_json *json);

/** Begin an object whose one member is the list @key, which is open. */
struct dm_json *dm_json_new_list(const char *key);

/** Close all that is open, print it on stdout and free @json. */
void dm_json_finish(struct dm_json *json);

/** Say whether anything was printed by this process. */
bool dm_json_was_printed(void);

#endif
