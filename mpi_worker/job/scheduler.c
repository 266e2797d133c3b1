// SPDX-License-Identifier: MIT
//
// Order: folders in turn, one task each, so that nobody's three files wait for all that others
// dropped before them; a folder that comes is behind those that wait already. In a folder, tasks
// that arrive within SPAN_US form a batch. Older batches go first; within a batch the most
// expensive first, so that no long task is left over for the end; on equal cost the smaller id.
//
// Rank: the one with the least work per thread (the lowest number on a tie: rank 0's own threads
// need no message), if it still has credit. Credit = one task a thread plus the prefetch, which
// bridges the time until rank 0 hears of an end and the next task arrives (each of the two ranks
// looks for messages at intervals, pace.c): AHEAD_US of work by the measured average of the tasks
// so far, at least 2 a thread. Towards the end of the work the prefetch shrinks with the backlog to
// 0: a task waiting in one rank while a thread of another is idle would make the end later.
#include "mpi_worker/job/scheduler.h"

enum {
    SPAN_US = 50 * 1000,
    AHEAD_US = 6 * 1000,
    MIN_PREFETCH = 2,
    MAX_PREFETCH = 256,
    AVERAGE_OVER = 16, // tasks
};

struct entry {
    int64_t batch;
    int64_t cost;
    int64_t id;
    void *item;
};

/** What waits of one folder. */
struct lane {
    char *folder;
    GArray *heap; // of struct entry, the next one at 0
};

struct rank {
    int64_t threads; // 0: not up
    int64_t out;
};

struct dm_scheduler {
    GHashTable *lanes; // of struct lane, by its folder: those with tasks
    GQueue turns;      // the same, the next one first
    size_t backlog;    // in all lanes
    GDestroyNotify free_item;
    int64_t batch;          // number of the batch that takes in tasks now
    int64_t batch_until_us; // the first task after this opens another
    struct rank *ranks;
    size_t rank_count;
    int64_t threads;    // of all ranks
    int64_t out;        // of all ranks
    int64_t average_us; // of a task; 0: none has ended yet
};

// ---- a lane

static struct entry *entry_at(const struct lane *lane, size_t index) {
    return &g_array_index(lane->heap, struct entry, index);
}

static bool goes_before(const struct entry *a, const struct entry *b) {
    if (a->batch != b->batch) {
        return a->batch < b->batch;
    }
    if (a->cost != b->cost) {
        return a->cost > b->cost;
    }
    return a->id < b->id;
}

static void swap_entries(struct entry *a, struct entry *b) {
    struct entry kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct lane *lane, size_t at) {
    while (at > 0) {
        struct entry *parent = entry_at(lane, (at - 1) / 2);
        struct entry *self = entry_at(lane, at);
        if (!goes_before(self, parent)) {
            return;
        }
        swap_entries(self, parent);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct lane *lane, size_t at) {
    for (;;) {
        size_t first = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < lane->heap->len; child++) {
            if (goes_before(entry_at(lane, child), entry_at(lane, first))) {
                first = child;
            }
        }
        if (first == at) {
            return;
        }
        swap_entries(entry_at(lane, at), entry_at(lane, first));
        at = first;
    }
}

static void *take_first(struct lane *lane) {
    void *item = entry_at(lane, 0)->item;
    size_t last = lane->heap->len - 1;
    swap_entries(entry_at(lane, 0), entry_at(lane, last));
    g_array_set_size(lane->heap, (guint)last);
    if (last > 0) {
        sift_down(lane, 0);
    }
    return item;
}

static void free_lane(void *data) {
    struct lane *lane = data;
    g_array_free(lane->heap, TRUE);
    g_free(lane->folder);
    g_free(lane);
}

// ---- lanes in turn

/** The lane of @folder; one that is new has its turn after all others. */
static struct lane *lane_of(struct dm_scheduler *scheduler, const char *folder) {
    struct lane *lane = g_hash_table_lookup(scheduler->lanes, folder);
    if (lane == NULL) {
        lane = g_new(struct lane, 1);
        lane->folder = g_strdup(folder);
        lane->heap = g_array_new(FALSE, FALSE, sizeof(struct entry));
        g_hash_table_insert(scheduler->lanes, lane->folder, lane);
        g_queue_push_tail(&scheduler->turns, lane);
    }
    return lane;
}

/** There is one. */
static void *take_next(struct dm_scheduler *scheduler) {
    struct lane *lane = g_queue_pop_head(&scheduler->turns);
    void *item = take_first(lane);
    scheduler->backlog--;
    if (lane->heap->len > 0) {
        g_queue_push_tail(&scheduler->turns, lane);
    } else {
        g_hash_table_remove(scheduler->lanes, lane->folder);
    }
    return item;
}

