// SPDX-License-Identifier: MIT
//
// The shipped file and the man page tell the same as the table of keys. Run from the top of the
// source tree.
#include "tests/unit/watcher/support/config_text.h"
#include "watcher/config_keys.h"

#include <string.h>

#define SAMPLE "conf/dropmill.conf"
#define MAN_PAGE "packaging/man/dropmill.conf.5"

/** Text without line breaks, comment signs and indentation: sentences may be wrapped. */
static char *unwrap(const char *text) {
    g_autofree char *copy = g_strdup(text);
    g_strdelimit(copy, "\n#", ' ');
    g_auto(GStrv) words = g_strsplit(copy, " ", -1);
    GString *out = g_string_new(" ");
    for (size_t i = 0; words[i]; i++)
        if (*words[i])
            g_string_append_printf(out, "%s ", words[i]);
    return g_string_free(out, FALSE);
}

static void assert_contains(const char *file, const char *text, const char *wanted) {
    if (!strstr(text, wanted))
        g_error("%s has drifted from the table of keys, it lacks: %s", file, wanted);
}

/** The sample file lists every key with its sentence and default, and as a whole changes nothing.
 */
static void test_sample_file(void) {
    g_autofree char *raw = NULL;
    g_assert_true(g_file_get_contents(SAMPLE, &raw, NULL, NULL));
    g_autofree char *text = unwrap(raw);
    const char *name, *default_text, *doc;
    for (size_t i = 0; dm_config_key(i, &name, &default_text, &doc); i++) {
        const char *dot = strrchr(name, '.');
        bool is_group = *default_text == '{';
        g_autofree char *line = g_strdup_printf(" %s%s %s; ", dot ? dot + 1 : name,
                                                is_group ? ":" : " =", default_text);
        assert_contains(SAMPLE, text, line);
        assert_contains(SAMPLE, text, doc);
    }
    g_autoptr(GError) error = NULL;
    struct dm_config *sample = dm_config_load(SAMPLE, &error);
    g_assert_no_error(error);
    g_autofree char *changes = dm_config_print_changes(sample);
    g_assert_cmpstr(changes, ==, "");
    dm_config_free(sample);
}

/** What a line of mdoc source says: the quotes of arguments and escapes taken away. */
static char *plain_mdoc(const char *source) {
    g_auto(GStrv) escapes = g_strsplit(source, "\\(dq", -1);
    g_autofree char *quoted = g_strjoinv("\"", escapes);
    g_auto(GStrv) parts = g_strsplit(quoted, "\\&", -1);
    return g_strjoinv("", parts);
}

/** dropmill.conf(5) has an item for every key, with the table's default and sentence. */
static void test_man_page(void) {
    g_autofree char *raw = NULL;
    g_assert_true(g_file_get_contents(MAN_PAGE, &raw, NULL, NULL));
    g_autofree char *plain = plain_mdoc(raw);
    g_autofree char *text = unwrap(plain);
    const char *name, *default_text, *doc;
    size_t count = 0;
    for (; dm_config_key(count, &name, &default_text, &doc); count++) {
        g_autofree char *item = g_strdup_printf("\n.It Ic %s = %s\n", name, default_text);
        assert_contains(MAN_PAGE, plain, item);
        assert_contains(MAN_PAGE, text, doc);
    }
    g_auto(GStrv) items = g_strsplit(plain, "\n.It Ic ", -1);
    g_assert_cmpuint(g_strv_length(items) - 1, ==, count); // none that the table does not have
}

/** And an item for every variable, and for none besides. */
static void test_variables(void) {
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(MAN_PAGE, &text, NULL, NULL));
    size_t count = 0;
    for (size_t i = 0; i < dm_key_count; i++) {
        if (dm_keys[i].variable != NULL) {
            g_autofree char *item =
                g_strdup_printf("\n.It Ev %s\n%s\n", dm_keys[i].variable, dm_keys[i].name);
            assert_contains(MAN_PAGE, text, item);
            count++;
        }
    }
    g_auto(GStrv) items = g_strsplit(text, "\n.It Ev DROPMILL_", -1);
    g_assert_cmpuint(g_strv_length(items) - 1, ==, count);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config-documents/sample_file", test_sample_file);
    g_test_add_func("/config-documents/man_page", test_man_page);
    g_test_add_func("/config-documents/variables", test_variables);
    return g_test_run();
}
