// SPDX-License-Identifier: MIT
//
// The state grid of ledger.h as one table, and the names of its rows and columns. Pure.
#include "watcher/ledger/ledger.h"

#include <string.h>

static const char *const state_names[DM_STATE_COUNT] = {
    [DM_STATE_SEEN] = "seen",           [DM_STATE_READY] = "ready",
    [DM_STATE_RUNNING] = "running",     [DM_STATE_COMPUTED] = "computed",
    [DM_STATE_PUBLISHED] = "published", [DM_STATE_DONE] = "done",
    [DM_STATE_FAILED] = "failed",       [DM_STATE_PARKED] = "parked",
};

static const char *const fact_names[DM_FACT_COUNT] = {
    [DM_FACT_SETTLED] = "settled",       [DM_FACT_CHANGED] = "changed",
    [DM_FACT_DISPATCHED] = "dispatched", [DM_FACT_LOST] = "lost",
    [DM_FACT_COMPUTED] = "computed",     [DM_FACT_REFUSED] = "refused",
    [DM_FACT_STOPPED] = "stopped",       [DM_FACT_PUBLISHED] = "published",
    [DM_FACT_RETIRED] = "retired",       [DM_FACT_BLOCKED] = "blocked",
    [DM_FACT_RESUMED] = "resumed",       [DM_FACT_DROPPED] = "dropped",
    [DM_FACT_RETURNED] = "returned",     [DM_FACT_GONE] = "gone",
};

/** One row: @fact leads from any of @from to @to (DM_STATE_COUNT: the row is deleted). */
struct transition {
    enum dm_fact fact;
    unsigned from;
    int to;
};

#define IN(state) (1u << DM_STATE_##state)

static const struct transition transitions[] = {
    {DM_FACT_SETTLED, IN(SEEN), DM_STATE_READY},
    {DM_FACT_CHANGED,
     IN(SEEN) | IN(READY) | IN(RUNNING) | IN(COMPUTED) | IN(PUBLISHED) | IN(PARKED), DM_STATE_SEEN},
    {DM_FACT_DISPATCHED, IN(READY), DM_STATE_RUNNING},
    {DM_FACT_LOST, IN(RUNNING) | IN(COMPUTED) | IN(PUBLISHED), DM_STATE_READY},
    {DM_FACT_COMPUTED, IN(RUNNING), DM_STATE_COMPUTED},
    {DM_FACT_REFUSED, IN(RUNNING) | IN(READY), DM_STATE_FAILED},
    {DM_FACT_STOPPED, IN(SEEN) | IN(READY) | IN(PARKED), DM_STATE_FAILED},
    {DM_FACT_PUBLISHED, IN(COMPUTED), DM_STATE_PUBLISHED},
    {DM_FACT_RETIRED, IN(PUBLISHED), DM_STATE_DONE},
    {DM_FACT_RETIRED, IN(FAILED), DM_STATE_FAILED},
    {DM_FACT_BLOCKED, IN(RUNNING) | IN(COMPUTED) | IN(PUBLISHED) | IN(FAILED), DM_STATE_PARKED},
    {DM_FACT_RESUMED, IN(PARKED), DM_STATE_READY},
    {DM_FACT_DROPPED, IN(DONE) | IN(FAILED), DM_STATE_SEEN},
    {DM_FACT_RETURNED, IN(DONE), DM_STATE_PUBLISHED},
    {DM_FACT_GONE, IN(SEEN) | IN(READY) | IN(PARKED), DM_STATE_COUNT},
};

int dm_transition(enum dm_state state, enum dm_fact fact) {
    for (size_t i = 0; i < G_N_ELEMENTS(transitions); i++) {
        if (transitions[i].fact == fact && transitions[i].from & 1u << state) {
            return transitions[i].to;
        }
    }
    return -1;
}

const char *dm_state_name(enum dm_state state) {
    return state_names[state];
}

enum dm_state dm_state_from_name(const char *name) {
    for (size_t i = 0; i < DM_STATE_COUNT; i++) {
        if (strcmp(name, state_names[i]) == 0) {
            return (enum dm_state)i;
        }
    }
    return DM_STATE_COUNT;
}

const char *dm_fact_name(enum dm_fact fact) {
    return fact_names[fact];
}
