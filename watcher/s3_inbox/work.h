// SPDX-License-Identifier: MIT
//
// Inside the S3 inbox: what it has in work, which its files share. Below all of them; the door is
// s3_inbox.h.
#ifndef DM_WATCHER_S3_INBOX_WORK_H
#define DM_WATCHER_S3_INBOX_WORK_H

#include "watcher/ledger/arrivals.h"
#include "watcher/s3_inbox/config.h"
#include "watcher/share/share.h"
#include "watcher/store/pace.h"
#include "watcher/store/transfer.h"
#include "watcher/wake.h"

struct dm_s3_claim;
struct dm_s3_listing;

/** An object that is to be fetched. */
struct dm_s3_object {
    char *key, *etag;
    int64_t size_bytes;
    // Fetched so often in vain; the sum of what came last, "" if nothing has.
    int tries;
    char *sum;
};

struct dm_s3_object *dm_s3_object_new(const struct dm_store_entry *entry);
void dm_s3_object_free(struct dm_s3_object *object);

struct dm_s3_inbox {
    struct dm_s3_inbox_config config;
    const struct dm_s3_inbox_settings *settings;
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_wake wake;
    struct dm_transfer *transfer;
    struct dm_pace pace;
    GRand *chance;
    struct dm_s3_claim *claim;
    struct dm_s3_listing *listing;

    // Of struct dm_s3_object *: to be fetched, and nobody has begun.
    GQueue ready;
    // char *: keys that somebody works on.
    GHashTable *in_work;
    // Being fetched: how many, and bytes that are still to come to the share.
    unsigned fetching;
    int64_t promised_bytes;
    // Jobs of ours that the share has.
    int jobs;
    // What an earlier process left on the share was removed; is being.
    bool is_clean, is_cleaning;
    // Of the share, at our last turn.
    unsigned returns;

    // Duties: of the ledger, when it was asked last; it has to be asked again; when the next row is
    // due (UTC).
    uint64_t queued;
    bool look;
    int64_t due_utc_us;

    // Of the last turn or dispatch.
    int64_t now_us;
    bool is_freed;

    int64_t taken, answered;
    // (nullable) Why nothing is taken: by the store; by the share, which said so in this pass.
    char *problem, *shortage;
    bool is_short;
};

/** A number from 0 to below 1. */
double dm_s3_chance(struct dm_s3_inbox *inbox);

/** An operation has ended: tell the pace, and people if that changes its state. */
void dm_s3_report(struct dm_s3_inbox *inbox, const struct dm_store_result *result);

/** Somebody begins with @key: returns false if somebody has. Has ended. */
bool dm_s3_begin(struct dm_s3_inbox *inbox, const char *key);
void dm_s3_end(struct dm_s3_inbox *inbox, const char *key);

/** The share does not take what is fetched, for a reason, @text (transfer full): told once. */
void dm_s3_set_shortage(struct dm_s3_inbox *inbox, char *text);

/** A pass begins: if the share has taken everything in the last one, there is no shortage. */
void dm_s3_clear_shortage(struct dm_s3_inbox *inbox);

/** Never take @key: write that down, and tell once. @answers: that is answered. */
void dm_s3_leave(struct dm_s3_inbox *inbox, const struct dm_s3_object *object, const char *reason,
                 const char *message, bool answers);

/** @arrival could not be gone on with: again after a while. */
void dm_s3_put_off(struct dm_s3_inbox *inbox, struct dm_arrival *arrival, int64_t retry_after_us);

#endif
