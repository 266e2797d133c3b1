// SPDX-License-Identifier: MIT
//
// reason.h: every reason has a name that travels and sentences that a person can read.
#include "common/reason.h"

#include <glib.h>
#include <string.h>

static void check_sentence(const char *text) {
    g_assert_nonnull(text);
    size_t length = strlen(text);
    g_assert_cmpuint(length, >, 10);
    g_assert_cmpuint(length, <, 200);
    g_assert_true(g_ascii_isupper(text[0]));
    g_assert_true(text[length - 1] == '.');
    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_assert_null(strchr(text, '\n'));
    g_assert_null(strstr(text, "  "));
}

static void check_name(const char *name) {
    g_assert_nonnull(name);
    g_assert_cmpuint(strlen(name), >, 0);
    for (const char *c = name; *c != '\0'; c++) {
        g_assert_true(g_ascii_islower(*c) || *c == '-');
    }
}

static void test_table_is_whole(void) {
    for (int i = 0; i < DM_REASON_COUNT; i++) {
        enum dm_reason reason = (enum dm_reason)i;
        check_name(dm_reason_name(reason));
        check_sentence(dm_reason_what(reason));
        check_sentence(dm_reason_advice(reason));
        g_assert_cmpint(dm_reason_from_name(dm_reason_name(reason)), ==, i);
    }
}

/** Words that mean nothing to the person who dropped a file. */
static void test_words_are_plain(void) {
    static const char *const foreign[] = {"dropmill", "worker", "errno",  "signal", "decode",
                                          "MPI",      "inbox",  "outbox", "EOF",    "byte"};
    for (int i = 0; i < DM_REASON_COUNT; i++) {
        for (size_t w = 0; w < G_N_ELEMENTS(foreign); w++) {
            g_assert_null(strstr(dm_reason_what((enum dm_reason)i), foreign[w]));
            g_assert_null(strstr(dm_reason_advice((enum dm_reason)i), foreign[w]));
        }
    }
}

static void test_unknown(void) {
    g_assert_cmpint(dm_reason_from_name("from-the-future"), ==, DM_REASON_INTERNAL);
    g_assert_cmpint(dm_reason_from_name(""), ==, DM_REASON_INTERNAL);
    g_assert_cmpstr(dm_reason_name((enum dm_reason)999), ==, "internal");
    g_assert_cmpstr(dm_reason_name((enum dm_reason) - 1), ==, "internal");
    g_assert_cmpstr(dm_reason_what(DM_REASON_COUNT), ==, dm_reason_what(DM_REASON_INTERNAL));
}

/** These names are in ledgers and scripts out there. */
static void test_names_stay(void) {
    g_assert_cmpstr(dm_reason_name(DM_REASON_NONE), ==, "none");
    g_assert_cmpstr(dm_reason_name(DM_REASON_NOT_AN_IMAGE), ==, "not-an-image");
    g_assert_cmpstr(dm_reason_name(DM_REASON_WORKER_CRASH), ==, "worker-crash");
    g_assert_cmpstr(dm_reason_name(DM_REASON_CANNOT_WRITE), ==, "cannot-write");
    g_assert_cmpstr(dm_reason_name(DM_REASON_STOPPED), ==, "stopped");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reason/table_is_whole", test_table_is_whole);
    g_test_add_func("/reason/words_are_plain", test_words_are_plain);
    g_test_add_func("/reason/unknown", test_unknown);
    g_test_add_func("/reason/names_stay", test_names_stay);
    return g_test_run();
}
