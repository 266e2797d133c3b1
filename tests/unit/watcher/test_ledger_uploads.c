// SPDX-License-Identifier: MIT
//
// The upload rows of the ledger: written with PUBLISHED and in its transaction, a generation a
// publication, overtaken ones stay pending, originals that are held and let go.
#include "watcher/ledger/uploads.h"

#include "tests/unit/watcher/support/row_facts.h"

#include <glib/gstdio.h>
#include <string.h>

static const struct dm_fingerprint print = {.ino = 2, .size_bytes = 4};

/** The path of the only row of these tests. */
#define PATH "gray/a.jpg"

static void publish(struct dm_ledger *ledger) {
    static const enum dm_fact way[] = {DM_FACT_SETTLED, DM_FACT_DISPATCHED, DM_FACT_COMPUTED,
                                       DM_FACT_PUBLISHED};
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(ledger, PATH);
    if (row == NULL) {
        row = dm_ledger_insert(ledger, PATH, "gray", &print);
    } else {
        dm_ledger_move(ledger, row,
                       row->state == DM_STATE_DONE ? DM_FACT_DROPPED : DM_FACT_CHANGED);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(way); i++) {
        row_prepare(row, way[i]);
        if (way[i] == DM_FACT_PUBLISHED) {
            dm_row_set(&row->output, PATH);
            dm_ledger_claim_output(ledger, PATH, PATH);
        }
        dm_ledger_move(ledger, row, way[i]);
    }
}

static void retire(struct dm_ledger *ledger) {
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(ledger, PATH);
    dm_ledger_move(ledger, row, DM_FACT_RETIRED);
}

static bool is_held(struct dm_ledger *ledger) {
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(ledger, PATH);
    return row->held;
}

static guint may_go(struct dm_ledger *ledger) {
    const struct dm_query query = {.states = 1u << DM_STATE_PUBLISHED, .not_held = true};
    g_autoptr(GPtrArray) rows = dm_ledger_list(ledger, &query);
    return rows->len;
}

static struct dm_upload *find(struct dm_ledger *ledger) {
    struct dm_upload *upload = dm_ledger_find_upload(ledger, PATH);
    g_assert_nonnull(upload);
    return upload;
}

/** Report @state of a copy, as the mirror does. */
static bool save(struct dm_ledger *ledger, struct dm_upload *upload, enum dm_upload_state state) {
    upload->state = state;
    return dm_ledger_save_upload(ledger, upload);
}

static void expect_counts(struct dm_ledger *ledger, int64_t pending, int64_t parked,
                          int64_t synced) {
    int64_t counts[DM_UPLOAD_STATE_COUNT];
    dm_ledger_count_uploads(ledger, counts);
    g_assert_cmpint(counts[DM_UPLOAD_PENDING], ==, pending);
    g_assert_cmpint(counts[DM_UPLOAD_PARKED], ==, parked);
    g_assert_cmpint(counts[DM_UPLOAD_SYNCED], ==, synced);
}

static void test_without_mirror(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    publish(ledger);
    g_assert_null(dm_ledger_find_upload(ledger, PATH));
    g_assert_false(is_held(ledger));
    expect_counts(ledger, 0, 0, 0);
    dm_ledger_free(ledger);
}

static void test_generations(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    dm_ledger_mirror(ledger, true, false);
    publish(ledger);
    expect_counts(ledger, 1, 0, 0);
    struct dm_upload *first = find(ledger);
    g_assert_cmpint(first->generation, ==, 1);
    g_assert_cmpint(first->state, ==, DM_UPLOAD_PENDING);
    g_assert_cmpint(first->bytes, >, 0);
    retire(ledger);
    publish(ledger);
    expect_counts(ledger, 1, 0, 0);
    g_assert_false(save(ledger, first, DM_UPLOAD_SYNCED)); // overtaken
    dm_upload_free(first);
    struct dm_upload *second = find(ledger);
    g_assert_cmpint(second->generation, ==, 2);
    g_assert_cmpint(second->state, ==, DM_UPLOAD_PENDING);
    g_free(second->etag);
    second->etag = g_strdup("abc");
    g_assert_true(save(ledger, second, DM_UPLOAD_SYNCED));
    expect_counts(ledger, 0, 0, 1);
    dm_upload_free(second);
    second = find(ledger);
    g_assert_cmpstr(second->etag, ==, "abc");
    dm_upload_free(second);
    g_autoptr(GPtrArray) history = dm_ledger_history(ledger, PATH, 1);
    g_assert_cmpstr(((const struct dm_history *)history->pdata[0])->fact, ==, "synced");
    dm_ledger_free(ledger);
}

