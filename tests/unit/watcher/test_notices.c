// SPDX-License-Identifier: MIT
//
// Notices, decided: when a drop has ended and what is counted of it, what is wrong for how long,
// what an attempt means and when the next one is. The clock comes in; nothing is run.
#include "watcher/ledger/notices.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "tests/unit/watcher/support/row_facts.h"
#include "watcher/notices/accounts.h"
#include "watcher/notices/troubles.h"
#include "watcher/notices/verdict.h"
#include "watcher/notices/webhook.h"
#include "watcher/notices/words.h"

#include <string.h>

#define SECOND_US ((int64_t)G_USEC_PER_SEC)
#define IDLE_US (10 * SECOND_US)
#define START_US (INT64_C(1780000000) * SECOND_US)

struct scene {
    char *dir, *path;
    struct dm_ledger *ledger;
    struct dm_accounts *accounts;
    int64_t utc_us;
    // What was told: "gray/Day 1: done 2 failed 1 stopped 0 named 1".
    GPtrArray *told;
};

static int64_t scene_utc_us(void *data) {
    return ((const struct scene *)data)->utc_us;
}

static void open_accounts(struct scene *scene) {
    g_autoptr(GError) error = NULL;
    scene->ledger = dm_ledger_open(scene->path, false, &error);
    g_assert_no_error(error);
    dm_ledger_set_clock(scene->ledger, scene_utc_us, scene);
    scene->accounts = dm_accounts_new(scene->ledger, IDLE_US);
}

static void close_accounts(struct scene *scene) {
    dm_accounts_free(scene->accounts);
    dm_ledger_free(scene->ledger);
}

/** As after a kill: what was committed is what there is. */
static void begin_anew(struct scene *scene) {
    close_accounts(scene);
    open_accounts(scene);
}

static void set_up(struct scene *scene, const void *data) {
    (void)data;
    *scene = (struct scene){.utc_us = START_US, .told = g_ptr_array_new_with_free_func(g_free)};
    scene->dir = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    scene->path = g_build_filename(scene->dir, "ledger.db", NULL);
    open_accounts(scene);
}

static void tear_down(struct scene *scene, const void *data) {
    (void)data;
    close_accounts(scene);
    dm_remove_tree(scene->dir);
    g_ptr_array_unref(scene->told);
    g_free(scene->path);
    g_free(scene->dir);
}

static void tell(const struct dm_ended *ended, void *data) {
    struct scene *scene = data;
    g_ptr_array_add(scene->told, g_strdup_printf("%s: done %d failed %d stopped %d named %d",
                                                 ended->drop, (int)ended->done, (int)ended->failed,
                                                 (int)ended->stopped, (int)ended->failures_known));
}

/** What the room does in a turn, @after_us later. */
static void turn(struct scene *scene, int64_t after_us) {
    scene->utc_us += after_us;
    dm_accounts_flush(scene->accounts);
    dm_accounts_settle(scene->accounts, scene->utc_us, 100, tell, scene);
    g_assert_true(dm_ledger_commit(scene->ledger, NULL));
}

static void expect_told(struct scene *scene, const char *what) {
    g_assert_cmpuint(scene->told->len, ==, *what != '\0');
    if (*what != '\0') {
        g_assert_cmpstr(scene->told->pdata[0], ==, what);
    }
    g_ptr_array_set_size(scene->told, 0);
}

static struct dm_row *insert(const struct scene *scene, const char *path) {
    const struct dm_fingerprint fingerprint = {.size_bytes = 1000, .mtime_ns = 1};
    return dm_ledger_insert(scene->ledger, path, "gray", &fingerprint);
}

static void move_along(const struct scene *scene, struct dm_row *row, const enum dm_fact *facts,
                       size_t count) {
    for (size_t i = 0; i < count; i++) {
        row_move(scene->ledger, row, facts[i]);
    }
}

static void finish(const struct scene *scene, struct dm_row *row) {
    static const enum dm_fact facts[] = {DM_FACT_SETTLED, DM_FACT_DISPATCHED, DM_FACT_COMPUTED,
                                         DM_FACT_PUBLISHED, DM_FACT_RETIRED};
    move_along(scene, row, facts, G_N_ELEMENTS(facts));
}

static void fail(const struct scene *scene, struct dm_row *row) {
    static const enum dm_fact facts[] = {DM_FACT_SETTLED, DM_FACT_DISPATCHED, DM_FACT_REFUSED,
                                         DM_FACT_RETIRED};
    move_along(scene, row, facts, G_N_ELEMENTS(facts));
}

