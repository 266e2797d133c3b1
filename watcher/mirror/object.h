// SPDX-License-Identifier: MIT
//
// What a result is called in the store, and what is said about it there. Pure.
#ifndef DM_WATCHER_MIRROR_OBJECT_H
#define DM_WATCHER_MIRROR_OBJECT_H

#include "watcher/mirror/settings.h"
#include "watcher/store/store_records.h"

#include <glib.h>
#include <stdbool.h>

/**
 * The key of @path (relative to the outbox): prefix + path; (transfer full). A path with control
 * characters or bytes that are no UTF-8 has none (NULL, and @ret_why a literal), or one with
 * "%XX" for these bytes, as settings->bad_names says; then what looks like that already is escaped,
 * too, so that no two paths share a key. One that is too long, and one of dotfiles, never has.
 */
char *dm_object_key(const struct dm_mirror_settings *settings, const char *path,
                    const char **ret_why);

/** The path of @key, the other way round; (transfer full); NULL: it is not below the prefix. */
char *dm_object_path(const struct dm_mirror_settings *settings, const char *key);

/** "image/jpeg" for "a/b.JPG"; a literal. */
const char *dm_object_content_type(const char *path);

/** What the first of @rules ("GLOB: VALUE", or "VALUE" for all) that fits @path says: points into
 * it; NULL: none does, or it says nothing. A glob's * goes over slashes. */
const char *dm_object_rule(const char *const *rules, const char *path);

/** What is said of @path, its texts borrowed from @settings. @mtime_ns: of the file. */
struct dm_store_attributes dm_object_attributes(const struct dm_mirror_settings *settings,
                                                const char *path, int64_t mtime_ns);

#endif
