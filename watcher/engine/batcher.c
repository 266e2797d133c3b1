// SPDX-License-Identifier: MIT
//
// Batches: see batcher.h.
#include "watcher/engine/batcher.h"

#include "common/path.h"

bool dm_batcher_has_room(const struct dm_load *load, const struct dm_batch_limits *limits,
                         int64_t threads) {
    return load->files < 2 * threads ||
           (load->files <= limits->files && load->bytes <= limits->bytes);
}

static void free_queue(void *queue) {
    g_ptr_array_unref(queue);
}

/** Deal @rows out to one queue a directory, in the order in which the directories appear. */
static GPtrArray *by_directory(const GPtrArray *rows) {
    GPtrArray *queues = g_ptr_array_new_with_free_func(free_queue);
    g_autoptr(GHashTable) index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < rows->len; i++) {
        struct dm_row *row = rows->pdata[i];
        char *dir = dm_path_dir(row->path);
        GPtrArray *queue = g_hash_table_lookup(index, dir);
        if (queue == NULL) {
            queue = g_ptr_array_new();
            g_ptr_array_add(queues, queue);
            g_hash_table_insert(index, dir, queue);
        } else {
            g_free(dir);
        }
        g_ptr_array_add(queue, row);
    }
    return queues;
}

/** Append the row that has its turn in each queue; forget the queues that end with it. */
static void take_turn(GPtrArray *queues, guint turn, GPtrArray *order) {
    guint kept = 0;
    for (guint i = 0; i < queues->len; i++) {
        GPtrArray *queue = queues->pdata[i];
        g_ptr_array_add(order, queue->pdata[turn]);
        if (turn + 1 < queue->len) {
            queues->pdata[i] = queues->pdata[kept];
            queues->pdata[kept++] = queue;
        }
    }
    g_ptr_array_set_size(queues, (int)kept);
}

/** The rows in the order of their turn: the first of each queue, the second of each, ... */
static GPtrArray *in_turn(GPtrArray *queues, guint count) {
    GPtrArray *order = g_ptr_array_sized_new(count);
    for (guint turn = 0; queues->len > 0; turn++) {
        take_turn(queues, turn, order);
    }
    return order;
}

GPtrArray *dm_batcher_pick(const GPtrArray *rows, const struct dm_batch_limits *limits) {
    g_autoptr(GPtrArray) queues = by_directory(rows);
    GPtrArray *picks = in_turn(queues, rows->len);
    int64_t bytes = 0;
    for (guint i = 0; i < picks->len; i++) {
        const struct dm_row *row = picks->pdata[i];
        bytes += row->fingerprint.size_bytes;
        if (i > 0 && (i >= limits->files || bytes > limits->bytes)) {
            g_ptr_array_set_size(picks, (int)i);
        }
    }
    return picks;
}

struct dm_row *dm_batcher_suspect(const GPtrArray *rows) {
    struct dm_row *next = NULL;
    for (guint i = 0; i < rows->len; i++) {
        struct dm_row *row = rows->pdata[i];
        if (next == NULL || row->crashes < next->crashes) {
            next = row;
        }
    }
    return next;
}
