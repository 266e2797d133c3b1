// SPDX-License-Identifier: MIT
//
// The fields of a small body: of a form (application/x-www-form-urlencoded) or of a JSON
// object, whose lists are read, and nothing deeper. Pure.
#ifndef DM_WATCHER_PAGE_FIELDS_H
#define DM_WATCHER_PAGE_FIELDS_H

#include <glib.h>

/** None yet; (transfer full). */
GHashTable *dm_fields_new(void);

/** Add a value (transfer full) of @name. */
void dm_fields_add(GHashTable *fields, const char *name, char *value);

/**
 * Read @body (nullable). Returns name to a NULL-terminated GPtrArray of char *; empty when it is
 * malformed or of another kind; (transfer full).
 */
GHashTable *dm_fields_read(const char *content_type, GBytes *body);

#endif
