// SPDX-License-Identifier: MIT
//
// A hash table by row id: see in_flight.h. It holds what is handed out ahead, some
// thousand at most, so that looking for the oldest may be a walk.
#include "watcher/engine/in_flight.h"

struct dm_in_flight {
    // The key is &task->id.
    GHashTable *by_id;
};

struct dm_in_flight *dm_in_flight_new(void) {
    struct dm_in_flight *in_flight = g_new(struct dm_in_flight, 1);
    in_flight->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    return in_flight;
}

void dm_in_flight_free(struct dm_in_flight *in_flight) {
    if (in_flight != NULL) {
        g_hash_table_unref(in_flight->by_id);
        g_free(in_flight);
    }
}

struct dm_task_in_flight *dm_in_flight_add(struct dm_in_flight *in_flight, const void *runner,
                                           const struct dm_row *row) {
    struct dm_task_in_flight *task = g_new(struct dm_task_in_flight, 1);
    *task = (struct dm_task_in_flight){
        .runner = runner,
        .id = row->id,
        .attempt = row->attempt,
        .bytes = row->fingerprint.size_bytes,
    };
    bool is_new = g_hash_table_insert(in_flight->by_id, &task->id, task);
    g_assert(is_new);
    return task;
}

struct dm_task_in_flight *dm_in_flight_find(struct dm_in_flight *in_flight, const void *runner,
                                            int64_t id, int64_t attempt) {
    struct dm_task_in_flight *task = g_hash_table_lookup(in_flight->by_id, &id);
    return task != NULL && task->runner == runner && task->attempt == attempt ? task : NULL;
}

bool dm_in_flight_has(struct dm_in_flight *in_flight, int64_t id) {
    return g_hash_table_contains(in_flight->by_id, &id);
}

void dm_in_flight_remove(struct dm_in_flight *in_flight, struct dm_task_in_flight *task) {
    g_hash_table_remove(in_flight->by_id, &task->id);
}

static gboolean is_of_runner(gpointer id, gpointer task, gpointer runner) {
    (void)id;
    return ((const struct dm_task_in_flight *)task)->runner == runner;
}

void dm_in_flight_remove_all(struct dm_in_flight *in_flight, const void *runner) {
    g_hash_table_foreach_remove(in_flight->by_id, is_of_runner, (gpointer)(uintptr_t)runner);
}

int64_t dm_in_flight_count(const struct dm_in_flight *in_flight) {
    return (int64_t)g_hash_table_size(in_flight->by_id);
}

int64_t dm_in_flight_oldest_start(struct dm_in_flight *in_flight, const void *runner) {
    int64_t oldest_us = INT64_MAX;
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, in_flight->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct dm_task_in_flight *task = value;
        if (task->runner == runner && task->started_us != 0) {
            oldest_us = MIN(oldest_us, task->started_us);
        }
    }
    return oldest_us;
}
