// SPDX-License-Identifier: MIT
//
// What the S3 inbox answers, and when; and what becomes of an object then. The texts are the
// contract with `dropmill send --s3`.
#include "tests/unit/watcher/support/s3_stand.h"

#include "watcher/s3_inbox/texts.h"

#include <string.h>

#define KEY "in/gray/a.jpg"
#define PATH "gray/a.jpg"
#define ANSWER "in/.answers/gray/a.jpg.json"

static void take(struct s3_stand *stand) {
    s3_stand_put(stand, KEY, "one");
    s3_stand_poll(stand);
    s3_stand_expect_file(stand, PATH, "one");
    s3_stand_see(stand, PATH);
}

static void restart_with(struct s3_stand *stand, const char *after) {
    s3_stand_stop(stand);
    g_free(stand->settings->after);
    stand->settings->after = g_strdup(after);
    s3_stand_start(stand);
    s3_stand_run(stand);
}

static void test_texts(struct s3_stand *stand, gconstpointer data) {
    (void)stand;
    (void)data;
    struct dm_arrival *arrival = dm_arrival_new(KEY, "abc", 3);
    g_autofree char *done = dm_s3_answer_write(arrival, "results/gray/a \"b\".jpg");
    g_assert_cmpstr(done, ==,
                    "{\"etag\":\"abc\",\"state\":\"done\",\"results\":[\"results/gray/a "
                    "\\\"b\\\".jpg\"],\"reason\":\"\",\"message\":\"\"}\n");
    dm_arrival_set(&arrival->reason, "corrupt");
    dm_arrival_set(&arrival->message, "no\npicture");
    g_autofree char *failed = dm_s3_answer_write(arrival, NULL);
    g_assert_cmpstr(failed, ==,
                    "{\"etag\":\"abc\",\"state\":\"failed\",\"results\":[],\"reason\":"
                    "\"corrupt\",\"message\":\"no\\u000apicture\"}\n");
    dm_arrival_free(arrival);
}

/** Done is told when the result is in the mirror, not before. */
static void test_done(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    take(stand);
    s3_stand_run(stand);
    s3_stand_expect_object(stand, ANSWER, NULL);
    s3_stand_finish(stand, PATH);
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_object(stand, ANSWER, NULL);
    s3_stand_sync(stand, PATH);
    s3_stand_run(stand);
    s3_stand_expect_part(stand, ANSWER, "\"state\":\"done\",\"results\":[\"results/gray/a.jpg\"]");
    g_assert_cmpint(s3_stand_state(stand, KEY), ==, DM_ARRIVAL_KEPT);
    s3_stand_expect_object(stand, KEY, "one");
}

/** The result is there before the original has left the inbox. */
static void test_synced_first(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    take(stand);
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(stand->ledger, PATH);
    dm_row_set(&row->format, "jpeg");
    row->bytes = 1;
    dm_ledger_move(stand->ledger, row, DM_FACT_COMPUTED);
    dm_row_set(&row->temp, "");
    dm_row_set(&row->output, PATH);
    dm_ledger_claim_output(stand->ledger, PATH, PATH);
    dm_ledger_move(stand->ledger, row, DM_FACT_PUBLISHED);
    s3_stand_sync(stand, PATH);
    s3_stand_run(stand);
    s3_stand_expect_object(stand, ANSWER, NULL);
    dm_ledger_move(stand->ledger, row, DM_FACT_RETIRED);
    stand->woken = true;
    s3_stand_run(stand);
    s3_stand_expect_part(stand, ANSWER, "\"state\":\"done\"");
}

static void test_failed(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    take(stand);
    s3_stand_fail(stand, PATH);
    s3_stand_run(stand);
    s3_stand_expect_part(stand, ANSWER,
                         "\"state\":\"failed\",\"results\":[],\"reason\":\"damaged\"");
    s3_stand_expect_part(stand, ANSWER, "it is no \\\"picture\\\"\\u000a");
}

static void test_refused(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_put(stand, "in/rotat-90/a.jpg", "one");
    s3_stand_put(stand, "in/gray/empty.jpg", "");
    s3_stand_put(stand, "in/../x.jpg", "one");
    s3_stand_poll(stand);
    s3_stand_expect_part(stand, "in/.answers/rotat-90/a.jpg.json", "\"reason\":\"refused\"");
    s3_stand_expect_part(stand, "in/.answers/gray/empty.jpg.json", "\"reason\":\"empty\"");
    s3_stand_expect_object(stand, "in/.answers/../x.jpg.json", NULL);
    s3_stand_expect_object(stand, "in/rotat-90/a.jpg", "one");
}

/** People take it out of the inbox, or put another one there. */
static void test_taken_away(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_put(stand, KEY, "one");
    s3_stand_poll(stand);
    s3_stand_see(stand, PATH);
    s3_stand_drop(stand, PATH, "by hand");
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(stand->ledger, PATH);
    dm_ledger_move(stand->ledger, row, DM_FACT_CHANGED);
    dm_ledger_move(stand->ledger, row, DM_FACT_GONE);
    stand->woken = true;
    s3_stand_run(stand);
    s3_stand_expect_part(stand, ANSWER, "\"reason\":\"gone\"");
}