static void do_one(const struct scene *scene, const char *path) {
    DM_AUTO_ROW struct dm_row *row = insert(scene, path);
    finish(scene, row);
}

// ---- drops

static void test_ends_when_idle(struct scene *scene, const void *data) {
    (void)data;
    DM_AUTO_ROW struct dm_row *a = insert(scene, "gray/Day 1/a.jpg");
    DM_AUTO_ROW struct dm_row *b = insert(scene, "gray/Day 1/sub/b.jpg");
    finish(scene, a);
    turn(scene, 100 * IDLE_US);
    expect_told(scene, ""); // one is under way
    fail(scene, b);
    turn(scene, IDLE_US - 1);
    expect_told(scene, "");
    g_assert_cmpint(dm_accounts_look_utc_us(scene->accounts), ==, scene->utc_us + 1);
    turn(scene, 1);
    expect_told(scene, "gray/Day 1: done 1 failed 1 stopped 0 named 1");
    turn(scene, 100 * IDLE_US);
    expect_told(scene, "");
    g_assert_cmpint(dm_accounts_look_utc_us(scene->accounts), ==, INT64_MAX);
}

static void test_what_is_new(struct scene *scene, const void *data) {
    (void)data;
    do_one(scene, "gray/a.jpg");
    turn(scene, IDLE_US / 2);
    do_one(scene, "gray/b.jpg"); // the while begins anew
    turn(scene, IDLE_US / 2);
    expect_told(scene, "");
    turn(scene, IDLE_US / 2);
    expect_told(scene, "gray: done 2 failed 0 stopped 0 named 0");
    do_one(scene, "gray/c.jpg");
    turn(scene, IDLE_US);
    expect_told(scene, "gray: done 1 failed 0 stopped 0 named 0");
}

static void test_tries_again(struct scene *scene, const void *data) {
    (void)data;
    DM_AUTO_ROW struct dm_row *row = insert(scene, "gray/Day 1/a.jpg");
    fail(scene, row);
    row_move(scene->ledger, row, DM_FACT_DROPPED); // before anybody is told
    turn(scene, IDLE_US);
    expect_told(scene, "");
    finish(scene, row);
    turn(scene, IDLE_US);
    expect_told(scene, "gray/Day 1: done 1 failed 0 stopped 0 named 0");
}

static void test_stopped_gone_parked(struct scene *scene, const void *data) {
    (void)data;
    DM_AUTO_ROW struct dm_row *stopped = insert(scene, "gray/Day 1/a.jpg");
    DM_AUTO_ROW struct dm_row *gone = insert(scene, "gray/Day 1/b.jpg");
    DM_AUTO_ROW struct dm_row *alone = insert(scene, "gray/Day 2/b.jpg");
    row_move(scene->ledger, stopped, DM_FACT_STOPPED);
    row_move(scene->ledger, gone, DM_FACT_GONE);
    row_move(scene->ledger, alone, DM_FACT_GONE); // nobody is told of nothing
    row_move(scene->ledger, stopped, DM_FACT_BLOCKED);
    turn(scene, IDLE_US);
    expect_told(scene, "");
    row_move(scene->ledger, stopped, DM_FACT_RESUMED); // is on its way to failed/ again
    turn(scene, IDLE_US);
    expect_told(scene, "gray/Day 1: done 0 failed 0 stopped 1 named 0");
}

static void test_outlives_a_kill(struct scene *scene, const void *data) {
    (void)data;
    for (int i = 0; i < DM_ENDED_FAILURES + 2; i++) {
        g_autofree char *path = g_strdup_printf("gray/Day 1/%d.jpg", i);
        DM_AUTO_ROW struct dm_row *row = insert(scene, path);
        fail(scene, row);
    }
    DM_AUTO_ROW struct dm_row *last = insert(scene, "gray/Day 1/last.jpg");
    turn(scene, 0);
    begin_anew(scene);
    turn(scene, 100 * IDLE_US);
    expect_told(scene, "");
    finish(scene, last);
    turn(scene, 0);
    begin_anew(scene);
    turn(scene, IDLE_US);
    expect_told(scene, "gray/Day 1: done 1 failed 7 stopped 0 named 5");
    begin_anew(scene);
    turn(scene, IDLE_US);
    expect_told(scene, "");
}

