// SPDX-License-Identifier: MIT
//
// What the catalogue foretells of sizes is what the operations make, for every operation, whatever
// its samples; an operation of which nothing is foretold must not say a size of its own.
#include "common/extent.h"
#include "tests/unit/mpi_worker/op_case.h"

static const struct dm_extent pictures[] = {{4032, 3024}, {3024, 4032}, {640, 480}, {333, 1000},
                                            {17, 16},     {101, 101},   {1, 1}};

/** As dm_plan_memory() and the picture itself have it. */
static struct dm_extent made(const struct dm_op *op, const void *params, struct dm_extent from) {
    return op->extent != NULL ? op->extent(params, from) : from;
}

static void compare(const struct dm_op *op, const struct dm_step *step, const void *params) {
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++) {
        struct dm_extent foretold = {0}, is = made(op, params, pictures[i]);
        bool known = dm_extent_after(step, pictures[i], &foretold);
        g_test_message("%s of %dx%d", step->text, pictures[i].width, pictures[i].height);
        g_assert_true(known || op->extent == NULL);
        g_assert_cmpint(known ? foretold.width : is.width, ==, is.width);
        g_assert_cmpint(known ? foretold.height : is.height, ==, is.height);
    }
}

static void test_every_operation(void) {
    struct dm_catalogue *catalogue = dm_ops_catalogue();
    size_t count, foretold = 0;
    const struct dm_op *const *ops = dm_ops(&count);
    for (size_t i = 0; i < count; i++) {
        const char *samples = ops[i]->samples != NULL ? ops[i]->samples : ops[i]->info.name;
        g_auto(GStrv) texts = g_strsplit(samples, " ", -1);
        for (char **text = texts; *text != NULL; text++) {
            GError *error = NULL;
            struct dm_chain *chain = parse(catalogue, *text, &error);
            g_assert_no_error(error);
            g_autofree void *params = params_of(catalogue, *text, &error);
            g_assert_no_error(error);
            compare(ops[i], &chain->steps[0], params);
            dm_chain_free(chain);
        }
        foretold += !(ops[i]->info.flags & DM_OP_KEEPS_SIZE) && ops[i]->extent != NULL;
    }
    g_assert_cmpuint(foretold, >, 5);
    dm_catalogue_free(catalogue);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    load_watermarks();
    g_test_add_func("/extent/every-operation", test_every_operation);
    return g_test_run();
}
