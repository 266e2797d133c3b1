// SPDX-License-Identifier: MIT
//
// Pending: a hash table by path and a GSequence (a balanced tree) by time. Read first: pending.h.
#include "watcher/inbox/pending.h"

// Due times are rounded up to this, so that 10,000 files of one drop make 50 looks a second at
// most.
#define GRID_US (20 * 1000)

struct dm_pendings {
    // char * (the pending's own) -> struct dm_pending, owned.
    GHashTable *by_path;
    // struct dm_pending.
    GSequence *by_time;
};

static void pending_free(void *data) {
    struct dm_pending *pending = data;
    g_free(pending->path);
    g_free(pending->told);
    g_free(pending);
}

static gint compare_due(gconstpointer a, gconstpointer b, gpointer unused) {
    (void)unused;
    const struct dm_pending *left = a, *right = b;
    return (left->due_us > right->due_us) - (left->due_us < right->due_us);
}

static void unschedule(struct dm_pending *pending) {
    if (pending->at != NULL) {
        g_sequence_remove(pending->at);
        pending->at = NULL;
    }
}

struct dm_pendings *dm_pendings_new(void) {
    struct dm_pendings *pendings = g_new0(struct dm_pendings, 1);
    pendings->by_path = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, pending_free);
    pendings->by_time = g_sequence_new(NULL);
    return pendings;
}

void dm_pendings_free(struct dm_pendings *pendings) {
    if (pendings == NULL) {
        return;
    }
    g_sequence_free(pendings->by_time);
    g_hash_table_destroy(pendings->by_path);
    g_free(pendings);
}

guint dm_pendings_count(const struct dm_pendings *pendings) {
    return g_hash_table_size(pendings->by_path);
}

struct dm_pending *dm_pendings_find(const struct dm_pendings *pendings, const char *path) {
    return g_hash_table_lookup(pendings->by_path, path);
}

struct dm_pending *dm_pendings_add(struct dm_pendings *pendings, const char *path, int64_t row,
                                   int64_t now_us) {
    struct dm_pending *pending = g_new0(struct dm_pending, 1);
    pending->path = g_strdup(path);
    pending->row = row;
    dm_settle_init(&pending->settle, now_us);
    bool fresh = g_hash_table_insert(pendings->by_path, pending->path, pending);
    g_assert(fresh);
    return pending;
}

void dm_pendings_lost_events(const struct dm_pendings *pendings) {
    GHashTableIter iter;
    gpointer pending;
    g_hash_table_iter_init(&iter, pendings->by_path);
    while (g_hash_table_iter_next(&iter, NULL, &pending)) {
        dm_settle_lost_events(&((struct dm_pending *)pending)->settle);
    }
}

void dm_pendings_remove(struct dm_pendings *pendings, struct dm_pending *pending) {
    if (pending != NULL) {
        unschedule(pending);
        g_hash_table_remove(pendings->by_path, pending->path);
    }
}

void dm_pendings_schedule(struct dm_pendings *pendings, struct dm_pending *pending,
                          int64_t due_us) {
    unschedule(pending);
    if (due_us == INT64_MAX) {
        return;
    }
    pending->due_us = (due_us + GRID_US - 1) / GRID_US * GRID_US;
    pending->at = g_sequence_insert_sorted(pendings->by_time, pending, compare_due, NULL);
}

struct dm_pending *dm_pendings_take_due(struct dm_pendings *pendings, int64_t now_us) {
    if (dm_pendings_next_us(pendings) > now_us) {
        return NULL;
    }
    struct dm_pending *pending = g_sequence_get(g_sequence_get_begin_iter(pendings->by_time));
    unschedule(pending);
    return pending;
}

int64_t dm_pendings_next_us(const struct dm_pendings *pendings) {
    GSequenceIter *first = g_sequence_get_begin_iter(pendings->by_time);
    if (g_sequence_iter_is_end(first)) {
        return INT64_MAX;
    }
    const struct dm_pending *pending = g_sequence_get(first);
    return pending->due_us;
}
