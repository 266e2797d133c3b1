// SPDX-License-Identifier: MIT
//
// The S3 inbox on a store with faults: what is put there is taken once and whole, whatever is done
// to it meanwhile; names that would lead elsewhere; two of them; a share that is away or full; what
// a kill leaves between the steps. Answers: test_s3_answers.c.
#include "tests/unit/watcher/support/s3_stand.h"

#include "common/fsutil.h"
#include "tests/unit/watcher/support/share_dir.h"
#include "watcher/s3_inbox/names.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

static int gets(struct s3_stand *stand) {
    return faulty_store_count(stand->store, DM_STORE_GET);
}

static void test_taken(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_put(stand, "in/gray/Holiday 2024/b é.jpg", "two");
    s3_stand_poll(stand);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
    s3_stand_expect_file(stand, "gray/Holiday 2024/b é.jpg", "two");
    g_assert_cmpint(s3_stand_count_files(stand), ==, 2); // no temporary either
    g_assert_cmpint(s3_stand_state(stand, "in/gray/a.jpg"), ==, DM_ARRIVAL_TAKEN);
    s3_stand_expect_object(stand, "in/gray/a.jpg", "one");
}

static void test_once(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_poll(stand);
    int before = gets(stand);
    s3_stand_pass(stand, 60 * SECOND_US);
    g_assert_cmpint(gets(stand), ==, before);
    s3_stand_see(stand, "gray/a.jpg");
    s3_stand_finish(stand, "gray/a.jpg");
    s3_stand_sync(stand, "gray/a.jpg");
    s3_stand_run(stand);
    g_assert_cmpint(s3_stand_state(stand, "in/gray/a.jpg"), ==, DM_ARRIVAL_KEPT);
    s3_stand_stop(stand);
    s3_stand_start(stand);
    s3_stand_pass(stand, 60 * SECOND_US);
    g_assert_cmpint(gets(stand), ==, 1); // the claim
    g_assert_cmpint(s3_stand_count_files(stand), ==, 0);
}

/** Another object under the same key is another one, when the first has ended. */
static void test_again(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_poll(stand);
    s3_stand_see(stand, "gray/a.jpg");
    s3_stand_put(stand, "in/gray/a.jpg", "other");
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "one"); // it is left to finish
    struct dm_s3_inbox_status status;
    s3_stand_status(stand, &status);
    g_assert_cmpint(status.waiting, ==, 1);
    s3_stand_finish(stand, "gray/a.jpg");
    s3_stand_sync(stand, "gray/a.jpg");
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "other");
}

/** 412: another object is there by now. */
static void test_replaced(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_run(stand);
    dm_s3_inbox_hurry(stand->inbox);
    s3_stand_run_until(stand, 2); // the claim, the list
    faulty_store_hold(stand->store, true);
    s3_stand_run_until(stand, 1); // the get
    s3_stand_put(stand, "in/gray/a.jpg", "two");
    faulty_store_hold(stand->store, false);
    s3_stand_run(stand);
    s3_stand_expect_file(stand, "gray/a.jpg", NULL);
    s3_stand_pass(stand, 3 * SECOND_US); // it does not wait for the next poll
    s3_stand_expect_file(stand, "gray/a.jpg", "two");
    g_assert_cmpint(s3_stand_count_files(stand), ==, 1);
}

/** A file that is there is never replaced. */
static void test_occupied(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_drop(stand, "gray/a.jpg", "by hand");
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "by hand");
    g_assert_cmpint(gets(stand), ==, 1); // nor is it fetched in vain
    s3_stand_see(stand, "gray/a.jpg");
    s3_stand_finish(stand, "gray/a.jpg");
    s3_stand_sync(stand, "gray/a.jpg");
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
    g_assert_cmpint(s3_stand_state(stand, "in/gray/a.jpg"), ==, DM_ARRIVAL_TAKEN);
}

/** Nor is one that comes between the fetch and the rename. */
static void test_occupied_late(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    dm_s3_inbox_hurry(stand->inbox);
    s3_stand_run_until(stand, 2);
    faulty_store_hold(stand->store, true);
    s3_stand_run_until(stand, 1);
    s3_stand_drop(stand, "gray/a.jpg", "by hand");
    faulty_store_hold(stand->store, false);
    s3_stand_run(stand);
    s3_stand_expect_file(stand, "gray/a.jpg", "by hand");
    g_assert_cmpint(s3_stand_state(stand, "in/gray/a.jpg"), ==, DM_ARRIVAL_FETCHED);
    g_autofree char *full = g_build_filename(stand->share_path, "inbox/gray/a.jpg", NULL);
    g_assert_cmpint(g_remove(full), ==, 0);
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
    g_assert_cmpint(gets(stand), ==, 2);
}

