// SPDX-License-Identifier: MIT
//
// How a room tells the main loop that there may be work for somebody: a function and its data. The
// loop answers by giving every room its turn. A room never calls another room.
#ifndef DM_WATCHER_WAKE_H
#define DM_WATCHER_WAKE_H

struct dm_wake {
    void (*call)(void *data);
    void *data;
};

static inline void dm_wake(const struct dm_wake *wake) {
    wake->call(wake->data);
}

#endif
