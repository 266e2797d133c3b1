// SPDX-License-Identifier: MIT
//
// What the two runners of the engine share, and what meets the ledger on their behalf.
#ifndef DM_WATCHER_ENGINE_SHARED_H
#define DM_WATCHER_ENGINE_SHARED_H

#include "watcher/engine/in_flight.h"
#include "watcher/engine/known_work.h"
#include "watcher/engine/settings.h"
#include "watcher/ledger/ledger.h"
#include "watcher/wake.h"

#include <stdbool.h>
#include <stdint.h>

/** What the runners share. Borrowed by them. */
struct dm_runner_shared {
    struct dm_engine_config config;
    struct dm_ledger *ledger;
    struct dm_wake wake;
    // The environment of the watcher.
    char **env;
    // The path of mpirun; NULL where it was not found, and is not needed.
    char *mpirun;
    bool as_root;
    // The output is on a network file system.
    bool sync;
    struct dm_in_flight *in_flight;
    struct dm_known_work *known;
    // Jobs that were up and died, with images in work.
    int64_t deaths;
    // Processes that decoded a picture and died, or had to be killed, as ranks report them.
    int64_t decoder_deaths;
    // Nothing is handed out.
    bool held;
    // Bits of the reasons (enum dm_reason) that were warned of.
    unsigned blocked;
    // When a result was last blocked.
    int64_t blocked_us;
    // Row -> how often the share refused a rank that worked on it, and nothing else came of it.
    GHashTable *refusals;
};

#endif
