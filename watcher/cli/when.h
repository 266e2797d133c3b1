// SPDX-License-Identifier: MIT
//
// A point in time, as people write it: how long ago, or a date.
#ifndef DM_WATCHER_CLI_WHEN_H
#define DM_WATCHER_CLI_WHEN_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Read "2h" or "3d" (before @now_utc_us), "2026-11-28" (its beginning), "2026-11-28 14:00",
 * "2026-11-28 14:00:30", "14:00" (today), by this machine's clock and zone. Pure but for the zone.
 * Errors: DM_ERROR_CONFIG with what is expected.
 */
bool dm_parse_when(const char *text, int64_t now_utc_us, int64_t *ret_utc_us, GError **error);

#endif