static void test_names(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    static const char *const keys[] = {
        "in/../x.jpg",     "in/gray/../../x.jpg", "in/x.jpg",      "in/gray/.hidden",
        "in/gray//b.jpg",  "in//gray/b.jpg",      "in/gray/a\nb",  "in/blur-5/",
        "in/gray/./a.jpg", "in/gray/empty.jpg",   "in/rotat-90/a", "in/gray/\xff.jpg",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        s3_stand_put(stand, keys[i], strstr(keys[i], "empty") != NULL ? "" : "x");
    }
    g_free(s3_stand_take_log());
    s3_stand_poll(stand);
    g_assert_cmpint(s3_stand_count_files(stand), ==, 0);
    g_assert_cmpint(gets(stand), ==, 1);
    g_autofree char *outside = g_build_filename(stand->share_path, "x.jpg", NULL);
    g_assert_false(g_file_test(outside, G_FILE_TEST_EXISTS));
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_test_message("%s", keys[i]);
        g_assert_cmpint(s3_stand_state(stand, keys[i]), ==, DM_ARRIVAL_LEFT);
    }
    g_autofree char *log = s3_stand_take_log();
    g_assert_nonnull(strstr(log, "'in/../x.jpg' is not taken: a part of its name begins with a"));
    g_assert_nonnull(strstr(log, "'in/x.jpg' is not taken: it lies in no folder"));
    g_assert_nonnull(strstr(log, "'in/gray/empty.jpg' is not taken: it has no bytes"));
    g_assert_nonnull(strstr(log, "'in/rotat-90/a' is not taken: step 'rotat-90' is not known"));
    struct dm_s3_inbox_status status;
    s3_stand_status(stand, &status);
    g_assert_cmpint(status.left, ==, G_N_ELEMENTS(keys));
    g_assert_nonnull(strstr(status.left_why, "is left in the bucket: "));

    s3_stand_pass(stand, 60 * SECOND_US); // told once, in the next life, too
    s3_stand_stop(stand);
    s3_stand_start(stand);
    s3_stand_pass(stand, 60 * SECOND_US);
    g_autofree char *more = s3_stand_take_log();
    g_assert_cmpstr(more, ==, "");
    s3_stand_remove(stand, "in/x.jpg");
    s3_stand_poll(stand);
    g_assert_cmpint(s3_stand_state(stand, "in/x.jpg"), ==, -1);
}

/** What the directory that plays the bucket cannot hold. */
static void test_long_names(struct s3_stand *stand, gconstpointer data) {
    (void)stand;
    (void)data;
    static const struct {
        size_t part, parts;
        const char *objection;
    } cases[] = {
        {255, 1, NULL},
        {256, 1, "a part of its name is longer than 255 bytes"},
        {200, 4, NULL},
        {200, 5, "its name is too long for the key of its answer"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GString *key = g_string_new("in/gray");
        for (size_t j = 0; j < cases[i].parts; j++) {
            g_autofree char *part = g_strnfill(cases[i].part, 'a');
            g_string_append_printf(key, "/%s", part);
        }
        const char *reason;
        g_assert_cmpstr(dm_s3_name_objection("in/", key->str, &reason), ==, cases[i].objection);
        g_string_free(key, TRUE);
    }
}

/** No link is followed, wherever it leads. */
static void test_links(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    g_autofree char *link = g_build_filename(stand->share_path, "inbox/gray", NULL);
    g_autofree char *outside = g_build_filename(stand->dir, "outside", NULL);
    g_assert_cmpint(g_mkdir(outside, 0775), ==, 0);
    g_assert_cmpint(symlink(outside, link), ==, 0);
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_pass(stand, 60 * SECOND_US);
    g_autofree char *file = g_build_filename(outside, "a.jpg", NULL);
    g_assert_false(g_file_test(file, G_FILE_TEST_EXISTS));
    g_assert_cmpint(gets(stand), ==, 1); // it is not fetched again and again
    struct dm_s3_inbox_status status;
    s3_stand_status(stand, &status);
    g_assert_nonnull(strstr(status.problem, "cannot put 'gray/a.jpg' into the inbox"));
    g_assert_cmpint(g_remove(link), ==, 0);
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
}

/** Another sum than its sender said: three times, then never. */
static void test_damaged(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    g_autofree char *full = g_build_filename(stand->store_path, "in/gray/a.jpg", NULL);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "two", -1);
    if (setxattr(full, "user.dropmill.sha256", sum, strlen(sum), 0) != 0) {
        g_test_skip("no attributes on this file system");
        return;
    }
    s3_stand_pass(stand, 60 * SECOND_US);
    g_assert_cmpint(s3_stand_count_files(stand), ==, 0);
    g_assert_cmpint(gets(stand), ==, 4);
    g_assert_cmpint(s3_stand_state(stand, "in/gray/a.jpg"), ==, DM_ARRIVAL_LEFT);
    s3_stand_expect_part(stand, "in/.answers/gray/a.jpg.json", "\"reason\":\"damaged\"");
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_poll(stand);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
}

