// SPDX-License-Identifier: MIT
//
// How people spell: from a folder's name as typed to the plain alphabet of the grammar. Pure. What
// the plain text means is chain.c's business.
#ifndef DM_COMMON_SPELLING_H
#define DM_COMMON_SPELLING_H

#include <glib.h>
#include <stdbool.h>

#define DM_SPELLING_MAX_LENGTH 100 // of a folder name without its label, in bytes

/**
 * Tidy a folder's name: without its label, lower-case, "_" between steps, "-" between a step's
 * parts, only "a-z 0-9 - _ .". `Rotate 90° + Resize 50% (Anna)` gives `rotate-90_resize-50pct`.
 * @ret_typed (nullable) is set, also on failure, to the name in lower case and without its label,
 * (transfer full), where a freer reading may go on; it is left alone where nothing may.
 * Errors: DM_ERROR_INPUT for a character with no meaning, a negative number, nothing left.
 */
bool dm_spelling_tidy(const char *name, char **ret_typed, char **ret_tidy, GError **error);

#endif
