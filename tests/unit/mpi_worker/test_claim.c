// SPDX-License-Identifier: MIT
//
// What is believed of a sandbox's words: sizes, identities and reasons that no honest one says are
// refused, and what is taken in is bounded. And what a task may take.
#include "mpi_worker/task/allowance.h"
#include "mpi_worker/task/claim.h"

#include <string.h>

static const struct dm_task task = {.id = 7, .attempt = 2, .max_pixels = 1000000};

static void test_needs(void) {
    static const char *const bad[] = {"",
                                      "need",
                                      "need ",
                                      "need 1",
                                      "need 1 ",
                                      "need 1 2 ",
                                      "need 1 -2",
                                      "need -1 2",
                                      "need +1 2",
                                      "need 1  2",
                                      "need 1 2\n",
                                      "need 1 2 3",
                                      "Need 1 2",
                                      "need 0x1 2",
                                      "need 1 9223372036854775808",
                                      "need 1 99999999999999999999999999999999999999999999999999"};
    struct dm_need need = {.memory_bytes = 123456789012, .pixels = INT64_MAX}, got;
    g_autofree char *line = dm_need_line(&need);
    g_assert_true(dm_need_parse(line, strlen(line), &got));
    g_assert_cmpint(got.memory_bytes, ==, need.memory_bytes);
    g_assert_cmpint(got.pixels, ==, need.pixels);
    g_assert_false(dm_need_parse("need 1 2\0 3", 11, &got));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(dm_need_parse(bad[i], strlen(bad[i]), &got));
    }
}

static bool parse(const char *text, size_t size, struct dm_result *ret) {
    return dm_verdict_parse(text, size, &task, ret, NULL);
}

static void test_verdicts(void) {
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"result\tid=7\tattempt=2\tstatus=done\tformat=jpeg\twidth=10\theight=9\tbytes=8\n", true},
        {"result\tid=7\tattempt=2\tstatus=failed\treason=damaged\tmessage=torn\n", true},
        {"result\tid=7\tattempt=2\tstatus=blocked\treason=cannot-write\n", true},
        {"result\tid=8\tattempt=2\tstatus=failed\treason=damaged\n", false},
        {"result\tid=7\tattempt=1\tstatus=failed\treason=damaged\n", false},
        {"result\tid=7\tattempt=2\tstatus=failed\treason=none\n", false},
        {"result\tid=7\tattempt=2\tstatus=failed\treason=worker-crash\n", false},
        {"result\tid=7\tattempt=2\tstatus=failed\treason=changed\n", false},
        {"result\tid=7\tattempt=2\tstatus=changed\treason=changed\n", false},
        {"result\tid=7\tattempt=2\tstatus=blocked\treason=unreadable\n", true},
        {"result\tid=7\tattempt=2\tstatus=blocked\treason=damaged\n", false},
        {"result\tid=7\tattempt=2\tstatus=done\tformat=heif\twidth=10\theight=9\tbytes=8\n", false},
        {"result\tid=7\tattempt=2\tstatus=done\tformat=\twidth=10\theight=9\tbytes=8\n", false},
        {"result\tid=7\tattempt=2\tstatus=done\tformat=jpeg\twidth=0\theight=9\tbytes=8\n", false},
        {"result\tid=7\tattempt=2\tstatus=done\tformat=jpeg\twidth=-1\theight=9\tbytes=8\n", false},
        {"result\tid=7\tattempt=2\tstatus=done\tformat=jpeg\twidth=10\theight=9\tbytes=0\n", false},
        {"result\tid=7\tattempt=2\tstatus=done\tformat=png\twidth=1001\theight=1000\tbytes=8\n",
         false},
        {"result\tid=7\tattempt=2\tstatus=done\tformat=jpeg\twidth=99999\theight=9\tbytes=8\n",
         false},
        {"result\tid=7\tattempt=2\tstatus=done\treason=damaged\tformat=jpeg\twidth=1\theight=1"
         "\tbytes=8\n",
         false},
        {"result\tid=7\tattempt=2\tstatus=failed\treason=damaged", false},
        {"result\tid=7\tattempt=2\tstatus=failed\treason=damaged\nresult\tid=7\n", false},
        {"event\tkind=start\tid=7\tattempt=2\n", false},
        {"bye\n", false},
        {"\n", false},
        {"", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_result result = {0};
        g_assert_true(parse(cases[i].text, strlen(cases[i].text), &result) == cases[i].good);
        dm_result_clear(&result);
    }
    static const char nul[] = "result\tid=7\tattempt=2\tstatus=failed\0\treason=damaged\n";
    struct dm_result result = {0};
    g_assert_false(parse(nul, sizeof(nul) - 1, &result));
}

static void test_long_words(void) {
    g_autoptr(GString) line =
        g_string_new("result\tid=7\tattempt=2\tstatus=failed\treason=damaged\t"
                     "host=elsewhere\trank=99\tmessage=");
    for (int i = 0; i < 3000; i++) {
        g_string_append(line, "\\xff");
    }
    g_string_append_c(line, '\n');
    struct dm_result result = {0};
    g_assert_true(parse(line->str, line->len, &result));
    g_assert_true(g_utf8_validate(result.message, -1, NULL));
    g_assert_cmpuint(strlen(result.message), <=, 3 * DM_CLAIM_MESSAGE_BYTES);
    g_assert_null(result.host);
    g_assert_cmpint(result.rank, ==, 0);
    dm_result_clear(&result);
    g_string_set_size(line, DM_CLAIM_BYTES + 1);
    line->str[DM_CLAIM_BYTES] = '\n';
    g_assert_false(parse(line->str, line->len, &result));
}

static void test_time(void) {
    static const struct {
        int64_t bytes, pixels, most_ms, ms;
    } cases[] = {
        {0, 0, 0, 20000},
        {5000000, 1000000, 300000, 21000},
        {200000000, 12000000, 300000, 52000},
        {200000000, 2000000000, 300000, 300000},
        {100, 12000000, 3000, 3000},
        {INT64_MAX, INT64_MAX, 300000, 300000},
        {-1, -1, 300000, 20000},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(dm_allowance_ms(cases[i].bytes, cases[i].pixels, cases[i].most_ms), ==,
                        cases[i].ms);
    }
    g_assert_cmpint(dm_allowance_ms(INT64_MAX, INT64_MAX, 0), >, 0);
}

static void test_memory(void) {
    int64_t small = dm_allowance_memory(1000), large = dm_allowance_memory(500000000);
    g_assert_cmpint(small, >, 1000);
    g_assert_cmpint(large - small, ==, 500000000 - 1000); // the file's own size counts
    g_assert_cmpint(dm_allowance_memory(INT64_MAX), >, 0);
    g_assert_cmpint(dm_allowance_address_space(1 << 28, large, 8), >, (1 << 28) + large);
    g_assert_cmpint(dm_allowance_address_space(1 << 28, INT64_MAX, 8), >, 0);
    g_assert_cmpint(dm_allowance_file(1000000), >=, 8000000);
    g_assert_cmpint(dm_allowance_file(0), ==, INT64_MAX);
    g_assert_cmpint(dm_allowance_file(INT64_MAX), ==, INT64_MAX);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/claim/needs", test_needs);
    g_test_add_func("/claim/verdicts", test_verdicts);
    g_test_add_func("/claim/long-words", test_long_words);
    g_test_add_func("/allowance/time", test_time);
    g_test_add_func("/allowance/memory", test_memory);
    return g_test_run();
}
