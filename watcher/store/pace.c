// SPDX-License-Identifier: MIT
//
// See pace.h.
#include "watcher/store/pace.h"

#define BREAKS_AFTER 5
#define CUT 0.7
#define ROUND_US 200000
#define FIRST_DELAY_US 200000
#define LAST_DELAY_US (INT64_C(60) * 1000000)
// What a server may ask for and get.
#define LONGEST_ASKED_US (INT64_C(600) * 1000000)

int64_t dm_pace_delay_us(int64_t tries, int64_t retry_after_us, double chance) {
    int64_t most = tries < 9 ? FIRST_DELAY_US << (tries > 0 ? tries - 1 : 0) : LAST_DELAY_US;
    int64_t delay = (int64_t)((double)MIN(most, LAST_DELAY_US) * chance);
    return MAX(delay, MIN(retry_after_us, LONGEST_ASKED_US));
}

void dm_pace_init(struct dm_pace *pace, int64_t max) {
    *pace = (struct dm_pace){
        .window = (double)MIN(max, DM_PACE_FIRST),
        .max = (double)max,
        .is_young = true,
    };
}

unsigned dm_pace_limit(const struct dm_pace *pace, int64_t now_us) {
    if (pace->state == DM_PACE_OPEN) {
        return (unsigned)pace->window;
    }
    return now_us >= pace->until_us ? 1 : 0;
}

int64_t dm_pace_due(const struct dm_pace *pace, int64_t now_us) {
    return pace->state != DM_PACE_OPEN && now_us < pace->until_us ? pace->until_us : INT64_MAX;
}

static void wait_until(struct dm_pace *pace, enum dm_pace_state state, int64_t until_us) {
    pace->state = state;
    pace->until_us = until_us;
    pace->failures = 0;
}

static void succeed(struct dm_pace *pace) {
    pace->failures = 0;
    pace->breaks = 0;
    if (pace->state != DM_PACE_OPEN) {
        pace->state = DM_PACE_OPEN;
        pace->window = MIN(pace->max, DM_PACE_FIRST);
        pace->is_young = true;
        return;
    }
    pace->window = MIN(pace->max, pace->window + (pace->is_young ? 1 : 1 / pace->window));
}

/** The other side is in trouble. @at_once: one is enough. */
static void fail(struct dm_pace *pace, bool at_once, int64_t retry_after_us, int64_t now_us,
                 double chance) {
    if (now_us < pace->until_us) {
        return; // it was in flight
    }
    pace->failures++;
    if (at_once || pace->failures >= BREAKS_AFTER || pace->state != DM_PACE_OPEN) {
        pace->breaks++;
        int64_t delay_us = dm_pace_delay_us(pace->breaks + 2, retry_after_us, chance);
        wait_until(pace, DM_PACE_BROKEN, now_us + MAX(delay_us, FIRST_DELAY_US));
    }
}

static void throttle(struct dm_pace *pace, int64_t retry_after_us, int64_t now_us, double chance) {
    pace->is_young = false;
    if (pace->state != DM_PACE_OPEN) {
        fail(pace, true, retry_after_us, now_us, chance);
    } else if (now_us >= pace->cut_us) {
        pace->window = MAX(1, pace->window * CUT);
        pace->cut_us = now_us + ROUND_US;
    }
}

void dm_pace_report(struct dm_pace *pace, enum dm_store_class class, int64_t retry_after_us,
                    int64_t now_us, double chance) {
    switch (class) {
    case DM_STORE_OK:
    case DM_STORE_MISSING:
    case DM_STORE_OBJECT:
        succeed(pace);
        break;
    case DM_STORE_TRANSPORT:
    case DM_STORE_SERVER:
        fail(pace, false, retry_after_us, now_us, chance);
        break;
    case DM_STORE_CREDENTIALS:
        fail(pace, true, retry_after_us, now_us, chance);
        break;
    case DM_STORE_THROTTLE:
        throttle(pace, retry_after_us, now_us, chance);
        break;
    case DM_STORE_ENDPOINT:
        wait_until(pace, DM_PACE_HELD, now_us + DM_PACE_HOLD_US);
        break;
    default:
        break;
    }
}
