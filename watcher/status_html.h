// SPDX-License-Identifier: MIT
//
// The status page as people read it: what is known, made into HTML. Self-contained and without
// script, for it is opened from a file manager, where nobody serves it. How it tells by itself that
// it is old: the page and its twin are written with one number, and each opens the other after 30 s
// under the number that it carries. If the other still carries it, nobody has written since, and
// the box of that number shows itself. Pure. Who writes it, and when: status_page.h.
#ifndef DM_WATCHER_STATUS_HTML_H
#define DM_WATCHER_STATUS_HTML_H

#include "watcher/status.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** What the page and its twin are called, beneath the share. */
#define DM_STATUS_PAGE "_Status.html"
#define DM_STATUS_TWIN ".dropmill/status.html"

/** How both begin: what is called so and begins otherwise is somebody's. It must not change. */
#define DM_STATUS_TITLE                                                                            \
    "<!DOCTYPE html>\n"                                                                            \
    "<html lang=\"en\">\n"                                                                         \
    "<meta charset=\"utf-8\">\n"                                                                   \
    "<meta name=\"generator\" content=\"dropmill: status of this share\">\n"

/** So many are named at most. */
#define DM_STATUS_PROBLEMS 20
#define DM_STATUS_FOLDERS 50

/** What the page tells. All borrowed. */
struct dm_status_facts {
    const struct dm_daemon_status *now;
    // The daemon ends: the page will not be written again.
    bool stopped;
    // Rows in each state.
    int64_t counts[DM_STATE_COUNT];
    int64_t done_today;
    // Of struct dm_under_way.
    const GPtrArray *under_way;
    // Of struct dm_folder_problem.
    const GPtrArray *folder_problems;
    // Of struct dm_row, FAILED or PARKED: the first DM_STATUS_PROBLEMS of them.
    const GPtrArray *troubled;
    // What becomes of originals, a sentence: dm_status_originals().
    const char *originals;
};

/** Which writing it is. */
struct dm_status_writing {
    int64_t number, utc_us;
    // It is the twin that is made.
    bool is_twin;
};

/** The whole page; (transfer full). */
char *dm_status_html(const struct dm_status_facts *facts, const struct dm_status_writing *writing);

/** What becomes of originals that are kept for @keep_us (see outbox/settings.h): a sentence in
 * HTML, (transfer full). */
char *dm_status_originals(int64_t keep_us);

#endif
