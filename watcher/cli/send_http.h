// SPDX-License-Identifier: MIT
//
// The way over HTTP to a dropmill-page. A send is a drop there, CHAIN/NAME, as one from a browser:
//
//   GET  api/explain?name=CHAIN       is somebody there, may we, and are the steps understood?
//   POST api/drops                    the drop is announced, or found again
//   PUT  api/drops/ID/files/PATH      a file goes there
//   GET  api/drops/ID, .../files      what became of them
//   GET  api/result/ROW               a result
#ifndef DM_WATCHER_CLI_SEND_HTTP_H
#define DM_WATCHER_CLI_SEND_HTTP_H

#include "watcher/cli/send.h"

extern const struct dm_send_way dm_send_way_http;

#endif
