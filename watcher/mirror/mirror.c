// SPDX-License-Identifier: MIT
//
// The room: see mirror.h. A turn asks the ledger what is due, so many rows at a time, has as many
// opened as the pace allows and a few more, and starts them. What ends comes in between turns, and
// the next turn's commit takes all of it.
#include "watcher/mirror/mirror.h"

#include "common/log.h"
#include "watcher/mirror/deletions.h"
#include "watcher/mirror/doubts.h"
#include "watcher/mirror/object.h"
#include "watcher/mirror/orphans.h"
#include "watcher/mirror/sending.h"
#include "watcher/mirror/source.h"
#include "watcher/mirror/work.h"
#include "watcher/store/retry.h"

#include <errno.h>
#include <string.h>

#define READ_ROWS 256
#define RATE_US (INT64_C(5) * G_USEC_PER_SEC)

// ---- opening

static void cannot_open(struct dm_mirror *mirror, struct dm_upload *upload, int errnum) {
    if (errnum == ENOENT || errnum == ENOTDIR) {
        dm_sending_park(mirror, upload, "absent",
                        "the result was taken out of the outbox before it was sent");
        return;
    }
    g_autofree char *message = g_strdup_printf("cannot open the result: %s", g_strerror(errnum));
    upload->attempts++;
    dm_sending_put_off(
        mirror, upload, "source", message,
        dm_pace_delay_us(upload->attempts, G_USEC_PER_SEC, dm_mirror_chance(mirror)));
}

/** Results are open, or are not: each upload goes its way. */
static void opened(GPtrArray *sources, bool done, void *user) {
    struct dm_mirror *mirror = user;
    mirror->jobs--;
    for (guint i = 0; i < sources->len; i++) {
        struct dm_source *source = sources->pdata[i];
        struct dm_upload *upload = source->user;
        if (done && source->fd >= 0 && !mirror->is_freed) {
            dm_sending_start(mirror, upload, source);
            continue;
        }
        if (done && source->fd < 0) {
            cannot_open(mirror, upload, source->errnum);
        }
        dm_mirror_end(mirror, upload->id);
        dm_upload_free(upload);
    }
    g_ptr_array_unref(sources);
    dm_wake(&mirror->wake);
}

// ---- what is due

/** Take what is due into `ready`, and learn when the next row is. */
static void read_due(struct dm_mirror *mirror, int64_t utc_us) {
    int64_t limit = READ_ROWS + g_hash_table_size(mirror->in_work);
    g_autoptr(GPtrArray) uploads =
        dm_ledger_due_uploads(mirror->ledger, DM_UPLOAD_PENDING, INT64_MAX, limit);
    mirror->look = uploads->len == limit; // there may be more of them
    mirror->due_utc_us = INT64_MAX;
    for (guint i = 0; i < uploads->len; i++) {
        struct dm_upload *upload = uploads->pdata[i];
        if (upload->not_before_utc_us > utc_us) {
            mirror->due_utc_us = upload->not_before_utc_us;
            mirror->look = false;
            break;
        }
        if (!g_hash_table_contains(mirror->in_work, &upload->id)) {
            g_queue_push_tail(&mirror->ready, g_steal_pointer(&uploads->pdata[i]));
        }
    }
}

static bool has_to_look(struct dm_mirror *mirror, int64_t utc_us) {
    return g_queue_is_empty(&mirror->ready) &&
           (mirror->look || mirror->queued != dm_ledger_uploads_queued(mirror->ledger) ||
            utc_us >= mirror->due_utc_us);
}

/** Have as many opened as may be under way, and as many again: these wait for their connection. */
static void begin_some(struct dm_mirror *mirror, int64_t utc_us) {
    guint most = 2 * dm_pace_limit(&mirror->pace, mirror->now_us);
    if (g_hash_table_size(mirror->in_work) >= most) {
        return;
    }
    if (has_to_look(mirror, utc_us)) {
        mirror->queued = dm_ledger_uploads_queued(mirror->ledger);
        read_due(mirror, utc_us);
    }
    GPtrArray *sources = dm_sources_new();
    while (!g_queue_is_empty(&mirror->ready) && g_hash_table_size(mirror->in_work) < most) {
        struct dm_upload *upload = g_queue_pop_head(&mirror->ready);
        if (dm_mirror_begin(mirror, upload->id)) {
            g_ptr_array_add(sources, dm_source_new(upload->path, upload));
        } else {
            dm_upload_free(upload);
        }
    }
    if (sources->len > 0) {
        mirror->jobs++;
        dm_sources_open(mirror->share, sources, opened, mirror);
    } else {
        g_ptr_array_unref(sources);
    }
}

