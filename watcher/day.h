// SPDX-License-Identifier: MIT
//
// The day as people count it.
#ifndef DM_WATCHER_DAY_H
#define DM_WATCHER_DAY_H

#include <stdint.h>

/** When today began on the clock on the wall here, in us since 1970. */
int64_t dm_midnight_utc_us(void);

#endif
