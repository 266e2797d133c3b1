// SPDX-License-Identifier: MIT
//
// What needs a person: folders whose names are not understood, pictures that failed.
#include "watcher/page/views.h"

#include "common/path.h"
#include "common/reason.h"
#include "watcher/page/answers.h"
#include "watcher/page/drop_id.h"

#include <string.h>

#define PICTURES_MAX 100

static void add_folder(GString *html, struct dm_ledger *ledger,
                       const struct dm_folder_problem *problem) {
    g_autofree char *name = dm_path_display(problem->folder);
    g_autofree char *message = dm_path_display(problem->message);
    struct dm_tally tally;
    dm_html_format(html, "<article class=\"card note\" data-key=\"f-%s\"><div class=\"row\">",
                   name);
    if (*problem->folder == '\0') {
        dm_html(html, "<h2>Pictures lie loose in the inbox</h2>");
    } else {
        dm_html_format(html, "<h2>The folder name <code>%s</code> is not understood</h2>", name);
        dm_ledger_tally_folder(ledger, problem->folder, INT64_MAX, &tally);
        int64_t count = dm_board_waiting(&tally);
        if (count > 0) {
            g_autofree char *words = dm_html_count(count, "picture waits", "pictures wait");
            dm_html_format(html, "<span class=\"tag warn\">%s</span>", words);
        }
    }
    if (*problem->suggestion != '\0') {
        g_autofree char *label = g_strdup_printf("Rename to %s", problem->suggestion);
        const char *const fields[] = {"from", problem->folder, "to", problem->suggestion, NULL};
        dm_html(html, "<span class=\"push\">");
        dm_view_button(html, "", "rename", label, "main tiny", fields);
        dm_html(html, "</span>");
    }
    dm_html_format(
        html,
        "</div><p class=\"soft gap-s\">%s</p><p class=\"soft\">Nothing in it was changed. "
        "Once the name is right, the pictures are processed by themselves.</p></article>",
        message);
}

/** "Holiday 2024, 14:03". */
static char *place_of(const struct dm_row *row) {
    g_autofree char *drop = dm_drop_of(row->path);
    g_autofree char *title = dm_drop_title(drop);
    g_autofree char *time = dm_html_time(row->state_utc_us);
    return g_strdup_printf("%s, %s", title, time);
}

static void add_line(GString *html, const char *term, const char *text) {
    if (*text != '\0') {
        g_autofree char *display = dm_path_display(text);
        dm_html_format(html, "<dt>%s</dt><dd>%s</dd>", term, display);
    }
}

/** Whether the same file from where it came may be whole. */
static bool is_spoilt(enum dm_reason reason) {
    return reason == DM_REASON_EMPTY || reason == DM_REASON_TRUNCATED ||
           reason == DM_REASON_DAMAGED || reason == DM_REASON_NOT_AN_IMAGE;
}

/** A button for the script: choose the file anew, to take the place of this one. */
static void add_again(GString *html, const struct dm_row *row) {
    g_autofree char *drop = dm_drop_of(row->path);
    g_autofree char *id = dm_drop_id(drop);
    if (g_utf8_validate(row->path, -1, NULL)) {
        dm_html_format(html,
                       "<button class=\"tiny scripted\" type=\"button\" data-again=\"%s\" "
                       "data-path=\"%s\" hidden>Send again</button>",
                       id, row->path + strlen(drop) + 1);
    }
}

