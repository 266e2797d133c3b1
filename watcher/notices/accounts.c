// SPDX-License-Identifier: MIT
//
// See accounts.h.
#include "watcher/notices/accounts.h"

#include "watcher/ledger/drops.h"

#include <stdbool.h>
#include <string.h>

// States of a file that has not come to its end.
#define UNENDED_STATES                                                                             \
    (DM_LIVE_STATES | 1u << DM_STATE_RUNNING | 1u << DM_STATE_COMPUTED | 1u << DM_STATE_PUBLISHED)

struct account {
    struct dm_ended ended;
    // Files that are under way.
    int64_t unended;
    // The ledger does not know all of it.
    bool is_dirty;
};

struct dm_accounts {
    struct dm_ledger *ledger;
    int64_t idle_us, look_utc_us;
    // Drop (the account's) -> struct account (owned).
    GHashTable *by_drop;
    // Of these, those with nothing under way: struct account.
    GHashTable *quiet;
    // struct account.
    GPtrArray *dirty;
};

// ---- accounts

static void account_free(void *data) {
    struct account *account = data;
    dm_ended_clear(&account->ended);
    g_free(account);
}

static struct account *account_of(struct dm_accounts *accounts, const char *drop) {
    struct account *account = g_hash_table_lookup(accounts->by_drop, drop);
    if (account == NULL) {
        account = g_new0(struct account, 1);
        dm_ended_init(&account->ended, drop);
        g_hash_table_insert(accounts->by_drop, account->ended.drop, account);
    }
    return account;
}

static int64_t ended_count(const struct account *account) {
    return account->ended.done + account->ended.failed + account->ended.stopped;
}

static void set_dirty(struct dm_accounts *accounts, struct account *account) {
    if (!account->is_dirty) {
        account->is_dirty = true;
        g_ptr_array_add(accounts->dirty, account);
    }
}

/** Something has come or ended at @utc_us, of the files that are under way @more. */
static void count_unended(struct dm_accounts *accounts, struct account *account, int64_t more,
                          int64_t utc_us) {
    account->unended += more;
    account->ended.last_utc_us = utc_us;
    if (account->unended > 0) {
        g_hash_table_remove(accounts->quiet, account);
    } else {
        g_hash_table_add(accounts->quiet, account);
        accounts->look_utc_us = MIN(accounts->look_utc_us, utc_us + accounts->idle_us);
    }
}

// ---- what has happened

static bool is_unended(enum dm_state state) {
    return state < DM_STATE_COUNT && (UNENDED_STATES & 1u << state) != 0;
}

static void note_failure(struct dm_ended *ended, int64_t row) {
    ended->failed++;
    if (ended->failures_known < DM_ENDED_FAILURES) {
        ended->failures[ended->failures_known++] = row;
    }
}

/** @row has come to an end by @fact. What was parked on its way to failed/ has been counted. */
static void note_end(struct dm_accounts *accounts, struct account *account,
                     const struct dm_row *row, enum dm_fact fact) {
    struct dm_ended *ended = &account->ended;
    if (fact != DM_FACT_RETIRED && fact != DM_FACT_REFUSED && fact != DM_FACT_STOPPED) {
        return;
    }
    ended->done += fact == DM_FACT_RETIRED;
    ended->stopped += fact == DM_FACT_STOPPED;
    if (fact == DM_FACT_REFUSED) {
        note_failure(ended, row->id);
    }
    if (ended->first_utc_us == 0 || row->seen_utc_us < ended->first_utc_us) {
        ended->first_utc_us = row->seen_utc_us;
    }
    g_free(ended->chain);
    ended->chain = g_strdup(row->chain);
    set_dirty(accounts, account);
}

/** What has ended begins anew: what was not told of it is not told. */
static void note_return(struct dm_accounts *accounts, struct account *account,
                        const struct dm_row *row, enum dm_fact fact) {
    struct dm_ended *ended = &account->ended;
    if (fact == DM_FACT_RETURNED && ended->done > 0) {
        ended->done--;
        set_dirty(accounts, account);
    }
    for (int64_t i = 0; fact == DM_FACT_DROPPED && i < ended->failures_known; i++) {
        if (ended->failures[i] == row->id) {
            memmove(&ended->failures[i], &ended->failures[i + 1],
                    sizeof(ended->failures[0]) * (size_t)(ended->failures_known - i - 1));
            ended->failures_known--;
            ended->failed--;
            set_dirty(accounts, account);
            return;
        }
    }
}

