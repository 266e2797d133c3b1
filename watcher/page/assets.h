// SPDX-License-Identifier: MIT
//
// The files that browsers get beside the pages: styles and scripts, built into the program from
// watcher/page/assets/. Their address bears the sum of all of them, so that browsers keep them for
// good: a/SUM/page.js.
#ifndef DM_WATCHER_PAGE_ASSETS_H
#define DM_WATCHER_PAGE_ASSETS_H

#include <glib.h>

/** Of all assets; 12 digits. */
const char *dm_assets_sum(void);

/** An asset as it was built in; (nullable), borrowed. */
GBytes *dm_asset(const char *name);

#endif
