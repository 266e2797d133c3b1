// SPDX-License-Identifier: MIT
//
// The small pure parts of the page: routes, how drops are called, HTML, what the headers of a
// download say, names in a ZIP.
#include "watcher/page/download.h"
#include "watcher/page/drop_id.h"
#include "watcher/page/html.h"
#include "watcher/page/routes.h"
#include "watcher/page/zip_names.h"

#include <string.h>

static void test_routes(void) {
    static const struct {
        const char *pattern, *path;
        // NULL: it does not stand for it.
        const char *parts;
    } cases[] = {
        {"", "", ""},
        {"", "now", NULL},
        {"now", "now", ""},
        {"now", "nowhere", NULL},
        {"now", "no", NULL},
        {"now", "now/x", NULL},
        {"drop/*", "drop/cmVz", "cmVz"},
        {"drop/*", "drop", NULL},
        {"drop/*", "drop/a/b", NULL},
        {"api/drops/*/files", "api/drops/x/files", "x"},
        {"api/drops/*/files", "api/drops/x/zip", NULL},
        {"api/drops/*/files/**", "api/drops/x/files/a/b.jpg", "x|a/b.jpg"},
        {"api/drops/*/files/**", "api/drops/x/files", NULL},
        {"a/**", "a/", NULL},
        {"a/**", "a/sum/page.js", "sum/page.js"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) parts = g_ptr_array_new_null_terminated(4, g_free, TRUE);
        bool matches = dm_route_match(cases[i].pattern, cases[i].path, parts);
        g_autofree char *found = matches ? g_strjoinv("|", (char **)parts->pdata) : NULL;
        g_test_message("%s %s", cases[i].pattern, cases[i].path);
        g_assert_cmpstr(found, ==, cases[i].parts);
    }
}

static void test_drop_id(void) {
    static const char *const drops[] = {"gray", "gray/Holiday 2024", "rotate-90/Zoë", "a/\xff\xfe",
                                        "gray/?>~"};
    for (size_t i = 0; i < G_N_ELEMENTS(drops); i++) {
        g_autofree char *id = dm_drop_id(drops[i]);
        g_autofree char *back = dm_drop_from_id(id);
        g_assert_cmpuint(strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                    "-_"),
                         ==, strlen(id));
        g_assert_cmpstr(back, ==, drops[i]);
    }
}

static void test_bad_drop_id(void) {
    static const char *const bad[] = {"",       "..",   "../x",  "gray/..", "gray/.",
                                      "gray//", "/etc", "gray/", "a/b/c",   "."};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *id = dm_drop_id(bad[i]);
        g_assert_null(dm_drop_from_id(id));
    }
    g_assert_null(dm_drop_from_id("Z3JheQ=="));     // padded
    g_assert_null(dm_drop_from_id("Z3JheR"));       // another text for the same bytes
    g_assert_null(dm_drop_from_id("Z3Jh eQ"));      // not of its letters
    g_assert_null(dm_drop_from_id("Z3JheQBncmF5")); // a zero byte
    g_assert_null(dm_drop_from_id("Z"));
}

static void test_html(void) {
    g_autoptr(GString) html = g_string_new(NULL);
    dm_html_format(html, "<a title=\"%s\">%s</a>", "\"><script>", "a & 'b'");
    g_assert_null(strstr(html->str, "<script"));
    g_assert_cmpstr(html->str, ==,
                    "<a title=\"&quot;&gt;&lt;script&gt;\">a &amp; &apos;b&apos;</a>");
    static const struct {
        int64_t number;
        const char *text;
    } numbers[] = {
        {0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}, {-1000, "-1,000"}};
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_autofree char *text = dm_html_number(numbers[i].number);
        g_assert_cmpstr(text, ==, numbers[i].text);
    }
    static const struct {
        int64_t bytes;
        const char *text;
    } sizes[] = {{0, "0 bytes"},        {999, "999 bytes"},  {1000, "1 KB"},
                 {999900, "1.0 MB"},    {3400000, "3.4 MB"}, {12345678, "12 MB"},
                 {2000000000, "2.0 GB"}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *text = dm_html_bytes(sizes[i].bytes);
        g_assert_cmpstr(text, ==, sizes[i].text);
    }
}

