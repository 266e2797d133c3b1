// SPDX-License-Identifier: MIT
//
// May this request pass? Looked at before anything else, and by nothing but its head: what other
// servers would read otherwise, what was sent from another site, what climbs. Pure.
#ifndef DM_WATCHER_PAGE_GUARD_H
#define DM_WATCHER_PAGE_GUARD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** The head of a request, as it came. All strings are borrowed. */
struct dm_guard_head {
    const char *method;
    // As it stood in the first line, escaped.
    const char *target;
    // "HTTP/1.1".
    const char *version;
    // How often each is there, and one of them (nullable).
    unsigned hosts, lengths, transfer_encodings;
    const char *host, *length;
    const char *origin, *fetch_site, *authorization;
    // The name and value of each header are clean: no control characters.
    bool clean;
};

/** What the page answers to. */
struct dm_guard_settings {
    // NULL-terminated: names and addresses, with or without a port ("pictures.example",
    // "10.0.0.5:8642").
    const char *const *hosts;
    // How long a body may be that nobody limits further.
    int64_t max_body_bytes;
};

/** A target, taken apart and unescaped. */
struct dm_target {
    // Without its first slash; UTF-8, no empty part, no "." and no "..".
    char *path;
    // Name to value, both char *; the last one counts.
    GHashTable *query;
};
void dm_target_clear(struct dm_target *target);

/** Why a request may not pass. */
struct dm_guard_verdict {
    unsigned status;
    const char *code;
    // A sentence; (nullable) what to do.
    const char *what, *todo;
};

/**
 * Look at @head. Returns true with @ret_target and @ret_length (-1: no body); false with
 * @ret_verdict. Threads: any.
 */
bool dm_guard(const struct dm_guard_head *head, const struct dm_guard_settings *settings,
              struct dm_target *ret_target, int64_t *ret_length,
              struct dm_guard_verdict *ret_verdict);

/** Unescape "%41"; NULL for what is malformed, a zero byte, a control character, a slash, or no
 * UTF-8; (transfer full). */
char *dm_guard_unescape(const char *text, size_t length);

/** Read "a=1&b=2" as forms send it ('+' is a blank) into @fields: name to a
 * NULL-terminated GPtrArray of char *. Returns false when it is malformed. */
bool dm_guard_read_form(const char *text, size_t length, GHashTable *fields);

#endif
