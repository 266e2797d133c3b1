// SPDX-License-Identifier: MIT
//
// The hand-out: its order, whom it chooses, how much it lends, what it does at the end of the work.
#include "mpi_worker/handout.h"

#define MS INT64_C(1000)

static void *item(int64_t id) {
    return GSIZE_TO_POINTER((gsize)id);
}

static int64_t next_id(struct dm_handout *handout, size_t *ret_rank) {
    return (int64_t)GPOINTER_TO_SIZE(dm_handout_next(handout, ret_rank));
}

static struct dm_handout *make(size_t ranks, int64_t threads) {
    struct dm_handout *handout = dm_handout_new(ranks, NULL);
    for (size_t i = 0; i < ranks; i++) {
        dm_handout_rank_up(handout, i, threads);
    }
    return handout;
}

static void fill(struct dm_handout *handout, int64_t count) {
    for (int64_t id = 1; id <= count; id++) {
        dm_handout_add(handout, id, 1, item(id), 0);
    }
}

/** Hand out all that may go now; how many tasks that were. */
static int hand_out_all(struct dm_handout *handout) {
    size_t rank;
    int count = 0;
    while (dm_handout_next(handout, &rank) != NULL) {
        count++;
    }
    return count;
}

static void test_order(void) {
    static const struct {
        int64_t id, cost, at_us;
        int place; // in which it goes out
    } cases[] = {
        {.id = 7, .cost = 10, .at_us = 0, .place = 2},
        {.id = 3, .cost = 10, .at_us = 0, .place = 1}, // same cost: smaller id
        {.id = 9, .cost = 90, .at_us = 0, .place = 0}, // largest first
        {.id = 1, .cost = 5, .at_us = 50 * MS, .place = 3},
        {.id = 2, .cost = 5000, .at_us = 51 * MS, .place = 4},  // a younger batch waits
        {.id = 4, .cost = 4000, .at_us = 101 * MS, .place = 5}, // still that batch
        {.id = 5, .cost = 9000, .at_us = 102 * MS, .place = 6}, // and yet another
    };
    struct dm_handout *handout = make(1, 100);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        dm_handout_add(handout, cases[i].id, cases[i].cost, item(cases[i].id), cases[i].at_us);
    }
    for (int place = 0; place < (int)G_N_ELEMENTS(cases); place++) {
        size_t rank;
        int64_t id = next_id(handout, &rank);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
            if (cases[i].id == id) {
                g_assert_cmpint(cases[i].place, ==, place);
            }
        }
    }
    dm_handout_free(handout);
}

static void test_order_of_many(void) {
    struct dm_handout *handout = make(1, 2000);
    for (int64_t id = 1; id <= 1000; id++) {
        dm_handout_add(handout, id, id * 7919 % 101, item(id), 0);
    }
    size_t rank;
    int64_t last_cost = INT64_MAX, last_id = 0;
    for (int i = 0; i < 1000; i++) {
        int64_t id = next_id(handout, &rank), cost = id * 7919 % 101;
        g_assert_true(cost < last_cost || (cost == last_cost && id > last_id));
        last_cost = cost;
        last_id = id;
    }
    g_assert_null(dm_handout_next(handout, &rank));
    dm_handout_free(handout);
}

static void test_least_loaded_rank(void) {
    struct dm_handout *handout = dm_handout_new(3, NULL);
    dm_handout_rank_up(handout, 0, 1);
    dm_handout_rank_up(handout, 2, 3); // rank 1 is not up
    fill(handout, 100);
    static const size_t expected[] = {0, 2, 2, 2, 0, 2, 2, 2, 0};
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        size_t rank = 99;
        g_assert_nonnull(dm_handout_next(handout, &rank));
        g_assert_cmpuint(rank, ==, expected[i]);
    }
    dm_handout_free(handout);
}

static void test_nobody_up(void) {
    struct dm_handout *handout = dm_handout_new(2, NULL);
    fill(handout, 3);
    size_t rank;
    g_assert_null(dm_handout_next(handout, &rank));
    g_assert_cmpuint(dm_handout_backlog(handout), ==, 3);
    dm_handout_free(handout);
}

/** With plenty of work each thread has one task and this many waiting. */
static void test_prefetch(void) {
    static const struct {
        int64_t elapsed_us;
        int prefetch;
    } cases[] = {{0, 256}, {10, 256}, {500, 12}, {1000, 6}, {5000, 2}, {1000 * MS, 2}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_handout *handout = make(2, 2);
        fill(handout, 10000);
        g_assert_cmpint(hand_out_all(handout), ==, 2 * 2 * 3); // nothing measured yet: 2 a thread
        g_assert_true(dm_handout_done(handout, 0, cases[i].elapsed_us));
        hand_out_all(handout);
        size_t per_rank = 2 * (1 + (size_t)cases[i].prefetch);
        g_assert_cmpuint(dm_handout_out_at(handout, 1), ==, MAX(per_rank, 6));
        g_assert_cmpuint(dm_handout_out(handout), >=, 2 * per_rank - 1);
        dm_handout_free(handout);
    }
}

/** Towards the end nobody hoards: the last tasks go out one by one as threads become free. */
static void test_tail(void) {
    struct dm_handout *handout = make(4, 1);
    fill(handout, 40);
    size_t rank = 0;
    while (dm_handout_backlog(handout) > 0) {
        hand_out_all(handout);
        size_t backlog = dm_handout_backlog(handout);
        for (size_t i = 0; backlog < 4 && backlog > 0 && i < 4; i++) {
            g_assert_cmpuint(dm_handout_out_at(handout, i), <=, 3);
        }
        g_assert_true(dm_handout_done(handout, rank, 5 * MS));
        rank = (rank + 1) % 4;
    }
    dm_handout_free(handout);

    handout = make(4, 1);
    fill(handout, 6);
    // 4 run; prefetch is 6/4 = 1 for the first, and 0 once fewer wait than there are threads.
    g_assert_cmpint(hand_out_all(handout), ==, 4);
    g_assert_true(dm_handout_done(handout, 2, 5 * MS));
    g_assert_cmpint((int)next_id(handout, &rank), ==, 5);
    g_assert_cmpuint(rank, ==, 2);
    g_assert_null(dm_handout_next(handout, &rank));
    dm_handout_free(handout);
}

static void test_done_without_task(void) {
    struct dm_handout *handout = make(2, 1);
    fill(handout, 1);
    g_assert_cmpint(hand_out_all(handout), ==, 1);
    g_assert_false(dm_handout_done(handout, 1, 1));
    g_assert_true(dm_handout_done(handout, 0, 1));
    g_assert_false(dm_handout_done(handout, 0, 1));
    g_assert_cmpuint(dm_handout_out(handout), ==, 0);
    dm_handout_free(handout);
}

static int freed;

static void count_freed(void *data) {
    (void)data;
    freed++;
}

static void test_free(void) {
    struct dm_handout *handout = dm_handout_new(1, count_freed);
    fill(handout, 5);
    freed = 0;
    dm_handout_free(handout);
    g_assert_cmpint(freed, ==, 5);
    dm_handout_free(NULL);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/handout/order", test_order);
    g_test_add_func("/handout/order-of-many", test_order_of_many);
    g_test_add_func("/handout/least-loaded-rank", test_least_loaded_rank);
    g_test_add_func("/handout/nobody-up", test_nobody_up);
    g_test_add_func("/handout/prefetch", test_prefetch);
    g_test_add_func("/handout/tail", test_tail);
    g_test_add_func("/handout/done-without-task", test_done_without_task);
    g_test_add_func("/handout/free", test_free);
    return g_test_run();
}
