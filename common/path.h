// SPDX-License-Identifier: MIT
//
// Names: the parts of a share, the parts of a path, and names made from other names. Pure: no file
// is touched. Paths are bytes; only people need them to be UTF-8.
#ifndef DM_COMMON_PATH_H
#define DM_COMMON_PATH_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

// The share as people see it.
#define DM_DIR_INBOX "inbox"
#define DM_DIR_OUTBOX "outbox"
#define DM_DIR_ORIGINALS "originals"
#define DM_DIR_FAILED "failed"
#define DM_DIR_PRIVATE ".dropmill"
#define DM_ROOT_ID DM_DIR_PRIVATE "/root.id"
#define DM_LOCK_FILE DM_DIR_PRIVATE "/lock"

#define DM_NAME_MAX 255 // bytes of one name, as on every file system that a share lives on

/** The first part of a relative path ("blur-5" of "blur-5/a/b.jpg"); (transfer full); NULL if
 * alone. */
char *dm_path_chain(const char *path);

/** The first two parts of its directory ("blur-5/a" of "blur-5/a/b/c.jpg"), or what there is of
 * them; (transfer full). */
char *dm_path_subfolder(const char *path);

/** What stands before the last slash ("" if there is none); (transfer full). */
char *dm_path_dir(const char *path);

/** What stands behind the last slash; points into @path. */
const char *dm_path_base(const char *path);

/** Join with one slash; @dir may be "". (transfer full) */
char *dm_path_join(const char *dir, const char *name);

/** Say whether @path is one that leads from a root to something in it: no part is "", "." or "..".
 */
bool dm_path_is_plain(const char *path);

/** Say whether @path lies below the directory @dir; below "" all do. */
bool dm_path_is_under(const char *path, const char *dir);

/** The extension of a name without its dot, pointing into @name; "" if there is none. */
const char *dm_name_extension(const char *name);

/** The name without extension and dot; (transfer full). ".jpg" has no extension. */
char *dm_name_stem(const char *name);

/**
 * Put a name together as @stem + @suffix, cutting @stem (between UTF-8 characters where it is
 * UTF-8) so that the whole has at most DM_NAME_MAX bytes; (transfer full).
 */
char *dm_name_fit(const char *stem, const char *suffix);

/** The name of the temporary of a task: ".dropmill-<id>-<attempt>.tmp"; (transfer full). */
char *dm_temp_name(int64_t id, int64_t attempt);

/** Say whether @name is a temporary of ours, and of which task. */
bool dm_temp_name_parse(const char *name, int64_t *ret_id, int64_t *ret_attempt);

/** A path as a person may read it, see dm_escape_for_people(); (transfer full). */
char *dm_path_display(const char *path);

#endif
