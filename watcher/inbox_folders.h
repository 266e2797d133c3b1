// SPDX-License-Identifier: MIT
//
// What people may have done to the folders of the inbox who see them from afar: one whose name is
// not understood gets another name, a new one is made. Jobs of the share; that there is something
// else then, the inbox notices by itself.
#ifndef DM_WATCHER_INBOX_FOLDERS_H
#define DM_WATCHER_INBOX_FOLDERS_H

#include "watcher/share/share.h"

#include <glib.h>
#include <stdbool.h>

/**
 * The end of one, on the main loop. @why: (nullable) why it was not done, for people. @changed:
 * something is there that was not before.
 */
typedef void (*dm_inbox_folder_fn)(bool changed, const char *why, void *data);

/** Say whether @name can be a folder's: one part of a path, and none that leads elsewhere. Pure. */
bool dm_inbox_folder_is_name(const char *name);

/** Let the folder @from be called @to; nothing is replaced, nothing merged. */
void dm_inbox_folder_rename(struct dm_share *share, const char *from, const char *to,
                            dm_inbox_folder_fn done, void *data);

/** Make the folder @name; that there is one is fine. */
void dm_inbox_folder_make(struct dm_share *share, const char *name, dm_inbox_folder_fn done,
                          void *data);

#endif