// ---- many

static void test_pages(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    for (int i = 0; i < 3000; i++) {
        g_autofree char *key = g_strdup_printf("in/gray/%04d.jpg", i);
        s3_stand_put(stand, key, key);
    }
    dm_s3_inbox_hurry(stand->inbox);
    int64_t most = 0;
    do {
        s3_stand_run_until(stand, 10);
        struct dm_s3_inbox_status status;
        s3_stand_status(stand, &status);
        most = MAX(most, status.waiting);
    } while (s3_stand_count(stand, DM_ARRIVAL_TAKEN) < 2900);
    s3_stand_run(stand);
    g_assert_cmpint(s3_stand_count_files(stand), ==, 3000);
    g_assert_cmpint(s3_stand_count(stand, DM_ARRIVAL_TAKEN), ==, 3000);
    g_assert_cmpint(gets(stand), ==, 3001);
    g_assert_cmpint(most, <, 1700); // bounded, however many there are

    // A listing that reads as the last one costs nothing of the ledger.
    struct dm_ledger_stats before, after;
    s3_stand_poll(stand);
    s3_stand_poll(stand);
    dm_ledger_stats(stand->ledger, &before);
    int lists = faulty_store_count(stand->store, DM_STORE_LIST);
    s3_stand_poll(stand);
    dm_ledger_stats(stand->ledger, &after);
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_LIST) - lists, ==,
                    4); // and the claim
    g_test_message("steps for 3000 objects: %d", (int)(after.steps - before.steps));
    g_assert_cmpuint(after.steps - before.steps, <, 10);
    s3_stand_put(stand, "in/gray/new.jpg", "new");
    s3_stand_poll(stand);
    s3_stand_expect_file(stand, "gray/new.jpg", "new");
}

/** What is our own beside the inputs is not walked through. */
static void test_own(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    for (int i = 0; i < 2500; i++) {
        g_autofree char *key = g_strdup_printf("in/.answers/gray/%04d.jpg.json", i);
        s3_stand_put(stand, key, "{}");
    }
    s3_stand_put(stand, "in/ gray/a.jpg", "before");
    s3_stand_put(stand, "in/gray/a.jpg", "behind");
    int before = faulty_store_count(stand->store, DM_STORE_LIST);
    s3_stand_poll(stand);
    s3_stand_expect_file(stand, " gray/a.jpg", "before");
    s3_stand_expect_file(stand, "gray/a.jpg", "behind");
    g_assert_cmpint(faulty_store_count(stand->store, DM_STORE_LIST) - before, ==, 2);
    g_assert_cmpint(s3_stand_count_files(stand), ==, 2);
}

// ---- the claim

#define OTHER                                                                                      \
    "{\"dropmill\":\"1\",\"share\":\"other\",\"host\":\"mars\",\"since\":\"2026-01-02T03:04:"      \
    "05Z\"}"

