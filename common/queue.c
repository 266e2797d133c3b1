// SPDX-License-Identifier: MIT
//
// A queue between threads: GQueue under one lock and one condition. See queue.h.
#include "common/queue.h"

#include <glib.h>
#include <pthread.h>

struct dm_queue {
    struct {
        pthread_mutex_t lock;
        pthread_cond_t filled;
        GQueue items;
        bool closed;
    } synced;
};

struct dm_queue *dm_queue_new(void) {
    struct dm_queue *queue = g_new0(struct dm_queue, 1);
    pthread_mutex_init(&queue->synced.lock, NULL);
    pthread_cond_init(&queue->synced.filled, NULL);
    g_queue_init(&queue->synced.items);
    return queue;
}

void dm_queue_free(struct dm_queue *queue) {
    if (queue == NULL) {
        return;
    }
    g_queue_clear(&queue->synced.items);
    pthread_cond_destroy(&queue->synced.filled);
    pthread_mutex_destroy(&queue->synced.lock);
    g_free(queue);
}

void dm_queue_push(struct dm_queue *queue, void *item) {
    g_assert(item != NULL);
    pthread_mutex_lock(&queue->synced.lock);
    g_queue_push_tail(&queue->synced.items, item);
    pthread_cond_signal(&queue->synced.filled);
    pthread_mutex_unlock(&queue->synced.lock);
}

void *dm_queue_pop(struct dm_queue *queue) {
    pthread_mutex_lock(&queue->synced.lock);
    while (g_queue_is_empty(&queue->synced.items) && !queue->synced.closed) {
        pthread_cond_wait(&queue->synced.filled, &queue->synced.lock);
    }
    void *item = g_queue_pop_head(&queue->synced.items);
    pthread_mutex_unlock(&queue->synced.lock);
    return item;
}

void *dm_queue_try_pop(struct dm_queue *queue) {
    pthread_mutex_lock(&queue->synced.lock);
    void *item = g_queue_pop_head(&queue->synced.items);
    pthread_mutex_unlock(&queue->synced.lock);
    return item;
}

void dm_queue_close(struct dm_queue *queue) {
    pthread_mutex_lock(&queue->synced.lock);
    queue->synced.closed = true;
    pthread_cond_broadcast(&queue->synced.filled);
    pthread_mutex_unlock(&queue->synced.lock);
}

size_t dm_queue_length(struct dm_queue *queue) {
    pthread_mutex_lock(&queue->synced.lock);
    size_t length = g_queue_get_length(&queue->synced.items);
    pthread_mutex_unlock(&queue->synced.lock);
    return length;
}
