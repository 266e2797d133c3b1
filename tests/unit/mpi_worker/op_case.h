// SPDX-License-Identifier: MIT
//
// What the tests of operations share: parameters read by the real parser.
#ifndef DM_TESTS_OP_CASE_H
#define DM_TESTS_OP_CASE_H

#include "mpi_worker/ops/op.h"

static inline struct dm_chain *parse(const struct dm_catalogue *catalogue, const char *text,
                                     GError **error) {
    struct dm_chain *chain = NULL;
    dm_chain_parse(catalogue, NULL, text, &chain, NULL, error);
    return chain;
}

/** Parse one step and fill in its parameters; (transfer full), NULL on error. */
static inline void *params_of(const struct dm_catalogue *catalogue, const char *text,
                              GError **error) {
    struct dm_chain *chain = parse(catalogue, text, error);
    if (chain == NULL) {
        return NULL;
    }
    g_assert_cmpuint(chain->step_count, ==, 1);
    const struct dm_op *op = dm_op_find(chain->steps[0].operation->name);
    g_assert_nonnull(op);
    void *params = g_malloc0(op->params_size + 1);
    if (!dm_op_fill_params(op, &chain->steps[0], params, error))
        g_clear_pointer(&params, g_free);
    dm_chain_free(chain);
    return params;
}

#endif