static void test_disposition(void) {
    static const struct {
        const char *name, *value;
    } cases[] = {
        {"a b.jpg", "attachment; filename=\"a b.jpg\"; filename*=UTF-8''a%20b.jpg"},
        {"Zoë.jpg", "attachment; filename=\"Zo_.jpg\"; filename*=UTF-8''Zo%C3%AB.jpg"},
        {"a\".jpg", "attachment; filename=\"a_.jpg\"; filename*=UTF-8''a%22.jpg"},
        {"a\r\nX: y", "attachment; filename=\"a__X: y\"; filename*=UTF-8''a%0D%0AX%3A%20y"},
        {"50%.jpg", "attachment; filename=\"50_.jpg\"; filename*=UTF-8''50%25.jpg"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *value = dm_download_disposition(cases[i].name);
        g_assert_cmpstr(value, ==, cases[i].value);
    }
}

static void test_range(void) {
    static const struct {
        const char *header;
        enum dm_range range;
        int64_t from, count;
    } cases[] = {
        {NULL, DM_RANGE_WHOLE, 0, 0},
        {"", DM_RANGE_WHOLE, 0, 0},
        {"bytes=0-", DM_RANGE_PART, 0, 10},
        {"bytes=0-0", DM_RANGE_PART, 0, 1},
        {"Bytes=3-5", DM_RANGE_PART, 3, 3},
        {"bytes=9-", DM_RANGE_PART, 9, 1},
        {"bytes=3-99", DM_RANGE_PART, 3, 7},
        {"bytes=-4", DM_RANGE_PART, 6, 4},
        {"bytes=-99", DM_RANGE_PART, 0, 10},
        {"bytes=-0", DM_RANGE_BEYOND, 0, 0},
        {"bytes=10-", DM_RANGE_BEYOND, 0, 0},
        {"bytes=9223372036854775807-", DM_RANGE_BEYOND, 0, 0},
        {"bytes=-9223372036854775807", DM_RANGE_PART, 0, 10},
        {"bytes=99999999999999999999-", DM_RANGE_WHOLE, 0, 0},
        {"bytes=0-1,3-4", DM_RANGE_WHOLE, 0, 0},
        {"bytes=5-3", DM_RANGE_WHOLE, 0, 0},
        {"bytes=-", DM_RANGE_WHOLE, 0, 0},
        {"bytes=", DM_RANGE_WHOLE, 0, 0},
        {"bytes= 1-2", DM_RANGE_WHOLE, 0, 0},
        {"bytes=+1-2", DM_RANGE_WHOLE, 0, 0},
        {"lines=1-2", DM_RANGE_WHOLE, 0, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t from = 0, count = 0;
        g_test_message("%s", cases[i].header);
        g_assert_cmpint(dm_download_range(cases[i].header, 10, &from, &count), ==, cases[i].range);
        g_assert_cmpint(from, ==, cases[i].from);
        g_assert_cmpint(count, ==, cases[i].count);
    }
    int64_t from, count;
    g_assert_cmpint(dm_download_range("bytes=0-", 0, &from, &count), ==, DM_RANGE_BEYOND);
}

static void test_tags(void) {
    g_assert_true(dm_download_names_tag("\"a\"", "\"a\""));
    g_assert_true(dm_download_names_tag("\"b\", W/\"a\"", "\"a\""));
    g_assert_true(dm_download_names_tag("*", "\"a\""));
    g_assert_false(dm_download_names_tag("\"ab\"", "\"a\""));
    g_assert_false(dm_download_names_tag("a", "\"a\""));
    g_assert_false(dm_download_names_tag("", "\"a\""));
}

static void test_zip_names(void) {
    static const struct {
        const char *output, *name;
    } cases[] = {
        {"gray/Day 1/a.jpg", "Day 1/a.jpg"},
        {"gray/Day 1/A.JPG", "Day 1/A (2).JPG"},
        {"gray/Day 1/a.jpg", "Day 1/a (3).jpg"},
        {"gray/Day 1/sub/a.jpg", "Day 1/sub/a.jpg"},
        {"gray/Day 1/..\\..\\a.jpg", "Day 1/.._.._a.jpg"},
        {"gray/Day 1/C:a?.jpg", "Day 1/C_a_.jpg"},
        {"elsewhere/b.jpg", "Day 1/b.jpg"},
        {"gray/Day 1/.jpg", "Day 1/.jpg"},
        {"gray/Day 1/.jpg", "Day 1/.jpg (2)"},
    };
    struct dm_zip_names *names = dm_zip_names_new("gray/Day 1");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = dm_zip_names_take(names, cases[i].output);
        g_assert_cmpstr(name, ==, cases[i].name);
    }
    g_autofree char *ours = dm_zip_names_take_ours(names, "_Problems.txt");
    g_assert_cmpstr(ours, ==, "Day 1/_Problems.txt");
    dm_zip_names_free(names);
    g_autofree char *drop = dm_zip_file_name("gray/Day 1");
    g_autofree char *loose = dm_zip_file_name("gray");
    g_assert_cmpstr(drop, ==, "Day 1 - gray.zip");
    g_assert_cmpstr(loose, ==, "gray.zip");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/page/routes", test_routes);
    g_test_add_func("/page/drop-id", test_drop_id);
    g_test_add_func("/page/bad-drop-id", test_bad_drop_id);
    g_test_add_func("/page/html", test_html);
    g_test_add_func("/page/disposition", test_disposition);
    g_test_add_func("/page/range", test_range);
    g_test_add_func("/page/tags", test_tags);
    g_test_add_func("/page/zip-names", test_zip_names);
    return g_test_run();
}
