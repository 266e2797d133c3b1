// SPDX-License-Identifier: MIT
//
// The status page in the share: for people who have nothing but a file manager. _Status.html and
// its twin, .dropmill/status.html, are written by rename, in one job of the share: a second after
// something has changed and at most every 5 s, in all at least every 20 s while the daemon runs, so
// that one that is older tells that it is (status_html.h). The last words say that it stops.
//
// What is called so and is not ours is left alone, and then neither is written: one without the
// other could not tell that it is old.
#ifndef DM_WATCHER_STATUS_PAGE_H
#define DM_WATCHER_STATUS_PAGE_H

#include "watcher/daemon.h"

#include <glib.h>
#include <stdint.h>

struct dm_status_page;

/**
 * A room in the turns of @daemon, whose rooms all stand and which is borrowed. Returns NULL if none
 * is wanted, or the share is read-only; the functions below then do nothing.
 */
struct dm_status_page *dm_status_page_new(struct dm_daemon *daemon);

/** Write that the daemon stops, unless it begins anew: the rooms still stand, and the share will
 * finish its jobs. Accepts NULL. */
void dm_status_page_stop(struct dm_status_page *page);

/** Behind the share. (Nothing is freed while a job has not come back.) Accepts NULL. */
void dm_status_page_free(struct dm_status_page *page);

/** When it was written, and since when there is something new. Monotonic us; 0: never. */
struct dm_status_pace {
    int64_t written_us, changed_us;
    // What the last writing cost this thread.
    int64_t cost_us;
};

/** When to write next: in no case sooner than leaves 98 of 100 parts of the time to others, up to
 * 20 s. Pure. */
int64_t dm_status_page_due_us(const struct dm_status_pace *pace);

/** The number of a writing at @utc_us, behind that of @last: it grows. Pure. */
int64_t dm_status_page_number(int64_t last, int64_t utc_us);

#endif
