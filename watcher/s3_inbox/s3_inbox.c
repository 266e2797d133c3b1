// SPDX-License-Identifier: MIT
//
// The room: see s3_inbox.h. A turn lists and fetches; what its commit has made certain is acted
// upon behind it (duties). What ends comes in between turns, and the next turn's commit takes it.
#include "watcher/s3_inbox/s3_inbox.h"

#include "common/path.h"
#include "watcher/s3_inbox/claim.h"
#include "watcher/s3_inbox/duties.h"
#include "watcher/s3_inbox/fetch.h"
#include "watcher/s3_inbox/files.h"
#include "watcher/s3_inbox/listing.h"
#include "watcher/s3_inbox/work.h"

#include <string.h>

#define SHOWN_LEFT 3

// ---- what an earlier process left

static void cleaned(GPtrArray *files, bool done, void *user) {
    struct dm_s3_inbox *inbox = user;
    inbox->jobs--;
    inbox->is_cleaning = false;
    inbox->is_clean = done;
    inbox->look = true;
    g_ptr_array_unref(files);
    dm_wake(&inbox->wake);
}

/** Temporaries that no row tells of are of fetches that did not come to their end. */
static void clean(struct dm_s3_inbox *inbox) {
    g_autoptr(GPtrArray) rows =
        dm_ledger_due_arrivals(inbox->ledger, DM_ARRIVAL_FETCHED, INT64_MAX, INT64_MAX);
    GPtrArray *files = dm_s3_files_new();
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_arrival *row = rows->pdata[i];
        g_ptr_array_add(files, dm_s3_file_new(row->path, row->temp, row->file.size_bytes, NULL));
    }
    inbox->is_cleaning = true;
    inbox->jobs++;
    dm_s3_files_clean(inbox->share, files, cleaned, inbox);
}

// ---- turns

/** When the next duty is due, as a time of the monotonic clock. */
static int64_t next_duty_us(const struct dm_s3_inbox *inbox) {
    int64_t utc_us = dm_ledger_utc_us(inbox->ledger);
    return inbox->due_utc_us == INT64_MAX ? INT64_MAX
                                          : inbox->now_us + MAX(inbox->due_utc_us - utc_us, 0);
}

int64_t dm_s3_inbox_turn(struct dm_s3_inbox *inbox, int64_t now_us) {
    inbox->now_us = now_us;
    dm_transfer_limit(inbox->transfer, dm_pace_limit(&inbox->pace, now_us));
    int64_t next_us = dm_pace_due(&inbox->pace, now_us);
    if (!dm_share_is_online(inbox->share)) {
        return next_us; // the share wakes us when it is back
    }
    if (inbox->returns != dm_share_returns(inbox->share)) {
        inbox->returns = dm_share_returns(inbox->share);
        inbox->look = true;
    }
    if (!inbox->is_clean) {
        if (!inbox->is_cleaning) {
            clean(inbox);
        }
        return next_us;
    }
    dm_s3_fetch_some(inbox);
    next_us = MIN(next_us, dm_s3_listing_turn(inbox->listing, now_us));
    return MIN(next_us, next_duty_us(inbox));
}

void dm_s3_inbox_committed(struct dm_s3_inbox *inbox) {
    dm_s3_duties_committed(inbox);
}

int dm_s3_inbox_fd(const struct dm_s3_inbox *inbox) {
    return dm_transfer_fd(inbox->transfer);
}

void dm_s3_inbox_dispatch(struct dm_s3_inbox *inbox, int64_t now_us) {
    inbox->now_us = now_us;
    dm_transfer_dispatch(inbox->transfer);
    dm_wake(&inbox->wake);
}

size_t dm_s3_inbox_load(const struct dm_s3_inbox *inbox) {
    return g_hash_table_size(inbox->in_work) + dm_transfer_load(inbox->transfer) +
           (size_t)inbox->jobs;
}

void dm_s3_inbox_hurry(struct dm_s3_inbox *inbox) {
    inbox->pace.until_us = MIN(inbox->pace.until_us, inbox->now_us);
    dm_s3_listing_hurry(inbox->listing);
    dm_wake(&inbox->wake);
}

// ---- status

static const char *state_word(const struct dm_s3_inbox *inbox, int64_t busy) {
    if (dm_s3_claim_problem(inbox->claim) != NULL) {
        return "claimed";
    }
    if (inbox->pace.state != DM_PACE_OPEN) {
        return inbox->pace.state == DM_PACE_HELD ? "held" : "waiting";
    }
    if (inbox->shortage != NULL) {
        return "full";
    }
    return busy > 0 ? "taking" : "idle";
}