// ---- ranks

static int64_t prefetch_per_thread(const struct dm_scheduler *scheduler) {
    if (scheduler->average_us <= 0) {
        return MIN_PREFETCH;
    }
    int64_t wanted = (AHEAD_US + scheduler->average_us - 1) / scheduler->average_us;
    return CLAMP(wanted, MIN_PREFETCH, MAX_PREFETCH);
}

/** How many tasks @rank may have at once, as things stand. */
static int64_t credit(const struct dm_scheduler *scheduler, const struct rank *rank) {
    int64_t wanted = rank->threads * prefetch_per_thread(scheduler);
    int64_t share = (int64_t)scheduler->backlog * rank->threads / scheduler->threads;
    return rank->threads + MIN(wanted, share);
}

/** The rank with the least work per thread; NULL when none is up. */
static struct rank *least_loaded(const struct dm_scheduler *scheduler) {
    struct rank *best = NULL;
    for (size_t i = 0; i < scheduler->rank_count; i++) {
        struct rank *rank = &scheduler->ranks[i];
        if (rank->threads == 0) {
            continue;
        }
        if (best == NULL || rank->out * best->threads < best->out * rank->threads) {
            best = rank;
        }
    }
    return best;
}

struct dm_scheduler *dm_scheduler_new(size_t rank_count, GDestroyNotify free_item) {
    struct dm_scheduler *scheduler = g_new0(struct dm_scheduler, 1);
    scheduler->lanes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_lane);
    g_queue_init(&scheduler->turns);
    scheduler->free_item = free_item;
    scheduler->ranks = g_new0(struct rank, rank_count);
    scheduler->rank_count = rank_count;
    scheduler->batch_until_us = INT64_MIN;
    return scheduler;
}

void dm_scheduler_free(struct dm_scheduler *scheduler) {
    if (scheduler == NULL) {
        return;
    }
    while (scheduler->backlog > 0) {
        void *item = take_next(scheduler);
        if (scheduler->free_item != NULL) {
            scheduler->free_item(item);
        }
    }
    g_hash_table_unref(scheduler->lanes);
    g_free(scheduler->ranks);
    g_free(scheduler);
}

void dm_scheduler_rank_up(struct dm_scheduler *scheduler, size_t rank, int64_t threads) {
    g_assert(rank < scheduler->rank_count && threads > 0);
    scheduler->threads += threads - scheduler->ranks[rank].threads;
    scheduler->ranks[rank].threads = threads;
}

void dm_scheduler_add(struct dm_scheduler *scheduler, const char *folder, int64_t id, int64_t cost,
                      void *item, int64_t now_us) {
    if (now_us > scheduler->batch_until_us) {
        scheduler->batch++;
        scheduler->batch_until_us = now_us + SPAN_US;
    }
    struct entry entry = {.batch = scheduler->batch, .cost = cost, .id = id, .item = item};
    struct lane *lane = lane_of(scheduler, folder);
    g_array_append_val(lane->heap, entry);
    sift_up(lane, lane->heap->len - 1);
    scheduler->backlog++;
}

void *dm_scheduler_next(struct dm_scheduler *scheduler, size_t *ret_rank) {
    if (scheduler->backlog == 0) {
        return NULL;
    }
    struct rank *rank = least_loaded(scheduler);
    if (rank == NULL || rank->out >= credit(scheduler, rank)) {
        return NULL;
    }
    rank->out++;
    scheduler->out++;
    *ret_rank = (size_t)(rank - scheduler->ranks);
    return take_next(scheduler);
}

bool dm_scheduler_done(struct dm_scheduler *scheduler, size_t rank, int64_t elapsed_us) {
    g_assert(rank < scheduler->rank_count);
    if (scheduler->ranks[rank].out == 0) {
        return false;
    }
    scheduler->ranks[rank].out--;
    scheduler->out--;
    int64_t sample = MAX(elapsed_us, 1);
    int64_t average = scheduler->average_us;
    scheduler->average_us = average == 0 ? sample : average + (sample - average) / AVERAGE_OVER;
    return true;
}

size_t dm_scheduler_backlog(const struct dm_scheduler *scheduler) {
    return scheduler->backlog;
}

size_t dm_scheduler_out(const struct dm_scheduler *scheduler) {
    return (size_t)scheduler->out;
}

size_t dm_scheduler_out_at(const struct dm_scheduler *scheduler, size_t rank) {
    return (size_t)scheduler->ranks[rank].out;
}
