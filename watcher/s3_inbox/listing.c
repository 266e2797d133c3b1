// SPDX-License-Identifier: MIT
//
// See listing.h.
#include "watcher/s3_inbox/listing.h"

#include "watcher/s3_inbox/claim.h"
#include "watcher/s3_inbox/names.h"

#include <string.h>

#define READ_ROWS 1000
// The next page is asked for when so few objects are left.
#define ENOUGH 500
#define AGAIN_US G_USEC_PER_SEC
// A kept object that is not listed for so long is no more.
#define FORGET_US (INT64_C(24) * 3600 * G_USEC_PER_SEC)

struct dm_s3_listing {
    struct dm_s3_inbox *inbox;
    // When the next pass begins; an operation of this one is under way.
    int64_t next_us;
    bool is_waiting, is_passing, is_stopped;
    // Begin the next pass soon.
    bool again;
    // Of the next page: `next` of the last one, or the key to jump behind; the last key that was
    // seen.
    char *from, *after, *last;
    // Pages of this pass: char *, the sums of those that were settled, else "".
    GPtrArray *sums;
    guint page;
    // Objects of this pass, and of the last one, that have to wait for something.
    int64_t waits, waiting;
};

struct dm_s3_listing *dm_s3_listing_new(struct dm_s3_inbox *inbox) {
    struct dm_s3_listing *listing = g_new0(struct dm_s3_listing, 1);
    listing->inbox = inbox;
    listing->sums = g_ptr_array_new_with_free_func(g_free);
    return listing;
}

void dm_s3_listing_free(struct dm_s3_listing *listing) {
    g_ptr_array_unref(listing->sums);
    g_free(listing->from);
    g_free(listing->after);
    g_free(listing->last);
    g_free(listing);
}

void dm_s3_listing_hurry(struct dm_s3_listing *listing) {
    listing->next_us = listing->inbox->now_us;
}

void dm_s3_listing_again(struct dm_s3_listing *listing) {
    listing->again = true;
    listing->next_us = MIN(listing->next_us, listing->inbox->now_us + AGAIN_US);
}

void dm_s3_listing_wait(struct dm_s3_listing *listing) {
    listing->waits++;
}

void dm_s3_listing_stop(struct dm_s3_listing *listing) {
    listing->is_stopped = true;
}

int64_t dm_s3_listing_waiting(const struct dm_s3_listing *listing) {
    return MAX(listing->waits, listing->waiting);
}

// ---- the journal, beside a page

/** Rows with keys up to `upto`, in their order. */
struct cursor {
    struct dm_ledger *ledger;
    char *at;
    const char *upto;
    GPtrArray *rows;
    guint next;
};

static void cursor_init(struct cursor *cursor, struct dm_ledger *ledger, const char *after,
                        const char *upto) {
    *cursor = (struct cursor){.ledger = ledger, .at = g_strdup(after), .upto = upto};
    cursor->rows = dm_ledger_list_arrivals(ledger, after, upto, READ_ROWS);
}

static void cursor_clear(struct cursor *cursor) {
    g_ptr_array_unref(cursor->rows);
    g_free(cursor->at);
}

/** The row at which it stands; NULL: there are no more. */
static struct dm_arrival *cursor_row(struct cursor *cursor) {
    if (cursor->next == cursor->rows->len && cursor->rows->len == READ_ROWS) {
        const struct dm_arrival *last = cursor->rows->pdata[READ_ROWS - 1];
        g_free(cursor->at);
        cursor->at = g_strdup(last->key);
        g_ptr_array_unref(cursor->rows);
        cursor->rows = dm_ledger_list_arrivals(cursor->ledger, cursor->at, cursor->upto, READ_ROWS);
        cursor->next = 0;
    }
    return cursor->next < cursor->rows->len ? cursor->rows->pdata[cursor->next] : NULL;
}

// ---- one object, one row: each says whether there is nothing to do about it

static bool keeps(const struct dm_s3_inbox *inbox) {
    return strcmp(inbox->settings->after, "keep") == 0;
}

/** Its key is not listed. A kept one is remembered for a while: a listing may have been of another
 * bucket, and what is forgotten is taken again. */
static bool settle_absent(struct dm_s3_inbox *inbox, struct dm_arrival *row) {
    int64_t utc_us = dm_ledger_utc_us(inbox->ledger);
    if (row->state == DM_ARRIVAL_LEFT ||
        (row->state == DM_ARRIVAL_KEPT && row->not_before_utc_us > 0 &&
         utc_us - row->not_before_utc_us >= FORGET_US)) {
        dm_ledger_forget_arrival(inbox->ledger, row);
    } else if (row->state == DM_ARRIVAL_KEPT && row->not_before_utc_us == 0) {
        row->not_before_utc_us = utc_us; // absent since
        dm_ledger_save_arrival(inbox->ledger, row);
    }
    return row->state == DM_ARRIVAL_KEPT || row->state == DM_ARRIVAL_LEFT;
}

