// SPDX-License-Identifier: MIT
//
// Slots that are filled once and never emptied while threads run: no lock, no counting of
// references. A rank that sees more than DM_PLAN_CACHE_MAX chains makes the later plans anew each
// time, which costs some microseconds an image.
#include "mpi_worker/task/plan_cache.h"

#include <stdatomic.h>
#include <string.h>

struct dm_plan_cache {
    const struct dm_catalogue *catalogue;
    _Atomic(struct dm_plan *) slots[DM_PLAN_CACHE_MAX];
};

struct dm_plan_cache *dm_plan_cache_new(const struct dm_catalogue *catalogue) {
    struct dm_plan_cache *cache = g_new0(struct dm_plan_cache, 1);
    cache->catalogue = catalogue;
    return cache;
}

void dm_plan_cache_free(struct dm_plan_cache *cache) {
    if (cache == NULL) {
        return;
    }
    for (size_t i = 0; i < DM_PLAN_CACHE_MAX; i++) {
        dm_plan_free(atomic_load(&cache->slots[i]));
    }
    g_free(cache);
}

const struct dm_plan *dm_plan_cache_get(struct dm_plan_cache *cache, const char *chain,
                                        GError **error) {
    struct dm_plan *made = NULL;
    for (size_t i = 0; i < DM_PLAN_CACHE_MAX; i++) {
        struct dm_plan *there = atomic_load(&cache->slots[i]);
        if (there == NULL && made == NULL &&
            (made = dm_plan_new(cache->catalogue, chain, error)) == NULL) {
            return NULL;
        }
        if (there == NULL && atomic_compare_exchange_strong(&cache->slots[i], &there, made)) {
            return made;
        }
        if (strcmp(there->chain, chain) == 0) { // perhaps by another thread, just now
            dm_plan_free(made);
            return there;
        }
    }
    return made != NULL ? made : dm_plan_new(cache->catalogue, chain, error);
}

void dm_plan_cache_give_back(struct dm_plan_cache *cache, const struct dm_plan *plan) {
    for (size_t i = 0; i < DM_PLAN_CACHE_MAX; i++) {
        if (atomic_load(&cache->slots[i]) == plan) {
            return;
        }
    }
    dm_plan_free((struct dm_plan *)plan);
}
