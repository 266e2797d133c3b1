// SPDX-License-Identifier: MIT
//
// How a ZIP of a drop is called, and the files in it: as they lie in the outbox, under names that
// every system can unpack, and no two alike. Pure.
#ifndef DM_WATCHER_PAGE_ZIP_NAMES_H
#define DM_WATCHER_PAGE_ZIP_NAMES_H

struct dm_zip_names;

/** Of the files of @drop. */
struct dm_zip_names *dm_zip_names_new(const char *drop);
/** Accepts NULL. */
void dm_zip_names_free(struct dm_zip_names *names);

/** "Holiday 2024/a/b.jpg" for the result "gray/Holiday 2024/a/b.jpg"; " (2)" is put behind a name
 * that another one has, in whatever case; (transfer full). It remembers 8 bytes a name. */
char *dm_zip_names_take(struct dm_zip_names *names, const char *output);

/** The same for a file of ours called @name, in the first folder. */
char *dm_zip_names_take_ours(struct dm_zip_names *names, const char *name);

/** "Holiday 2024 - gray.zip" for "gray/Holiday 2024", "gray.zip" for "gray"; (transfer full). */
char *dm_zip_file_name(const char *drop);

#endif
