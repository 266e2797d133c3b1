// SPDX-License-Identifier: MIT
//
// Quiet hours: times of the week, on the wall clock of this machine, at which nothing is handed
// out. A text "Mon-Fri 08:00-18:00, Sun 10:00-12:00": ranges with a comma between; without days
// every day; a range that ends before it begins ends on the next day, "24:00" is the end of a day.
//
// Pure but for the time zone. Summer time needs no thought: a moment is quiet when the clock on the
// wall says so, and when that changes is found by looking at the minutes that follow.
#ifndef DM_WATCHER_QUIET_HOURS_H
#define DM_WATCHER_QUIET_HOURS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_quiet_hours;

/** Read @text; "" has no range. Errors: DM_ERROR_CONFIG with what is expected. */
struct dm_quiet_hours *dm_quiet_hours_parse(const char *text, GError **error);

/** Accepts NULL. */
void dm_quiet_hours_free(struct dm_quiet_hours *hours);

/** Say whether the moment @utc_us is in one of the ranges. */
bool dm_quiet_hours_has(const struct dm_quiet_hours *hours, int64_t utc_us);

/** When they are over that have @utc_us: a full minute (us since 1970); INT64_MAX: never, all the
 * week is quiet. */
int64_t dm_quiet_hours_end(const struct dm_quiet_hours *hours, int64_t utc_us);

#endif