/** "'in/a' (it has no bytes), ...": the first few that are left. */
static void tell_left(struct dm_s3_inbox *inbox, int64_t left, struct dm_s3_inbox_status *ret) {
    g_autoptr(GPtrArray) rows =
        left > 0 ? dm_ledger_due_arrivals(inbox->ledger, DM_ARRIVAL_LEFT, INT64_MAX, SHOWN_LEFT)
                 : g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_arrival *row = rows->pdata[i];
        g_autofree char *shown = dm_path_display(row->key);
        g_string_append_printf(text, "%s'%s' is left in the bucket: %s", i > 0 ? "; " : "", shown,
                               row->message);
    }
    g_autofree char *whole = g_utf8_make_valid(text->str, -1);
    if (strlen(whole) >= sizeof(ret->left_why)) { // at a character's border
        *g_utf8_find_prev_char(whole, whole + sizeof(ret->left_why) - 1) = '\0';
    }
    g_strlcpy(ret->left_why, whole, sizeof(ret->left_why));
}

void dm_s3_inbox_status(struct dm_s3_inbox *inbox, int64_t now_us, struct dm_s3_inbox_status *ret) {
    *ret = (struct dm_s3_inbox_status){.state = "off"};
    if (inbox == NULL) {
        return;
    }
    int64_t counts[DM_ARRIVAL_STATE_COUNT];
    struct dm_store_status store;
    dm_ledger_count_arrivals(inbox->ledger, counts);
    dm_transfer_status(inbox->transfer, &store);
    int64_t due_us = dm_pace_due(&inbox->pace, now_us);
    const char *problem = dm_s3_claim_problem(inbox->claim);
    problem = problem != NULL ? problem : inbox->problem != NULL ? inbox->problem : inbox->shortage;
    ret->waiting = (int64_t)g_queue_get_length(&inbox->ready) + inbox->fetching +
                   counts[DM_ARRIVAL_FETCHED] + dm_s3_listing_waiting(inbox->listing);
    ret->in_work = counts[DM_ARRIVAL_TAKEN] + counts[DM_ARRIVAL_ENDED];
    ret->state = state_word(inbox, ret->waiting + ret->in_work);
    ret->taken = inbox->taken;
    ret->answered = inbox->answered;
    ret->left = counts[DM_ARRIVAL_LEFT];
    tell_left(inbox, ret->left, ret);
    ret->requests = store.requests;
    ret->failures = store.failures;
    ret->counts = store.counts;
    ret->success_utc_us = store.success_utc_us;
    ret->received_bytes = store.received_bytes;
    ret->retry_in_us = due_us < INT64_MAX ? due_us - now_us : 0;
    g_strlcpy(ret->problem, problem != NULL ? problem : "", sizeof(ret->problem));
}

// ---- made, freed

struct dm_s3_inbox *dm_s3_inbox_new(const struct dm_s3_inbox_config *config, struct dm_store *store,
                                    struct dm_ledger *ledger, struct dm_share *share,
                                    const struct dm_wake *wake, GError **error) {
    struct dm_transfer *transfer = dm_transfer_new(store, "s3 inbox", error);
    if (transfer == NULL) {
        return NULL;
    }
    struct dm_s3_inbox *inbox = g_new0(struct dm_s3_inbox, 1);
    inbox->config = *config;
    inbox->settings = config->settings;
    inbox->ledger = ledger;
    inbox->share = share;
    inbox->wake = *wake;
    inbox->transfer = transfer;
    inbox->chance = g_rand_new();
    inbox->in_work = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    inbox->look = true;
    inbox->returns = dm_share_returns(share);
    inbox->due_utc_us = INT64_MAX;
    g_queue_init(&inbox->ready);
    dm_pace_init(&inbox->pace, dm_transfer_connections(transfer));
    inbox->claim = dm_s3_claim_new(inbox);
    inbox->listing = dm_s3_listing_new(inbox);
    return inbox;
}

void dm_s3_inbox_free(struct dm_s3_inbox *inbox) {
    if (inbox == NULL) {
        return;
    }
    g_assert(inbox->jobs == 0); // the share was stopped
    inbox->is_freed = true;
    dm_transfer_free(inbox->transfer);
    g_queue_clear_full(&inbox->ready, (GDestroyNotify)dm_s3_object_free);
    g_assert(g_hash_table_size(inbox->in_work) == 0);
    g_hash_table_unref(inbox->in_work);
    dm_s3_claim_free(inbox->claim);
    dm_s3_listing_free(inbox->listing);
    g_rand_free(inbox->chance);
    g_free(inbox->problem);
    g_free(inbox->shortage);
    g_free(inbox);
}
