// SPDX-License-Identifier: MIT
//
// The look of the status page: what it may load (nothing), and its style sheet, light and dark.
#ifndef DM_WATCHER_STATUS_STYLE_H
#define DM_WATCHER_STATUS_STYLE_H

/** Lines of its head, before the title. */
extern const char dm_status_policy[];

/** Behind it. */
extern const char dm_status_style[];

#endif
