// SPDX-License-Identifier: MIT
//
// A file operation: what is to be done on the share for one row, and the fact that comes of it. The
// I/O thread decides nothing: it finds out what is true on disk, and the room tells the ledger.
#ifndef DM_WATCHER_OUTBOX_FILE_OP_H
#define DM_WATCHER_OUTBOX_FILE_OP_H

#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdbool.h>

struct dm_file_op {
    // As it was when the operation began; owned.
    struct dm_row *row;
    // Publish: what stands under the name is an earlier result of the same input.
    bool replace;
    // Retire: an earlier process published it: is the result still whole?
    bool unproved;
    // Fail: that the file is open says nothing.
    bool always_open;

    // What came of it.

    // DM_FACT_COUNT: nothing to report.
    enum dm_fact fact;
    // Publish: somebody's file has that name; no fact.
    bool taken;
    // BLOCKED: what was refused and why; owned, else NULL.
    char *message;
    // BLOCKED: the errno, and after how long it is to be tried again.
    int errnum;
    int64_t retry_us;
    // RETIRED: struct dm_kept: what is below originals/ now; never NULL.
    GPtrArray *kept;
};

/** @row (transfer full). */
struct dm_file_op *dm_file_op_new(struct dm_row *row);
void dm_file_op_free(struct dm_file_op *op);

/** Say whether what was refused is forbidden rather than impossible for the moment. */
bool dm_file_op_is_forbidden(const struct dm_file_op *op);

/** The world refused with errno: BLOCKED, "cannot <what>: '<name>': <why>". */
void dm_file_op_block(struct dm_file_op *op, const char *what, const char *name);

#endif
