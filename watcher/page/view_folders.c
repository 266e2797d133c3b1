// SPDX-License-Identifier: MIT
//
// The folders of the inbox, and help. Which folders there are the share is asked, on its thread:
// it may be slow.
#include "watcher/page/views.h"

#include "common/path.h"
#include "watcher/day.h"
#include "watcher/describe.h"
#include "watcher/page/answers.h"
#include "watcher/page/drop_id.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FOLDERS_MAX 200

/** A visit of the view, while the share is asked. */
struct visit {
    struct dm_page *page;
    // NULL: its client has left.
    struct dm_request *request;
    // Of char *.
    GPtrArray *names;
};

static void visit_free(struct visit *visit) {
    g_ptr_array_unref(visit->names);
    g_free(visit);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** On the share's thread. */
static int list_inbox(const struct dm_share_dirs *dirs, void *job) {
    struct visit *visit = job;
    int fd = openat(dirs->rooms[DM_SHARE_INBOX], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    if (directory == NULL) {
        return errno;
    }
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        bool is_folder = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
        if (is_folder && entry->d_name[0] != '.') {
            g_ptr_array_add(visit->names, g_strdup(entry->d_name));
        }
    }
    closedir(directory);
    g_ptr_array_sort(visit->names, compare_names);
    return 0;
}

static void add_number(GString *html, const char *head, int64_t number) {
    g_autofree char *text = dm_html_number(number);
    dm_html_format(html, "<td class=\"n\" data-h=\"%s\">%s</td>", head, text);
}

/** What the name does, or which one was meant. */
static void add_meaning(GString *html, const struct dm_page *page, const char *name) {
    struct dm_chain *chain = NULL;
    g_autofree char *suggestion = NULL;
    if (dm_chain_parse(page->catalogue, page->config->recipes, name, &chain, &suggestion, NULL)) {
        g_autofree char *words = dm_describe_chain(chain);
        dm_html_format(html, "</td><td>%s</td>", words);
        dm_chain_free(chain);
        return;
    }
    dm_html(html, " <span class=\"tag warn\">not understood</span></td><td>");
    if (suggestion != NULL) {
        dm_html_format(html, "Did you mean <code>%s</code>? ", suggestion);
    }
    dm_html(html, "<a href=\"problems\">See Problems</a></td>");
}

static void add_row(GString *html, struct dm_page *page, const char *name) {
    struct dm_tally tally = {0};
    struct dm_ledger *ledger = dm_board_ledger(page->board);
    g_autofree char *display = dm_path_display(name);
    g_autofree char *id = dm_drop_id(name);
    if (ledger != NULL) {
        dm_ledger_tally_folder(ledger, name, dm_midnight_utc_us(), &tally);
    }
    dm_html_format(html, "<tr data-key=\"%s\"><td><code>%s</code>", display, display);
    if (g_hash_table_contains(page->config->recipes, name)) {
        dm_html(html, " <span class=\"tag\">ready-made</span>");
    }
    add_meaning(html, page, name);
    add_number(html, "waiting", dm_board_waiting(&tally) + dm_board_processing(&tally));
    add_number(html, "done", tally.done_since);
    add_number(html, "problems", tally.rows[DM_STATE_FAILED]);
    if (tally.rows[DM_STATE_DONE] > 0) {
        dm_html_format(html, "<td class=\"hid\"><a href=\"drop/%s\">Results</a></td></tr>", id);
    } else {
        dm_html(html, "<td class=\"hid\"></td></tr>");
    }
}

static void add_table(GString *main, struct visit *visit) {
    dm_html(main, "<section class=\"card\" aria-label=\"Folders\"><table><thead><tr>"
                  "<th scope=\"col\">Folder</th><th scope=\"col\">What it does</th>"
                  "<th class=\"n\" scope=\"col\">Waiting</th>"
                  "<th class=\"n\" scope=\"col\">Done today</th>"
                  "<th class=\"n\" scope=\"col\">Problems</th>"
                  "<th scope=\"col\"><span class=\"hide\">Results</span></th></tr></thead><tbody>");
    for (unsigned i = 0; i < MIN(visit->names->len, FOLDERS_MAX); i++) {
        add_row(main, visit->page, visit->names->pdata[i]);
    }
    dm_html(main, "</tbody></table>");
    if (visit->names->len > FOLDERS_MAX) {
        g_autofree char *more = dm_html_number(visit->names->len - FOLDERS_MAX);
        dm_html_format(main, "<p class=\"soft gap\">and %s more</p>", more);
    }
    dm_html(main, "</section>");
}

static void add_maker(GString *main) {
    dm_html(main,
            "<section class=\"card\" aria-labelledby=\"h-new\"><h2 id=\"h-new\">Make a folder</h2>"
            "<p class=\"soft small\">Build its name on the page Send, or write it here.</p>"
            "<form class=\"row gap-s\" method=\"post\" action=\"make-folder\">"
            "<label class=\"hide\" for=\"new\">Name of the new folder</label>"
            "<input class=\"grow\" type=\"text\" id=\"new\" name=\"chain\" required "
            "autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\">"
            "<button data-action=\"make-folder\">Make it</button></form></section>");
}

static void on_listed(void *job, bool done) {
    static const struct dm_view view = {"folders", "Folders", 0, 200};
    struct visit *visit = job;
    if (visit->request == NULL) {
        visit_free(visit);
        return;
    }
    GString *main = g_string_new(NULL);
    dm_html(main, "<div class=\"row\"><h1>Folders</h1><a class=\"button main push\" href=\".\">New "
                  "folder</a></div><p class=\"lead\">Put pictures into one of these folders in "
                  "<code>inbox</code>; the results appear in the folder of the same name in "
                  "<code>outbox</code>.</p>");
    if (done) {
        add_table(main, visit);
    } else {
        dm_html(main, "<div class=\"card note\"><p>The share is away: its folders cannot be seen "
                      "now.</p></div>");
    }
    if (dm_request_client(visit->request)->role >= DM_ROLE_SENDER) {
        add_maker(main);
    }
    dm_request_on_gone(visit->request, NULL, NULL);
    dm_view_answer(visit->page, visit->request, &view, main);
    visit_free(visit);
}

static void on_gone(void *data) {
    ((struct visit *)data)->request = NULL;
}

static void answer_folders(struct dm_page *page, struct dm_request *request) {
    struct visit *visit = g_new(struct visit, 1);
    *visit = (struct visit){page, request, g_ptr_array_new_with_free_func(g_free)};
    if (!dm_share_is_online(page->share)) { // it may hang: nobody waits for it
        on_listed(visit, false);
        return;
    }
    dm_request_on_gone(request, on_gone, visit);
    dm_share_push(page->share, list_inbox, on_listed, visit);
}

void dm_view_folders(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_folders);
}