static void test_claim(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_expect_part(stand, "in/.dropmill.json", "\"share\":\"" SHARE_DIR_ID "\"");
    s3_stand_expect_part(stand, "in/.dropmill.json", "\"results\":\"results/\"");
    s3_stand_expect_part(stand, "in/.dropmill.json", "\"answers\":\"in/.answers/\"");
    s3_stand_put(stand, "in/.dropmill.json", OTHER); // of one that started with us
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", NULL);
    s3_stand_expect_object(stand, "in/.dropmill.json", OTHER);
    struct dm_s3_inbox_status status;
    s3_stand_status(stand, &status);
    g_assert_cmpstr(status.state, ==, "claimed");
    g_assert_nonnull(strstr(status.problem, "the share other on mars since 2026-01-02T03:04:05Z"));
    g_assert_nonnull(strstr(status.problem, "remove the object 'in/.dropmill.json'"));
    g_autofree char *log = s3_stand_take_log();
    const char *told = strstr(log, "other on mars");
    g_assert_nonnull(told);
    g_assert_null(strstr(told + 1, "other on mars")); // once

    s3_stand_stop(stand);
    s3_stand_start(stand);
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", NULL);
    s3_stand_remove(stand, "in/.dropmill.json");
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
    s3_stand_expect_part(stand, "in/.dropmill.json", SHARE_DIR_ID);
}

static void test_claim_garbled(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_put(stand, "in/.dropmill.json", "[]");
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", NULL);
    s3_stand_expect_object(stand, "in/.dropmill.json", "[]");
}

// ---- the share, the store

static void test_offline(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    g_autofree char *away = g_strconcat(stand->share_path, ".away", NULL);
    g_assert_cmpint(g_rename(stand->share_path, away), ==, 0);
    g_assert_cmpint(g_mkdir(stand->share_path, 0775), ==, 0);
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_pass(stand, 60 * SECOND_US);
    g_assert_cmpint(gets(stand), ==, 1);
    g_assert_cmpint(g_remove(stand->share_path), ==, 0);
    g_assert_cmpint(g_rename(away, stand->share_path), ==, 0);
    s3_stand_pass(stand, 60 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
}

static void test_space(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    s3_stand_stop(stand);
    stand->settings->min_free_bytes = INT64_C(1) << 60;
    s3_stand_start(stand);
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_pass(stand, 60 * SECOND_US);
    g_assert_cmpint(gets(stand), ==, 1);
    struct dm_s3_inbox_status status;
    s3_stand_status(stand, &status);
    g_assert_cmpstr(status.state, ==, "full");
    g_assert_nonnull(strstr(status.problem, "s3_inbox.min_free"));
    g_assert_cmpint(status.waiting, ==, 1);
    stand->settings->min_free_bytes = 0;
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
    s3_stand_status(stand, &status);
    g_assert_cmpstr(status.problem, ==, "");
}

static void test_faults(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    static const enum dm_store_class classes[] = {DM_STORE_TRANSPORT, DM_STORE_THROTTLE,
                                                  DM_STORE_SERVER, DM_STORE_DATA};
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
        faulty_store_fail_some(stand->store, classes[i], i % 2 == 0, 3);
        g_autofree char *key = g_strdup_printf("in/gray/%zu.jpg", i);
        g_autofree char *path = g_strdup_printf("gray/%zu.jpg", i);
        s3_stand_put(stand, key, key);
        s3_stand_pass(stand, 600 * SECOND_US);
        s3_stand_expect_file(stand, path, key);
    }
    g_assert_cmpint(s3_stand_count_files(stand), ==, G_N_ELEMENTS(classes));
}

