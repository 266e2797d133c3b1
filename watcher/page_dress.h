// SPDX-License-Identifier: MIT
//
// How the pages in the share look (status_html.h, cli/howto_html.h): what they may load (nothing),
// and their style sheet, light, dark and on paper. A page that needs more adds a few rules behind
// it, with the same colours.
#ifndef DM_WATCHER_PAGE_DRESS_H
#define DM_WATCHER_PAGE_DRESS_H

/** Lines of the head, before the title. */
extern const char dm_page_policy[];

/** Behind it. */
extern const char dm_page_style[];

#endif
