// SPDX-License-Identifier: MIT
//
// The history, asked for by time, event, state and reason: for people who look for something. What
// an answer costs depends on what it returns: rare events, and all that went wrong, have indexes of
// their own; what each file goes through is found by its time.
#ifndef DM_WATCHER_LEDGER_HISTORY_H
#define DM_WATCHER_LEDGER_HISTORY_H

#include "watcher/ledger/ledger.h"

/** What is asked for; what is 0 or NULL is not. */
struct dm_history_query {
    // Of this file alone.
    const char *path;
    // An event: a name of dm_history_event().
    const char *event;
    // Bits 1u << DM_STATE_x: the state after it was one of these.
    unsigned states;
    // DM_REASON_NONE: any.
    enum dm_reason reason;
    // From this on, and before that.
    int64_t since_utc_us, until_utc_us;
    // At most so many, 1 or more.
    int64_t limit;
};

/** The newest lines, newest first: of struct dm_history (transfer full). */
GPtrArray *dm_ledger_find_history(struct dm_ledger *ledger, const struct dm_history_query *query);

/** What an event may be called, one after the other; NULL behind the last. */
const char *dm_history_event(size_t index);

/** The SQL of @query, for tests of its plan; (transfer full). Pure. */
char *dm_history_text(const struct dm_history_query *query);

#endif