/** Why it cannot be taken; NULL if it can. */
static const char *objection(struct dm_s3_inbox *inbox, const struct dm_store_entry *entry,
                             const char **ret_reason, bool *ret_answers, char **ret_owned) {
    const char *prefix = inbox->settings->prefix;
    const char *why = dm_s3_name_objection(prefix, entry->key, ret_reason);
    *ret_answers = why == NULL;
    if (why == NULL && entry->size == 0) {
        *ret_reason = "empty";
        why = "it has no bytes";
    }
    if (why == NULL && inbox->config.objection != NULL) {
        *ret_reason = "refused";
        why = *ret_owned =
            inbox->config.objection(dm_s3_name_path(prefix, entry->key), inbox->config.data);
    }
    return why;
}

/** One that is not in the journal, or was left for a reason that may be none any more. */
static bool settle_new(struct dm_s3_listing *listing, const struct dm_store_entry *entry,
                       bool is_left) {
    struct dm_s3_inbox *inbox = listing->inbox;
    const char *reason;
    bool answers;
    g_autofree char *owned = NULL;
    const char *why = objection(inbox, entry, &reason, &answers, &owned);
    if (why != NULL && is_left) {
        return true;
    }
    struct dm_s3_object *object = dm_s3_object_new(entry);
    if (why != NULL) {
        dm_s3_leave(inbox, object, reason, why, answers);
        dm_s3_object_free(object);
    } else {
        g_queue_push_tail(&inbox->ready, object);
    }
    return false;
}

/** One of which the journal has a row, of this object or another. */
static bool settle_known(struct dm_s3_listing *listing, const struct dm_store_entry *entry,
                         struct dm_arrival *row) {
    struct dm_s3_inbox *inbox = listing->inbox;
    bool is_same = strcmp(row->etag, entry->etag) == 0;
    bool is_over = row->state == DM_ARRIVAL_KEPT || row->state == DM_ARRIVAL_LEFT;
    if (!is_same && !is_over) {
        listing->waits++; // until that one has ended
        return false;
    }
    if (!is_same || (row->state == DM_ARRIVAL_LEFT && strcmp(row->reason, "damaged") != 0)) {
        return settle_new(listing, entry, is_same);
    }
    if (row->state == DM_ARRIVAL_KEPT && row->not_before_utc_us > 0) {
        row->not_before_utc_us = 0; // it is there again
        dm_ledger_save_arrival(inbox->ledger, row);
    }
    return is_over || (row->state != DM_ARRIVAL_FETCHED && keeps(inbox));
}

static bool settle(struct dm_s3_listing *listing, const struct dm_store_entry *entry,
                   struct dm_arrival *row) {
    struct dm_s3_inbox *inbox = listing->inbox;
    if (g_hash_table_contains(inbox->in_work, entry->key)) {
        return false;
    }
    return row != NULL ? settle_known(listing, entry, row) : settle_new(listing, entry, false);
}

/** Rows before the key @before (NULL: all that are left) have no object. */
static bool pass_absent(struct dm_s3_inbox *inbox, struct cursor *cursor, const char *before) {
    bool settled = true;
    struct dm_arrival *row;
    while ((row = cursor_row(cursor)) != NULL && (before == NULL || strcmp(row->key, before) < 0)) {
        if (dm_s3_name_path(inbox->settings->prefix, row->key) != NULL) {
            settled &= settle_absent(inbox, row);
        }
        cursor->next++;
    }
    return settled;
}

/** Walk through page and journal together. Returns whether there is nothing to do about all of it.
 */
static bool merge(struct dm_s3_listing *listing, const GPtrArray *entries, const char *upto) {
    struct dm_s3_inbox *inbox = listing->inbox;
    struct cursor cursor;
    bool settled = true;
    g_autofree char *start = dm_s3_name_start(inbox->settings->prefix);
    cursor_init(&cursor, inbox->ledger, listing->last != NULL ? listing->last : start, upto);
    for (guint i = 0; i < entries->len; i++) {
        const struct dm_store_entry *entry = entries->pdata[i];
        if (dm_s3_name_is_own(inbox->settings->prefix, entry->key)) {
            continue;
        }
        settled &= pass_absent(inbox, &cursor, entry->key);
        struct dm_arrival *row = cursor_row(&cursor);
        bool is_known = row != NULL && strcmp(row->key, entry->key) == 0;
        settled &= settle(listing, entry, is_known ? row : NULL);
        cursor.next += is_known;
    }
    settled &= pass_absent(inbox, &cursor, NULL);
    cursor_clear(&cursor);
    return settled;
}

// ---- pages

/** What a page is known by: where it begins, its objects, and where it ends; (transfer full). */
static char *sum_of(const struct dm_s3_listing *listing, const GPtrArray *entries,
                    const char *upto) {
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    const char *first = listing->last != NULL ? listing->last : "";
    g_checksum_update(sum, (const guchar *)first, (gssize)strlen(first) + 1);
    for (guint i = 0; i < entries->len; i++) {
        const struct dm_store_entry *entry = entries->pdata[i];
        if (!dm_s3_name_is_own(listing->inbox->settings->prefix, entry->key)) {
            g_checksum_update(sum, (const guchar *)entry->key, (gssize)strlen(entry->key) + 1);
            g_checksum_update(sum, (const guchar *)entry->etag, (gssize)strlen(entry->etag) + 1);
        }
    }
    g_checksum_update(sum, (const guchar *)upto, (gssize)strlen(upto));
    return g_strdup(g_checksum_get_string(sum));
}

