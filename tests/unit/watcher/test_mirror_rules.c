// SPDX-License-Identifier: MIT
//
// The pure parts of the mirror: pace, what is done about an end, keys and what is said of objects.
#include "watcher/mirror/object.h"
#include "watcher/store/pace.h"
#include "watcher/store/retry.h"

#include <string.h>

#define SECOND_US INT64_C(1000000)
#define CHANCE 0.5

static void report(struct dm_pace *pace, enum dm_store_class class, int64_t now_us) {
    dm_pace_report(pace, class, 0, now_us, CHANCE);
}

static void test_window(void) {
    struct dm_pace pace;
    dm_pace_init(&pace, 32);
    g_assert_cmpuint(dm_pace_limit(&pace, 0), ==, 4);
    for (int i = 0; i < 100; i++) {
        report(&pace, DM_STORE_OK, 0);
    }
    g_assert_cmpuint(dm_pace_limit(&pace, 0), ==, 32);
    report(&pace, DM_STORE_THROTTLE, SECOND_US);
    g_assert_cmpuint(dm_pace_limit(&pace, SECOND_US), ==, 22);
    report(&pace, DM_STORE_THROTTLE, SECOND_US + 1); // of the same round
    g_assert_cmpuint(dm_pace_limit(&pace, SECOND_US), ==, 22);
    for (int i = 0; i < 22; i++) {
        report(&pace, DM_STORE_OK, 2 * SECOND_US);
    }
    g_assert_cmpuint(dm_pace_limit(&pace, 2 * SECOND_US), ==, 23);
    for (int i = 0; i < 20; i++) {
        report(&pace, DM_STORE_THROTTLE, (3 + i) * SECOND_US);
    }
    g_assert_cmpuint(dm_pace_limit(&pace, 0), ==, 1);
    g_assert_cmpint(pace.state, ==, DM_PACE_OPEN);
}

static void test_few_connections(void) {
    struct dm_pace pace;
    dm_pace_init(&pace, 2);
    g_assert_cmpuint(dm_pace_limit(&pace, 0), ==, 2);
    report(&pace, DM_STORE_OK, 0);
    g_assert_cmpuint(dm_pace_limit(&pace, 0), ==, 2);
}

static void test_circuit(void) {
    struct dm_pace pace;
    dm_pace_init(&pace, 32);
    for (int i = 0; i < 4; i++) {
        report(&pace, DM_STORE_TRANSPORT, 1);
    }
    report(&pace, DM_STORE_OK, 1); // not in a row
    for (int i = 0; i < 4; i++) {
        report(&pace, DM_STORE_SERVER, 1);
    }
    g_assert_cmpint(pace.state, ==, DM_PACE_OPEN);
    report(&pace, DM_STORE_SERVER, 1);
    g_assert_cmpint(pace.state, ==, DM_PACE_BROKEN);
    g_assert_cmpuint(dm_pace_limit(&pace, 2), ==, 0);
    int64_t due_us = dm_pace_due(&pace, 2);
    for (int i = 0; i < 20; i++) { // what was in flight
        report(&pace, DM_STORE_TRANSPORT, 3);
    }
    g_assert_cmpint(dm_pace_due(&pace, 3), ==, due_us);
    g_assert_cmpuint(dm_pace_limit(&pace, due_us), ==, 1);
    g_assert_cmpint(dm_pace_due(&pace, due_us), ==, INT64_MAX);
    report(&pace, DM_STORE_TRANSPORT, due_us); // the probe fails: one is enough
    g_assert_cmpuint(dm_pace_limit(&pace, due_us + 1), ==, 0);
    report(&pace, DM_STORE_OK, 100 * SECOND_US);
    g_assert_cmpuint(dm_pace_limit(&pace, 100 * SECOND_US), ==, 4);
}

