// SPDX-License-Identifier: MIT
//
// A runner has one session at a time and does one kind of work with it: all files, or the suspects,
// one at a time and alone. It starts the session when there is work, feeds it, writes what comes
// back into the ledger, and draws the conclusions when it ends. The engine has two runners.
#ifndef DM_WATCHER_ENGINE_RUNNER_H
#define DM_WATCHER_ENGINE_RUNNER_H

#include "watcher/engine/engine.h"
#include "watcher/engine/in_flight.h"
#include "watcher/engine/launch.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** What the runners share. Borrowed by them. */
struct dm_runner_shared {
    struct dm_engine_config config;
    struct dm_ledger *ledger;
    struct dm_wake wake;
    // The environment of the watcher.
    char **env;
    bool as_root;
    // The output is on a network file system.
    bool sync;
    struct dm_in_flight *in_flight;
    // Bits of the reasons (enum dm_reason) that were warned of.
    unsigned blocked;
    // When a result was last blocked.
    int64_t blocked_us;
};

struct dm_runner;

/**
 * @alone  true: the suspects; false: everything else.
 * @remote ranks may be on other hosts.
 */
struct dm_runner *dm_runner_new(struct dm_runner_shared *shared, const struct dm_shape *shape,
                                bool alone, bool remote);

/** End its session: the ranks are gone afterwards. Accepts NULL. */
void dm_runner_free(struct dm_runner *runner);

/** Do what is due; see dm_engine_turn(). */
int64_t dm_runner_turn(struct dm_runner *runner, int64_t now_us);

/** Send what the turn handed out; see dm_engine_committed(). */
void dm_runner_committed(struct dm_runner *runner);

/** What its session is at; `in_flight` is its own. */
void dm_runner_status(const struct dm_runner *runner, int64_t now_us, struct dm_engine_status *ret);

#endif