static void add_picture(GString *html, const struct dm_row *row) {
    g_autofree char *name = dm_path_display(dm_path_base(row->path));
    g_autofree char *place = place_of(row);
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, row->id);
    const char *const fields[] = {"rows", id, NULL};
    bool foreign =
        row->reason == DM_REASON_NOT_AN_IMAGE || row->reason == DM_REASON_UNSUPPORTED_FORMAT;
    dm_html_format(html,
                   "<article class=\"card prob\" data-key=\"%s\"><span class=\"t blank\"><svg "
                   "class=\"i\" aria-hidden=\"true\"><use href=\"#%s\"/></svg></span><div "
                   "class=\"row\"><h2>%s</h2><span class=\"soft small\">%s</span></div><dl>",
                   id, foreign ? "i-page" : "i-broken", name, place);
    add_line(html, "What", dm_reason_what(row->reason));
    add_line(html, "Why", row->message);
    add_line(html, "What to do", dm_reason_advice(row->reason));
    dm_html(html, "</dl><div class=\"acts\">");
    if (is_spoilt(row->reason)) {
        add_again(html, row);
    }
    dm_view_button(html, "", "retry", "Try again", "tiny", fields);
    dm_html_format(html,
                   "<a class=\"button tiny quiet\" href=\"api/original/%s\" download>Original</a>"
                   "</div></article>",
                   id);
}

/** "3 pictures and 1 folder need you". */
static char *headline(int64_t pictures, unsigned folders) {
    g_autofree char *some = dm_html_count(pictures, "picture", "pictures");
    g_autofree char *names = dm_html_count(folders, "folder", "folders");
    if (pictures == 0 && folders == 0) {
        return g_strdup("No problems");
    }
    if (pictures == 0 || folders == 0) {
        return g_strdup_printf("%s need%s you", pictures > 0 ? some : names,
                               pictures + folders == 1 ? "s" : "");
    }
    return g_strdup_printf("%s and %s need you", some, names);
}

static void add_all(GString *main, struct dm_page *page, struct dm_ledger *ledger) {
    int64_t failed = dm_board_rows(page->board)[DM_STATE_FAILED];
    g_autoptr(GPtrArray) folders = dm_ledger_folder_problems(ledger);
    g_autoptr(GPtrArray) rows = dm_ledger_failed_rows(ledger, 0, PICTURES_MAX);
    g_autofree char *title = headline(failed, folders->len);
    dm_html_format(main, "<div class=\"row\"><h1 id=\"h-prob\">%s</h1>", title);
    if (failed > 1) {
        g_autofree char *label = g_strdup_printf("Try all %d again", (int)failed);
        const char *const fields[] = {"all", "true", NULL};
        dm_html(main, "<span class=\"row push headacts\">");
        dm_view_button(main, "", "retry", label, "main", fields);
        dm_html(main, "</span>");
    }
    dm_html(main, "</div>");
    if (failed == 0 && folders->len == 0) {
        dm_html(main, "<p class=\"lead\">Everything that came could be processed.</p>");
        return;
    }
    dm_html(main, "<p class=\"lead\">Nothing is lost: each original is safe in the folder "
                  "<code>failed</code>, with the same text beside it.</p>");
    for (unsigned i = 0; i < folders->len; i++) {
        add_folder(main, ledger, folders->pdata[i]);
    }
    for (unsigned i = 0; i < rows->len; i++) {
        add_picture(main, rows->pdata[i]);
    }
    if (failed > (int64_t)rows->len) {
        g_autofree char *more = dm_html_number(failed - rows->len);
        dm_html_format(main, "<p class=\"soft gap\">and %s more, older ones</p>", more);
    }
}

static void answer_problems(struct dm_page *page, struct dm_request *request) {
    static const struct dm_view view = {"problems", "Problems", 0, 200};
    struct dm_ledger *ledger = dm_board_ledger(page->board);
    GString *main = g_string_new("<section id=\"problems\" aria-labelledby=\"h-prob\">");
    if (ledger != NULL) {
        add_all(main, page, ledger);
    } else {
        dm_html(main, "<h1 id=\"h-prob\">No problems</h1><p class=\"lead\">dropmill has not run "
                      "here yet.</p>");
    }
    dm_html(main, "</section>");
    dm_view_answer(page, request, &view, main);
}

void dm_view_problems(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_problems);
}
