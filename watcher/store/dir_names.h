// SPDX-License-Identifier: MIT
//
// Keys as paths of files, and back. A key that is a usual path is the path; where a part of it
// would mean something else to a file system, it is spelled with '%': an empty part is "%", a dot
// at its beginning "%2E", '%' itself "%25". No key's path therefore has a part that begins with a
// dot: such names are the store's own. Pure.
#ifndef DM_WATCHER_STORE_DIR_NAMES_H
#define DM_WATCHER_STORE_DIR_NAMES_H

/** The relative path of @key; (transfer full). NULL for a key that can have none: "", or a part of
 * it is longer than a name may be. */
char *dm_dir_path_of_key(const char *key);

/** The part of a key for the file name @name; (transfer full). NULL: it is no part of any. */
char *dm_dir_part_of_name(const char *name);

#endif
