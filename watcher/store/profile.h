// SPDX-License-Identifier: MIT
//
// The profile files of AWS's tools: ~/.aws/credentials and ~/.aws/config, or what
// AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE name.
#ifndef DM_WATCHER_STORE_PROFILE_H
#define DM_WATCHER_STORE_PROFILE_H

#include <glib.h>

/**
 * Read the profile @name ("": default) out of both files; the first wins. Files that are not there
 * are empty.
 *
 * Returns name to text, (transfer full). Errors: DM_ERROR_CONFIG when there is no profile @name
 * (default need not be there), or a file cannot be read.
 */
GHashTable *dm_profile_read(char **environment, const char *name, GError **error);

/** A value; "" if it is not there. */
const char *dm_profile_get(GHashTable *profile, const char *name);

#endif