static void test_clock_set_back(struct scene *scene, const void *data) {
    (void)data;
    do_one(scene, "gray/a.jpg");
    turn(scene, 0);
    turn(scene, -1000 * IDLE_US);
    expect_told(scene, "");
    turn(scene, IDLE_US);
    expect_told(scene, "gray: done 1 failed 0 stopped 0 named 0");
}

/** What a turn writes does not grow with what was there before; many files are one write. */
static void test_costs(struct scene *scene, const void *data) {
    (void)data;
    struct dm_ledger_stats before, after;
    for (int i = 0; i < 3000; i++) {
        g_autofree char *path = g_strdup_printf("gray/Day 1/%d.jpg", i);
        do_one(scene, path);
    }
    dm_ledger_stats(scene->ledger, &before);
    dm_accounts_flush(scene->accounts);
    dm_ledger_stats(scene->ledger, &after);
    g_assert_cmpuint(after.steps - before.steps, ==, 1);
    g_assert_cmpuint(after.rows_written - before.rows_written, ==, 1);
}

static void test_few_at_once(struct scene *scene, const void *data) {
    (void)data;
    for (int i = 0; i < 250; i++) {
        g_autofree char *path = g_strdup_printf("gray/Day %d/a.jpg", i);
        do_one(scene, path);
    }
    turn(scene, IDLE_US);
    g_assert_cmpuint(scene->told->len, ==, 100);
    g_assert_cmpint(dm_accounts_look_utc_us(scene->accounts), ==, scene->utc_us); // at once
    turn(scene, 0);
    turn(scene, 0);
    g_assert_cmpuint(scene->told->len, ==, 250);
}

// ---- trouble

static void tell_trouble(const struct dm_trouble *trouble, void *data) {
    GPtrArray *told = ((struct scene *)data)->told;
    g_ptr_array_add(told, g_strdup_printf("%s: %s%s", trouble->name, trouble->problem,
                                          trouble->over_utc_us != 0 ? ", over" : ""));
}

/** A look @after_us later; @problem: NULL if there is none. */
static void look(struct scene *scene, struct dm_troubles *troubles, int64_t after_us,
                 const char *problem) {
    scene->utc_us += after_us;
    dm_troubles_begin_look(troubles);
    if (problem != NULL) {
        dm_troubles_see(troubles, "engine.problem", problem, scene->utc_us);
    }
    dm_troubles_end_look(troubles, scene->utc_us, tell_trouble, scene);
}

static void test_trouble_lasts(struct scene *scene, const void *data) {
    (void)data;
    const int64_t after_us = 60 * SECOND_US;
    struct dm_troubles *troubles = dm_troubles_new(scene->ledger, after_us);
    look(scene, troubles, 0, "no worker");
    look(scene, troubles, after_us - 1, "no worker");
    look(scene, troubles, 1, NULL); // it came and went
    look(scene, troubles, after_us, NULL);
    expect_told(scene, "");
    look(scene, troubles, 0, "no worker");
    look(scene, troubles, after_us, "no worker at all");
    expect_told(scene, "engine.problem: no worker at all");
    look(scene, troubles, after_us, "something else"); // no news
    look(scene, troubles, after_us, NULL);
    look(scene, troubles, after_us - 1, NULL);
    look(scene, troubles, 0, "no worker"); // it is back
    look(scene, troubles, after_us, "no worker");
    look(scene, troubles, 1, NULL); // the while begins anew
    look(scene, troubles, 1, NULL);
    look(scene, troubles, 1, "no worker");
    expect_told(scene, "");
    dm_troubles_free(troubles);
    troubles = dm_troubles_new(scene->ledger, after_us); // as after a restart
    look(scene, troubles, after_us, "no worker");
    look(scene, troubles, after_us, "no worker");
    expect_told(scene, "");
    look(scene, troubles, 0, NULL);
    look(scene, troubles, after_us, NULL);
    expect_told(scene, "engine.problem: no worker at all, over");
    look(scene, troubles, after_us, NULL);
    expect_told(scene, "");
    dm_troubles_free(troubles);
}

// ---- attempts

static void test_statuses(void) {
    static const struct {
        int status;
        enum dm_verdict verdict;
    } cases[] = {
        {200, DM_VERDICT_DELIVERED}, {204, DM_VERDICT_DELIVERED}, {299, DM_VERDICT_DELIVERED},
        {301, DM_VERDICT_AGAIN},     {302, DM_VERDICT_AGAIN},     {400, DM_VERDICT_NEVER},
        {404, DM_VERDICT_NEVER},     {408, DM_VERDICT_AGAIN},     {410, DM_VERDICT_NEVER},
        {429, DM_VERDICT_AGAIN},     {499, DM_VERDICT_NEVER},     {500, DM_VERDICT_AGAIN},
        {503, DM_VERDICT_AGAIN},     {0, DM_VERDICT_AGAIN},       {100, DM_VERDICT_AGAIN},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(dm_verdict_of_status(cases[i].status), ==, cases[i].verdict);
    }
}

