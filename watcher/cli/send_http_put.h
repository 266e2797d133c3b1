// SPDX-License-Identifier: MIT
//
// The way over HTTP: a file goes there.
#ifndef DM_WATCHER_CLI_SEND_HTTP_PUT_H
#define DM_WATCHER_CLI_SEND_HTTP_PUT_H

#include "watcher/cli/send_http_call.h"

/** Begin with @file, FOUND: it becomes SENT or FAILED. */
void dm_send_http_put(struct dm_send_page *page, struct dm_send_file *file);

#endif
