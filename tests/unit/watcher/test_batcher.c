// SPDX-License-Identifier: MIT
//
// When there is room for a batch, what it takes, and which suspect is next.
#include "watcher/engine/batcher.h"

#include <glib.h>

#define MS INT64_C(1000)
#define SECOND (1000 * MS)

static void test_room(void) {
    static const struct {
        struct dm_load load;
        int64_t threads;
        bool room;
    } cases[] = {
        {{0, 0, 0}, 2, true},
        {{9, 9, 3 * SECOND}, 2, true},        // 1.5 s for each thread
        {{9, 9, 3500 * MS}, 2, true},         // the last that is room
        {{9, 9, 3501 * MS}, 2, false},        // too little of it to look for more
        {{900, 900, 3 * SECOND}, 2, true},    // however many files that is
        {{9, 9, 3 * SECOND}, 1, false},       // the same for one thread
        {{9, 3, 100 * SECOND}, 2, true},      // each thread has one more to come
        {{9, 4, 100 * SECOND}, 2, false},     //
        {{200, 127, 900 * SECOND}, 64, true}, //
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(dm_batcher_has_room(&cases[i].load, cases[i].threads), ==, cases[i].room);
    }
}

static void test_takes(void) {
    static const struct dm_batch_limits limits = {100, 1000};
    static const struct {
        struct dm_batch batch;
        struct dm_load load;
        int64_t bytes;
        bool takes;
    } cases[] = {
        {{0, 0}, {9, 9, 9 * SECOND}, 5000, true}, // the first always
        {{1, 10}, {9, 9, 0}, 990, true},
        {{1, 10}, {9, 9, 0}, 991, false},
        {{99, 10}, {200, 200, 0}, 1, true},
        {{100, 10}, {200, 200, 0}, 1, false},
        {{1, 10}, {9, 9, 3999 * MS}, 1, true}, // 2 s of work for each of 2 threads
        {{1, 10}, {9, 9, 4 * SECOND}, 1, false},
        {{1, 10}, {9, 3, 4 * SECOND}, 1, true}, // a thread would wait for us
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(
            dm_batcher_takes(&cases[i].batch, &limits, &cases[i].load, 2, cases[i].bytes), ==,
            cases[i].takes);
    }
}

static void test_suspect(void) {
    static const int64_t crashes[] = {2, 1, 1, 3};
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)dm_row_free);
    g_assert_null(dm_batcher_suspect(rows));
    for (size_t i = 0; i < G_N_ELEMENTS(crashes); i++) {
        struct dm_row *row = g_new0(struct dm_row, 1);
        row->crashes = crashes[i];
        g_ptr_array_add(rows, row);
    }
    g_assert_true(dm_batcher_suspect(rows) == rows->pdata[1]);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/batcher/room", test_room);
    g_test_add_func("/batcher/takes", test_takes);
    g_test_add_func("/batcher/suspect", test_suspect);
    return g_test_run();
}
