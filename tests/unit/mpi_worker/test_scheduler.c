// SPDX-License-Identifier: MIT
//
// The hand-out: its order, whom it chooses, how much it lends, what it does at the end of the work.
#include "mpi_worker/job/scheduler.h"

#define MS INT64_C(1000)

static void *item(int64_t id) {
    return GSIZE_TO_POINTER((gsize)id);
}

static int64_t next_id(struct dm_scheduler *scheduler, size_t *ret_rank) {
    return (int64_t)GPOINTER_TO_SIZE(dm_scheduler_next(scheduler, ret_rank));
}

static struct dm_scheduler *make(size_t ranks, int64_t threads) {
    struct dm_scheduler *scheduler = dm_scheduler_new(ranks, NULL);
    for (size_t i = 0; i < ranks; i++) {
        dm_scheduler_rank_up(scheduler, i, threads);
    }
    return scheduler;
}

static void fill(struct dm_scheduler *scheduler, int64_t count) {
    for (int64_t id = 1; id <= count; id++) {
        dm_scheduler_add(scheduler, "gray", id, 1, item(id), 0);
    }
}

/** Hand out all that may go now; how many tasks that were. */
static int hand_out_all(struct dm_scheduler *scheduler) {
    size_t rank;
    int count = 0;
    while (dm_scheduler_next(scheduler, &rank) != NULL) {
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
    struct dm_scheduler *scheduler = make(1, 100);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        dm_scheduler_add(scheduler, "gray", cases[i].id, cases[i].cost, item(cases[i].id),
                         cases[i].at_us);
    }
    for (int place = 0; place < (int)G_N_ELEMENTS(cases); place++) {
        size_t rank;
        int64_t id = next_id(scheduler, &rank);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
            if (cases[i].id == id) {
                g_assert_cmpint(cases[i].place, ==, place);
            }
        }
    }
    dm_scheduler_free(scheduler);
}

static void test_order_of_many(void) {
    struct dm_scheduler *scheduler = make(1, 2000);
    for (int64_t id = 1; id <= 1000; id++) {
        dm_scheduler_add(scheduler, "gray", id, id * 7919 % 101, item(id), 0);
    }
    size_t rank;
    int64_t last_cost = INT64_MAX, last_id = 0;
    for (int i = 0; i < 1000; i++) {
        int64_t id = next_id(scheduler, &rank), cost = id * 7919 % 101;
        g_assert_true(cost < last_cost || (cost == last_cost && id > last_id));
        last_cost = cost;
        last_id = id;
    }
    g_assert_null(dm_scheduler_next(scheduler, &rank));
    dm_scheduler_free(scheduler);
}

/** The folders of the next @count tasks, a letter each: ids count from 1000 in each folder. */
static char *next_folders(struct dm_scheduler *scheduler, int count) {
    GString *folders = g_string_new(NULL);
    size_t rank;
    for (int i = 0; i < count; i++) {
        g_string_append_c(folders, (char)('@' + next_id(scheduler, &rank) / 1000));
    }
    return g_string_free(folders, FALSE);
}

static void add_to(struct dm_scheduler *scheduler, char folder, int count, int64_t now_us) {
    const char name[] = {folder, '\0'};
    for (int i = 0; i < count; i++) {
        int64_t id = (folder - '@') * 1000 + i;
        dm_scheduler_add(scheduler, name, id, 1, item(id), now_us);
    }
}

static void test_folders_in_turn(void) {
    struct dm_scheduler *scheduler = make(1, 1000);
    add_to(scheduler, 'A', 500, 0);
    g_autofree char *alone = next_folders(scheduler, 3);
    g_assert_cmpstr(alone, ==, "AAA");
    add_to(scheduler, 'B', 3, 400 * MS); // though their batch is younger
    g_autofree char *two = next_folders(scheduler, 5);
    g_assert_cmpstr(two, ==, "ABABA");
    add_to(scheduler, 'C', 2, 401 * MS);
    g_autofree char *three = next_folders(scheduler, 8);
    g_assert_cmpstr(three, ==, "BACACAAA");
    g_assert_cmpuint(dm_scheduler_backlog(scheduler), ==, 500 + 3 + 2 - 16);
    dm_scheduler_free(scheduler);
}

/** Whoever comes, and however many, each folder that waits has its turn. */
static void test_no_folder_starves(void) {
    struct dm_scheduler *scheduler = make(1, 1000);
    add_to(scheduler, 'A', 10, 0);
    add_to(scheduler, 'Z', 1, 0);
    for (char folder = 'B'; folder < 'Z'; folder++) { // a new one for each that leaves
        add_to(scheduler, folder, 1, 0);
        g_autofree char *next = next_folders(scheduler, 1);
        if (*next == 'Z') {
            g_assert_cmpint(folder, ==, 'C');
            dm_scheduler_free(scheduler);
            return;
        }
    }
    g_assert_not_reached();
}

