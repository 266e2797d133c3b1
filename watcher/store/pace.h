// SPDX-License-Identifier: MIT
//
// The pace of a store's user: how many requests may be in flight, by how the last ones ended. Pure:
// time and chance come in.
//
//   OPEN    as many as the window says. It grows with success, by one each until the first
//           THROTTLE, by one a window from then on; a THROTTLE cuts it by 0.7, once a round
//     |  5 failures in a row, no credentials             |  ENDPOINT: nothing will work
//     v                                                  v
//   BROKEN  none until a time (0.2 s .. 60 s, by       HELD  none for 5 minutes, and somebody has
//           full jitter), then one: a probe                  to change something; then one
//     |  the probe succeeds: OPEN, with a small window   |
//
// A failure that was in flight when it broke says nothing new.
#ifndef DM_WATCHER_STORE_PACE_H
#define DM_WATCHER_STORE_PACE_H

#include "watcher/store/store_records.h"

#include <stdint.h>

#define DM_PACE_FIRST 4
#define DM_PACE_HOLD_US (INT64_C(300) * 1000000)

enum dm_pace_state { DM_PACE_OPEN, DM_PACE_BROKEN, DM_PACE_HELD };

/** A plain value; read it by the functions below. */
struct dm_pace {
    enum dm_pace_state state;
    double window, max;
    // No THROTTLE yet.
    bool is_young;
    unsigned failures;
    // How often in a row it broke.
    unsigned breaks;
    // BROKEN, HELD: no probe before; monotonic.
    int64_t until_us;
    // No second cut before.
    int64_t cut_us;
};

/** A new one: @max requests at most. */
void dm_pace_init(struct dm_pace *pace, int64_t max);

/** How many requests may be in flight at @now_us: 0 while it waits, 1 for a probe. */
unsigned dm_pace_limit(const struct dm_pace *pace, int64_t now_us);

/** When (monotonic us) the limit changes without a report; INT64_MAX: it does not. */
int64_t dm_pace_due(const struct dm_pace *pace, int64_t now_us);

/**
 * A request ended so.
 *
 * @retry_after_us  what the other side asked for; 0: nothing.
 * @chance          from 0 to below 1.
 */
void dm_pace_report(struct dm_pace *pace, enum dm_store_class class, int64_t retry_after_us,
                    int64_t now_us, double chance);

/** Full jitter: from nothing to 0.2 s, 0.4 s, .. 60 s after @tries tries, and never less than was
 * asked for. */
int64_t dm_pace_delay_us(int64_t tries, int64_t retry_after_us, double chance);

#endif
