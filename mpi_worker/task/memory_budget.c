// SPDX-License-Identifier: MIT
//
// See memory_budget.h. Tickets keep the line: only the one whose number is called may take a share,
// and it calls the next number when it has it.
#include "mpi_worker/task/memory_budget.h"

#include <glib.h>
#include <pthread.h>

struct dm_memory_budget {
    int64_t total;
    struct {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        int64_t used;
        int64_t kept; // by those at rest
        uint64_t next_ticket;
        uint64_t called;
    } synced;
};

struct dm_memory_budget *dm_memory_budget_new(int64_t bytes) {
    struct dm_memory_budget *budget = g_new0(struct dm_memory_budget, 1);
    budget->total = MAX(bytes, 1);
    pthread_mutex_init(&budget->synced.lock, NULL);
    pthread_cond_init(&budget->synced.changed, NULL);
    return budget;
}

void dm_memory_budget_free(struct dm_memory_budget *budget) {
    if (budget == NULL) {
        return;
    }
    pthread_mutex_destroy(&budget->synced.lock);
    pthread_cond_destroy(&budget->synced.changed);
    g_free(budget);
}

int64_t dm_memory_budget_admit(struct dm_memory_budget *budget, int64_t bytes) {
    int64_t share = CLAMP(bytes, 1, budget->total); // over the whole: the whole, which is alone
    pthread_mutex_lock(&budget->synced.lock);
    uint64_t ticket = budget->synced.next_ticket++;
    while (ticket != budget->synced.called || budget->synced.used > budget->total - share) {
        pthread_cond_wait(&budget->synced.changed, &budget->synced.lock);
    }
    budget->synced.used += share;
    budget->synced.called++;
    pthread_cond_broadcast(&budget->synced.changed);
    pthread_mutex_unlock(&budget->synced.lock);
    return share;
}

void dm_memory_budget_release(struct dm_memory_budget *budget, int64_t bytes) {
    pthread_mutex_lock(&budget->synced.lock);
    budget->synced.used -= bytes;
    pthread_cond_broadcast(&budget->synced.changed);
    pthread_mutex_unlock(&budget->synced.lock);
}

bool dm_memory_budget_keep(struct dm_memory_budget *budget, int64_t bytes) {
    pthread_mutex_lock(&budget->synced.lock);
    bool may = budget->synced.kept <= budget->total / 4 - bytes;
    budget->synced.kept += may ? bytes : 0;
    pthread_mutex_unlock(&budget->synced.lock);
    return may;
}

void dm_memory_budget_unkeep(struct dm_memory_budget *budget, int64_t bytes) {
    pthread_mutex_lock(&budget->synced.lock);
    budget->synced.kept -= bytes;
    pthread_mutex_unlock(&budget->synced.lock);
}
