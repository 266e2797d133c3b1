// SPDX-License-Identifier: MIT
//
// A runner has one session at a time and does one kind of work with it: all files, or the suspects,
// one at a time and alone. It starts the session when there is work, feeds it, writes what comes
// back into the ledger, and draws the conclusions when it ends. The engine has two runners.
#ifndef DM_WATCHER_ENGINE_RUNNER_H
#define DM_WATCHER_ENGINE_RUNNER_H

#include "watcher/engine/launch.h"
#include "watcher/engine/shared.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_runner;

/**
 * @alone  true: the suspects; false: everything else.
 * @way    how its jobs are started.
 */
struct dm_runner *dm_runner_new(struct dm_runner_shared *shared, const struct dm_shape *shape,
                                bool alone, enum dm_launch_way way);

/** End its session: the ranks are gone afterwards. Accepts NULL. */
void dm_runner_free(struct dm_runner *runner);

/** Do what is due; see dm_engine_turn(). */
int64_t dm_runner_turn(struct dm_runner *runner, int64_t now_us);

/** Send what the turn handed out; see dm_engine_committed(). */
void dm_runner_committed(struct dm_runner *runner);

/** What its session is at; `in_flight` is its own. */
void dm_runner_status(const struct dm_runner *runner, int64_t now_us, struct dm_engine_status *ret);

/** Add where its ranks are, or were last, to @hosts: struct dm_engine_host. */
void dm_runner_hosts(const struct dm_runner *runner, int64_t now_us, GPtrArray *hosts);

#endif
