// SPDX-License-Identifier: MIT
//
// What the headers of a download say: its name, which part of it is wanted. Pure.
#ifndef DM_WATCHER_PAGE_DOWNLOAD_H
#define DM_WATCHER_PAGE_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

/** The value of Content-Disposition for a file called @name (UTF-8), as RFC 6266 wants it: in ASCII
 * for old readers, and whole; (transfer full). */
char *dm_download_disposition(const char *name);

/** Say whether @header, a list of entity tags (If-None-Match) or "*", names @tag. */
bool dm_download_names_tag(const char *header, const char *tag);

enum dm_range {
    // All of it: no range is asked for, or more than one, or it cannot be read.
    DM_RANGE_WHOLE,
    DM_RANGE_PART,
    // There is no such part.
    DM_RANGE_BEYOND,
};

/** What @header (Range, nullable) wants of @bytes bytes: the @ret_count from @ret_from on. */
enum dm_range dm_download_range(const char *header, int64_t bytes, int64_t *ret_from,
                                int64_t *ret_count);

#endif
