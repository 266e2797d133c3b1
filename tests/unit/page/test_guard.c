// SPDX-License-Identifier: MIT
//
// What the guard lets pass, and what it reads: the hostile heads of the design and their
// neighbours.
#include "watcher/page/guard.h"

#include <string.h>

#define MAX_BODY 1000

static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]", "pictures.example:8080",
                                    NULL};
static const struct dm_guard_settings settings = {.hosts = hosts, .max_body_bytes = MAX_BODY};

/** A head in which nothing is wrong, but for what a case says. */
#define HEAD(...)                                                                                  \
    {                                                                                              \
        .method = "GET", .target = "/", .version = "HTTP/1.1", .hosts = 1, .host = "localhost",    \
        .clean = true, __VA_ARGS__                                                                 \
    }

// A case says again what HEAD has said: that is its sense.
#pragma GCC diagnostic ignored "-Woverride-init"

static const struct {
    const char *what;
    struct dm_guard_head head;
    // 0: it passes.
    unsigned status;
} cases[] = {
    {"nothing wrong", HEAD(.target = "/now"), 0},
    {"HEAD", HEAD(.method = "HEAD"), 0},
    {"no host", HEAD(.hosts = 0, .host = NULL), 400},
    {"two hosts", HEAD(.hosts = 2), 400},
    {"an empty host", HEAD(.host = ""), 421},
    {"a host of others", HEAD(.host = "evil.example"), 421},
    {"a host that begins like ours", HEAD(.host = "localhost.evil.example"), 421},
    {"a host that ends like ours", HEAD(.host = "evil-localhost"), 421},
    {"a host with a user", HEAD(.host = "localhost@evil.example"), 421},
    {"a host and half a port", HEAD(.host = "localhost:80x"), 421},
    {"a host in capitals", HEAD(.host = "LocalHost"), 0},
    {"a host with a port", HEAD(.host = "localhost:8642"), 0},
    {"a bare address of version 6", HEAD(.host = "::1"), 421},
    {"an address of version 6", HEAD(.host = "[::1]"), 0},
    {"an address of version 6 and a port", HEAD(.host = "[::1]:8642"), 0},
    {"a host that stands there with its port", HEAD(.host = "pictures.example:8080"), 0},
    {"the same with another", HEAD(.host = "pictures.example:81"), 421},
    {"control characters in a header", HEAD(.clean = false), 400},
    {"an encoding", HEAD(.transfer_encodings = 1), 411},
    {"an encoding and a length", HEAD(.transfer_encodings = 1, .lengths = 1, .length = "2"), 411},
    {"two lengths", HEAD(.lengths = 2, .length = "2"), 400},
    {"a length", HEAD(.lengths = 1, .length = "2"), 0},
    {"a negative length", HEAD(.lengths = 1, .length = "-2"), 400},
    {"a length with a sign", HEAD(.lengths = 1, .length = "+2"), 400},
    {"a length with a blank", HEAD(.lengths = 1, .length = " 2"), 400},
    {"a list of lengths", HEAD(.lengths = 1, .length = "2, 2"), 400},
    {"a hexadecimal length", HEAD(.lengths = 1, .length = "0x2"), 400},
    {"an empty length", HEAD(.lengths = 1, .length = ""), 400},
    {"a length beyond all", HEAD(.lengths = 1, .length = "9223372036854775808"), 400},
    {"as much as may be", HEAD(.lengths = 1, .length = "1000"), 0},
    {"more", HEAD(.lengths = 1, .length = "1001"), 413},
    {"another method", HEAD(.method = "DELETE"), 405},
    {"a method in small letters", HEAD(.method = "get"), 405},
    {"no target", HEAD(.target = ""), 400},
    {"an absolute target", HEAD(.target = "http://localhost/"), 400},
    {"a star", HEAD(.target = "*"), 400},
    {"no slash", HEAD(.target = "now"), 400},
    {"two slashes", HEAD(.target = "//now"), 400},
    {"two slashes inside", HEAD(.target = "/a//b"), 400},
    {"a slash at the end", HEAD(.target = "/now/"), 400},
    {"a dot", HEAD(.target = "/a/./b"), 400},
    {"two dots", HEAD(.target = "/a/../b"), 400},
    {"two dots alone", HEAD(.target = "/.."), 400},
    {"a dot alone", HEAD(.target = "/."), 400},
    {"two dots escaped", HEAD(.target = "/a/%2e%2e/b"), 400},
    {"half escaped", HEAD(.target = "/a/.%2E/b"), 400},
    {"three dots", HEAD(.target = "/a/.../b"), 0},
    {"escaped twice", HEAD(.target = "/a/%252e%252e/b"), 0},
    {"a slash escaped", HEAD(.target = "/a%2fb"), 400},
    {"a backslash", HEAD(.target = "/a\\b"), 400},
    {"a zero byte", HEAD(.target = "/a%00"), 400},
    {"a line end", HEAD(.target = "/a%0d%0aX: y"), 400},
    {"a delete", HEAD(.target = "/a%7f"), 400},
    {"a blank", HEAD(.target = "/a b"), 400},
    {"a fragment", HEAD(.target = "/a#b"), 400},
    {"an escape cut off", HEAD(.target = "/a%4"), 400},
    {"an escape that is none", HEAD(.target = "/a%zz"), 400},
    {"no UTF-8", HEAD(.target = "/a%ff"), 400},
    {"an overlong slash", HEAD(.target = "/a%c0%af"), 400},
    {"a surrogate", HEAD(.target = "/a%ed%a0%80"), 400},
    {"UTF-8", HEAD(.target = "/Zo%c3%ab"), 0},
    {"a query", HEAD(.target = "/a?b=c&d"), 0},
    {"a zero byte in a query", HEAD(.target = "/a?b=%00"), 400},
    {"another site's POST", HEAD(.method = "POST", .origin = "http://evil.example"), 403},
    {"a POST from nowhere", HEAD(.method = "POST"), 403},
    {"a POST from a file", HEAD(.method = "POST", .origin = "null"), 403},
    {"our POST", HEAD(.method = "POST", .origin = "http://localhost"), 0},
    {"our POST by TLS", HEAD(.method = "POST", .origin = "https://localhost"), 0},
    {"from another port", HEAD(.method = "PUT", .origin = "http://localhost:81"), 403},
    {"said by the browser", HEAD(.method = "PUT", .fetch_site = "same-origin"), 0},
    {"typed", HEAD(.method = "POST", .fetch_site = "none"), 0},
    {"of a neighbour", HEAD(.method = "POST", .fetch_site = "same-site"), 403},
    {"the browser knows better than Origin",
     HEAD(.method = "POST", .fetch_site = "cross-site", .origin = "http://localhost"), 403},
    {"a program", HEAD(.method = "POST", .authorization = "Bearer x"), 0},
    {"a program in small letters", HEAD(.method = "POST", .authorization = "bearer x"), 0},
    {"a password that browsers send by themselves",
     HEAD(.method = "POST", .authorization = "Basic x"), 403},
};

