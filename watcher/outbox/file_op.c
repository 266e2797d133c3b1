// SPDX-License-Identifier: MIT
//
// See file_op.h.
#include "watcher/outbox/file_op.h"

#include "common/path.h"

#include <errno.h>

struct dm_file_op *dm_file_op_new(struct dm_row *row) {
    struct dm_file_op *op = g_new0(struct dm_file_op, 1);
    op->row = row;
    op->fact = DM_FACT_COUNT;
    op->kept = g_ptr_array_new_with_free_func((GDestroyNotify)dm_kept_free);
    return op;
}

void dm_file_op_free(struct dm_file_op *op) {
    if (op == NULL) {
        return;
    }
    dm_row_free(op->row);
    g_free(op->message);
    g_ptr_array_unref(op->kept);
    g_free(op);
}

bool dm_file_op_is_forbidden(const struct dm_file_op *op) {
    return op->errnum == EACCES || op->errnum == EPERM || op->errnum == EROFS;
}

void dm_file_op_block(struct dm_file_op *op, const char *what, const char *name) {
    op->errnum = errno;
    g_autofree char *shown = dm_path_display(name);
    g_free(op->message);
    op->fact = DM_FACT_BLOCKED;
    op->message = g_strdup_printf("cannot %s: '%s': %s", what, shown, g_strerror(op->errnum));
}
