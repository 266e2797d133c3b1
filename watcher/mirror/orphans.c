// SPDX-License-Identifier: MIT
//
// See orphans.h.
#include "watcher/mirror/orphans.h"

#include "common/log.h"
#include "watcher/mirror/object.h"

#define EVERY_US (INT64_C(3600) * G_USEC_PER_SEC)
#define AGAIN_US (INT64_C(300) * G_USEC_PER_SEC)
// Our clock was off; the store knows by how much now.
#define RIGHT_AGAIN_US (INT64_C(5) * G_USEC_PER_SEC)

struct dm_orphans {
    struct dm_mirror *mirror;
    // Operations of ours.
    int in_flight;
    int64_t next_us;
    unsigned aborted;
};

struct dm_orphans *dm_orphans_new(struct dm_mirror *mirror) {
    struct dm_orphans *orphans = g_new0(struct dm_orphans, 1);
    orphans->mirror = mirror;
    return orphans;
}

void dm_orphans_free(struct dm_orphans *orphans) {
    g_free(orphans);
}

bool dm_orphans_is_one(struct dm_mirror *mirror, const struct dm_store_entry *entry,
                       int64_t utc_us) {
    g_autofree char *path = dm_object_path(mirror->settings, entry->key);
    if (path == NULL || entry->upload_id == NULL || entry->time_utc_us == 0 ||
        entry->time_utc_us > utc_us - DM_ORPHAN_AGE_US ||
        dm_ledger_knows_multipart(mirror->ledger, entry->upload_id)) {
        return false;
    }
    struct dm_upload *upload = dm_ledger_find_upload(mirror->ledger, path);
    bool is_ours = upload != NULL;
    dm_upload_free(upload);
    return is_ours;
}

static void end(struct dm_orphans *orphans, enum dm_store_class class) {
    orphans->in_flight--;
    if (class != DM_STORE_OK) {
        int64_t delay_us = class == DM_STORE_CLOCK ? RIGHT_AGAIN_US : AGAIN_US;
        orphans->next_us = MIN(orphans->next_us, orphans->mirror->now_us + delay_us);
    }
    if (orphans->in_flight == 0 && orphans->aborted > 0) {
        dm_log_message("removed %u uploads from %s that were begun and lost", orphans->aborted,
                       dm_transfer_name(orphans->mirror->transfer));
        orphans->aborted = 0;
    }
}

static void abort_done(struct dm_transfer_op *op, void *user) {
    struct dm_orphans *orphans = user;
    dm_mirror_report(orphans->mirror, &op->result);
    orphans->aborted += op->result.class == DM_STORE_OK;
    end(orphans, op->result.class);
}

static void abort_orphan(struct dm_orphans *orphans, const struct dm_store_entry *entry) {
    struct dm_transfer_op *op = dm_transfer_op_new(DM_STORE_ABORT, entry->key, abort_done, orphans);
    op->upload_id = g_strdup(entry->upload_id);
    orphans->in_flight++;
    dm_transfer_push(orphans->mirror->transfer, op);
}

static void list(struct dm_orphans *orphans, const char *from);

static void list_done(struct dm_transfer_op *op, void *user) {
    struct dm_orphans *orphans = user;
    struct dm_mirror *mirror = orphans->mirror;
    dm_mirror_report(mirror, &op->result);
    const GPtrArray *entries = op->result.entries;
    int64_t utc_us = dm_ledger_utc_us(mirror->ledger);
    for (guint i = 0; entries != NULL && i < entries->len && !mirror->is_freed; i++) {
        if (dm_orphans_is_one(mirror, entries->pdata[i], utc_us)) {
            abort_orphan(orphans, entries->pdata[i]);
        }
    }
    if (op->result.class == DM_STORE_OK && op->result.next != NULL) {
        list(orphans, op->result.next);
    }
    end(orphans, op->result.class);
}

static void list(struct dm_orphans *orphans, const char *from) {
    struct dm_transfer_op *op =
        dm_transfer_op_new(DM_STORE_UPLOADS, orphans->mirror->settings->prefix, list_done, orphans);
    op->from = g_strdup(from);
    orphans->in_flight++;
    dm_transfer_push(orphans->mirror->transfer, op);
}

int64_t dm_orphans_turn(struct dm_orphans *orphans, int64_t now_us) {
    if (orphans->in_flight > 0 || orphans->mirror->pace.state != DM_PACE_OPEN) {
        return INT64_MAX;
    }
    if (now_us >= orphans->next_us) {
        orphans->next_us = now_us + EVERY_US;
        list(orphans, NULL);
    }
    return orphans->next_us;
}
