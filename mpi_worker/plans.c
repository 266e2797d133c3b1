// SPDX-License-Identifier: MIT
//
// Slots that are filled once and never emptied while threads run: no lock, no counting of
// references. A rank that sees more than DM_PLANS_MAX chains makes the later plans anew each time,
// which costs some microseconds an image.
#include "mpi_worker/plans.h"

#include <stdatomic.h>
#include <string.h>

struct dm_plans {
    const struct dm_catalogue *catalogue;
    _Atomic(struct dm_plan *) slots[DM_PLANS_MAX];
};

struct dm_plans *dm_plans_new(const struct dm_catalogue *catalogue) {
    struct dm_plans *plans = g_new0(struct dm_plans, 1);
    plans->catalogue = catalogue;
    return plans;
}

void dm_plans_free(struct dm_plans *plans) {
    if (plans == NULL) {
        return;
    }
    for (size_t i = 0; i < DM_PLANS_MAX; i++) {
        dm_plan_free(atomic_load(&plans->slots[i]));
    }
    g_free(plans);
}

const struct dm_plan *dm_plans_get(struct dm_plans *plans, const char *chain, GError **error) {
    struct dm_plan *made = NULL;
    for (size_t i = 0; i < DM_PLANS_MAX; i++) {
        struct dm_plan *there = atomic_load(&plans->slots[i]);
        if (there == NULL && made == NULL &&
            (made = dm_plan_new(plans->catalogue, chain, error)) == NULL) {
            return NULL;
        }
        if (there == NULL && atomic_compare_exchange_strong(&plans->slots[i], &there, made)) {
            return made;
        }
        if (strcmp(there->chain, chain) == 0) { // perhaps by another thread, just now
            dm_plan_free(made);
            return there;
        }
    }
    return made != NULL ? made : dm_plan_new(plans->catalogue, chain, error);
}

void dm_plans_give_back(struct dm_plans *plans, const struct dm_plan *plan) {
    for (size_t i = 0; i < DM_PLANS_MAX; i++) {
        if (atomic_load(&plans->slots[i]) == plan) {
            return;
        }
    }
    dm_plan_free((struct dm_plan *)plan);
}
