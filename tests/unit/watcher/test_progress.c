// SPDX-License-Identifier: MIT
//
// What the progress line says.
#include "watcher/cli/progress.h"

#include <glib.h>

static void test_text(void) {
    static const struct {
        size_t done, total;
        int64_t elapsed_us;
        const char *text;
    } cases[] = {
        {0, 40, 3 * G_USEC_PER_SEC, "0 of 40"},
        {4, 40, 2 * G_USEC_PER_SEC, "4 of 40, 2.0/s, 18 s left"},
        {232, 400, 8 * G_USEC_PER_SEC, "232 of 400, 29/s, 6 s left"},
        {40, 40, 20 * G_USEC_PER_SEC, "40 of 40, 2.0/s, 0 s left"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            dm_progress_text(cases[i].done, cases[i].total, cases[i].elapsed_us);
        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

/** In a log: not before its time, and not twice the same. */
static void test_every(void) {
    const int64_t second = G_USEC_PER_SEC;
    struct dm_progress progress = {.wanted = true, .every_us = 10 * second};
    dm_progress_show(&progress, 1, 9, 9 * second);
    g_assert_false(progress.visible);
    dm_progress_show(&progress, 2, 9, 10 * second);
    g_assert_cmpuint(progress.shown, ==, 2);
    dm_progress_show(&progress, 3, 9, 19 * second);
    g_assert_cmpuint(progress.shown, ==, 2);
    dm_progress_show(&progress, 4, 9, 20 * second);
    g_assert_cmpuint(progress.shown, ==, 4);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/progress/text", test_text);
    g_test_add_func("/progress/every", test_every);
    return g_test_run();
}
