// SPDX-License-Identifier: MIT
//
// How to name folders, as a page: see howto_html.h. No script, nothing from elsewhere: it is opened
// from a file manager.
#include "watcher/cli/howto_html.h"

#include "watcher/describe.h"
#include "watcher/page_dress.h"

#include <stdlib.h>
#include <string.h>

/** What the other page does not need. */
static const char style[] =
    "<style>\n"
    "h3 { font-size: 1rem; font-weight: 650; margin: 1.4rem 0 .5rem; scroll-margin-top: 1rem }\n"
    "table code { color: var(--accent); font-weight: 600; overflow-wrap: anywhere } "
    ".wishes code { white-space: nowrap } .wishes td:last-child { width: 24rem }\n"
    "ul { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: "
    ".8rem 1.2rem .8rem 2.2rem } li + li { margin-top: .45rem }\n"
    ".jump { color: var(--soft) } .jump a { color: var(--accent) }\n"
    ".operations { table-layout: fixed } .operations th:first-child { width: 12.5rem } "
    ".operations th:nth-child(2) { width: 17rem } .operations td { overflow-wrap: anywhere }\n"
    ".also, .operations td:last-child { color: var(--soft); font-size: .9rem } "
    ".operations td:last-child b { color: var(--text); font-weight: 550 }\n"
    "@media (max-width: 44rem) { .wishes td:last-child { width: auto } "
    ".operations, .operations tbody, .operations tr, .operations td { display: block } "
    ".operations tr:first-child { display: none } .operations td { border: 0; padding: 0 .7rem "
    "} .operations td:first-child { padding-top: .6rem } .operations td:last-child { padding: "
    ".2rem .7rem .6rem } .operations tr + tr + tr { border-top: 1px solid var(--line) } }\n"
    "@media print { .jump { display: none } .operations th:first-child { width: 9.5rem } }\n"
    "</style>\n";

static const char intro[] =
    "<main>\n"
    "<h1>How to name folders</h1>\n"
    "<p class=\"lead\">Make a folder in <code>inbox</code>. Its name says what happens to the "
    "pictures that you drop into it. A few seconds later the results are in the folder of the same "
    "name in <code>outbox</code>; many or large pictures take longer.</p>\n"
    "<h2>What people want most</h2>\n"
    "<table class=\"wishes\">\n"
    "<tr><th>What you want</th><th>Name of the folder</th></tr>\n"
    "<tr><td>smaller, for e-mail or the web</td><td><code>resize-1600_jpeg-80</code></td></tr>\n"
    "<tr><td>at most 1600 pixels on the longest side; smaller ones stay</td>"
    "<td><code>resize-1600</code></td></tr>\n"
    "<tr><td>half as large</td><td><code>resize-50pct</code></td></tr>\n"
    "<tr><td>turned to the right, to the left</td><td><code>rotate-90</code> "
    "<code>rotate-left</code></td></tr>\n"
    "<tr><td>black and white</td><td><code>gray</code></td></tr>\n"
    "<tr><td>saved as JPEG</td><td><code>jpeg-80</code></td></tr>\n"
    "<tr><td>without place and camera</td><td><code>strip</code></td></tr>\n"
    "<tr><td>small squares</td><td><code>square-400</code></td></tr>\n";
static const char foot_of_wishes[] =
    "<tr><td>one after the other</td><td><code>rotate-90_resize-1600</code> (<code>_</code> means "
    "&ldquo;then&rdquo;)</td></tr>\n"
    "</table>\n";

static const char rules[] =
    "<h2>Good to know</h2>\n"
    "<ul>\n"
    "<li>You need not be exact: <code>Rotate 90&deg;</code>, <code>rotate90</code>, <code>turn "
    "right</code>,\n"
    "<code>1600 px</code>, <code>50%</code>, <code>Black and white</code> are fine, too.</li>\n"
    "<li>What stands in brackets at the end is yours: <code>gray (Anna)</code>.</li>\n"
    "<li>There are no negative numbers: say <code>rotate-left</code>, "
    "<code>darken-10</code>.</li>\n"
    "<li>Only the folder directly in <code>inbox</code> is read. A folder in a folder is only a "
    "name:\n"
    "<code>inbox/gray/Holiday 2024</code> comes back as <code>outbox/gray/Holiday "
    "2024</code>.</li>\n"
    "<li>When a name is not understood, a note in the folder says so, and its files are left "
    "alone.</li>\n"
    "<li>Dropped into the wrong folder? Take your original out of <code>originals</code>, drop it "
    "into the\n"
    "right one, and delete the wrong result.</li>\n"
    "<li>What could not be processed is in <code>failed</code>, with a note that says why.</li>\n";

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

