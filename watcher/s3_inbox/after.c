// SPDX-License-Identifier: MIT
//
// See after.h.
//
//   move:            copy -> head -> remove -> forgotten
//   delete:                  head -> remove -> forgotten
//   keep:            KEPT
//   it is not there, or another one: forgotten
#include "watcher/s3_inbox/after.h"

#include "common/log.h"
#include "common/path.h"
#include "watcher/s3_inbox/listing.h"
#include "watcher/s3_inbox/names.h"

#include <string.h>

struct after {
    struct dm_s3_inbox *inbox;
    struct dm_arrival *arrival;
};

static void after_free(struct after *after) {
    dm_s3_end(after->inbox, after->arrival->key);
    dm_arrival_free(after->arrival);
    g_free(after);
}

static void forget(struct after *after) {
    dm_ledger_forget_arrival(after->inbox->ledger, after->arrival);
    after_free(after);
}

/** A step has failed: again later, from the first one. */
static void fail(struct after *after, const struct dm_transfer_op *op) {
    if (!after->inbox->is_freed) {
        if (op->result.class == DM_STORE_OBJECT && after->arrival->attempts == 0) {
            g_autofree char *shown = dm_path_display(after->arrival->key);
            dm_log_of_file(after->arrival->key, NULL, DM_LOG_WARNING,
                           "cannot %s the object '%s': %s, will retry",
                           after->inbox->settings->after, shown, op->result.reason);
        }
        dm_s3_put_off(after->inbox, after->arrival, op->result.retry_after_us);
    }
    after_free(after);
}

/** Another object is there, or none: say so, as it is the next to be taken. */
static void leave(struct after *after) {
    dm_s3_listing_again(after->inbox->listing);
    forget(after);
}

static void removed(struct dm_transfer_op *op, void *user) {
    struct after *after = user;
    dm_s3_report(after->inbox, &op->result);
    if (op->result.class == DM_STORE_OK || op->result.class == DM_STORE_MISSING) {
        forget(after);
    } else {
        fail(after, op);
    }
}

static void looked(struct dm_transfer_op *op, void *user) {
    struct after *after = user;
    struct dm_s3_inbox *inbox = after->inbox;
    dm_s3_report(inbox, &op->result);
    bool is_there = op->result.class == DM_STORE_OK;
    if (is_there && strcmp(op->result.etag, after->arrival->etag) == 0 && !inbox->is_freed) {
        dm_transfer_push(inbox->transfer,
                         dm_transfer_op_new(DM_STORE_REMOVE, op->key, removed, after));
    } else if (is_there || op->result.class == DM_STORE_MISSING) {
        leave(after);
    } else {
        fail(after, op);
    }
}

static void look(struct after *after) {
    dm_transfer_push(after->inbox->transfer,
                     dm_transfer_op_new(DM_STORE_HEAD, after->arrival->key, looked, after));
}

static void copied(struct dm_transfer_op *op, void *user) {
    struct after *after = user;
    dm_s3_report(after->inbox, &op->result);
    switch (op->result.class) {
    case DM_STORE_OK:
        if (after->inbox->is_freed) {
            fail(after, op);
        } else {
            look(after);
        }
        break;
    case DM_STORE_PRECONDITION:
    case DM_STORE_MISSING:
        leave(after);
        break;
    default:
        fail(after, op);
        break;
    }
}

static void copy(struct after *after) {
    const struct dm_arrival *arrival = after->arrival;
    g_autofree char *to = dm_s3_name_taken(after->inbox->settings->prefix, arrival->key);
    struct dm_transfer_op *op = dm_transfer_op_new(DM_STORE_COPY, to, copied, after);
    op->from_key = g_strdup(arrival->key);
    op->if_match = g_strdup(arrival->etag);
    dm_transfer_push(after->inbox->transfer, op);
}

static void keep(struct after *after) {
    after->arrival->state = DM_ARRIVAL_KEPT;
    dm_ledger_save_arrival(after->inbox->ledger, after->arrival);
    after_free(after);
}

void dm_s3_after(struct dm_s3_inbox *inbox, struct dm_arrival *arrival) {
    struct after *after = g_new(struct after, 1);
    *after = (struct after){inbox, arrival};
    bool is_ours = dm_s3_name_path(inbox->settings->prefix, arrival->key) != NULL;
    if (!is_ours || strcmp(inbox->settings->after, "keep") == 0) {
        keep(after);
    } else if (strcmp(inbox->settings->after, "move") == 0) {
        copy(after);
    } else {
        look(after);
    }
}
