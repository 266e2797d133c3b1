// SPDX-License-Identifier: MIT
//
// One moment on both clocks. It is read where something comes in from outside (a socket, the end
// of a process, a timer) and handed on: nobody further in reads a clock.
#ifndef DM_WATCHER_ENGINE_NOW_H
#define DM_WATCHER_ENGINE_NOW_H

#include <glib.h>
#include <stdint.h>

struct dm_now {
    // Monotonic.
    int64_t us;
    // Of the wall, since 1970.
    int64_t utc_us;
};

static inline struct dm_now dm_now(void) {
    return (struct dm_now){g_get_monotonic_time(), g_get_real_time()};
}

#endif