/** However long it lasts, the next probe is within a minute, by chance. */
static void test_circuit_waits(void) {
    struct dm_pace pace;
    dm_pace_init(&pace, 32);
    int64_t now_us = 1;
    for (int i = 0; i < 100; i++) {
        report(&pace, DM_STORE_SERVER, now_us);
        if (dm_pace_due(&pace, now_us) != INT64_MAX) {
            g_assert_cmpint(dm_pace_due(&pace, now_us) - now_us, <=, 60 * SECOND_US);
            now_us = dm_pace_due(&pace, now_us);
        }
    }
    g_assert_cmpint(now_us, >, 1000 * SECOND_US);
}

static void test_held(void) {
    struct dm_pace pace;
    dm_pace_init(&pace, 32);
    report(&pace, DM_STORE_ENDPOINT, SECOND_US);
    g_assert_cmpint(pace.state, ==, DM_PACE_HELD);
    g_assert_cmpint(dm_pace_due(&pace, SECOND_US), ==, 301 * SECOND_US);
    g_assert_cmpuint(dm_pace_limit(&pace, 301 * SECOND_US), ==, 1);
}

static void test_delays(void) {
    g_assert_cmpint(dm_pace_delay_us(1, 0, 0.999), <, 200000);
    g_assert_cmpint(dm_pace_delay_us(1, 0, 0), ==, 0);
    g_assert_cmpint(dm_pace_delay_us(100, 0, 0.999), <, 60 * SECOND_US);
    g_assert_cmpint(dm_pace_delay_us(100, 0, 0.999), >, 59 * SECOND_US);
    g_assert_cmpint(dm_pace_delay_us(1, 7 * SECOND_US, 0), ==, 7 * SECOND_US);
    g_assert_cmpint(dm_pace_delay_us(1, INT64_MAX, 0), ==, 600 * SECOND_US);
}

static enum dm_retry_verdict verdict(enum dm_store_class class, int64_t attempts) {
    const struct dm_store_result result = {.class = class};
    return dm_retry_decide(&result, attempts, CHANCE).verdict;
}

static void test_decisions(void) {
    g_assert_cmpint(verdict(DM_STORE_OK, 0), ==, DM_RETRY_DONE);
    g_assert_cmpint(verdict(DM_STORE_TRANSPORT, 1000), ==, DM_RETRY_AGAIN); // for ever
    g_assert_cmpint(verdict(DM_STORE_DATA, 1), ==, DM_RETRY_AGAIN);
    g_assert_cmpint(verdict(DM_STORE_DATA, 2), ==, DM_RETRY_PARK);
    g_assert_cmpint(verdict(DM_STORE_OBJECT, 0), ==, DM_RETRY_PARK);
    g_assert_cmpint(verdict(DM_STORE_ENDPOINT, 0), ==, DM_RETRY_LEAVE);
    g_assert_cmpint(verdict(DM_STORE_MULTIPART, 0), ==, DM_RETRY_LOOK);
    const struct dm_store_result clock = {.class = DM_STORE_CLOCK};
    g_assert_cmpint(dm_retry_decide(&clock, 0, CHANCE).delay_us, ==, 0); // at once
    g_assert_cmpint(dm_retry_decide(&clock, 5, CHANCE).delay_us, >, 0);
    const struct dm_store_result lost = {.class = DM_STORE_TRANSPORT, .is_unknown = true};
    g_assert_true(dm_retry_decide(&lost, 0, CHANCE).is_doubtful);
    const struct dm_store_result credentials = {.class = DM_STORE_CREDENTIALS};
    g_assert_false(dm_retry_decide(&credentials, 0, CHANCE).counts);
}

static void test_parts(void) {
    const int64_t mib = 1 << 20;
    g_assert_cmpint(dm_retry_part_bytes(100 * mib, 16 * mib), ==, 16 * mib);
    int64_t large = dm_retry_part_bytes(INT64_C(5) << 40, 16 * mib); // 5 TiB, the largest object
    g_assert_cmpint(dm_retry_part_count(INT64_C(5) << 40, large), <=, 9000);
    g_assert_cmpint(dm_retry_part_count(32 * mib, 16 * mib), ==, 2);
    g_assert_cmpint(dm_retry_part_count(32 * mib + 1, 16 * mib), ==, 3);
}

// ---- objects

