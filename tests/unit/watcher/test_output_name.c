// SPDX-License-Identifier: MIT
//
// output_name.h: what a result is called.
#include "watcher/outbox/output_name.h"

#include "common/path.h"

#include <glib.h>
#include <string.h>

static const struct dm_format jpeg = {"jpeg", "jpg jpeg jpe", "image/jpeg", true, true};
static const struct dm_format png = {"png", "png", "image/png", true, true};
static const struct dm_format webp = {"webp", "webp", "image/webp", true, true};

/** @data: blank-terminated names that are taken, "|a|b|". */
static bool is_free(const char *name, void *data) {
    g_autofree char *wanted = g_strdup_printf("|%s|", name);
    return strstr(data, wanted) == NULL;
}

static void test_names(void) {
    static const struct {
        const char *path;
        const struct dm_format *format;
        const char *taken;
        const char *name;
    } cases[] = {
        {"blur-5/a.jpg", &jpeg, "", "blur-5/a.jpg"},
        {"blur-5/photo.JPG", &jpeg, "", "blur-5/photo.JPG"},
        {"blur-5/photo.jpeg", &jpeg, "", "blur-5/photo.jpeg"},
        {"webp/a.png", &webp, "", "webp/a.webp"},
        {"webp/a.png", &webp, "|webp/a.webp|", "webp/a (png).webp"},
        {"webp/a.png", &webp, "|webp/a.webp|webp/a (png).webp|", "webp/a (png 2).webp"},
        {"webp/a.png", &webp, "|webp/a.webp|webp/a (png).webp|webp/a (png 2).webp|",
         "webp/a (png 3).webp"},
        {"x/Holiday 2024/a.PNG", &webp, "|x/Holiday 2024/a.webp|", "x/Holiday 2024/a (PNG).webp"},
        // somebody's own file is in the way
        {"gray/a.jpg", &jpeg, "|gray/a.jpg|", "gray/a (jpg).jpg"},
        {"gray/a.JPG", &jpeg, "|gray/a.JPG|", "gray/a (JPG).JPG"},
        // names that have no extension, or something that only looks like one
        {"png/scan", &png, "", "png/scan.png"},
        {"png/scan", &png, "|png/scan.png|", "png/scan (2).png"},
        {"png/scan", &png, "|png/scan.png|png/scan (2).png|", "png/scan (3).png"},
        {"png/Dr. Smith", &png, "", "png/Dr. Smith.png"},
        {"png/scan.forgrandma", &png, "", "png/scan.forgrandma.png"},
        {"png/scan.2024", &png, "", "png/scan.2024.png"},
        {"png/scan.", &png, "", "png/scan..png"},
        {"png/a.b.c.jpg", &png, "", "png/a.b.c.png"},
        {"png/new\nline.jpg", &png, "", "png/new\nline.png"},
        {"png/\xff\xfe.jpg", &png, "", "png/\xff\xfe.png"},
        {"png/-rf.jpg", &png, "", "png/-rf.png"},
        {"loose.jpg", &png, "", "loose.png"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *taken = g_strdup(cases[i].taken);
        g_autofree char *name = dm_output_name(cases[i].path, cases[i].format, is_free, taken);
        g_assert_cmpstr(name, ==, cases[i].name);
    }
}

/** A name as long as can be: @stem repeated to fill, then ".jpg"; below "x/". */
static char *longest(const char *unit, size_t bytes) {
    GString *path = g_string_new("x/");
    while (path->len + strlen(unit) <= 2 + bytes - 4) {
        g_string_append(path, unit);
    }
    while (path->len < 2 + bytes - 4) {
        g_string_append_c(path, 'z');
    }
    return g_string_free(g_string_append(path, ".jpg"), FALSE);
}

static void test_long_names(void) {
    static const char *const units[] = {"a", "ä", "日", "😀", "\xff"};
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autofree char *path = longest(units[i], DM_NAME_MAX);
        g_assert_cmpuint(strlen(dm_path_base(path)), ==, DM_NAME_MAX);
        GString *taken = g_string_new("|");
        for (int n = 0; n < 12; n++) {
            g_autofree char *name = dm_output_name(path, &webp, is_free, taken->str);
            g_assert_cmpuint(strlen(dm_path_base(name)), <=, DM_NAME_MAX);
            g_assert_true(g_str_has_suffix(name, ".webp"));
            g_assert_true(g_utf8_validate(name, -1, NULL) == g_utf8_validate(path, -1, NULL));
            g_assert_true(is_free(name, taken->str));
            g_string_append_printf(taken, "%s|", name);
        }
        g_string_free(taken, TRUE);
    }
}

/** Two long names that are cut to the same one get different ones. */
static void test_cut_to_the_same(void) {
    g_autofree char *stem = g_strnfill(251, 'a');
    g_autofree char *first = g_strdup_printf("%s.jpg", stem);
    stem[250] = 'b';
    g_autofree char *second = g_strdup_printf("%s.jpg", stem);
    g_autofree char *none = g_strdup("");
    g_autofree char *name = dm_output_name(first, &webp, is_free, none);
    g_autofree char *taken = g_strdup_printf("|%s|", name);
    g_autofree char *other = dm_output_name(second, &webp, is_free, taken);
    g_assert_cmpuint(strlen(name), ==, DM_NAME_MAX);
    g_assert_cmpstr(name, !=, other);
    g_assert_true(g_str_has_suffix(other, " (jpg).webp"));
    g_assert_cmpuint(strlen(other), ==, DM_NAME_MAX);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/publish/names", test_names);
    g_test_add_func("/publish/long_names", test_long_names);
    g_test_add_func("/publish/cut_to_the_same", test_cut_to_the_same);
    return g_test_run();
}
