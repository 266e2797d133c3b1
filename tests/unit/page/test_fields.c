// SPDX-License-Identifier: MIT
//
// Bodies of forms and of scripts.
#include "watcher/page/fields.h"

#include <string.h>

/** The values of @name, joined by '|'; NULL: there is none. */
static char *values(const char *type, const char *body, const char *name) {
    g_autoptr(GBytes) bytes = g_bytes_new(body, strlen(body));
    g_autoptr(GHashTable) fields = dm_fields_read(type, bytes);
    GPtrArray *found = g_hash_table_lookup(fields, name);
    return found != NULL ? g_strjoinv("|", (char **)found->pdata) : NULL;
}

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

static void test_values(void) {
    static const struct {
        const char *type, *body, *expected;
    } cases[] = {
        {FORM, "a=1", "1"},
        {FORM, "b=0&a=1&a=2", "1|2"},
        {FORM "; charset=utf-8", "a=x+y%20z%26", "x y z&"},
        {FORM, "a", ""},
        {FORM, "a=%zz", NULL},
        {FORM, "a=1&b=%00", NULL},
        {FORM, "a=1&b=%ff", NULL},
        {FORM, "", NULL},
        {JSON, "{\"a\":\"x\"}", "x"},
        {JSON "; charset=utf-8", "{\"a\":7}", "7"},
        {JSON, "{\"a\":[1,\"b\",true]}", "1|b|true"},
        {JSON, "{\"a\":false}", "false"},
        {JSON, "{\"a\":null}", NULL},
        {JSON, "{\"a\":{\"b\":1}}", NULL},
        {JSON, "{\"a\":[[1]]}", NULL},
        {JSON, "{\"a\":1,\"a\":2}", NULL},
        {JSON, "{\"a\":1", NULL},
        {JSON, "[1]", NULL},
        {JSON, "{\"a\":1}x", NULL},
        {JSON, "{\"a\":\"\\u0000\"}", NULL},
        {"text/plain", "a=1", NULL},
        {NULL, "a=1", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = values(cases[i].type, cases[i].body, "a");
        g_test_message("%s", cases[i].body);
        g_assert_cmpstr(found, ==, cases[i].expected);
    }
}

/** Nothing is read as deep as a stack is. */
static void test_deep(void) {
    g_autofree char *deep = g_strnfill(1 << 20, '[');
    g_autofree char *body = g_strconcat("{\"a\":", deep, NULL);
    g_assert_null(values(JSON, body, "a"));
}

static void test_no_body(void) {
    g_autoptr(GHashTable) fields = dm_fields_read(JSON, NULL);
    g_assert_cmpuint(g_hash_table_size(fields), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fields/values", test_values);
    g_test_add_func("/fields/deep", test_deep);
    g_test_add_func("/fields/no-body", test_no_body);
    return g_test_run();
}
