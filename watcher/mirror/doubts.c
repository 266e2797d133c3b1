// SPDX-License-Identifier: MIT
//
// See doubts.h.
#include "watcher/mirror/doubts.h"

#include "watcher/mirror/object.h"

#include <string.h>

#define AT_ONCE 32

struct look {
    struct dm_mirror *mirror;
    struct dm_upload *upload;
};

static void decide(const struct look *look, const struct dm_store_result *result) {
    struct dm_ledger *ledger = look->mirror->ledger;
    struct dm_upload *upload = look->upload;
    if (result->class == DM_STORE_OK && strcmp(result->etag, upload->etag) != 0) {
        upload->state = DM_UPLOAD_PENDING;
        upload->not_before_utc_us = 0;
    } else if (result->class == DM_STORE_OK || result->class == DM_STORE_MISSING) {
        upload->state = DM_UPLOAD_SYNCED;
        upload->not_before_utc_us = 0;
    } else {
        int tries = result->class == DM_STORE_CLOCK ? 1 : 9; // a clock is put right at once
        upload->not_before_utc_us =
            dm_ledger_utc_us(ledger) + dm_pace_delay_us(tries,
                                                        MAX(result->retry_after_us, G_USEC_PER_SEC),
                                                        dm_mirror_chance(look->mirror));
    }
    upload->doubt_utc_us = 0;
    dm_ledger_save_upload(ledger, upload);
}

static void done(struct dm_transfer_op *op, void *user) {
    struct look *look = user;
    dm_mirror_report(look->mirror, &op->result);
    if (op->result.class != DM_STORE_CANCELLED) {
        decide(look, &op->result);
    }
    dm_mirror_end(look->mirror, look->upload->id);
    dm_upload_free(look->upload);
    g_free(look);
}

/** @upload (transfer full) */
static void begin(struct dm_mirror *mirror, struct dm_upload *upload) {
    const char *why;
    g_autofree char *key = dm_object_key(mirror->settings, upload->path, &why);
    if (key == NULL || !dm_mirror_begin(mirror, upload->id)) {
        dm_upload_free(upload);
        return;
    }
    struct look *look = g_new(struct look, 1);
    *look = (struct look){mirror, upload};
    dm_transfer_push(mirror->transfer, dm_transfer_op_new(DM_STORE_HEAD, key, done, look));
}

int64_t dm_doubts_turn(struct dm_mirror *mirror, int64_t utc_us) {
    int64_t counts[DM_UPLOAD_STATE_COUNT];
    dm_ledger_count_uploads(mirror->ledger, counts);
    if (counts[DM_UPLOAD_DOUBTED] == 0 || mirror->pace.state != DM_PACE_OPEN) {
        return INT64_MAX;
    }
    g_autoptr(GPtrArray) uploads =
        dm_ledger_due_uploads(mirror->ledger, DM_UPLOAD_DOUBTED, INT64_MAX, AT_ONCE);
    for (guint i = 0; i < uploads->len; i++) {
        struct dm_upload *upload = uploads->pdata[i];
        if (upload->not_before_utc_us > utc_us) {
            return upload->not_before_utc_us;
        }
        if (!g_hash_table_contains(mirror->in_work, &upload->id)) {
            begin(mirror, g_steal_pointer(&uploads->pdata[i]));
        }
    }
    return INT64_MAX; // those that are under way bring the next turn
}