static void test_cases(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_target target;
        struct dm_guard_verdict verdict = {0};
        int64_t length;
        bool passes = dm_guard(&cases[i].head, &settings, &target, &length, &verdict);
        g_test_message("%s", cases[i].what);
        g_assert_cmpuint(passes ? 0 : verdict.status, ==, cases[i].status);
        g_assert_true(passes == (target.path != NULL));
        if (!passes) {
            g_assert_nonnull(verdict.code);
            g_assert_nonnull(verdict.what);
        }
        dm_target_clear(&target);
    }
}

static void test_target(void) {
    const struct dm_guard_head head =
        HEAD(.target = "/api/Zo%C3%AB/a+b?c=d+e%26f&g&c=h%0a", .lengths = 1, .length = "7");
    struct dm_target target;
    struct dm_guard_verdict verdict;
    int64_t length;
    g_assert_true(dm_guard(&head, &settings, &target, &length, &verdict));
    g_assert_cmpstr(target.path, ==, "api/Zoë/a+b");
    g_assert_cmpstr(g_hash_table_lookup(target.query, "c"), ==, "h\n"); // the last one counts
    g_assert_cmpstr(g_hash_table_lookup(target.query, "g"), ==, "");
    g_assert_cmpint(length, ==, 7);
    dm_target_clear(&target);
}

static void test_long_query(void) {
    g_autoptr(GString) text = g_string_new("/a?");
    for (int i = 0; i < 33; i++) {
        g_string_append(text, "a=1&");
    }
    const struct dm_guard_head head = HEAD(.target = text->str);
    struct dm_target target;
    struct dm_guard_verdict verdict;
    int64_t length;
    g_assert_false(dm_guard(&head, &settings, &target, &length, &verdict));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guard/cases", test_cases);
    g_test_add_func("/guard/target", test_target);
    g_test_add_func("/guard/long-query", test_long_query);
    return g_test_run();
}