/** Where each group begins. */
static void append_jumps(GString *page, const struct dm_catalogue *catalogue) {
    const char *before = "<p class=\"jump\">";
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        g_autofree char *heading = dm_describe_heading(catalogue, i);
        if (heading != NULL) {
            g_string_append_printf(page, "%s<a href=\"#g%zu\">", before, i);
            append_between(page, "", heading, "</a>");
            before = " &middot; ";
        }
    }
    g_string_append(page, "</p>\n");
}

static void append_operations(GString *page, const struct dm_catalogue *catalogue) {
    static const char columns[] =
        "<tr><th>Write</th><th>And it does</th><th>What you can set</th></tr>\n";
    g_string_append(page, "<h2>Everything that a folder can do</h2>\n");
    append_jumps(page, catalogue);
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        g_autofree char *heading = dm_describe_heading(catalogue, i);
        if (heading != NULL) {
            g_string_append_printf(page, "%s<h3 id=\"g%zu\">", i > 0 ? "</table>\n" : "", i);
            append_between(page, "", heading, "</h3>\n");
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
                          "<tr><th>A folder called</th><th>Means</th></tr>\n");
    for (size_t i = 0; names[i] != NULL; i++) {
        append_between(page, "<tr><td><code>", names[i], "</code></td>");
        append_between(page, "<td><code>", g_hash_table_lookup(recipes, names[i]),
                       "</code></td></tr>\n");
    }
    g_string_append(page, "</table>\n");
}

/** The names of the watermarks that are set up, or whom to ask for one. */
static void append_logo(GString *page, const struct dm_catalogue *catalogue) {
    const struct dm_operation *watermark = dm_catalogue_find(catalogue, "watermark");
    const char *names = watermark != NULL ? watermark->params[0].forms : "";
    g_autofree char *first = g_strndup(names, strcspn(names, " "));
    g_string_append(page, "<tr><td>with a logo</td><td>");
    if (*first != '\0') {
        g_autofree char *name = g_strconcat("watermark-", first, NULL);
        append_between(page, "<code>", name, "</code></td></tr>\n");
    } else {
        g_string_append(page, "ask your administrator to set one up</td></tr>\n");
    }
}

static void append_originals(GString *page, const char *keep) {
    if (*keep == '\0') {
        g_string_append(page,
                        "<li>Your originals are not kept: copy them, do not move them.</li>\n");
    } else {
        append_between(page, "<li>Your originals are kept in <code>originals</code> ", keep,
                       ".</li>\n");
    }
    g_string_append(page, "</ul>\n");
}

char *dm_howto_html(const struct dm_catalogue *catalogue, GHashTable *recipes, const char *keep) {
    g_autofree char *reads = dm_describe_formats_read(catalogue);
    g_autofree char *writes = dm_describe_formats_written(catalogue);
    GString *page = g_string_new(DM_HOWTO_TITLE);
    g_string_append(page, dm_page_policy);
    g_string_append(page, dm_page_style);
    g_string_append(page, style);
    g_string_append(page, intro);
    append_logo(page, catalogue);
    g_string_append(page, foot_of_wishes);
    append_recipes(page, recipes);
    g_string_append(page, rules);
    append_originals(page, keep);
    append_operations(page, catalogue);
    append_between(page, "<h2>Files</h2>\n<p>These kinds of files can be dropped: ", reads, ". ");
    append_between(
        page,
        "A result is of the same kind as its original, unless the folder's name asks for "
        "another: ",
        writes, ".</p>\n</main>\n</html>\n");
    return g_string_free(page, FALSE);
}
