// SPDX-License-Identifier: MIT
//
// The daemon: all its rooms, built and cleared in the order in which they need one another, and the
// loop in which they have their turns. What it is asked from outside stands in requests.h, which
// works on the rooms that stand open here; the map of the program is dropmilld.c.
#ifndef DM_WATCHER_DAEMON_H
#define DM_WATCHER_DAEMON_H

#include "common/catalogue.h"
#include "watcher/config.h"
#include "watcher/engine/engine.h"
#include "watcher/expiry.h"
#include "watcher/gate.h"
#include "watcher/inbox/inbox.h"
#include "watcher/ledger/ledger.h"
#include "watcher/ledger/under_way.h"
#include "watcher/ledger_ground.h"
#include "watcher/metrics_counts.h"
#include "watcher/metrics_file.h"
#include "watcher/mirror/mirror.h"
#include "watcher/notices/notices.h"
#include "watcher/orders.h"
#include "watcher/outbox/outbox.h"
#include "watcher/places.h"
#include "watcher/rate.h"
#include "watcher/s3_inbox/s3_inbox.h"
#include "watcher/service_manager.h"
#include "watcher/share/share.h"
#include "watcher/turns.h"
#include "watcher/work_log.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** All that stands; what is not built yet is NULL. */
struct dm_daemon {
    struct dm_config *config;
    struct dm_places *places;
    struct dm_catalogue *catalogue;
    char *worker, *inbox_root, *outbox_root;
    int lock_fd;
    // The share is: its lock is elsewhere.
    bool is_read_only;
    // (nullable) What the command line names.
    const char *share_option, *config_option;
    // The administrator says that the share is the same, though it looks like another.
    bool moved;
    // NULL: nobody wants to be told.
    struct dm_service_manager *manager;
    // (nullable) Why the configuration in the files is not the one in use.
    char *refused;
    // Of the one in use: see config_sum.h.
    char *config_sum;
    // It is good, and to be taken when the rooms have ended; when the share is back.
    bool begins_anew, waits_to_begin;

    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_gate *gate;
    struct dm_orders *orders;
    struct dm_inbox *inbox;
    struct dm_engine *engine;
    struct dm_outbox *outbox;
    struct dm_expiry *expiry;
    // NULL: none is configured.
    struct dm_mirror *mirror;
    // NULL: no prefix is configured.
    struct dm_s3_inbox *s3_inbox;
    // NULL: nobody is to be told.
    struct dm_notices *notices;

    struct dm_turns *turns;
    // May the ledger be written?
    struct dm_ledger_ground *ground;
    // It could not: the rooms end, and all begins again when it can.
    bool ledger_failed;
    // Asks for a turn.
    struct dm_wake wake;
    // When the ledger is to be looked at next.
    int64_t look_us;
    // What was counted of the ledger's moves.
    struct dm_metrics_counts *counts;
    // Tells of them in the log.
    struct dm_work_log *work_log;
    // NULL: none is configured.
    struct dm_metrics_file *metrics_file;
    // As it was counted last, and when that may be done next.
    struct dm_queue queue;
    int64_t queue_due_us;
    // Of pictures that were published.
    struct dm_rate rate;
};

/** Before anything: nothing stands. */
void dm_daemon_init(struct dm_daemon *daemon);

/** Find the worker and read its catalogue, by the configuration. Errors: those of both. */
bool dm_daemon_read_worker(struct dm_daemon *daemon, GError **error);

/** Say whether the store, if one is named, has settings that fit. Errors: DM_ERROR_CONFIG. */
bool dm_daemon_check_store(const struct dm_daemon *daemon, GError **error);

/** Find and lock the share, and build all rooms. Errors: those of the rooms. */
bool dm_daemon_build(struct dm_daemon *daemon, GError **error);

/** Have turns until SIGTERM or SIGINT, or somebody ends them (reload.h). Errors: those of
 * dm_ledger_commit(). */
bool dm_daemon_run(struct dm_daemon *daemon, GError **error);

/** Commit what has ended, unless @error has one already, and free what stands. */
void dm_daemon_clear(struct dm_daemon *daemon, GError **error);

#endif
