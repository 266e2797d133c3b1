// SPDX-License-Identifier: MIT
//
// The table of what the daemon tells of itself: sound, and written, read and worded as it says.
#include "watcher/status.h"

#include <string.h>

static const struct dm_status_item *find_item(const char *name) {
    for (size_t i = 0; i < dm_status_item_count; i++) {
        if (strcmp(dm_status_items[i].name, name) == 0) {
            return &dm_status_items[i];
        }
    }
    g_error("no item '%s'", name);
}

static void test_table(void) {
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t i = 0; i < dm_status_item_count; i++) {
        const struct dm_status_item *item = &dm_status_items[i];
        g_test_message("%s", item->name);
        g_assert_true(g_hash_table_add(names, (gpointer)item->name));
        g_assert_true(g_ascii_isupper(*item->help));
        g_assert_false(g_str_has_suffix(item->help, "."));
        bool has_bar = item->words != NULL && strchr(item->words, '|') != NULL;
        g_assert_true(has_bar == (item->type == DM_STATUS_SWITCH));
        g_assert_true(*item->unit == '\0' || g_str_has_suffix(item->name, "_us"));
    }
}

static void test_there_and_back(void) {
    struct dm_daemon_status status = {
        .pid = 42,
        .version = "1.2\t3",
        .jail = "seccomp alone",
        .vips = "8.14.1",
        .mpi = "Open MPI v4.1.4",
        .settings = "0123456789abcdef",
        .turns = INT64_MAX,
        .share = {.online = true},
        .gate = {.held = "off", .by = ""},
        .inbox = {.problem = "a\nb\\c", .folders = 3},
        .engine = {.state = "warm", .retry_in_us = -1},
        .mirror = {.state = "off"},
        .s3_inbox = {.state = "off"},
    };
    g_autofree char *text = dm_status_write(&status);
    g_autoptr(GHashTable) values = dm_status_read(text);
    static const struct {
        const char *name, *value;
    } cases[] = {
        {"pid", "42"},
        {"version", "1.2\t3"},
        {"jail", "seccomp alone"},
        {"vips", "8.14.1"},
        {"turns", "9223372036854775807"},
        {"share.online", "1"},
        {"inbox.problem", "a\nb\\c"},
        {"inbox.folders", "3"},
        {"engine.state", "warm"},
        {"engine.problem", ""},
        {"engine.retry_in_us", "-1"},
    };
    g_assert_cmpuint(g_hash_table_size(values), ==, dm_status_item_count);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpstr(g_hash_table_lookup(values, cases[i].name), ==, cases[i].value);
    }
}

/** Machines are lines of their own, in the same table. */
static void test_hosts(void) {
    struct dm_engine_host box = {(char *)"box.example", 3, 8, "warm"},
                          attic = {(char *)"attic", 0, 4, "away"};
    g_autoptr(GPtrArray) hosts = g_ptr_array_new();
    g_ptr_array_add(hosts, &box);
    g_ptr_array_add(hosts, &attic);
    struct dm_daemon_status status = {.version = "1",
                                      .jail = "nothing",
                                      .vips = "",
                                      .mpi = "",
                                      .settings = "",
                                      .gate = {.held = "off", .by = ""},
                                      .engine = {.state = "warm"},
                                      .mirror = {.state = "off"},
                                      .s3_inbox = {.state = "off"},
                                      .hosts = hosts};
    g_autofree char *text = dm_status_write(&status);
    g_autoptr(GHashTable) values = dm_status_read(text);
    g_assert_cmpstr(g_hash_table_lookup(values, "host.attic"), ==, "0 4 away");
    g_autoptr(GPtrArray) read = dm_status_hosts(values);
    g_assert_cmpuint(read->len, ==, 2);
    const struct dm_status_host *second = read->pdata[1];
    g_assert_cmpstr(second->name, ==, "box.example");
    g_assert_cmpint(second->busy, ==, 3);
    g_assert_cmpint(second->threads, ==, 8);
    g_assert_cmpstr(second->state, ==, "warm");
}

static void test_nonsense(void) {
    g_autoptr(GHashTable) values = dm_status_read("no tab\n\nbad\t\\xzz\npid\t7\n");
    g_assert_cmpuint(g_hash_table_size(values), ==, 1);
    g_assert_cmpstr(g_hash_table_lookup(values, "pid"), ==, "7");
}

static char *show_us(int64_t us) {
    return g_strdup_printf("%d ms", (int)(us / 1000));
}

static char *show_utc_us(int64_t utc_us) {
    return g_strdup_printf("day %d", (int)(utc_us / G_USEC_PER_SEC / 86400));
}

static const struct dm_status_times times = {show_us, show_utc_us};

static void test_words(void) {
    static const struct {
        const char *name, *value, *words;
    } cases[] = {
        {"inbox.folders", "0", "0 folders"},
        {"inbox.folders", "1", "1 folder"},
        {"inbox.folders", "2", "2 folders"},
        {"inbox.settling", "1", "1 file settling"},
        {"share.online", "1", "online"},
        {"share.online", "0", "offline"},
        {"inbox.problem", "it burns", NULL},
        {"engine.state", "warm", "warm"},
        {"engine.ranks", "0", NULL},
        {"engine.ranks", "1", NULL},
        {"engine.ranks", "12", "12 worker processes"},
        {"engine.job", "3", NULL},
        {"engine.retry_in_us", "0", NULL},
        {"engine.retry_in_us", "8000000", "next try in 8000 ms"},
        {"turns", "7", NULL},
        {"version", "1#2", "version 1#2"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *words = dm_status_words(find_item(cases[i].name), cases[i].value, &times);
        g_assert_cmpstr(words, ==, cases[i].words);
    }
}

static void test_times(void) {
    const struct dm_status_item since = {
        .type = DM_STATUS_GAUGE, .unit = "utc_us", .words = "?since #"};
    g_autofree char *never = dm_status_words(&since, "0", &times);
    g_autofree char *day_two = dm_status_words(&since, "172800000000", &times);
    g_assert_null(never);
    g_assert_cmpstr(day_two, ==, "since day 2");
}

static void test_line(void) {
    const struct dm_share_status here = {.online = true};
    const struct dm_share_status away = {.problem = "not\tmounted"};
    int64_t counts[DM_STATE_COUNT] = {0};
    g_autofree char *empty = dm_status_line("/srv/a b", &here, counts);
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        counts[state] = INT64_C(1) << state;
    }
    g_autofree char *full = dm_status_line("/srv/a b", &here, counts);
    g_autofree char *offline = dm_status_line("/srv/a b", &away, counts);
    g_assert_cmpstr(empty, ==, "/srv/a b");
    g_assert_cmpstr(full, ==, "/srv/a b: 3 waiting, 28 in work, 32 done, 64 failed, 128 held up");
    g_assert_cmpstr(offline, ==, "not\\x09mounted");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/status/table", test_table);
    g_test_add_func("/status/there-and-back", test_there_and_back);
    g_test_add_func("/status/hosts", test_hosts);
    g_test_add_func("/status/nonsense", test_nonsense);
    g_test_add_func("/status/words", test_words);
    g_test_add_func("/status/times", test_times);
    g_test_add_func("/status/line", test_line);
    return g_test_run();
}
