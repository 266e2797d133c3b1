// SPDX-License-Identifier: MIT
//
// A hash table by row id: see flights.h. It holds two or three batches, so counting is a walk.
#include "watcher/engine/flights.h"

struct dm_flights {
    GHashTable *by_id; // key: &flight->id
};

struct dm_flights *dm_flights_new(void) {
    struct dm_flights *flights = g_new(struct dm_flights, 1);
    flights->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    return flights;
}

void dm_flights_free(struct dm_flights *flights) {
    if (flights != NULL) {
        g_hash_table_unref(flights->by_id);
        g_free(flights);
    }
}

void dm_flights_add(struct dm_flights *flights, const void *crew, const struct dm_row *row) {
    struct dm_flight *flight = g_new(struct dm_flight, 1);
    *flight = (struct dm_flight){
        .crew = crew,
        .id = row->id,
        .attempt = row->attempt,
        .bytes = row->fingerprint.size_bytes,
    };
    bool is_new = g_hash_table_insert(flights->by_id, &flight->id, flight);
    g_assert(is_new);
}

struct dm_flight *dm_flights_find(struct dm_flights *flights, const void *crew, int64_t id,
                                  int64_t attempt) {
    struct dm_flight *flight = g_hash_table_lookup(flights->by_id, &id);
    return flight != NULL && flight->crew == crew && flight->attempt == attempt ? flight : NULL;
}

bool dm_flights_has(struct dm_flights *flights, int64_t id) {
    return g_hash_table_contains(flights->by_id, &id);
}

void dm_flights_remove(struct dm_flights *flights, struct dm_flight *flight) {
    g_hash_table_remove(flights->by_id, &flight->id);
}

static gboolean is_of_crew(gpointer id, gpointer flight, gpointer crew) {
    (void)id;
    return ((const struct dm_flight *)flight)->crew == crew;
}

void dm_flights_remove_all(struct dm_flights *flights, const void *crew) {
    g_hash_table_foreach_remove(flights->by_id, is_of_crew, (gpointer)(uintptr_t)crew);
}

int64_t dm_flights_count(const struct dm_flights *flights) {
    return (int64_t)g_hash_table_size(flights->by_id);
}

struct dm_load dm_flights_load(struct dm_flights *flights, const void *crew) {
    struct dm_load load = {0};
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, flights->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct dm_flight *flight = value;
        load.files += flight->crew == crew;
        load.bytes += flight->crew == crew ? flight->bytes : 0;
    }
    return load;
}

int64_t dm_flights_oldest_start(struct dm_flights *flights, const void *crew) {
    int64_t oldest_us = INT64_MAX;
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, flights->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct dm_flight *flight = value;
        if (flight->crew == crew && flight->started_us != 0) {
            oldest_us = MIN(oldest_us, flight->started_us);
        }
    }
    return oldest_us;
}
