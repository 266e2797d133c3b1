// SPDX-License-Identifier: MIT
//
// Every sample of every operation, and every output, through whole tasks in the jail: nothing that
// an operation does needs more than a decoder's thread may do.
#include "mpi_worker/image/vips_setup.h"
#include "tests/unit/mpi_worker/bench.h"
#include "tests/unit/mpi_worker/op_case.h"

static const char *const sources[] = {"a.jpg", "b.png", "c.webp", "d.tif"};

static void drop_sources(void) {
    drop_image(paint(97, 61, 3, false), "a.jpg");
    drop_image(paint(97, 61, 4, true), "b.png");
    drop_image(paint(97, 61, 4, false), "c.webp");
    drop_image(paint(97, 61, 1, false), "d.tif");
}

static void run_on_all(const char *chain) {
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
        struct dm_result result = bench_run(chain, sources[i]);
        if (result.status != DM_STATUS_DONE) {
            g_error("%s of %s: %s", chain, sources[i], result.message);
        }
        dm_result_clear(&result);
    }
}

static void test_steps(void) {
    size_t count;
    const struct dm_op *const *ops = dm_ops(&count);
    for (size_t i = 0; i < count; i++) {
        const char *samples = ops[i]->samples != NULL ? ops[i]->samples : ops[i]->info.name;
        g_auto(GStrv) each = g_strsplit(samples, " ", -1);
        for (char **sample = each; *sample != NULL; sample++) {
            run_on_all(*sample);
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_assert_true(dm_vips_setup(NULL));
    load_watermarks();
    bench_open();
    drop_sources();
    g_test_add_func("/task/steps", test_steps);
    int failed = g_test_run();
    bench_close();
    dm_watermarks_clear();
    return failed;
}
