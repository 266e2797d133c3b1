// SPDX-License-Identifier: MIT
//
// Text on its way to a browser, made smaller.
#ifndef DM_WATCHER_PAGE_GZIP_H
#define DM_WATCHER_PAGE_GZIP_H

#include <glib.h>
#include <stdbool.h>

/** Whether a client with this header Accept-Encoding (nullable) takes gzip. */
bool dm_gzip_is_accepted(const char *accept_encoding);

/** As gzip; (transfer full), or NULL if it cannot be. @level: 1 quick, 9 small. */
GBytes *dm_gzip(GBytes *plain, int level);

#endif
