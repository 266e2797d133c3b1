// SPDX-License-Identifier: MIT
//
// What the daemon tells of itself: one table of items over the status structs of its rooms. The
// answer of the control socket (here), `dropmill status` and `status --json` (cli/cmd_status.c) are
// walks over it. Adding an item: a member in the status of the room that knows it, a row in
// status.c.
#ifndef DM_WATCHER_STATUS_H
#define DM_WATCHER_STATUS_H

#include "watcher/engine/engine.h"
#include "watcher/gate.h"
#include "watcher/inbox/inbox.h"
#include "watcher/ledger/ledger.h"
#include "watcher/mirror/mirror.h"
#include "watcher/notices/notices.h"
#include "watcher/s3_inbox/s3_inbox.h"
#include "watcher/share/share.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Everything, at one moment. */
struct dm_daemon_status {
    int64_t pid;
    const char *version;
    // What holds the decoders.
    const char *jail;
    // Of the worker's libraries; "" if it does not say.
    const char *vips, *mpi;
    // Why a new configuration is not in use; "" if it is.
    char refused[512];
    // Of the configuration in use, see config_sum.h.
    const char *settings;
    int64_t turns, io_trips;
    struct dm_ledger_stats ledger;
    // Why it cannot be written; "" if it can.
    char ledger_problem[512];
    struct dm_share_status share;
    struct dm_gate_status gate;
    // Pictures a second of late, in thousandths.
    int64_t rate_milli;
    struct dm_inbox_status inbox;
    struct dm_engine_status engine;
    // (nullable) Of struct dm_engine_host.
    const GPtrArray *hosts;
    struct dm_mirror_status mirror;
    struct dm_s3_inbox_status s3_inbox;
    struct dm_notices_status notices;
};

enum dm_status_type {
    // A const char *.
    DM_STATUS_TEXT,
    // A char[]: why something is not well; "" if it is.
    DM_STATUS_PROBLEM,
    // A bool.
    DM_STATUS_SWITCH,
    // An int64_t that goes up and down.
    DM_STATUS_GAUGE,
    // An int64_t or uint64_t that grows from 0 while the daemon runs.
    DM_STATUS_COUNTER,
};

struct dm_status_item {
    /** "inbox.folders"; what stands before the dot is the group, without one it is the daemon. */
    const char *name;
    enum dm_status_type type;
    /** Of a number: "us" for a duration, "utc_us" for a time of day, or "" for a count. */
    const char *unit;
    /**
     * (nullable) How people are told: '#' is the value, "(s)" an s unless that is 1. A switch has
     * two words, "watched|offline". A leading '?' leaves out what is 0 or off, a '+' 1 as well.
     * Problems stand alone.
     */
    const char *words;
    /** A sentence without its full stop. */
    const char *help;
    // Into struct dm_daemon_status.
    size_t offset;
    // Of a problem: no picture waits for it, so that only the administrator is told.
    bool is_unfelt;
};

/** All items; those of one group stand together. */
extern const struct dm_status_item dm_status_items[];
extern const size_t dm_status_item_count;

/** What stands before the dot of an item's name, "" if nothing does; (transfer full). */
char *dm_status_group(const struct dm_status_item *item);

/** What stands behind it, or the whole; points into the name. */
const char *dm_status_member(const struct dm_status_item *item);

/**
 * What the daemon is doing, in a line: "/srv/pictures: 12 waiting, 3 in work, 840 done, 2 failed";
 * why the share is away. (transfer full) @counts: rows in each state.
 */
char *dm_status_line(const char *path, const struct dm_share_status *share,
                     const int64_t counts[DM_STATE_COUNT]);

/**
 * One line an item: name, tab, value escaped by dm_escape(), newline; (transfer full). Numbers are
 * decimal, a switch is 0 or 1. Then a line a machine: "host.NAME", tab, "BUSY THREADS STATE".
 */
char *dm_status_write(const struct dm_daemon_status *status);

/** Read that back: name -> value, both char *; (transfer full). Lines that are none are left out.
 */
GHashTable *dm_status_read(const char *text);

/** A machine, as status tells of it. */
struct dm_status_host {
    char *name;
    int64_t busy, threads;
    // See struct dm_engine_host.
    char *state;
};

/** The machines that @values (of dm_status_read()) tell of, by name: struct dm_status_host
 * (transfer full). */
GPtrArray *dm_status_hosts(GHashTable *values);

/** How people read a time; both (transfer full). */
struct dm_status_times {
    char *(*duration)(int64_t us);
    char *(*time)(int64_t utc_us);
};

/**
 * How people are told of @item when its value is @value (as read): "2 folders"; (transfer full), or
 * NULL when they are not.
 */
char *dm_status_words(const struct dm_status_item *item, const char *value,
                      const struct dm_status_times *times);

#endif
