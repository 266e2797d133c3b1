// SPDX-License-Identifier: MIT
//
// Errands on a directory as a store, with faults to order.
#include "watcher/cli/errands.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "watcher/store/store_dir.h"

#include <string.h>

#define DEADLINE_US (30 * (int64_t)G_USEC_PER_SEC)

struct world {
    char *dir;
    struct dm_store *store;
    struct dm_errands *errands;
    int ended;
    enum dm_store_class class;
};

static void set_up(struct world *world) {
    *world = (struct world){.dir = g_dir_make_tmp("dm-errands-XXXXXX", NULL)};
    g_autofree char *marker = g_build_filename(world->dir, DM_STORE_DIR_MARKER, NULL);
    g_assert_true(g_file_set_contents(marker, "", 0, NULL));
    world->store = dm_store_dir_new(world->dir);
    world->errands = dm_errands_new(world->store);
}

static void tear_down(struct world *world) {
    dm_errands_free(world->errands);
    dm_remove_tree(world->dir);
    g_free(world->dir);
}

static void start_put(struct dm_store *store, struct dm_errand *errand) {
    const struct dm_store_body body = {.bytes = "hello", .fd = -1, .length = 5};
    const struct dm_store_attributes attributes = {0};
    dm_store_put(store, errand->key, &body, &attributes, dm_errand_back, errand);
}

static void start_head(struct dm_store *store, struct dm_errand *errand) {
    dm_store_head(store, errand->key, dm_errand_back, errand);
}

static void on_end(struct dm_errand *errand, const struct dm_store_result *result) {
    struct world *world = errand->user;
    world->ended++;
    world->class = result->class;
}

static void push(struct world *world, dm_errand_start_fn start, const char *key) {
    dm_errands_push(world->errands, dm_errand_new(start, on_end, world, key));
}

/** Turn until all are over. Returns whether there was any use. */
static bool run(struct world *world, GError **error) {
    int64_t end_us = g_get_monotonic_time() + DEADLINE_US;
    while (dm_errands_load(world->errands) > 0) {
        g_assert_cmpint(g_get_monotonic_time(), <, end_us);
        if (!dm_errands_turn(world->errands, 10, error)) {
            return false;
        }
    }
    return true;
}

static void order(const struct world *world, enum dm_store_class class, int count) {
    const struct dm_store_fault fault = {
        .verb = DM_STORE_VERB_COUNT, .one_in = 1, .count = count, .class = class};
    dm_store_dir_order_fault(world->store, &fault);
}

static void test_again(void) {
    struct world world;
    set_up(&world);
    order(&world, DM_STORE_SERVER, 3);
    push(&world, start_put, "a");
    g_assert_true(run(&world, NULL));
    g_assert_cmpint(world.ended, ==, 1);
    g_assert_cmpint(world.class, ==, DM_STORE_OK);
    tear_down(&world);
}

static void test_many(void) {
    struct world world;
    set_up(&world);
    order(&world, DM_STORE_THROTTLE, 5);
    for (int i = 0; i < 200; i++) {
        g_autofree char *key = g_strdup_printf("k/%d", i);
        push(&world, start_put, key);
    }
    g_assert_true(run(&world, NULL));
    g_assert_cmpint(world.ended, ==, 200);
    tear_down(&world);
}

/** What will not be otherwise is not asked twice. */
static void test_final(void) {
    static const enum dm_store_class classes[] = {DM_STORE_OBJECT, DM_STORE_MULTIPART,
                                                  DM_STORE_SOURCE};
    struct world world;
    set_up(&world);
    push(&world, start_head, "nowhere");
    g_assert_true(run(&world, NULL));
    g_assert_cmpint(world.class, ==, DM_STORE_MISSING);
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
        order(&world, classes[i], 1);
        push(&world, start_put, "a");
        g_assert_true(run(&world, NULL));
        g_assert_cmpint(world.class, ==, classes[i]);
    }
    tear_down(&world);
}

static void test_no_use(void) {
    struct world world;
    set_up(&world);
    order(&world, DM_STORE_ENDPOINT, 1);
    push(&world, start_put, "a");
    g_autoptr(GError) error = NULL;
    while (dm_errands_turn(world.errands, 10, &error)) {
    }
    g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
    tear_down(&world);
}

static void test_cancel(void) {
    struct world world;
    set_up(&world);
    dm_store_dir_hold(world.store, true);
    for (int i = 0; i < 100; i++) {
        push(&world, start_put, "a");
    }
    g_assert_true(dm_errands_turn(world.errands, 0, NULL));
    dm_errands_cancel(world.errands);
    g_assert_cmpint(world.ended, ==, 100);
    g_assert_cmpint(world.class, ==, DM_STORE_CANCELLED);
    dm_store_dir_hold(world.store, false);
    push(&world, start_put, "a");
    g_assert_true(run(&world, NULL)); // and it goes on
    g_assert_cmpint(world.class, ==, DM_STORE_OK);
    tear_down(&world);
}

/** Never so many bytes at once that memory is full of them; one that is larger goes alone. */
static void test_memory(void) {
    struct world world;
    set_up(&world);
    dm_store_dir_hold(world.store, true);
    for (int i = 0; i < 4; i++) {
        struct dm_errand *errand = dm_errand_new(start_put, on_end, &world, "a");
        errand->bytes = INT64_C(100) << 20;
        dm_errands_push(world.errands, errand);
    }
    g_assert_true(dm_errands_turn(world.errands, 0, NULL));
    g_assert_cmpuint(dm_store_load(world.store), ==, 1);
    dm_store_dir_hold(world.store, false);
    g_assert_true(run(&world, NULL));
    g_assert_cmpint(world.ended, ==, 4);
    tear_down(&world);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/errands/again", test_again);
    g_test_add_func("/errands/many", test_many);
    g_test_add_func("/errands/final", test_final);
    g_test_add_func("/errands/no use", test_no_use);
    g_test_add_func("/errands/cancel", test_cancel);
    g_test_add_func("/errands/memory", test_memory);
    return g_test_run();
}
