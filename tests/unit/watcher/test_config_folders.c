// SPDX-License-Identifier: MIT
//
// Rules for single folders: what they say, on top of what is for all.
#include "tests/unit/watcher/support/config_text.h"

#include <string.h>

// Waits of folders stand on those of all; "the same or longer" is so, whatever is written.
static void test_folder_waits(void) {
    g_autoptr(GError) error = NULL;
    struct dm_config *config = config_text_load("inbox = { folders = [ \"scans*: settle_closed=5s "
                                                "trigger=.done\", \"*: settle_cut=2min\" ];"
                                                "  settle_unseen = \"7s\"; };",
                                                &error);
    g_assert_no_error(error);
    g_assert_cmpint(config->inbox.waits.unseen_us, ==, 7000000);
    g_assert_cmpint(config->inbox.waits.unseen_remote_us, ==, 7000000);
    g_assert_cmpint(config->inbox.waits.closed_unproved_us, ==, 1000000);
    const GPtrArray *folders = config->inbox.folder_waits;
    g_assert_cmpint(folders->len, ==, 2);
    const struct dm_inbox_folder_waits *scans = folders->pdata[0], *others = folders->pdata[1];
    g_assert_cmpstr(scans->glob, ==, "scans*");
    g_assert_cmpint(scans->waits.closed_us, ==, 5000000);
    g_assert_cmpint(scans->waits.closed_unproved_us, ==, 5000000);
    g_assert_cmpint(scans->waits.unseen_us, ==, 7000000);
    g_assert_cmpstr(scans->waits.trigger, ==, ".done");
    g_assert_cmpint(others->waits.cut_us, ==, 120000000);
    g_assert_cmpint(others->waits.cut_remote_us, ==, 120000000);
    g_assert_cmpstr(others->waits.trigger, ==, "");
    dm_config_free(config);
}

static void test_bad_folder_waits(void) {
    static const struct {
        const char *rule, *message;
    } cases[] = {
        {"scans", "'scans' is no rule"},
        {"scans*: settle_clsed=5s", "is not KEY=VALUE of a key settle_... or trigger"},
        {"scans*: sweep=5s", "'sweep=5s' in the rule 'scans*: sweep=5s' is not KEY=VALUE"},
        {"scans*: settle_closed=5", "'settle_closed=5' in the rule"},
        {"scans*: settle_closed=2d", "is out of range, expected 0 to 1h"},
        {"scans*: settle_closed", "is not KEY=VALUE"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text =
            g_strdup_printf("inbox = { folders = [ \"%s\" ]; };", cases[i].rule);
        g_assert_null(config_text_load(text, &error));
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, cases[i].message));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config-folders/folder_waits", test_folder_waits);
    g_test_add_func("/config-folders/bad_folder_waits", test_bad_folder_waits);
    return g_test_run();
}
