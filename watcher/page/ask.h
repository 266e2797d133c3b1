// SPDX-License-Identifier: MIT
//
// Asking the daemon without waiting for it: its control socket, on the main loop. A daemon that
// does not answer keeps nobody but who has asked.
#ifndef DM_WATCHER_PAGE_ASK_H
#define DM_WATCHER_PAGE_ASK_H

#include <glib.h>

/** @answer: what it said; NULL: @why tells (DM_ERROR_REMOTE: nobody is there, or it refuses;
 * DM_ERROR_TRANSIENT: it does not answer in time). Both are borrowed. */
typedef void (*dm_ask_fn)(const char *answer, const GError *why, void *data);

/** Ask @request at the socket @path: @done is called once, from the main loop, within 2 s and a
 * bit, never before this returns. */
void dm_ask(const char *path, const char *request, dm_ask_fn done, void *data);

#endif
