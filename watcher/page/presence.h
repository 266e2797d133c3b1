// SPDX-License-Identifier: MIT
//
// What the service manager hears of the page: that it is ready, what it does, and, by the loop that
// answers visitors, that it is alive. Without a service manager nobody hears anything.
#ifndef DM_WATCHER_PAGE_PRESENCE_H
#define DM_WATCHER_PAGE_PRESENCE_H

struct dm_page;
struct dm_presence;

/** Take what the environment says of a service manager: before anything is started. @page is
 * borrowed, and may be empty until dm_presence_begin(). */
struct dm_presence *dm_presence_new(const struct dm_page *page);

/** Say that the page listens, and from now on what it does. */
void dm_presence_begin(struct dm_presence *presence);

/** Say that it stops. */
void dm_presence_end(struct dm_presence *presence);

/** Accepts NULL. */
void dm_presence_free(struct dm_presence *presence);

#endif
