// SPDX-License-Identifier: MIT
//
// What is decided before any pixel: steps, output, shrink, memory; the cache of plans; the budget.
#include "mpi_worker/task/memory_budget.h"
#include "mpi_worker/task/plan.h"
#include "mpi_worker/task/plan_cache.h"

#include <pthread.h>
#include <stdatomic.h>

static struct dm_catalogue *catalogue;

static struct dm_plan *plan_of(const char *chain) {
    GError *error = NULL;
    struct dm_plan *plan = dm_plan_new(catalogue, chain, &error);
    g_assert_no_error(error);
    return plan;
}

static void test_last_output_decides(void) {
    struct dm_plan *plan = plan_of("png_gray_jpeg-70_invert");
    g_assert_cmpuint(plan->step_count, ==, 2);
    g_assert_cmpstr(plan->steps[0].text, ==, "gray");
    g_assert_cmpstr(plan->output.format, ==, "jpeg");
    g_assert_cmpint(plan->output.quality, ==, 70);
    dm_plan_free(plan);
    plan = plan_of("copy");
    g_assert_null(plan->output.format);
    dm_plan_free(plan);
}

static void test_refuses(void) {
    GError *error = NULL;
    g_assert_null(dm_plan_new(catalogue, "nonsense-3", &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
}

static void test_shrink(void) {
    static const struct {
        const char *chain;
        int width, height, orientation, pages;
        bool shrinks;
        int expected;
    } cases[] = {
        {"resize-400", 4000, 3000, 1, 1, true, 4}, // 10 to spare, twice the detail left
        {"resize-2000", 4000, 3000, 1, 1, true, 1},
        {"resize-1000", 4000, 3000, 1, 1, true, 2},
        {"resize-1001", 4000, 3000, 1, 1, true, 1},
        {"resize-248", 4000, 3000, 1, 1, true, 8},
        {"resize-16", 4000, 3000, 1, 1, true, 8},
        {"resize-400x", 4000, 3000, 6, 1, true, 2}, // 400 of the upright 3000
        {"resize-400", 4000, 3000, 1, 1, false, 1},
        {"resize-400", 4000, 3000, 1, 2, true, 1},
        {"gray_resize-400", 4000, 3000, 1, 1, true, 1},
        {"copy", 4000, 3000, 1, 1, true, 1},
        {"resize-8000", 4000, 3000, 1, 1, true, 1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_plan *plan = plan_of(cases[i].chain);
        struct dm_picture picture = {.width_px = cases[i].width,
                                     .height_px = cases[i].height,
                                     .orientation = cases[i].orientation,
                                     .pages = cases[i].pages,
                                     .shrinks = cases[i].shrinks};
        g_test_message("%s of %d", cases[i].chain, cases[i].width);
        g_assert_cmpint(dm_plan_shrink(plan, &picture), ==, cases[i].expected);
        dm_plan_free(plan);
    }
}

static void test_memory(void) {
    struct dm_picture picture = {.width_px = 4000,
                                 .height_px = 3000,
                                 .pages = 1,
                                 .bands = 3,
                                 .sample_bytes = 1,
                                 .orientation = 1};
    const int64_t frame = 4000 * 3000 * 3;
    struct dm_plan *copy = plan_of("copy"), *rotate = plan_of("rotate-90");
    int64_t streaming = dm_plan_memory(copy, &picture, 1);
    g_assert_cmpint(streaming, <, 40 << 20);
    g_assert_cmpint(dm_plan_memory(rotate, &picture, 1), ==, streaming + frame);
    picture.result_kept = true;
    g_assert_cmpint(dm_plan_memory(copy, &picture, 1), ==, streaming + 2 * frame);
    picture.encoder_bytes = 20; // an AVIF of 12 MP takes some 300 MB
    g_assert_cmpint(dm_plan_memory(copy, &picture, 1), >, INT64_C(250) << 20);
    picture.encoder_bytes = 0;
    picture.result_kept = false;
    picture.buffered = true;
    g_assert_cmpint(dm_plan_memory(copy, &picture, 1), ==, streaming + 2 * frame);
    picture.buffered = false;
    picture.orientation = 6; // turned by no step of "copy", by each of "rotate"
    g_assert_cmpint(dm_plan_memory(copy, &picture, 1), ==, streaming);
    g_assert_cmpint(dm_plan_memory(rotate, &picture, 1), ==, streaming + 2 * frame);
    picture.upright = true;
    g_assert_cmpint(dm_plan_memory(copy, &picture, 1), ==, streaming + frame);
    dm_plan_free(copy);
    dm_plan_free(rotate);
}

static void test_plans_are_kept(void) {
    struct dm_plan_cache *plans = dm_plan_cache_new(catalogue);
    const struct dm_plan *first = dm_plan_cache_get(plans, "copy", NULL);
    for (int i = 0; i < 3 * DM_PLAN_CACHE_MAX; i++) {
        g_autofree char *chain = g_strdup_printf("resize-%d", 100 + i);
        const struct dm_plan *plan = dm_plan_cache_get(plans, chain, NULL);
        g_assert_cmpstr(plan->chain, ==, chain);
        dm_plan_cache_give_back(plans, plan);
    }
    g_assert_true(dm_plan_cache_get(plans, "copy", NULL) == first);
    g_assert_null(dm_plan_cache_get(plans, "nonsense", NULL));
    dm_plan_cache_give_back(plans, first);
    dm_plan_cache_free(plans);
}

// ---- budget

static struct dm_memory_budget *budget;
static atomic_int inside, most_inside;

static void *use_budget(void *data) {
    int64_t bytes = *(int64_t *)data;
    for (int i = 0; i < 2000; i++) {
        int64_t share = dm_memory_budget_admit(budget, bytes);
        int now = atomic_fetch_add(&inside, 1) + 1;
        g_assert_true(bytes != DM_MEMORY_BUDGET_ALONE || now == 1);
        if (now > atomic_load(&most_inside)) {
            atomic_store(&most_inside, now);
        }
        atomic_fetch_sub(&inside, 1);
        dm_memory_budget_release(budget, share);
    }
    return NULL;
}

static void test_budget(void) {
    int64_t wishes[] = {50, 50, 30, DM_MEMORY_BUDGET_ALONE, 0};
    pthread_t threads[G_N_ELEMENTS(wishes)];
    budget = dm_memory_budget_new(100);
    for (size_t i = 0; i < G_N_ELEMENTS(wishes); i++) {
        pthread_create(&threads[i], NULL, use_budget, &wishes[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(wishes); i++) {
        pthread_join(threads[i], NULL);
    }
    g_assert_cmpint(atomic_load(&most_inside), <=, 3); // 50 + 50 or 50 + 30 + 1
    g_assert_cmpint(dm_memory_budget_admit(budget, 1000), ==, 100);
    dm_memory_budget_free(budget);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    catalogue = dm_ops_catalogue();
    g_test_add_func("/plan/last-output-decides", test_last_output_decides);
    g_test_add_func("/plan/refuses", test_refuses);
    g_test_add_func("/plan/shrink", test_shrink);
    g_test_add_func("/plan/memory", test_memory);
    g_test_add_func("/plan/plans-are-kept", test_plans_are_kept);
    g_test_add_func("/plan/budget", test_budget);
    int code = g_test_run();
    dm_catalogue_free(catalogue);
    return code;
}