static void test_replaced_by_hand(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_put(stand, KEY, "one");
    s3_stand_poll(stand);
    s3_stand_drop(stand, PATH, "by hand");
    s3_stand_see(stand, PATH);
    s3_stand_finish(stand, PATH);
    s3_stand_sync(stand, PATH);
    s3_stand_run(stand);
    s3_stand_expect_part(stand, ANSWER,
                         "\"state\":\"failed\",\"results\":[],\"reason\":\"replaced\"");
}

/** The end of an earlier file of that name is none of this one. */
static void test_earlier(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_drop(stand, PATH, "by hand");
    s3_stand_see(stand, PATH);
    s3_stand_finish(stand, PATH);
    s3_stand_put(stand, KEY, "one");
    s3_stand_poll(stand);
    s3_stand_expect_file(stand, PATH, "one");
    s3_stand_sync(stand, PATH); // of the earlier one, and late
    s3_stand_run(stand);
    g_assert_cmpint(s3_stand_state(stand, KEY), ==, DM_ARRIVAL_TAKEN);
    s3_stand_expect_object(stand, ANSWER, NULL);
    s3_stand_see(stand, PATH);
    s3_stand_finish(stand, PATH);
    s3_stand_sync(stand, PATH);
    s3_stand_run(stand);
    s3_stand_expect_part(stand, ANSWER, "\"state\":\"done\"");
}

/** An answer that could not be put is put in the next life. */
static void test_restart(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    take(stand);
    faulty_store_fail(stand->store, DM_STORE_PUT, DM_STORE_SERVER, false);
    s3_stand_fail(stand, PATH);
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_object(stand, ANSWER, NULL);
    g_assert_cmpint(s3_stand_state(stand, KEY), ==, DM_ARRIVAL_ENDED);
    s3_stand_stop(stand);
    s3_stand_start(stand);
    s3_stand_pass(stand, 120 * SECOND_US);
    s3_stand_expect_part(stand, ANSWER, "\"state\":\"failed\"");
}

// ---- after

static void test_delete(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    restart_with(stand, "delete");
    take(stand);
    s3_stand_expect_object(stand, KEY, "one"); // until it is answered
    s3_stand_finish(stand, PATH);
    s3_stand_sync(stand, PATH);
    s3_stand_run(stand);
    s3_stand_expect_part(stand, ANSWER, "\"state\":\"done\"");
    s3_stand_expect_object(stand, KEY, NULL);
    g_assert_cmpint(s3_stand_state(stand, KEY), ==, -1);
    take(stand); // the same once more is another one
}

static void test_move(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    restart_with(stand, "move");
    take(stand);
    s3_stand_fail(stand, PATH);
    s3_stand_run(stand);
    s3_stand_expect_object(stand, KEY, NULL);
    s3_stand_expect_object(stand, "in/.taken/gray/a.jpg", "one");
    g_assert_cmpint(s3_stand_state(stand, KEY), ==, -1);
}

/** Another object was put in its place meanwhile: it stays, and is the next. */
static void replaced_before(struct s3_stand *stand, const char *after) {
    restart_with(stand, after);
    take(stand);
    s3_stand_put(stand, KEY, "other");
    s3_stand_fail(stand, PATH);
    s3_stand_run(stand);
    s3_stand_expect_object(stand, KEY, "other");
    s3_stand_pass(stand, 3 * SECOND_US);
    s3_stand_expect_file(stand, PATH, "other");
}

static void test_delete_replaced(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    replaced_before(stand, "delete");
}

static void test_move_replaced(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    replaced_before(stand, "move");
    s3_stand_expect_object(stand, "in/.taken/gray/a.jpg", NULL);
}

/** Every request fails now and then, carried out or not. */
static void test_faults(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    restart_with(stand, "move");
    for (int i = 0; i < 6; i++) {
        g_autofree char *text = g_strdup_printf("object %d", i);
        faulty_store_fail(stand->store, DM_STORE_VERB_COUNT, DM_STORE_OK, false);
        s3_stand_put(stand, KEY, text);
        s3_stand_poll(stand);
        s3_stand_expect_file(stand, PATH, text);
        s3_stand_see(stand, PATH);
        faulty_store_fail_some(stand->store, DM_STORE_TRANSPORT, i % 2 == 0, 5);
        s3_stand_fail(stand, PATH);
        s3_stand_pass(stand, 600 * SECOND_US);
        s3_stand_expect_object(stand, KEY, NULL);
        s3_stand_expect_object(stand, "in/.taken/gray/a.jpg", text);
        g_assert_cmpint(s3_stand_state(stand, KEY), ==, -1);
    }
}

int main(int argc, char **argv) {
    static const struct s3_stand_test tests[] = {
        {"texts", test_texts},
        {"done", test_done},
        {"synced-first", test_synced_first},
        {"failed", test_failed},
        {"refused", test_refused},
        {"taken-away", test_taken_away},
        {"replaced-by-hand", test_replaced_by_hand},
        {"earlier", test_earlier},
        {"restart", test_restart},
        {"delete", test_delete},
        {"move", test_move},
        {"delete-replaced", test_delete_replaced},
        {"move-replaced", test_move_replaced},
        {"faults", test_faults},
    };
    return s3_stand_main(argc, argv, tests, G_N_ELEMENTS(tests));
}