static void test_waits(void) {
    struct dm_verdict_facts facts = {.now_utc_us = START_US,
                                     .tried_utc_us = START_US,
                                     .timeout_us = 10 * SECOND_US,
                                     .retry_us = 3600 * SECOND_US};
    static const int64_t waits_s[] = {10, 20, 40, 80, 160, 320, 600, 600, 600, 600, 570, -1};
    int64_t sum_us = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(waits_s); i++) {
        facts.attempts++;
        int64_t wait_us = dm_verdict_wait_us(&facts);
        g_assert_cmpint(wait_us, ==, waits_s[i] < 0 ? -1 : waits_s[i] * SECOND_US);
        facts.now_utc_us += MAX(0, wait_us);
        sum_us += MAX(0, wait_us);
    }
    g_assert_cmpint(sum_us, ==, facts.retry_us); // the last one when the time is over
    facts.now_utc_us = START_US - 3600 * SECOND_US;
    facts.attempts = 1;
    g_assert_cmpint(dm_verdict_wait_us(&facts), ==, 10 * SECOND_US); // the clock was set back
    facts.retry_us = 0;
    g_assert_cmpint(dm_verdict_wait_us(&facts), ==, -1);
}

static void test_addresses(void) {
    static const struct {
        const char *url;
        bool good;
    } cases[] = {
        {"https://example.org/hook?token=x", true},
        {"http://127.0.0.1:8080", true},
        {"HTTPS://user:pass@example.org/", true},
        {"https://[::1]:8443/x", true},
        {"ftp://example.org/", false},
        {"file:///etc/passwd", false},
        {"https:///secret", false},
        {"https://", false},
        {"example.org", false},
        {"https://example.org/a b", false},
        {"https://example.org:x/", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", cases[i].url);
        g_assert_true(dm_webhook_judge(cases[i].url, &error) == cases[i].good);
        g_assert_true(error == NULL || strlen(cases[i].url) <= strlen("https://") ||
                      strstr(error->message, cases[i].url) == NULL); // it is a secret
    }
}

// ---- words

static void test_sentences(void) {
    static const struct {
        const char *drop;
        int64_t done, failed, stopped;
        const char *text, *kind;
    } cases[] = {
        {"gray/Holiday 2024", 40, 0, 0, "Holiday 2024 (gray): 40 done", "done"},
        {"gray", 1, 2, 3, "gray: 2 failed, 3 stopped, 1 done", "failed"},
        {"gray/a\nb", 0, 1, 0, "a\\x0ab (gray): 1 failed", "failed"},
        {"gray/x", 5, 0, 1, "x (gray): 1 stopped, 5 done", "failed"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_ended ended;
        dm_ended_init(&ended, cases[i].drop);
        ended.done = cases[i].done;
        ended.failed = cases[i].failed;
        ended.stopped = cases[i].stopped;
        g_autofree char *text = dm_words_of_drop(&ended);
        g_assert_cmpstr(text, ==, cases[i].text);
        g_assert_cmpstr(dm_words_kind(&ended), ==, cases[i].kind);
        dm_ended_clear(&ended);
    }
}

#define ADD(name, function)                                                                        \
    g_test_add("/notices/" name, struct scene, NULL, set_up, function, tear_down)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ADD("drop/ends-when-idle", test_ends_when_idle);
    ADD("drop/what-is-new", test_what_is_new);
    ADD("drop/tries-again", test_tries_again);
    ADD("drop/stopped-gone-parked", test_stopped_gone_parked);
    ADD("drop/outlives-a-kill", test_outlives_a_kill);
    ADD("drop/clock-set-back", test_clock_set_back);
    ADD("drop/costs", test_costs);
    ADD("drop/few-at-once", test_few_at_once);
    ADD("trouble/lasts", test_trouble_lasts);
    g_test_add_func("/notices/attempt/statuses", test_statuses);
    g_test_add_func("/notices/attempt/waits", test_waits);
    g_test_add_func("/notices/attempt/addresses", test_addresses);
    g_test_add_func("/notices/words/sentences", test_sentences);
    return g_test_run();
}
