// SPDX-License-Identifier: MIT
//
// See decision.h.
#include "mpi_worker/ops/decision.h"

#include "mpi_worker/image/node.h"

bool dm_decide_alone(dm_look_fn *look, dm_apply_decided_fn *apply, VipsImage *in,
                     const void *params, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) memory = NULL;
    if (!dm_node_memory(in, &memory, error)) {
        return false;
    }
    g_autofree void *decision = look(memory, params, NULL);
    return apply(memory, params, decision, ret_out, error);
}
