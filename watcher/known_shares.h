// SPDX-License-Identifier: MIT
//
// Which share was watched where: so that people can ask after a share that is away just now. Each
// share's state directory has a file "path" with the paths under which its daemon was told of it
// last, one a line, escaped by dm_escape(). A share has one set of paths, and a path one share.
#ifndef DM_WATCHER_KNOWN_SHARES_H
#define DM_WATCHER_KNOWN_SHARES_H

#include <glib.h>
#include <stdbool.h>

/**
 * Remember that the share @id, which has a directory in @state_dir, is at @paths (NULL-terminated,
 * absolute); other shares are no longer there. Errors: DM_ERROR_SYSTEM.
 */
bool dm_known_share_set(const char *state_dir, const char *id, const char *const *paths,
                        GError **error);

/**
 * The id of the share that was last watched at @path, or NULL; (transfer full). Touches nothing but
 * @state_dir. @ret_share: (nullable) the first of its paths (transfer full).
 */
char *dm_known_share_find(const char *state_dir, const char *path, char **ret_share);

#endif
