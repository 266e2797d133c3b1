// SPDX-License-Identifier: MIT
//
// Order: tasks that arrive within SPAN_US form a batch. Older batches go first, so that nothing
// starves; within a batch the most expensive first, so that no long task is left over for the end;
// on equal cost the smaller id.
//
// Rank: the one with the least work per thread (the lowest number on a tie: rank 0's own threads
// need no message), if it still has credit. Credit = one task a thread plus the prefetch, which
// bridges the time until rank 0 hears of an end and the next task arrives (each of the two ranks
// looks for messages at intervals, pace.c): AHEAD_US of work by the measured average of the tasks
// so far, at least 2 a thread. Towards the end of the work the prefetch shrinks with the backlog to
// 0: a task waiting in one rank while a thread of another is idle would make the end later.
#include "mpi_worker/handout.h"

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

struct rank {
    int64_t threads; // 0: not up
    int64_t out;
};

struct dm_handout {
    GArray *heap; // of struct entry, the next one at 0
    GDestroyNotify free_item;
    int64_t batch;          // number of the batch that takes in tasks now
    int64_t batch_until_us; // the first task after this opens another
    struct rank *ranks;
    size_t rank_count;
    int64_t threads;    // of all ranks
    int64_t out;        // of all ranks
    int64_t average_us; // of a task; 0: none has ended yet
};

static struct entry *entry_at(const struct dm_handout *handout, size_t index) {
    return &g_array_index(handout->heap, struct entry, index);
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

static void sift_up(struct dm_handout *handout, size_t at) {
    while (at > 0) {
        struct entry *parent = entry_at(handout, (at - 1) / 2);
        struct entry *self = entry_at(handout, at);
        if (!goes_before(self, parent)) {
            return;
        }
        swap_entries(self, parent);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct dm_handout *handout, size_t at) {
    for (;;) {
        size_t first = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < handout->heap->len;
             child++) {
            if (goes_before(entry_at(handout, child), entry_at(handout, first))) {
                first = child;
            }
        }
        if (first == at) {
            return;
        }
        swap_entries(entry_at(handout, at), entry_at(handout, first));
        at = first;
    }
}

static void *take_first(struct dm_handout *handout) {
    void *item = entry_at(handout, 0)->item;
    size_t last = handout->heap->len - 1;
    swap_entries(entry_at(handout, 0), entry_at(handout, last));
    g_array_set_size(handout->heap, (guint)last);
    if (last > 0) {
        sift_down(handout, 0);
    }
    return item;
}

static int64_t prefetch_per_thread(const struct dm_handout *handout) {
    if (handout->average_us <= 0) {
        return MIN_PREFETCH;
    }
    int64_t wanted = (AHEAD_US + handout->average_us - 1) / handout->average_us;
    return CLAMP(wanted, MIN_PREFETCH, MAX_PREFETCH);
}

/** How many tasks @rank may have at once, as things stand. */
static int64_t credit(const struct dm_handout *handout, const struct rank *rank) {
    int64_t wanted = rank->threads * prefetch_per_thread(handout);
    int64_t share = (int64_t)handout->heap->len * rank->threads / handout->threads;
    return rank->threads + MIN(wanted, share);
}

/** The rank with the least work per thread; NULL when none is up. */
static struct rank *least_loaded(const struct dm_handout *handout) {
    struct rank *best = NULL;
    for (size_t i = 0; i < handout->rank_count; i++) {
        struct rank *rank = &handout->ranks[i];
        if (rank->threads == 0) {
            continue;
        }
        if (best == NULL || rank->out * best->threads < best->out * rank->threads) {
            best = rank;
        }
    }
    return best;
}

struct dm_handout *dm_handout_new(size_t rank_count, GDestroyNotify free_item) {
    struct dm_handout *handout = g_new0(struct dm_handout, 1);
    handout->heap = g_array_new(FALSE, FALSE, sizeof(struct entry));
    handout->free_item = free_item;
    handout->ranks = g_new0(struct rank, rank_count);
    handout->rank_count = rank_count;
    handout->batch_until_us = INT64_MIN;
    return handout;
}

void dm_handout_free(struct dm_handout *handout) {
    if (handout == NULL) {
        return;
    }
    for (size_t i = 0; handout->free_item != NULL && i < handout->heap->len; i++) {
        handout->free_item(entry_at(handout, i)->item);
    }
    g_array_free(handout->heap, TRUE);
    g_free(handout->ranks);
    g_free(handout);
}

void dm_handout_rank_up(struct dm_handout *handout, size_t rank, int64_t threads) {
    g_assert(rank < handout->rank_count && threads > 0);
    handout->threads += threads - handout->ranks[rank].threads;
    handout->ranks[rank].threads = threads;
}

void dm_handout_add(struct dm_handout *handout, int64_t id, int64_t cost, void *item,
                    int64_t now_us) {
    if (now_us > handout->batch_until_us) {
        handout->batch++;
        handout->batch_until_us = now_us + SPAN_US;
    }
    struct entry entry = {.batch = handout->batch, .cost = cost, .id = id, .item = item};
    g_array_append_val(handout->heap, entry);
    sift_up(handout, handout->heap->len - 1);
}

void *dm_handout_next(struct dm_handout *handout, size_t *ret_rank) {
    if (handout->heap->len == 0) {
        return NULL;
    }
    struct rank *rank = least_loaded(handout);
    if (rank == NULL || rank->out >= credit(handout, rank)) {
        return NULL;
    }
    rank->out++;
    handout->out++;
    *ret_rank = (size_t)(rank - handout->ranks);
    return take_first(handout);
}

bool dm_handout_done(struct dm_handout *handout, size_t rank, int64_t elapsed_us) {
    g_assert(rank < handout->rank_count);
    if (handout->ranks[rank].out == 0) {
        return false;
    }
    handout->ranks[rank].out--;
    handout->out--;
    int64_t sample = MAX(elapsed_us, 1);
    int64_t average = handout->average_us;
    handout->average_us = average == 0 ? sample : average + (sample - average) / AVERAGE_OVER;
    return true;
}

size_t dm_handout_backlog(const struct dm_handout *handout) {
    return handout->heap->len;
}

size_t dm_handout_out(const struct dm_handout *handout) {
    return (size_t)handout->out;
}

size_t dm_handout_out_at(const struct dm_handout *handout, size_t rank) {
    return (size_t)handout->ranks[rank].out;
}
