// SPDX-License-Identifier: MIT
//
// Which route answers what, and who may ask it: one table.
#ifndef DM_WATCHER_PAGE_ROUTES_H
#define DM_WATCHER_PAGE_ROUTES_H

#include "watcher/page/page.h"

/** For dm_server_new(): the data is a struct dm_page. */
enum dm_body dm_routes_head(struct dm_request *request, void *page);
void dm_routes_whole(struct dm_request *request, void *page);

/** Say whether @pattern stands for @path; @parts (GPtrArray of char *) gets what its stars stand
 * for: '*' one part, a last "**" all that is left. Pure. */
bool dm_route_match(const char *pattern, const char *path, GPtrArray *parts);

#endif
