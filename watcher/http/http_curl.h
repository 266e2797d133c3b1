// SPDX-License-Identifier: MIT
//
// What the module dropmill-http.so has to offer.
#ifndef DM_WATCHER_HTTP_HTTP_CURL_H
#define DM_WATCHER_HTTP_HTTP_CURL_H

#include "watcher/http/http.h"

extern const struct dm_http_calls dm_http_module;

#endif
