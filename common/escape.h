// SPDX-License-Identifier: MIT
//
// Text as printable ASCII, whatever bytes it has: for lines of the wire, the catalogue and the
// control socket. "\\xHH" stands for a byte. And text as a person may read it.
#ifndef DM_COMMON_ESCAPE_H
#define DM_COMMON_ESCAPE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** Append @text to @line, escaped. */
void dm_escape_append(GString *line, const char *text);

/** Escape @text so that it is one printable ASCII word without tabs or newlines; (transfer full).
 */
char *dm_escape(const char *text);

/** Undo dm_escape(). Returns NULL for a malformed escape, else (transfer full). */
char *dm_unescape(const char *text, size_t length);

/**
 * Say whether @c would make a text look like another: a control character, one that turns the
 * direction of writing around, a separator of lines or paragraphs.
 */
bool dm_misleads(gunichar c);

/** @text as a person may read it: valid UTF-8, what misleads escaped; (transfer full). */
char *dm_escape_for_people(const char *text);

#endif
