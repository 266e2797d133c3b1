// SPDX-License-Identifier: MIT
//
// A ZIP file made as it is read: stored, for results are compressed already, in as much memory as
// one piece of one file takes. The only file that knows libarchive.
//
// Threads: one.
#ifndef DM_WATCHER_PAGE_ZIP_H
#define DM_WATCHER_PAGE_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm_zip;

/** NULL if there is no memory for one. */
struct dm_zip *dm_zip_new(void);
/** Accepts NULL. */
void dm_zip_free(struct dm_zip *zip);

/** Begin the file @name (UTF-8), which will have exactly @bytes bytes; the one before it is whole.
 * This and those below return false when libarchive refuses. */
bool dm_zip_begin(struct dm_zip *zip, const char *name, int64_t bytes, int64_t mtime_utc_us);

/** More of it. */
bool dm_zip_write(struct dm_zip *zip, const char *bytes, size_t size);

/** There is no other file. */
bool dm_zip_finish(struct dm_zip *zip);

/** Take at most @size bytes of what was made. */
size_t dm_zip_take(struct dm_zip *zip, char *buffer, size_t size);

#endif
