// SPDX-License-Identifier: MIT
//
// The table of requests: sound, and a line is read as it says. What requests do: e2e/requests.t.
#include "watcher/requests.h"

#include "common/error.h"

#include <string.h>

static void test_table(void) {
    g_autoptr(GHashTable) verbs = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t i = 0; i < dm_request_kind_count; i++) {
        const struct dm_request_kind *kind = &dm_request_kinds[i];
        g_test_message("%s", kind->verb);
        g_assert_true(g_hash_table_add(verbs, (gpointer)(uintptr_t)kind->verb));
        g_assert_true(g_ascii_isupper(*kind->help));
        g_assert_false(g_str_has_suffix(kind->help, "."));
        g_assert_cmpuint(kind->min, <=, kind->max);
        g_assert_true((kind->max > 0) == (*kind->arguments != '\0'));
        g_assert_true((kind->min == 0) == (*kind->arguments == '[' || *kind->arguments == '\0'));
        g_assert_nonnull(kind->answer);
        g_assert_null(strchr(kind->verb, '\t'));
    }
}

static void test_read(void) {
    // Arguments are joined by '|'.
    static const struct {
        const char *text, *verb, *arguments;
    } cases[] = {
        {"status", "status", ""},
        {"retry 12 13\t14", "retry", "12|13|14"},
        {"retry-all", "retry-all", ""},
        {"retry-under a b/c", "retry-under", "a b/c"},
        {"retry-under\ta\\x09b", "retry-under", "a\tb"},
        {"stop gray/Holiday 2024", "stop", "gray/Holiday 2024"},
        {"rename blurr-5\tblur-5", "rename", "blurr-5|blur-5"},
        {"rename\tblurr 5\tblur 5", "rename", "blurr 5|blur 5"},
        {"pause", "pause", ""},
        {"pause 1780000000", "pause", "1780000000"},
        {"mirror retry", "mirror retry", ""},
        {"mirror retry a b", "mirror retry", "a b"},
        {"mirror queue a\\x0ab", "mirror queue", "a\nb"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].text);
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) arguments = NULL;
        const struct dm_request_kind *kind = dm_request_find(cases[i].text, &arguments, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(kind->verb, ==, cases[i].verb);
        g_autofree char *joined = g_strjoinv("|", arguments);
        g_assert_cmpstr(joined, ==, cases[i].arguments);
    }
}

static void test_refused(void) {
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "unknown request"},
        {"statu", "unknown request"},
        {"statuses", "unknown request"},
        {"mirror", "unknown request"},
        {"status now", "expected 'status'"},
        {"retry", "expected 'retry ROW...'"},
        {"stop", "expected 'stop PATH'"},
        {"stop a\tb", "expected 'stop PATH'"},
        {"rename a b", "expected 'rename FROM TO'"},
        {"pause 1\t2", "expected 'pause [UNTIL_UTC_S]'"},
        {"stop a\\x", "wrong arguments"},
        {"stop a\\x00", "wrong arguments"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].text);
        g_autoptr(GError) error = NULL;
        char **arguments = NULL;
        g_assert_null(dm_request_find(cases[i].text, &arguments, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_INPUT);
        g_assert_nonnull(strstr(error->message, cases[i].why));
        g_assert_null(arguments);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/requests/table", test_table);
    g_test_add_func("/requests/read", test_read);
    g_test_add_func("/requests/refused", test_refused);
    return g_test_run();
}
