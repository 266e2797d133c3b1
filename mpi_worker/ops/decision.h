// SPDX-License-Identifier: MIT
//
// Operations that look at the whole picture before they change it (op.h: look, apply_decided), used
// on a single one.
#ifndef DM_MPI_WORKER_OPS_DECISION_H
#define DM_MPI_WORKER_OPS_DECISION_H

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

typedef void *dm_look_fn(VipsImage *in, const void *params, void *decision);
typedef bool dm_apply_decided_fn(VipsImage *in, const void *params, const void *decision,
                                 VipsImage **ret_out, GError **error);

/** Bring @in into memory, look at it, and apply what is decided. Errors: DM_ERROR_INPUT. */
bool dm_decide_alone(dm_look_fn *look, dm_apply_decided_fn *apply, VipsImage *in,
                     const void *params, VipsImage **ret_out, GError **error);

#endif
