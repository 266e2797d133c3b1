// SPDX-License-Identifier: MIT
//
// The gate: may work be handed out now, and if not, why not? One place decides. What ranks have
// they bring to its end, and files that come meanwhile wait; nothing fails of it.
//
//   reason       while                                              until
//   -----------  -------------------------------------------------  ---------------------------------
//   offline      the share is not there (share.h)                   it is back
//   paused       somebody has asked for it; it is in the ledger     the time that was named, or resumed
//   quiet hours  the clock on the wall says so (quiet_hours.h)      they are over
//   no room      less is free where results go than min_free        there is more
//
// The first that holds is the one that is told.
#ifndef DM_WATCHER_GATE_H
#define DM_WATCHER_GATE_H

#include "watcher/ledger/ledger.h"
#include "watcher/share/share.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum dm_gate_reason {
    DM_GATE_OPEN,
    DM_GATE_OFFLINE,
    DM_GATE_PAUSED,
    DM_GATE_QUIET,
    DM_GATE_NO_ROOM,
    DM_GATE_REASON_COUNT,
};

/** What the decision hangs on. Times are in us since 1970. */
struct dm_gate_facts {
    int64_t now_utc_us;
    bool online;
    // 0: not paused; INT64_MAX: until somebody resumes.
    int64_t paused_until_utc_us;
    // 0: not quiet.
    int64_t quiet_until_utc_us;
    // -1: not known.
    int64_t free_bytes;
    int64_t min_free_bytes;
};

/** Decide. Pure. @ret_until_utc_us: when that will be over; 0: nobody knows. */
enum dm_gate_reason dm_gate_decide(const struct dm_gate_facts *facts, int64_t *ret_until_utc_us);

/** What status calls it: "off", "offline", "paused", "quiet hours", "no room". */
const char *dm_gate_reason_name(enum dm_gate_reason reason);

/** Copied; what it points to is borrowed. */
struct dm_gate_config {
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_wake wake;
    // As dm_quiet_hours_parse() takes it.
    const char *quiet_hours;
    // 0: there may be no room at all.
    int64_t min_free_bytes;
};

struct dm_gate;

/** Errors: DM_ERROR_CONFIG: the quiet hours cannot be read. */
struct dm_gate *dm_gate_new(const struct dm_gate_config *config, GError **error);

/** Stop the share first. Accepts NULL. */
void dm_gate_free(struct dm_gate *gate);

/** Look around and decide anew. Returns when (monotonic us) the next turn is wanted. */
int64_t dm_gate_turn(struct dm_gate *gate, int64_t now_us);

/** As the last turn decided. */
enum dm_gate_reason dm_gate_reason(const struct dm_gate *gate);

/** Let files wait until @until_utc_us (INT64_MAX: until resumed), as the user @uid wants. It is
 * in the ledger with the next commit, and counts from the next turn on. */
void dm_gate_pause(struct dm_gate *gate, int64_t until_utc_us, uid_t uid);

/** Returns whether it was paused. */
bool dm_gate_resume(struct dm_gate *gate, uid_t uid);

/** What status shows. */
struct dm_gate_status {
    // Why nothing is handed out: dm_gate_reason_name().
    const char *held;
    // 0: nobody knows.
    int64_t until_utc_us;
    // Who has paused it: "uid 1001 (anna)", or ""; the gate's, until its next turn.
    const char *by;
    // What somebody has to do about it, or "".
    char problem[256];
    // Where results go; -1: not known yet.
    int64_t free_bytes;
};

void dm_gate_status(const struct dm_gate *gate, struct dm_gate_status *ret);

/** A user as logs name one: "uid 1001 (anna)"; (transfer full). */
char *dm_gate_user(uid_t uid);

#endif
