// SPDX-License-Identifier: MIT
//
// An unbounded first-in first-out queue of pointers between threads, with a blocking and a
// non-blocking end. Together with io_thread.h the only way that threads of a dropmill program talk.
#ifndef DM_COMMON_QUEUE_H
#define DM_COMMON_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct dm_queue;

/** Make a queue. Never fails (aborts without memory, like GLib). */
struct dm_queue *dm_queue_new(void);

/** Free a queue that no thread uses any more. What is still inside is not freed. Accepts NULL. */
void dm_queue_free(struct dm_queue *queue);

/** Append @item (not NULL). Threads: any. */
void dm_queue_push(struct dm_queue *queue, void *item);

/** Take the oldest item; wait for one; NULL once the queue is closed and empty. Threads: any. */
void *dm_queue_pop(struct dm_queue *queue);

/** Take the oldest item, or NULL at once. Threads: any. */
void *dm_queue_try_pop(struct dm_queue *queue);

/** Wake every waiting dm_queue_pop(): what is inside is still handed out, then NULL. */
void dm_queue_close(struct dm_queue *queue);

/** How many items wait now. */
size_t dm_queue_length(struct dm_queue *queue);

#endif
