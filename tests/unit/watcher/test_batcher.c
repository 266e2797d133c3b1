// SPDX-License-Identifier: MIT
//
// Which rows make a batch: order, fairness between directories, limits, room, suspects.
#include "watcher/engine/batcher.h"

#include <glib.h>
#include <string.h>

/** Rows from "path:size path:size ..."; ids count from 1. */
static GPtrArray *make_rows(const char *text) {
    GPtrArray *rows = g_ptr_array_new();
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    for (char **word = words; *word != NULL && **word != '\0'; word++) {
        struct dm_row *row = g_new0(struct dm_row, 1);
        char *colon = strrchr(*word, ':');
        row->id = (int64_t)rows->len + 1;
        row->path = g_strndup(*word, (size_t)(colon - *word));
        row->fingerprint.size_bytes = g_ascii_strtoll(colon + 1, NULL, 10);
        g_ptr_array_add(rows, row);
    }
    return rows;
}

static void free_rows(GPtrArray *rows) {
    for (guint i = 0; i < rows->len; i++) {
        g_free(((struct dm_row *)rows->pdata[i])->path);
        g_free(rows->pdata[i]);
    }
    g_ptr_array_unref(rows);
}

static void test_pick(void) {
    static const struct {
        const char *rows;
        struct dm_batch_limits limits;
        const char *picked;
    } cases[] = {
        {"", {10, 100}, ""},
        {"a/1:1 a/2:1 a/3:1", {10, 100}, "a/1 a/2 a/3"},
        {"a/1:1 a/2:1 a/3:1", {2, 100}, "a/1 a/2"},
        {"a/1:1 a/2:1 a/3:1 b/1:1 b/2:1", {10, 100}, "a/1 b/1 a/2 b/2 a/3"},
        {"a/1:1 a/2:1 a/3:1 a/4:1 b/1:1 c/1:1", {4, 100}, "a/1 b/1 c/1 a/2"},
        {"a/x/1:1 a/y/1:1 a/x/2:1", {10, 100}, "a/x/1 a/y/1 a/x/2"},
        {"a/1:60 a/2:40 a/3:1", {10, 100}, "a/1 a/2"},
        {"a/1:60 a/2:41 a/3:1", {10, 100}, "a/1"}, // in order: nobody overtakes
        {"a/1:500 a/2:1", {10, 100}, "a/1"},
        {"1:1 2:1", {1, 100}, "1"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GPtrArray *rows = make_rows(cases[i].rows);
        g_autoptr(GPtrArray) picks = dm_batcher_pick(rows, &cases[i].limits);
        GString *picked = g_string_new(NULL);
        for (guint k = 0; k < picks->len; k++) {
            const struct dm_row *row = picks->pdata[k];
            g_string_append_printf(picked, "%s%s", k > 0 ? " " : "", row->path);
        }
        g_assert_cmpstr(picked->str, ==, cases[i].picked);
        g_string_free(picked, TRUE);
        free_rows(rows);
    }
}

static void test_every_row_once(void) {
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 1000; i++) {
        g_string_append_printf(text, "%sd%d/%d:1", i > 0 ? " " : "", i * i % 17, i);
    }
    GPtrArray *rows = make_rows(text->str);
    const struct dm_batch_limits limits = {5000, 5000};
    g_autoptr(GPtrArray) picks = dm_batcher_pick(rows, &limits);
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < picks->len; i++) {
        g_assert_true(g_hash_table_add(seen, picks->pdata[i]));
    }
    g_assert_cmpuint(g_hash_table_size(seen), ==, 1000);
    free_rows(rows);
    g_string_free(text, TRUE);
}

static void test_room(void) {
    static const struct dm_batch_limits limits = {100, 1000};
    static const struct {
        struct dm_load load;
        int64_t threads;
        bool room;
    } cases[] = {
        {{0, 0}, 2, true},      {{100, 1000}, 2, true}, {{101, 10}, 2, false},
        {{10, 1001}, 2, false}, {{3, 9999}, 2, true}, // each thread has one more to come
        {{4, 9999}, 2, false},  {{127, 0}, 64, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(dm_batcher_has_room(&cases[i].load, &limits, cases[i].threads), ==,
                        cases[i].room);
    }
}

static void test_suspect(void) {
    GPtrArray *rows = make_rows("a:1 b:1 c:1 d:1");
    static const int64_t crashes[] = {2, 1, 1, 3};
    for (guint i = 0; i < rows->len; i++) {
        ((struct dm_row *)rows->pdata[i])->crashes = crashes[i];
    }
    g_assert_cmpstr(dm_batcher_suspect(rows)->path, ==, "b");
    free_rows(rows);
    GPtrArray *none = make_rows("");
    g_assert_null(dm_batcher_suspect(none));
    free_rows(none);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/batcher/pick", test_pick);
    g_test_add_func("/batcher/every-row-once", test_every_row_once);
    g_test_add_func("/batcher/room", test_room);
    g_test_add_func("/batcher/suspect", test_suspect);
    return g_test_run();
}
