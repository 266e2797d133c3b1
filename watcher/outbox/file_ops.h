// SPDX-License-Identifier: MIT
//
// File operations of one kind go to the share together, as one job, and come back. A row has at
// most one under way, and what comes back counts only if the row is still what it was when it
// began. When the share turned out to be offline, they come back without a fact.
//
// They are sent when the ledger was committed (dm_file_ops_flush): nothing is done on disk on the
// strength of what a kill -9 could make forgotten.
#ifndef DM_WATCHER_OUTBOX_FILE_OPS_H
#define DM_WATCHER_OUTBOX_FILE_OPS_H

#include "watcher/ledger/ledger.h"
#include "watcher/outbox/file_op.h"
#include "watcher/outbox/settings.h"
#include "watcher/share/share.h"
#include "watcher/wake.h"

struct dm_outbox;

/** A kind of operation: what is done on the share, and what the main loop does afterwards. */
struct dm_file_op_kind {
    // (nullable) Once a job, before the first. Returns 0, or an errno with @error.
    int (*begin)(const struct dm_share_dirs *dirs, GError **error);
    void (*work)(const struct dm_share_dirs *dirs, const struct dm_outbox_settings *settings,
                 struct dm_file_op *op);
    void (*complete)(struct dm_outbox *outbox, struct dm_row *row, const struct dm_file_op *op);
    // What is forbidden (EACCES, EPERM, EROFS) is tried again after an hour rather than a minute.
    bool seldom;
};

/** Whom they are for; copied, what it points at is borrowed. */
struct dm_file_ops_config {
    // For `complete`.
    struct dm_outbox *outbox;
    const struct dm_outbox_settings *settings;
    struct dm_share *share;
    struct dm_ledger *ledger;
    const struct dm_wake *wake;
};

struct dm_file_ops;
struct dm_file_ops *dm_file_ops_new(const struct dm_file_ops_config *config);
/** None may be under way. Accepts NULL. */
void dm_file_ops_free(struct dm_file_ops *file_ops);

/** An empty list of operations; (transfer full). */
GPtrArray *dm_file_ops_list(void);

/**
 * Make operations for the rows that @query asks for and that have none under way; at most @limit,
 * none while too many are under way: GPtrArray of struct dm_file_op (transfer full).
 */
GPtrArray *dm_file_ops_gather(struct dm_file_ops *file_ops, struct dm_query query, guint limit);

/** Say whether too many are under way: there may be rows that dm_file_ops_gather() passed over. */
bool dm_file_ops_is_full(const struct dm_file_ops *file_ops);

/** Let the operations of @list (transfer full), all of @kind, be one job; none is fine. */
void dm_file_ops_add(struct dm_file_ops *file_ops, const struct dm_file_op_kind *kind,
                     GPtrArray *list);

/** Send what was added: the ledger is committed. */
void dm_file_ops_flush(struct dm_file_ops *file_ops);

/** Say whether operations are under way: of @kind, or (NULL) any. */
bool dm_file_ops_busy(const struct dm_file_ops *file_ops, const struct dm_file_op_kind *kind);

/** Say whether any came back since the last call. */
bool dm_file_ops_take_news(struct dm_file_ops *file_ops);

#endif
