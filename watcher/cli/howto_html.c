// SPDX-License-Identifier: MIT
//
// How to name folders, as a page: see howto_html.h. No script, nothing from elsewhere: it is opened
// from a file manager.
#include "watcher/cli/howto_html.h"

#include "watcher/describe.h"

#include <stdlib.h>
#include <string.h>

static const char head[] = DM_HOWTO_TITLE
    "<style>\n"
    ":root { color-scheme: light dark }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 "
    "1rem }\n"
    "table { border-collapse: collapse; width: 100%; margin: 1rem 0 }\n"
    "th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0;\n"
    "         border-bottom: 1px solid #8884 }\n"
    "code { background: #8882; border-radius: 4px; padding: .1em .35em; white-space: nowrap }\n"
    ".operations { table-layout: fixed }\n"
    ".operations th:first-child { width: 13rem }\n"
    ".operations th:nth-child(2) { width: 17rem }\n"
    ".operations td:first-child code { white-space: normal; overflow-wrap: anywhere }\n"
    ".also { opacity: .7; font-size: .9em }\n"
    "</style>\n"
    "<h1>How to name folders</h1>\n"
    "<p>Make a folder in <code>inbox</code>. Its name says what happens to the images that you "
    "drop into\n"
    "it. The results appear in the folder of the same name in <code>outbox</code>.</p>\n"
    "<table>\n"
    "<tr><th>A folder called</th><th>does this</th></tr>\n"
    "<tr><td><code>rotate-90</code></td><td>turns images a quarter to the right</td></tr>\n"
    "<tr><td><code>resize-1600</code></td><td>makes them 1600 pixels wide</td></tr>\n"
    "<tr><td><code>rotate-90_resize-1600</code></td><td>one after the other: <code>_</code> means\n"
    "&ldquo;then&rdquo;</td></tr>\n"
    "<tr><td><code>gray_blur-3_jpeg-80</code></td><td>gray, then a light blur, saved as JPEG of "
    "quality\n"
    "80</td></tr>\n"
    "</table>\n"
    "<ul>\n"
    "<li>You need not be exact: <code>Rotate 90&deg;</code>, <code>rotate90</code> and\n"
    "<code>rotate_90</code> all mean <code>rotate-90</code>; <code>50%</code> is fine, too.</li>\n"
    "<li>What stands in brackets at the end is yours: <code>blur-5 (Anna)</code>.</li>\n"
    "<li>There are no negative numbers: say <code>rotate-left</code>, "
    "<code>darken-10</code>.</li>\n"
    "<li>Folders inside such a folder are kept: they come back in <code>outbox</code> as they "
    "were.</li>\n"
    "<li>When a name is not understood, a note with the nearest name appears in the folder, and "
    "its\n"
    "files are left alone.</li>\n"
    "<li>Your originals are kept in <code>originals</code> for a while. What could not be "
    "processed is\n"
    "in <code>failed</code>, with a note that says why.</li>\n"
    "</ul>\n";

static void append_escaped(GString *page, const char *text) {
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autofree char *escaped = g_markup_escape_text(valid, -1);
    g_string_append(page, escaped);
}

static void append_between(GString *page, const char *before, const char *text, const char *after) {
    g_string_append(page, before);
    append_escaped(page, text);
    g_string_append(page, after);
}

static void append_param(GString *page, const struct dm_param *param) {
    g_autofree char *values = dm_describe_param(param);
    append_between(page, "<b>", param->name, "</b>: ");
    append_between(page, "", param->doc, "; ");
    append_between(page, "", values, "<br>");
}

static void append_operation(GString *page, const struct dm_operation *operation) {
    g_autofree char *aliases = dm_describe_aliases(operation);
    append_between(page, "<tr><td><code>", operation->example, "</code></td>");
    append_between(page, "<td>", operation->summary, "");
    if (*aliases) {
        append_between(page, "<br><span class=\"also\">also ", aliases, "</span>");
    }
    g_string_append(page, "</td><td>");
    for (size_t i = 0; i < operation->param_count; i++) {
        append_param(page, &operation->params[i]);
    }
    g_string_append(page, "</td></tr>\n");
}

static void append_operations(GString *page, const struct dm_catalogue *catalogue) {
    static const char columns[] =
        "<tr><th>Write</th><th>and it does</th><th>What you can set</th></tr>\n";
    g_string_append(page, "<h2>Everything that a folder can do</h2>\n");
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        g_autofree char *heading = dm_describe_heading(catalogue, i);
        if (heading != NULL) {
            append_between(page, i ? "</table>\n<h3>" : "<h3>", heading, "</h3>\n");
            append_between(page, "<table class=\"operations\">\n", "", columns);
        }
        append_operation(page, dm_catalogue_operation(catalogue, i));
    }
    g_autofree char *colours = dm_describe_colours();
    append_between(page, "</table>\n<h3>Colours</h3>\n<p>", colours, ".</p>\n");
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void append_recipes(GString *page, GHashTable *recipes) {
    if (!g_hash_table_size(recipes)) {
        return;
    }
    g_autofree const char **names = (const char **)g_hash_table_get_keys_as_array(recipes, NULL);
    qsort(names, g_hash_table_size(recipes), sizeof(*names), compare_names);
    g_string_append(page, "<h2>Ready-made names</h2>\n<table>\n"
                          "<tr><th>A folder called</th><th>means</th></tr>\n");
    for (size_t i = 0; names[i] != NULL; i++) {
        append_between(page, "<tr><td><code>", names[i], "</code></td>");
        append_between(page, "<td><code>", g_hash_table_lookup(recipes, names[i]),
                       "</code></td></tr>\n");
    }
    g_string_append(page, "</table>\n");
}

char *dm_howto_html(const struct dm_catalogue *catalogue, GHashTable *recipes) {
    g_autofree char *reads = dm_describe_formats_read(catalogue);
    g_autofree char *writes = dm_describe_formats_written(catalogue);
    GString *page = g_string_new(head);
    append_operations(page, catalogue);
    append_recipes(page, recipes);
    append_between(page, "<h2>Files</h2>\n<p>These kinds of files can be dropped: ", reads, ". ");
    append_between(
        page,
        "A result is of the same kind as its original, unless the folder's name asks for "
        "another: ",
        writes, ".</p>\n</html>\n");
    return g_string_free(page, FALSE);
}
