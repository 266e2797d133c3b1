// SPDX-License-Identifier: MIT
//
// The loop of turns: who gets one, when, and how it is left.
#include "watcher/turns.h"

#include <glib/gstdio.h>
#include <stdio.h>

#define MS INT64_C(1000)

/** A room that notes when it had its turns, and does what a test wants of it. */
struct room {
    struct dm_turns *turns;
    struct dm_ledger *ledger;
    struct dm_wake wake;
    int64_t at_us[64]; // of its turns
    int count;
    int quit_after;  // so many turns; 0: never
    int busy_turns;  // its first turns that write a row, which is then SEEN
    int64_t wait_us; // it wants the next turn after this; 0: on events and news only
    int looks;       // at whether the ledger can be written
    GString *order;  // (nullable) gets `mark` at each turn
    char mark;
};

static void write_row(struct dm_ledger *ledger) {
    static int number;
    g_autofree char *path = g_strdup_printf("gray/%d", number++);
    dm_row_free(dm_ledger_insert(ledger, path, "gray", &(struct dm_fingerprint){.ino = 1}));
}

static int64_t have_turn(void *data, int64_t now_us) {
    struct room *room = data;
    room->at_us[room->count++] = now_us;
    if (room->order != NULL) {
        g_string_append_c(room->order, room->mark);
    }
    if (room->count <= room->busy_turns) {
        write_row(room->ledger);
    }
    if (room->count == room->quit_after) {
        dm_turns_quit(room->turns);
    }
    return room->wait_us > 0 ? now_us + room->wait_us : INT64_MAX;
}

static void set_up(struct room *room, const void *data) {
    (void)data;
    g_autoptr(GError) error = NULL;
    room->ledger = dm_ledger_open(":memory:", false, &error);
    g_assert_no_error(error);
    room->turns = dm_turns_new(room->ledger);
    room->wake = dm_turns_wake(room->turns);
}

static void tear_down(struct room *room, const void *data) {
    (void)data;
    dm_turns_free(room->turns);
    dm_ledger_free(room->ledger);
}

static void add(struct room *room, unsigned states) {
    const struct dm_turns_room entry = {
        .name = "room", .turn = have_turn, .room = room, .states = states};
    dm_turns_add(room->turns, &entry);
}

static void run(struct room *room) {
    g_autoptr(GError) error = NULL;
    g_assert_true(dm_turns_run(room->turns, &error));
    g_assert_no_error(error);
    g_assert_cmpint(dm_turns_count(room->turns), ==, room->count);
}

static int quit(void *data) {
    dm_turns_quit(((struct room *)data)->turns);
    return G_SOURCE_REMOVE;
}

/** Have two rooms, of which the one at @busy writes a SEEN row in its first turn. Returns how many
 * turns. */
static int turns_when(struct room *room, int busy, unsigned first_states, unsigned second_states) {
    struct room second = {.turns = room->turns, .ledger = room->ledger};
    room->busy_turns = busy == 0;
    second.busy_turns = busy == 1;
    add(room, first_states);
    add(&second, second_states);
    g_timeout_add(100, quit, room);
    run(room);
    g_assert_cmpint(second.count, ==, room->count);
    return room->count;
}

static void test_news_of_a_later_room(struct room *room, const void *data) {
    (void)data;
    g_assert_cmpint(turns_when(room, 1, 1u << DM_STATE_SEEN, 0), ==, 2);
}

static void test_no_news_in_other_states(struct room *room, const void *data) {
    (void)data;
    g_assert_cmpint(turns_when(room, 1, 1u << DM_STATE_READY, 0), ==, 1);
}

static void test_own_rows_are_no_news(struct room *room, const void *data) {
    (void)data;
    unsigned seen = 1u << DM_STATE_SEEN;
    g_assert_cmpint(turns_when(room, 0, seen, seen), ==, 1); // the later one sees it in this turn
}

/** What the turn wrote is committed by now. */
static void row_is_there(void *data) {
    struct room *room = data;
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(room->ledger, counts);
    g_assert_cmpint(counts[DM_STATE_SEEN], ==, 1);
    struct dm_ledger_stats stats;
    dm_ledger_stats(room->ledger, &stats);
    g_assert_cmpuint(stats.transactions, ==, 1);
    room->mark = 'c';
}

static void test_committed(struct room *room, const void *data) {
    (void)data;
    const struct dm_turns_room entry = {
        .name = "room", .turn = have_turn, .committed = row_is_there, .room = room};
    room->busy_turns = 1;
    room->quit_after = 1;
    dm_turns_add(room->turns, &entry);
    run(room);
    g_assert_cmpint(room->mark, ==, 'c');
}

static void test_by_time(struct room *room, const void *data) {
    (void)data;
    room->wait_us = 30 * MS;
    room->quit_after = 2;
    add(room, 0);
    run(room);
    g_assert_cmpint(room->at_us[1] - room->at_us[0], >=, 30 * MS);
}