static void on_move(const struct dm_row *row, enum dm_state from, enum dm_fact fact, int64_t us,
                    void *data) {
    (void)us;
    struct dm_accounts *accounts = data;
    bool was = is_unended(from), is = fact != DM_FACT_GONE && is_unended(row->state);
    if (was == is) {
        return;
    }
    g_autofree char *drop = dm_drop_of(row->path);
    struct account *account = account_of(accounts, drop);
    if (was) {
        note_end(accounts, account, row, fact);
    } else {
        note_return(accounts, account, row, fact);
    }
    count_unended(accounts, account, is ? 1 : -1, dm_ledger_utc_us(accounts->ledger));
}

// ---- in the ledger

void dm_accounts_flush(struct dm_accounts *accounts) {
    for (guint i = 0; i < accounts->dirty->len; i++) {
        struct account *account = accounts->dirty->pdata[i];
        account->is_dirty = false;
        dm_ledger_save_ended(accounts->ledger, &account->ended);
    }
    g_ptr_array_set_size(accounts->dirty, 0);
}

static void read_ended(const struct dm_ended *ended, void *data) {
    struct dm_accounts *accounts = data;
    struct account *account = account_of(accounts, ended->drop);
    char *drop = account->ended.drop;
    g_free(account->ended.chain);
    account->ended = *ended;
    account->ended.drop = drop;
    account->ended.chain = g_strdup(ended->chain);
    count_unended(accounts, account, 0, ended->last_utc_us);
}

static void read_unended(const char *path, void *data) {
    struct dm_accounts *accounts = data;
    g_autofree char *drop = dm_drop_of(path);
    struct account *account = account_of(accounts, drop);
    count_unended(accounts, account, 1, account->ended.last_utc_us);
}

// ---- ends

int64_t dm_accounts_look_utc_us(const struct dm_accounts *accounts) {
    return accounts->look_utc_us;
}

void dm_accounts_settle(struct dm_accounts *accounts, int64_t now_utc_us, unsigned limit,
                        void (*tell)(const struct dm_ended *ended, void *data), void *data) {
    if (now_utc_us < accounts->look_utc_us - accounts->idle_us) { // the clock was set back
        accounts->look_utc_us = now_utc_us;
    }
    if (now_utc_us < accounts->look_utc_us) {
        return;
    }
    accounts->look_utc_us = INT64_MAX;
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, accounts->quiet);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        struct account *account = key;
        struct dm_ended *ended = &account->ended;
        ended->last_utc_us = MIN(ended->last_utc_us, now_utc_us);
        int64_t due_utc_us = ended->last_utc_us + accounts->idle_us;
        if (due_utc_us > now_utc_us || limit == 0) {
            accounts->look_utc_us = MIN(accounts->look_utc_us, MAX(due_utc_us, now_utc_us));
            continue;
        }
        if (ended_count(account) > 0) {
            limit--;
            tell(ended, data);
            struct dm_ended none = {.drop = ended->drop};
            dm_ledger_save_ended(accounts->ledger, &none);
        }
        g_hash_table_iter_remove(&iter);
        g_ptr_array_remove_fast(accounts->dirty, account);
        g_hash_table_remove(accounts->by_drop, ended->drop);
    }
}

// ---- made and freed

struct dm_accounts *dm_accounts_new(struct dm_ledger *ledger, int64_t idle_us) {
    struct dm_accounts *accounts = g_new0(struct dm_accounts, 1);
    accounts->ledger = ledger;
    accounts->idle_us = idle_us;
    accounts->look_utc_us = INT64_MAX;
    accounts->by_drop = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, account_free);
    accounts->quiet = g_hash_table_new(NULL, NULL);
    accounts->dirty = g_ptr_array_new();
    dm_ledger_each_ended(ledger, read_ended, accounts);
    dm_ledger_each_unended(ledger, read_unended, accounts);
    dm_ledger_on_move(ledger, on_move, accounts);
    return accounts;
}

void dm_accounts_free(struct dm_accounts *accounts) {
    if (accounts == NULL) {
        return;
    }
    dm_ledger_off_move(accounts->ledger, accounts);
    g_hash_table_destroy(accounts->quiet);
    g_hash_table_destroy(accounts->by_drop);
    g_ptr_array_unref(accounts->dirty);
    g_free(accounts);
}