/** A crash before the commit takes both away, and the counts are right again. */
static void test_one_transaction(void) {
    g_autofree char *dir = g_dir_make_tmp("dropmill-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "ledger.db", NULL);
    struct dm_ledger *ledger = dm_ledger_open(path, false, NULL);
    dm_ledger_mirror(ledger, true, false);
    struct dm_ledger_stats before, after;
    dm_ledger_stats(ledger, &before);
    publish(ledger);
    dm_ledger_stats(ledger, &after);
    g_assert_cmpuint(after.transactions - before.transactions, ==, 1);
    dm_ledger_free(ledger);
    ledger = dm_ledger_open(path, true, NULL);
    g_assert_null(dm_ledger_find(ledger, PATH));
    g_assert_null(dm_ledger_find_upload(ledger, PATH));
    dm_ledger_free(ledger);
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *file = g_strconcat(path, suffixes[i], NULL);
        g_remove(file);
    }
    g_rmdir(dir);
}

static void test_held(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    dm_ledger_mirror(ledger, true, true);
    publish(ledger);
    g_assert_true(is_held(ledger));
    g_assert_cmpuint(may_go(ledger), ==, 0);
    struct dm_upload *upload = find(ledger);
    publish(ledger); // changed before it was synced
    g_assert_false(save(ledger, upload, DM_UPLOAD_SYNCED));
    g_assert_true(is_held(ledger));
    dm_upload_free(upload);
    upload = find(ledger);
    uint64_t written = dm_ledger_written(ledger, DM_STATE_PUBLISHED);
    g_assert_true(save(ledger, upload, DM_UPLOAD_SYNCED));
    g_assert_cmpuint(dm_ledger_written(ledger, DM_STATE_PUBLISHED), >, written); // it is news
    g_assert_cmpuint(may_go(ledger), ==, 1);
    dm_upload_free(upload);
    dm_ledger_free(ledger);
}

static void test_no_longer_required(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    dm_ledger_mirror(ledger, true, true);
    publish(ledger);
    dm_ledger_mirror(ledger, true, false);
    g_assert_false(is_held(ledger));
    g_assert_cmpuint(may_go(ledger), ==, 1);
    dm_ledger_free(ledger);
}

/** Parked while it is held: what it is resumed to depends on what is required then. */
static void test_no_longer_required_while_parked(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    dm_ledger_mirror(ledger, true, true);
    publish(ledger);
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(ledger, PATH);
    row_move(ledger, row, DM_FACT_BLOCKED);
    dm_ledger_mirror(ledger, false, false);
    row->reason = DM_REASON_NONE;
    dm_ledger_move(ledger, row, DM_FACT_RESUMED);
    g_assert_false(is_held(ledger));
    dm_ledger_free(ledger);
}