static struct dm_mirror_settings settings(const char *bad_names) {
    return (struct dm_mirror_settings){.prefix = (char *)"p/", .bad_names = (char *)bad_names};
}

static void test_keys(void) {
    static const struct {
        const char *path, *parked, *escaped;
    } cases[] = {
        {"gray/a b.jpg", "p/gray/a b.jpg", "p/gray/a b.jpg"},
        {"gray/\xe6\x97\xa5.jpg", "p/gray/\xe6\x97\xa5.jpg", "p/gray/\xe6\x97\xa5.jpg"},
        {"gray/%41.jpg", "p/gray/%41.jpg", "p/gray/%2541.jpg"},
        {"gray/100%.jpg", "p/gray/100%.jpg", "p/gray/100%.jpg"},
        {"gray/a\nb.jpg", NULL, "p/gray/a%0Ab.jpg"},
        {"gray/\xff.jpg", NULL, "p/gray/%FF.jpg"},
        {"gray/.hidden", NULL, NULL},
        {"gray/../a.jpg", NULL, NULL},
        {"/a.jpg", NULL, NULL},
        {"gray//a.jpg", NULL, NULL},
        {"", NULL, NULL},
    };
    struct dm_mirror_settings park = settings("park"), escape = settings("escape");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *why = NULL;
        g_autofree char *parked = dm_object_key(&park, cases[i].path, &why);
        g_autofree char *escaped = dm_object_key(&escape, cases[i].path, &why);
        g_assert_cmpstr(parked, ==, cases[i].parked);
        g_assert_cmpstr(escaped, ==, cases[i].escaped);
        g_assert_true((parked != NULL && escaped != NULL) || why != NULL);
        g_autofree char *back = escaped != NULL ? dm_object_path(&escape, escaped) : NULL;
        g_assert_true(escaped == NULL || strcmp(back, cases[i].path) == 0);
    }
}

static void test_long_key(void) {
    struct dm_mirror_settings park = settings("park");
    g_autofree char *longest = g_strnfill(1022, 'x');
    g_autofree char *longer = g_strnfill(1023, 'x');
    const char *why = NULL;
    g_autofree char *key = dm_object_key(&park, longest, &why);
    g_assert_nonnull(key);
    g_assert_null(dm_object_key(&park, longer, &why));
    g_assert_nonnull(strstr(why, "1024"));
}

static void test_foreign_key(void) {
    struct dm_mirror_settings park = settings("park");
    g_assert_null(dm_object_path(&park, "q/gray/a.jpg"));
}

static void test_said(void) {
    static const char *const rules[] = {"thumbs/*: max-age=60", "*.png: no-cache",
                                        "bad/*: ", "*: max-age=3600", NULL};
    g_assert_cmpstr(dm_object_rule(rules, "thumbs/a/b.png"), ==, "max-age=60");
    g_assert_cmpstr(dm_object_rule(rules, "gray/b.png"), ==, "no-cache");
    g_assert_cmpstr(dm_object_rule(rules, "gray/b.jpg"), ==, "max-age=3600");
    g_assert_null(dm_object_rule(rules, "bad/b.jpg"));
    g_assert_cmpstr(dm_object_content_type("a/b.JPG"), ==, "image/jpeg");
    g_assert_cmpstr(dm_object_content_type("a.webp/b"), ==, "application/octet-stream");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mirror/pace/window", test_window);
    g_test_add_func("/mirror/pace/few_connections", test_few_connections);
    g_test_add_func("/mirror/pace/circuit", test_circuit);
    g_test_add_func("/mirror/pace/circuit_waits", test_circuit_waits);
    g_test_add_func("/mirror/pace/held", test_held);
    g_test_add_func("/mirror/pace/delays", test_delays);
    g_test_add_func("/store/retry/decisions", test_decisions);
    g_test_add_func("/store/retry/parts", test_parts);
    g_test_add_func("/mirror/object/keys", test_keys);
    g_test_add_func("/mirror/object/long_key", test_long_key);
    g_test_add_func("/mirror/object/foreign_key", test_foreign_key);
    g_test_add_func("/mirror/object/said", test_said);
    return g_test_run();
}