static void probed(struct dm_transfer_op *op, void *user) {
    dm_mirror_report(user, &op->result);
}

/** A store that was away is asked whether it is back, even if there is nothing to send: status says
 * what is true. */
static void probe_if_due(struct dm_mirror *mirror) {
    if (mirror->pace.state != DM_PACE_OPEN && dm_mirror_load(mirror) == 0 &&
        dm_pace_limit(&mirror->pace, mirror->now_us) > 0) {
        dm_transfer_push(mirror->transfer, dm_transfer_op_new(DM_STORE_PROBE, "", probed, mirror));
    }
}

/** UTC as a time of the monotonic clock. */
static int64_t monotonic(const struct dm_mirror *mirror, int64_t at_utc_us, int64_t utc_us) {
    return at_utc_us == INT64_MAX ? INT64_MAX : mirror->now_us + MAX(at_utc_us - utc_us, 0);
}

int64_t dm_mirror_turn(struct dm_mirror *mirror, int64_t now_us) {
    mirror->now_us = now_us;
    int64_t utc_us = dm_ledger_utc_us(mirror->ledger);
    dm_transfer_limit(mirror->transfer, dm_pace_limit(&mirror->pace, now_us));
    int64_t next_us = dm_pace_due(&mirror->pace, now_us);
    if (!dm_share_is_online(mirror->share)) {
        return next_us; // the share wakes us when it is back
    }
    begin_some(mirror, utc_us);
    dm_sending_feed(mirror);
    probe_if_due(mirror);
    if (g_queue_is_empty(&mirror->ready) && !mirror->look) {
        next_us = MIN(next_us, monotonic(mirror, mirror->due_utc_us, utc_us));
    }
    int64_t doubt_utc_us = dm_doubts_turn(mirror, utc_us);
    next_us = MIN(next_us, monotonic(mirror, doubt_utc_us, utc_us));
    next_us = MIN(next_us, dm_deletions_turn(mirror->deletions, now_us, utc_us));
    return MIN(next_us, dm_orphans_turn(mirror->orphans, now_us));
}

void dm_mirror_committed(struct dm_mirror *mirror) {
    while (mirror->uncommitted->len > 0) {
        dm_sending_committed(g_ptr_array_steal_index(mirror->uncommitted, 0));
    }
}

int dm_mirror_fd(const struct dm_mirror *mirror) {
    return dm_transfer_fd(mirror->transfer);
}

void dm_mirror_dispatch(struct dm_mirror *mirror, int64_t now_us) {
    mirror->now_us = now_us;
    dm_transfer_dispatch(mirror->transfer);
    dm_wake(&mirror->wake);
}

size_t dm_mirror_load(const struct dm_mirror *mirror) {
    return g_hash_table_size(mirror->in_work) + dm_transfer_load(mirror->transfer);
}

// ---- what people want of it

int64_t dm_mirror_retry(struct dm_mirror *mirror, const char *path) {
    int64_t count = dm_ledger_retry_uploads(mirror->ledger, path);
    mirror->pace.until_us = MIN(mirror->pace.until_us, mirror->now_us);
    dm_wake(&mirror->wake);
    return count;
}

void dm_mirror_queue(struct dm_mirror *mirror, const char *path) {
    dm_ledger_queue_upload(mirror->ledger, path, 0);
    dm_wake(&mirror->wake);
}

char *dm_mirror_key(const struct dm_mirror *mirror, const char *path) {
    const char *why;
    return dm_object_key(mirror->settings, path, &why);
}

static const char *state_word(const struct dm_mirror *mirror, int64_t pending) {
    if (mirror->pace.state != DM_PACE_OPEN) {
        return mirror->pace.state == DM_PACE_HELD ? "held" : "waiting";
    }
    return pending > 0 ? "sending" : "idle";
}

