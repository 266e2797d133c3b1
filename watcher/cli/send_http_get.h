// SPDX-License-Identifier: MIT
//
// The way over HTTP: what became of the files, and their results.
#ifndef DM_WATCHER_CLI_SEND_HTTP_GET_H
#define DM_WATCHER_CLI_SEND_HTTP_GET_H

#include "watcher/cli/send_http_call.h"

/** Remember what the page knows of the drop's files before any of them is sent. */
void dm_send_http_look_around(struct dm_send_page *page);

/** Ask what became of those that are SENT, if it is due. Returns when to look again, monotonic;
 * INT64_MAX: not before something happens. */
int64_t dm_send_http_look(struct dm_send_page *page, int64_t now_us);

/** Begin with results that are to be got, a few at once. */
void dm_send_http_get(struct dm_send_page *page);

/** Forget those that were not begun with. */
void dm_send_http_get_stop(struct dm_send_page *page);

#endif
