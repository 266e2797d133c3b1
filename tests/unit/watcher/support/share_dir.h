// SPDX-License-Identifier: MIT
//
// A share for tests, as `dropmill setup` makes it.
#ifndef DM_TESTS_SHARE_DIR_H
#define DM_TESTS_SHARE_DIR_H

#define SHARE_DIR_ID "0123456789abcdef"

/** Make the directory @path a share: its four rooms and a marker that holds @id. */
void share_dir_fill(const char *path, const char *id);

/** A share in a new temporary directory; (transfer full). dm_remove_tree() is its end. */
char *share_dir_make(void);

#endif