static void measure_rate(struct dm_mirror *mirror, int64_t sent_bytes, int64_t now_us) {
    int64_t elapsed_us = now_us - mirror->rate_us;
    if (elapsed_us >= RATE_US) {
        mirror->rate =
            (int64_t)((double)(sent_bytes - mirror->rate_bytes) * 1e6 / (double)elapsed_us);
        mirror->rate_bytes = sent_bytes;
        mirror->rate_us = now_us;
    }
}

void dm_mirror_status(struct dm_mirror *mirror, int64_t now_us, struct dm_mirror_status *ret) {
    *ret = (struct dm_mirror_status){.state = "off"};
    if (mirror == NULL) {
        return;
    }
    int64_t counts[DM_UPLOAD_STATE_COUNT];
    struct dm_store_status store;
    dm_ledger_count_uploads(mirror->ledger, counts);
    dm_transfer_status(mirror->transfer, &store);
    measure_rate(mirror, store.sent_bytes, now_us);
    int64_t since_utc_us = dm_ledger_oldest_upload(mirror->ledger);
    int64_t due_us = dm_pace_due(&mirror->pace, now_us);
    ret->state = state_word(mirror, counts[DM_UPLOAD_PENDING]);
    ret->synced = counts[DM_UPLOAD_SYNCED] + counts[DM_UPLOAD_DOUBTED];
    ret->pending = counts[DM_UPLOAD_PENDING];
    ret->parked = counts[DM_UPLOAD_PARKED];
    ret->oldest_us = since_utc_us > 0 ? MAX(dm_ledger_utc_us(mirror->ledger) - since_utc_us, 0) : 0;
    ret->connections = dm_pace_limit(&mirror->pace, now_us);
    ret->retry_in_us = due_us < INT64_MAX ? due_us - now_us : 0;
    ret->requests = store.requests;
    ret->failures = store.failures;
    ret->counts = store.counts;
    ret->success_utc_us = store.success_utc_us;
    ret->sent_bytes = store.sent_bytes;
    ret->bytes_per_second = mirror->rate;
    ret->deleted = mirror->deleted;
    g_strlcpy(ret->problem, mirror->problem != NULL ? mirror->problem : "", sizeof(ret->problem));
}

// ---- made, freed

struct dm_mirror *dm_mirror_new(const struct dm_mirror_config *config, struct dm_ledger *ledger,
                                struct dm_share *share, const struct dm_wake *wake,
                                GError **error) {
    struct dm_transfer *transfer = dm_transfer_new(config->store, "mirror", error);
    if (transfer == NULL) {
        return NULL;
    }
    struct dm_mirror *mirror = g_new0(struct dm_mirror, 1);
    mirror->settings = config->settings;
    mirror->ledger = ledger;
    mirror->share = share;
    mirror->wake = *wake;
    mirror->transfer = transfer;
    mirror->chance = g_rand_new();
    mirror->in_work = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    mirror->in_parts = g_ptr_array_new();
    mirror->uncommitted = g_ptr_array_new();
    mirror->look = true;
    mirror->started_us = mirror->now_us = config->now_us;
    mirror->started_utc_us = dm_ledger_utc_us(ledger);
    g_queue_init(&mirror->ready);
    dm_pace_init(&mirror->pace, dm_transfer_connections(transfer));
    mirror->deletions = dm_deletions_new(mirror);
    mirror->orphans = dm_orphans_new(mirror);
    dm_ledger_mirror(ledger, true, config->settings->required);
    return mirror;
}

void dm_mirror_free(struct dm_mirror *mirror) {
    if (mirror == NULL) {
        return;
    }
    g_assert(mirror->jobs == 0); // the share was stopped
    mirror->is_freed = true;
    dm_transfer_free(mirror->transfer);
    while (mirror->uncommitted->len > 0) {
        dm_sending_drop(g_ptr_array_steal_index(mirror->uncommitted, 0));
    }
    dm_deletions_free(mirror->deletions);
    dm_orphans_free(mirror->orphans);
    g_queue_clear_full(&mirror->ready, (GDestroyNotify)dm_upload_free);
    g_assert(g_hash_table_size(mirror->in_work) == 0);
    g_hash_table_unref(mirror->in_work);
    g_ptr_array_unref(mirror->in_parts);
    g_ptr_array_unref(mirror->uncommitted);
    g_rand_free(mirror->chance);
    g_free(mirror->problem);
    g_free(mirror);
}