static int wake_twice(void *data) {
    struct room *room = data;
    dm_wake(&room->wake);
    dm_wake(&room->wake);
    return G_SOURCE_REMOVE;
}

static void test_woken_twice_is_one_turn(struct room *room, const void *data) {
    (void)data;
    g_timeout_add(20, wake_twice, room);
    g_timeout_add(200, quit, room);
    add(room, 0);
    run(room);
    g_assert_cmpint(room->count, ==, 2); // the first one is always had
}

/** A few turns follow each other at once; many take 5 ms each in the mean. */
static void test_held_apart(struct room *room, const void *data) {
    (void)data;
    room->wait_us = 1;
    room->quit_after = 40;
    add(room, 0);
    run(room);
    g_assert_cmpint(room->at_us[39] - room->at_us[0], >=, 100 * MS);
}

static void test_first_ones_at_once(struct room *room, const void *data) {
    (void)data;
    room->wait_us = 1;
    room->quit_after = 10;
    add(room, 0);
    run(room);
    int at_once = 0; // most of them, however busy this machine is
    for (int i = 1; i < room->count; i++) {
        at_once += room->at_us[i] - room->at_us[i - 1] < 4 * MS;
    }
    g_assert_cmpint(at_once, >=, 5);
}

static void test_in_order(struct room *room, const void *data) {
    (void)data;
    g_autoptr(GString) order = g_string_new(NULL);
    struct room first = {.turns = room->turns, .ledger = room->ledger, .order = order, .mark = 'a'};
    room->order = order;
    room->mark = 'b';
    room->wait_us = 1;
    room->quit_after = 2;
    add(&first, 0);
    add(room, 0);
    run(room);
    g_assert_cmpstr(order->str, ==, "abab");
}

/** The ledger cannot be written for the first two looks. */
static bool is_bad(void *data) {
    struct room *room = data;
    return room->looks++ < 2;
}

/** Who only reads has turns meanwhile; the others have theirs when it is over, and lose nothing. */
static void test_ledger_cannot_be_written(struct room *room, const void *data) {
    (void)data;
    g_autoptr(GString) order = g_string_new(NULL);
    struct room reader = {.turns = room->turns, .order = order, .mark = 'r'};
    const struct dm_turns_room entry = {
        .name = "reader", .turn = have_turn, .room = &reader, .only_reads = true};
    room->order = order;
    room->mark = 'w';
    room->busy_turns = 1;
    room->quit_after = 1;
    dm_turns_add(room->turns, &entry);
    add(room, 0);
    dm_turns_hold(room->turns, is_bad, room);
    write_row(room->ledger); // waits for its commit
    run(room);
    g_assert_cmpstr(order->str, ==, "rrrw");
    struct dm_ledger_stats stats;
    dm_ledger_stats(room->ledger, &stats);
    g_assert_cmpuint(stats.transactions, ==, 1);
    g_assert_cmpuint(stats.rows_written, ==, 2);
}

static void test_ledger_fails(void) {
    g_autofree char *dir = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "ledger.db", NULL);
    g_autoptr(GError) error = NULL;
    struct room room = {0};
    dm_ledger_free(dm_ledger_open(path, false, &error));
    g_assert_no_error(error);
    room.ledger = dm_ledger_open(path, true, &error);
    g_assert_no_error(error);
    room.turns = dm_turns_new(room.ledger);
    room.busy_turns = 1;
    add(&room, 0);
    g_assert_false(dm_turns_run(room.turns, &error));
    g_test_message("%s", error->message);
    g_assert_cmpint(room.count, ==, 1);
    tear_down(&room, NULL);
    for (const char *const *end = (const char *const[]){"", "-wal", "-shm", NULL}; *end; end++) {
        g_autofree char *file = g_strconcat(path, *end, NULL);
        g_remove(file);
    }
    g_rmdir(dir);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    static const struct {
        const char *name;
        void (*test)(struct room *room, const void *data);
    } tests[] = {
        {"/turns/news-of-a-later-room", test_news_of_a_later_room},
        {"/turns/no-news-in-other-states", test_no_news_in_other_states},
        {"/turns/own-rows-are-no-news", test_own_rows_are_no_news},
        {"/turns/committed", test_committed},
        {"/turns/by-time", test_by_time},
        {"/turns/woken-twice-is-one-turn", test_woken_twice_is_one_turn},
        {"/turns/held-apart", test_held_apart},
        {"/turns/first-ones-at-once", test_first_ones_at_once},
        {"/turns/in-order", test_in_order},
        {"/turns/ledger-cannot-be-written", test_ledger_cannot_be_written},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add(tests[i].name, struct room, NULL, set_up, tests[i].test, tear_down);
    }
    g_test_add_func("/turns/ledger-fails", test_ledger_fails);
    return g_test_run();
}