/** The sum of the page as it was when it was settled last; to be set anew. */
static char **sum_at(struct dm_s3_listing *listing, guint page) {
    while (listing->sums->len <= page) {
        g_ptr_array_add(listing->sums, g_strdup(""));
    }
    return (char **)&listing->sums->pdata[page];
}

static void take_page(struct dm_s3_listing *listing, const GPtrArray *entries, const char *next) {
    const char *prefix = listing->inbox->settings->prefix;
    const struct dm_store_entry *last = entries->len > 0 ? entries->pdata[entries->len - 1] : NULL;
    g_autofree char *end = dm_s3_name_end(prefix);
    const char *upto = next == NULL || last == NULL ? end : last->key;
    if (next != NULL && last == NULL) {
        return; // a page without anything: the next one goes on from the same key
    }
    g_autofree char *sum = sum_of(listing, entries, upto);
    char **known = sum_at(listing, listing->page++);
    if (strcmp(*known, sum) != 0) {
        bool settled = merge(listing, entries, upto);
        g_free(*known);
        *known = settled ? g_steal_pointer(&sum) : g_strdup("");
    }
    g_free(listing->last);
    listing->last = g_strdup(upto);
}

/** @soon: the next pass need not wait for its time. */
static void end_pass(struct dm_s3_listing *listing, bool soon) {
    struct dm_s3_inbox *inbox = listing->inbox;
    int64_t poll_us = inbox->settings->poll_us;
    listing->waiting = listing->waits;
    listing->is_passing = false;
    listing->next_us = inbox->now_us + (listing->again || soon ? MIN(AGAIN_US, poll_us) : poll_us);
    listing->again = false;
    g_clear_pointer(&listing->from, g_free);
    g_clear_pointer(&listing->after, g_free);
    dm_wake(&inbox->wake);
}

/** Where does the next page begin? */
static void go_on(struct dm_s3_listing *listing, const char *next) {
    const char *prefix = listing->inbox->settings->prefix;
    g_free(listing->from);
    g_free(listing->after);
    listing->from = g_strdup(next);
    listing->after = listing->last != NULL ? dm_s3_name_behind(prefix, listing->last) : NULL;
}

static void listed(struct dm_transfer_op *op, void *user) {
    struct dm_s3_listing *listing = user;
    struct dm_s3_inbox *inbox = listing->inbox;
    listing->is_waiting = false;
    dm_s3_report(inbox, &op->result);
    bool is_good = op->result.class == DM_STORE_OK && op->result.entries != NULL;
    if (inbox->is_freed || !is_good || listing->is_stopped) {
        end_pass(listing, !is_good);
        return;
    }
    take_page(listing, op->result.entries, op->result.next);
    if (op->result.next == NULL) {
        g_ptr_array_set_size(listing->sums, (gint)listing->page);
        end_pass(listing, false);
    } else {
        go_on(listing, op->result.next);
    }
}

static void ask(struct dm_s3_listing *listing) {
    struct dm_s3_inbox *inbox = listing->inbox;
    struct dm_transfer_op *op =
        dm_transfer_op_new(DM_STORE_LIST, inbox->settings->prefix, listed, listing);
    op->after = g_strdup(listing->after);
    op->from = listing->after == NULL ? g_strdup(listing->from) : NULL;
    listing->is_waiting = true;
    dm_transfer_push(inbox->transfer, op);
}

// ---- a pass

static void claim_looked(bool is_ours, bool is_known, void *user) {
    struct dm_s3_listing *listing = user;
    listing->is_waiting = false;
    if (is_ours && !listing->inbox->is_freed) {
        ask(listing);
        return;
    }
    g_queue_clear_full(&listing->inbox->ready, (GDestroyNotify)dm_s3_object_free);
    end_pass(listing, !is_known);
}

static void begin_pass(struct dm_s3_listing *listing) {
    dm_s3_clear_shortage(listing->inbox);
    listing->is_passing = true;
    listing->is_stopped = false;
    listing->is_waiting = true;
    listing->page = 0;
    listing->waits = 0;
    g_clear_pointer(&listing->last, g_free);
    dm_s3_claim_look(listing->inbox->claim, claim_looked, listing);
}

int64_t dm_s3_listing_turn(struct dm_s3_listing *listing, int64_t now_us) {
    if (listing->is_waiting) {
        return INT64_MAX;
    }
    if (listing->is_passing && listing->is_stopped) {
        end_pass(listing, false);
    }
    if (listing->is_passing) {
        if (g_queue_get_length(&listing->inbox->ready) <= ENOUGH) {
            ask(listing);
        }
        return INT64_MAX;
    }
    if (now_us >= listing->next_us) {
        if (!g_queue_is_empty(&listing->inbox->ready)) {
            return INT64_MAX; // what was found is begun with first
        }
        begin_pass(listing);
        return INT64_MAX;
    }
    return listing->next_us;
}
