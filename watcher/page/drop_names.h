// SPDX-License-Identifier: MIT
//
// What drops and their files may be called. Pure.
#ifndef DM_WATCHER_PAGE_DROP_NAMES_H
#define DM_WATCHER_PAGE_DROP_NAMES_H

#include <stdint.h>

#define DM_NAME_MAX_BYTES 200
#define DM_PATH_MAX_BYTES 900
#define DM_PATH_MAX_PARTS 12

/** Why a file may not be sent as @path ("a/b.jpg"), in words; NULL: it may. A literal. @ignored:
 * (nullable) NULL-terminated, inbox.ignore: what the watcher leaves alone would never be done. */
const char *dm_bad_file_path(const char *path, const char *const *ignored);

/** A title that can be a folder: @title without what may not stand in one, "Pictures of 2024-05-03
 * 14.03" when nothing is left; (transfer full). */
char *dm_drop_folder_title(const char *title, int64_t now_utc_us);

/** The @n-th try: "Holiday", "Holiday (2)"; (transfer full). */
char *dm_drop_numbered(const char *title, unsigned n);

#endif