static void test_outage(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    faulty_store_fail(stand->store, DM_STORE_VERB_COUNT, DM_STORE_TRANSPORT, false);
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_pass(stand, 20 * SECOND_US);
    struct dm_s3_inbox_status status;
    s3_stand_status(stand, &status);
    g_assert_cmpstr(status.state, ==, "waiting");
    g_assert_nonnull(strstr(status.problem, "cannot take objects from"));
    int before = faulty_store_count(stand->store, DM_STORE_VERB_COUNT);
    s3_stand_pass(stand, 3600 * SECOND_US);
    int tries = faulty_store_count(stand->store, DM_STORE_VERB_COUNT) - before;
    g_test_message("requests in an hour without a store: %d", tries);
    g_assert_cmpint(tries, <, 300);
    faulty_store_fail(stand->store, DM_STORE_VERB_COUNT, DM_STORE_OK, false);
    s3_stand_pass(stand, 120 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
}

// ---- what a kill leaves

/** A row of something fetched, and a file @at (relative to the inbox) that is it; NULL: none. */
static void leave(struct s3_stand *stand, const char *at) {
    struct dm_arrival *arrival = dm_arrival_new("in/gray/a.jpg", "etag", 3);
    g_autofree char *full = g_build_filename(stand->share_path, "inbox/.s3/half", NULL);
    s3_stand_drop(stand, ".s3/half", "one");
    g_assert_cmpint(dm_fingerprint_at(AT_FDCWD, full, &arrival->file, NULL), ==, 0);
    dm_arrival_set(&arrival->path, "gray/a.jpg");
    dm_arrival_set(&arrival->temp, ".s3/half");
    dm_ledger_add_arrival(stand->ledger, arrival);
    dm_arrival_free(arrival);
    if (at == NULL) {
        g_assert_cmpint(g_remove(full), ==, 0);
    } else if (strcmp(at, ".s3/half") != 0) {
        g_autofree char *to = g_build_filename(stand->share_path, "inbox", at, NULL);
        g_autofree char *dir = g_path_get_dirname(to);
        g_assert_cmpint(g_mkdir_with_parents(dir, 0775), ==, 0);
        g_assert_cmpint(g_rename(full, to), ==, 0);
    }
}

static void test_killed_before_rename(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    leave(stand, ".s3/half");
    s3_stand_drop(stand, ".s3/litter", "of a fetch that was cut off");
    s3_stand_stop(stand);
    s3_stand_start(stand);
    s3_stand_run(stand);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
    g_assert_cmpint(s3_stand_state(stand, "in/gray/a.jpg"), ==, DM_ARRIVAL_TAKEN);
    g_assert_cmpint(s3_stand_count_files(stand), ==, 1);
}

static void test_killed_after_rename(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    leave(stand, "gray/a.jpg");
    s3_stand_stop(stand);
    s3_stand_start(stand);
    s3_stand_run(stand);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
    g_assert_cmpint(s3_stand_state(stand, "in/gray/a.jpg"), ==, DM_ARRIVAL_TAKEN);
    g_assert_cmpint(gets(stand), ==, 1);
}

/** It was renamed, and its file has ended by now: it is not fetched a second time. */
static void test_killed_long_ago(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    leave(stand, "gray/a.jpg");
    s3_stand_see(stand, "gray/a.jpg");
    s3_stand_finish(stand, "gray/a.jpg");
    s3_stand_sync(stand, "gray/a.jpg");
    s3_stand_stop(stand);
    s3_stand_start(stand);
    s3_stand_run(stand);
    g_assert_cmpint(s3_stand_count_files(stand), ==, 0);
    g_assert_cmpint(s3_stand_state(stand, "in/gray/a.jpg"), ==, DM_ARRIVAL_KEPT);
    s3_stand_expect_part(stand, "in/.answers/gray/a.jpg.json", "results/gray/a.jpg");
}

/** Somebody has removed it: it is fetched anew. */
static void test_killed_and_lost(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    leave(stand, NULL);
    s3_stand_put(stand, "in/gray/a.jpg", "one");
    s3_stand_stop(stand);
    s3_stand_start(stand);
    s3_stand_pass(stand, 30 * SECOND_US);
    s3_stand_expect_file(stand, "gray/a.jpg", "one");
    g_assert_cmpint(s3_stand_state(stand, "in/gray/a.jpg"), ==, DM_ARRIVAL_TAKEN);
}

int main(int argc, char **argv) {
    static const struct s3_stand_test tests[] = {
        {"taken", test_taken},
        {"once", test_once},
        {"again", test_again},
        {"replaced", test_replaced},
        {"occupied", test_occupied},
        {"occupied-late", test_occupied_late},
        {"names", test_names},
        {"long-names", test_long_names},
        {"links", test_links},
        {"damaged", test_damaged},
        {"pages", test_pages},
        {"own", test_own},
        {"claim", test_claim},
        {"claim-garbled", test_claim_garbled},
        {"offline", test_offline},
        {"space", test_space},
        {"faults", test_faults},
        {"outage", test_outage},
        {"killed-before-rename", test_killed_before_rename},
        {"killed-after-rename", test_killed_after_rename},
        {"killed-long-ago", test_killed_long_ago},
        {"killed-and-lost", test_killed_and_lost},
    };
    return s3_stand_main(argc, argv, tests, G_N_ELEMENTS(tests));
}