static void test_due(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    dm_ledger_queue_upload(ledger, "b", 1);
    dm_ledger_queue_upload(ledger, "a", 1);
    struct dm_upload *upload = dm_ledger_find_upload(ledger, "b");
    upload->not_before_utc_us = 1000;
    upload->attempts = 3;
    g_assert_true(dm_ledger_save_upload(ledger, upload));
    g_autoptr(GPtrArray) now = dm_ledger_due_uploads(ledger, DM_UPLOAD_PENDING, 999, 10);
    g_assert_cmpuint(now->len, ==, 1);
    g_autoptr(GPtrArray) later = dm_ledger_due_uploads(ledger, DM_UPLOAD_PENDING, INT64_MAX, 10);
    g_assert_cmpuint(later->len, ==, 2);
    g_assert_cmpstr(((const struct dm_upload *)later->pdata[0])->path, ==, "a");
    upload->state = DM_UPLOAD_DOUBTED;
    g_assert_true(dm_ledger_save_upload(ledger, upload));
    g_autoptr(GPtrArray) doubted = dm_ledger_due_uploads(ledger, DM_UPLOAD_DOUBTED, 1000, 10);
    g_assert_cmpuint(doubted->len, ==, 1);
    dm_upload_free(upload);
    dm_ledger_free(ledger);
}

static void test_retry(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    dm_ledger_queue_upload(ledger, "a", 1);
    dm_ledger_queue_upload(ledger, "b", 1);
    g_autoptr(GPtrArray) uploads = dm_ledger_list_uploads(ledger, 0, 10);
    for (guint i = 0; i < uploads->len; i++) {
        g_assert_true(save(ledger, uploads->pdata[i], DM_UPLOAD_PARKED));
    }
    expect_counts(ledger, 0, 2, 0);
    uint64_t queued = dm_ledger_uploads_queued(ledger);
    g_assert_cmpint(dm_ledger_retry_uploads(ledger, "a"), ==, 1);
    expect_counts(ledger, 1, 1, 0);
    g_assert_cmpuint(dm_ledger_uploads_queued(ledger), >, queued);
    g_assert_cmpint(dm_ledger_retry_uploads(ledger, NULL), ==, 1);
    expect_counts(ledger, 2, 0, 0);
    dm_ledger_forget_upload(ledger, "a");
    expect_counts(ledger, 1, 0, 0);
    dm_ledger_free(ledger);
}

static void test_multipart(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    dm_ledger_queue_upload(ledger, "a", 1);
    struct dm_upload *upload = dm_ledger_find_upload(ledger, "a");
    dm_ledger_set_multipart(ledger, upload->id, "id-1", 16, "ino 5");
    dm_ledger_add_part(ledger, upload->id, 3, "three");
    dm_ledger_add_part(ledger, upload->id, 1, "one");
    g_autoptr(GPtrArray) parts = dm_ledger_parts(ledger, upload->id);
    g_assert_cmpuint(parts->len, ==, 3);
    g_assert_cmpstr(parts->pdata[0], ==, "one");
    g_assert_null(parts->pdata[1]);
    g_assert_true(dm_ledger_knows_multipart(ledger, "id-1"));
    g_assert_false(dm_ledger_knows_multipart(ledger, "id-2"));
    dm_ledger_queue_upload(ledger, "a", 1); // a new generation does not lose the old id
    g_assert_true(dm_ledger_knows_multipart(ledger, "id-1"));
    dm_ledger_set_multipart(ledger, upload->id, "", 0, "");
    g_autoptr(GPtrArray) none = dm_ledger_parts(ledger, upload->id);
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_false(dm_ledger_knows_multipart(ledger, ""));
    dm_upload_free(upload);
    dm_ledger_free(ledger);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/uploads/without-mirror", test_without_mirror);
    g_test_add_func("/ledger/uploads/generations", test_generations);
    g_test_add_func("/ledger/uploads/one-transaction", test_one_transaction);
    g_test_add_func("/ledger/uploads/held", test_held);
    g_test_add_func("/ledger/uploads/no-longer-required", test_no_longer_required);
    g_test_add_func("/ledger/uploads/no-longer-required-while-parked",
                    test_no_longer_required_while_parked);
    g_test_add_func("/ledger/uploads/due", test_due);
    g_test_add_func("/ledger/uploads/retry", test_retry);
    g_test_add_func("/ledger/uploads/multipart", test_multipart);
    return g_test_run();
}