static void test_least_loaded_rank(void) {
    struct dm_scheduler *scheduler = dm_scheduler_new(3, NULL);
    dm_scheduler_rank_up(scheduler, 0, 1);
    dm_scheduler_rank_up(scheduler, 2, 3); // rank 1 is not up
    fill(scheduler, 100);
    static const size_t expected[] = {0, 2, 2, 2, 0, 2, 2, 2, 0};
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        size_t rank = 99;
        g_assert_nonnull(dm_scheduler_next(scheduler, &rank));
        g_assert_cmpuint(rank, ==, expected[i]);
    }
    dm_scheduler_free(scheduler);
}

static void test_nobody_up(void) {
    struct dm_scheduler *scheduler = dm_scheduler_new(2, NULL);
    fill(scheduler, 3);
    size_t rank;
    g_assert_null(dm_scheduler_next(scheduler, &rank));
    g_assert_cmpuint(dm_scheduler_backlog(scheduler), ==, 3);
    dm_scheduler_free(scheduler);
}

/** With plenty of work each thread has one task and this many waiting. */
static void test_prefetch(void) {
    static const struct {
        int64_t elapsed_us;
        int prefetch;
    } cases[] = {{0, 256}, {10, 256}, {500, 12}, {1000, 6}, {5000, 2}, {1000 * MS, 2}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_scheduler *scheduler = make(2, 2);
        fill(scheduler, 10000);
        g_assert_cmpint(hand_out_all(scheduler), ==, 2 * 2 * 3); // nothing measured yet: 2 a thread
        g_assert_true(dm_scheduler_done(scheduler, 0, cases[i].elapsed_us));
        hand_out_all(scheduler);
        size_t per_rank = 2 * (1 + (size_t)cases[i].prefetch);
        g_assert_cmpuint(dm_scheduler_out_at(scheduler, 1), ==, MAX(per_rank, 6));
        g_assert_cmpuint(dm_scheduler_out(scheduler), >=, 2 * per_rank - 1);
        dm_scheduler_free(scheduler);
    }
}

/** Towards the end nobody hoards: the last tasks go out one by one as threads become free. */
static void test_tail(void) {
    struct dm_scheduler *scheduler = make(4, 1);
    fill(scheduler, 40);
    size_t rank = 0;
    while (dm_scheduler_backlog(scheduler) > 0) {
        hand_out_all(scheduler);
        size_t backlog = dm_scheduler_backlog(scheduler);
        for (size_t i = 0; backlog < 4 && backlog > 0 && i < 4; i++) {
            g_assert_cmpuint(dm_scheduler_out_at(scheduler, i), <=, 3);
        }
        g_assert_true(dm_scheduler_done(scheduler, rank, 5 * MS));
        rank = (rank + 1) % 4;
    }
    dm_scheduler_free(scheduler);

    scheduler = make(4, 1);
    fill(scheduler, 6);
    // 4 run; prefetch is 6/4 = 1 for the first, and 0 once fewer wait than there are threads.
    g_assert_cmpint(hand_out_all(scheduler), ==, 4);
    g_assert_true(dm_scheduler_done(scheduler, 2, 5 * MS));
    g_assert_cmpint((int)next_id(scheduler, &rank), ==, 5);
    g_assert_cmpuint(rank, ==, 2);
    g_assert_null(dm_scheduler_next(scheduler, &rank));
    dm_scheduler_free(scheduler);
}

static void test_done_without_task(void) {
    struct dm_scheduler *scheduler = make(2, 1);
    fill(scheduler, 1);
    g_assert_cmpint(hand_out_all(scheduler), ==, 1);
    g_assert_false(dm_scheduler_done(scheduler, 1, 1));
    g_assert_true(dm_scheduler_done(scheduler, 0, 1));
    g_assert_false(dm_scheduler_done(scheduler, 0, 1));
    g_assert_cmpuint(dm_scheduler_out(scheduler), ==, 0);
    dm_scheduler_free(scheduler);
}

static int freed;

static void count_freed(void *data) {
    (void)data;
    freed++;
}

static void test_free(void) {
    struct dm_scheduler *scheduler = dm_scheduler_new(1, count_freed);
    fill(scheduler, 5);
    freed = 0;
    dm_scheduler_free(scheduler);
    g_assert_cmpint(freed, ==, 5);
    dm_scheduler_free(NULL);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scheduler/order", test_order);
    g_test_add_func("/scheduler/order-of-many", test_order_of_many);
    g_test_add_func("/scheduler/folders-in-turn", test_folders_in_turn);
    g_test_add_func("/scheduler/no-folder-starves", test_no_folder_starves);
    g_test_add_func("/scheduler/least-loaded-rank", test_least_loaded_rank);
    g_test_add_func("/scheduler/nobody-up", test_nobody_up);
    g_test_add_func("/scheduler/prefetch", test_prefetch);
    g_test_add_func("/scheduler/tail", test_tail);
    g_test_add_func("/scheduler/done-without-task", test_done_without_task);
    g_test_add_func("/scheduler/free", test_free);
    return g_test_run();
}
