// SPDX-License-Identifier: MIT
//
// What is going on: the views `now` and `drop`.
#include "watcher/page/views.h"

#include "common/path.h"
#include "common/reason.h"
#include "watcher/page/answers.h"
#include "watcher/page/drop_id.h"

#include <string.h>

#define CARDS_MAX 30
#define GRID_MAX 120

// ---- a drop

static const struct {
    const char *state, *words, *classes;
} tags[] = {
    {"sending", "Sending", "tag go"},
    {"processing", "Processing", "tag go"},
    {"waiting", "Waiting", "tag"},
    {"done", "Done", "tag good"},
};

static void add_tag(GString *html, const struct dm_board_drop *drop) {
    const char *state = dm_page_drop_state(drop);
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        if (strcmp(tags[i].state, state) == 0) {
            dm_html_format(html, "<span class=\"%s\">%s</span>", tags[i].classes, tags[i].words);
        }
    }
}

/** SVG has widths as attributes: nothing needs a style. */
static void add_part(GString *html, const char *classes, int64_t from, int64_t count,
                     int64_t total) {
    if (count > 0) {
        dm_html_format(html, "<rect class=\"%s\" x=\"%d\" width=\"%d\"/>", classes,
                       (int)(from * 1000 / total), (int)(count * 1000 / total));
    }
}

static void add_bar(GString *html, const struct dm_board_drop *drop, const char *title) {
    const struct dm_tally *tally = &drop->tally;
    int64_t total = MAX(dm_board_total(drop), 1);
    int64_t done = tally->rows[DM_STATE_DONE], bad = tally->rows[DM_STATE_FAILED];
    int64_t here = dm_board_here(drop) - done - bad;
    dm_html_format(html,
                   "<div class=\"progress\" role=\"progressbar\" aria-label=\"%s\" "
                   "aria-valuemin=\"0\" aria-valuemax=\"%d\" aria-valuenow=\"%d\"><svg "
                   "viewBox=\"0 0 1000 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
                   title, (int)total, (int)(done + bad));
    add_part(html, "", 0, done, total);
    add_part(html, "bad", done, bad, total);
    add_part(html, "sent", done + bad, drop->expected_files > 0 ? here : 0, total);
    dm_html(html, "</svg></div>");
}

static void add_soft(GString *html, const char *text) {
    dm_html_format(html, "<span class=\"soft small\">%s</span>", text);
}

static bool is_sending(const struct dm_board_drop *drop) {
    return strcmp(dm_page_drop_state(drop), "sending") == 0;
}

static void add_speed(GString *html, const struct dm_board_drop *drop) {
    int64_t left = dm_board_seconds_left(drop);
    if (drop->rate >= 0.95) {
        g_autofree char *rate = g_strdup_printf("%.0f a second", drop->rate);
        add_soft(html, rate);
    }
    if (left > 0) {
        g_autofree char *time = dm_html_duration(left);
        g_autofree char *words = g_strdup_printf("%s left", time);
        add_soft(html, words);
    }
    if (drop->tally.rows[DM_STATE_SEEN] > 0 && !is_sending(drop)) {
        g_autofree char *words =
            dm_html_count(drop->tally.rows[DM_STATE_SEEN], "file is still being copied",
                          "files are still being copied");
        add_soft(html, words);
    }
}

static void add_problems(GString *html, const char *root, const struct dm_board_drop *drop,
                         const char *classes) {
    int64_t failed = drop->tally.rows[DM_STATE_FAILED];
    if (failed > 0) {
        g_autofree char *problems = dm_html_count(failed, "problem", "problems");
        dm_html_format(html, "<a class=\"small bad-text %s\" href=\"%sproblems\">%s</a>", classes,
                       root, problems);
    }
}

/** "127 of 214", or "58 of 120 sent, 37 done". */
static void add_counts(GString *html, const struct dm_board_drop *drop) {
    const struct dm_tally *tally = &drop->tally;
    int64_t here = dm_board_here(drop);
    g_autofree char *sent = dm_html_number(here);
    g_autofree char *ended = dm_html_number(dm_board_ended(tally));
    g_autofree char *total = dm_html_number(dm_board_total(drop));
    if (is_sending(drop)) {
        dm_html_format(html, "%s of %s sent, %s done", sent, total, ended);
    } else {
        dm_html_format(html, "%s of %s", ended, total);
    }
}

void dm_view_drop_progress(GString *html, const char *root, const struct dm_board_drop *drop) {
    g_autofree char *title = dm_drop_title(drop->path);
    add_bar(html, drop, title);
    dm_html(html, "<div class=\"row\"><strong>");
    add_counts(html, drop);
    dm_html(html, "</strong>");
    add_speed(html, drop);
    add_problems(html, root, drop, "push");
    dm_html(html, "</div>");
}

static void add_strip(GString *html, const struct dm_board_drop *drop) {
    if (drop->newest_count == 0) {
        return;
    }
    dm_html(html, "<div class=\"strip\" role=\"group\" aria-label=\"Newest results\">");
    for (unsigned i = 0; i < drop->newest_count; i++) {
        dm_html_format(html,
                       "<a href=\"api/result/%" G_GINT64_FORMAT
                       "\" aria-label=\"Newest result, %u\" download><img "
                       "class=\"t\" loading=\"lazy\" alt=\"\" width=\"72\" height=\"54\" "
                       "src=\"api/thumb/%" G_GINT64_FORMAT "\"></a>",
                       drop->newest[i], i + 1, drop->newest[i]);
    }
    int64_t more = drop->tally.rows[DM_STATE_DONE] - drop->newest_count;
    if (more > 0) {
        g_autofree char *number = dm_html_number(more);
        dm_html_format(html, "<span class=\"more\">and %s more</span>", number);
    }
    dm_html(html, "</div>");
}

static void add_zip(GString *html, const char *root, const char *id,
                    const struct dm_board_drop *drop, const char *classes) {
    int64_t done = drop->tally.rows[DM_STATE_DONE];
    if (done == 0) {
        return;
    }
    g_autofree char *number = dm_html_number(done);
    g_autofree char *bytes = dm_html_bytes(drop->tally.result_bytes);
    bool all = done == dm_board_total(drop);
    dm_html_format(html, "<a class=\"button %s\" href=\"%sapi/drops/%s/zip\" download>", classes,
                   root, id);
    if (all) {
        dm_html_format(html, "Download as ZIP, %s</a>", bytes);
    } else {
        dm_html_format(html, "Download %s as ZIP, %s</a>", number, bytes);
    }
}

static bool is_open(const struct dm_board_drop *drop) {
    return dm_board_waiting(&drop->tally) > 0;
}

/** What is done takes one line: how many, how long it took, where they are. */
static void add_done_line(GString *html, const char *id, const struct dm_board_drop *drop) {
    g_autofree char *ended = dm_html_number(dm_board_ended(&drop->tally));
    g_autofree char *total = dm_html_number(dm_board_total(drop));
    int64_t took_us = drop->tally.last_utc_us - drop->tally.first_utc_us;
    g_autofree char *took = dm_html_duration(MAX(took_us / G_USEC_PER_SEC, 1));
    g_autofree char *words = g_strdup_printf("in %s", took);
    dm_html_format(html, "<div class=\"row gap-s\"><strong>%s of %s</strong>", ended, total);
    add_soft(html, words);
    add_problems(html, "", drop, "");
    dm_html(html, "<span class=\"row acts push\">");
    add_zip(html, "", id, drop, "tiny");
    dm_html_format(html, "<a class=\"button tiny quiet\" href=\"drop/%s\">Show pictures</a>", id);
    dm_html(html, "</span></div>");
}

static void add_work(GString *html, const char *id, const struct dm_board_drop *drop) {
    dm_view_drop_progress(html, "", drop);
    add_strip(html, drop);
    dm_html(html, "<div class=\"row acts gap\">");
    add_zip(html, "", id, drop, "main");
    dm_html_format(html, "<a class=\"button\" href=\"drop/%s\">Show pictures</a>", id);
    if (is_open(drop)) {
        const char *const fields[] = {"drop", id, NULL};
        dm_view_button(html, "", "stop", "Stop", "quiet", fields);
    }
    dm_html(html, "</div>");
}

void dm_view_drop_card(GString *html, const struct dm_board_drop *drop) {
    g_autofree char *id = dm_drop_id(drop->path);
    g_autofree char *title = dm_drop_title(drop->path);
    g_autofree char *chain = dm_drop_chain(drop->path);
    bool is_done = strcmp(dm_page_drop_state(drop), "done") == 0;
    dm_html_format(html,
                   "<article class=\"card drop\" id=\"d-%s\" data-drop=\"%s\"><div class=\"row\">"
                   "<h2 class=\"big\">%s</h2>",
                   id, id, title);
    add_tag(html, drop);
    if (!dm_drop_is_loose(drop->path)) {
        dm_html_format(html, "<span class=\"chain\">%s</span>", chain);
    }
    if (is_done && drop->tally.last_utc_us > 0) {
        g_autofree char *time = dm_html_time(drop->tally.last_utc_us);
        dm_html_format(html, "<span class=\"small soft push\">%s</span>", time);
    }
    dm_html(html, "</div>");
    if (is_done) {
        add_done_line(html, id, drop);
    } else {
        add_work(html, id, drop);
    }
    dm_html(html, "</article>");
}

// ---- now

static void add_stat(GString *html, int64_t number, const char *words) {
    g_autofree char *text = dm_html_number(number);
    dm_html_format(html, "<div class=\"stat\"><b>%s</b><span>%s</span></div>", text, words);
}

static void add_stats(GString *html, const struct dm_page *page) {
    const int64_t *rows = dm_board_rows(page->board);
    int64_t problems = dm_page_problems(page);
    dm_html(html, "<div class=\"stats\">");
    add_stat(html, rows[DM_STATE_SEEN] + rows[DM_STATE_READY] + rows[DM_STATE_PARKED], "waiting");
    add_stat(html, rows[DM_STATE_RUNNING] + rows[DM_STATE_COMPUTED] + rows[DM_STATE_PUBLISHED],
             "being processed");
    add_stat(html, dm_board_done_today(page->board), "done today");
    g_autofree char *number = dm_html_number(problems);
    dm_html_format(html, "<a class=\"stat%s\" href=\"problems\"><b>%s</b><span>%s</span></a></div>",
                   problems > 0 ? " bad" : "", number, problems == 1 ? "problem" : "problems");
}

static void add_headline(GString *html, const struct dm_page *page) {
    const int64_t *rows = dm_board_rows(page->board);
    int64_t open = rows[DM_STATE_SEEN] + rows[DM_STATE_READY] + rows[DM_STATE_PARKED] +
                   rows[DM_STATE_RUNNING] + rows[DM_STATE_COMPUTED];
    double rate = dm_board_rate(page->board);
    g_autofree char *count = dm_html_count(open, "picture to go", "pictures to go");
    dm_html(html, "<h1 id=\"h-now\">");
    if (open == 0 && dm_board_status(page->board) == NULL) {
        dm_html(html, "Nothing is processed now");
    } else if (open == 0) {
        dm_html(html, "Everything is done");
    } else if (rate > 0) {
        g_autofree char *time = dm_html_duration((int64_t)((double)open / rate) + 1);
        dm_html_format(html, "%s, about %s", count, time);
    } else {
        dm_html_format(html, "%s", count);
    }
    dm_html(html, "</h1><p class=\"lead\">Results can be fetched at any time, also before "
                  "everything is done.</p>");
}

/** What is wrong with dropmill as a whole, above all else. */
static void add_trouble(GString *html, const struct dm_page *page) {
    static const char *const problems[] = {"share.problem", "engine.problem", "inbox.problem",
                                           "work.problem"};
    if (dm_board_status(page->board) == NULL) {
        dm_html_format(html,
                       "<div class=\"card note\" role=\"alert\"><h2>dropmill is not running</h2>"
                       "<p class=\"soft\">Pictures can be sent, and are processed when it runs "
                       "again. (%s)</p></div>",
                       dm_board_silence(page->board));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(problems); i++) {
        const char *text = dm_board_text(page->board, problems[i]);
        if (*text != '\0') {
            g_autofree char *display = dm_path_display(text);
            dm_html_format(html,
                           "<div class=\"card note\" role=\"alert\"><h2>Something keeps dropmill "
                           "from working</h2><p class=\"soft\">%s</p></div>",
                           display);
        }
    }
}

static void add_log(GString *html, const struct dm_page *page) {
    const GPtrArray *lines = dm_board_log(page->board);
    dm_html(html, "<section class=\"card\"><h2>What just happened</h2><ol class=\"log gap-s\">");
    for (unsigned i = 0; i < lines->len; i++) {
        const struct dm_history *line = lines->pdata[i];
        g_autofree char *words = dm_page_log_words(line);
        g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(line->utc_us / G_USEC_PER_SEC);
        if (words != NULL && when != NULL) {
            g_autofree char *time = g_date_time_format(when, "%H:%M:%S");
            dm_html_format(html, "<li><time>%s</time><span>%s</span></li>", time, words);
        }
    }
    dm_html(html, "</ol></section>");
}

static void answer_now(struct dm_page *page, struct dm_request *request) {
    static const struct dm_view view = {"now", "Now", 0, 200};
    const GPtrArray *drops = dm_board_drops(page->board);
    GString *main = g_string_new("<section id=\"now\" aria-labelledby=\"h-now\">");
    add_headline(main, page);
    add_trouble(main, page);
    add_stats(main, page);
    dm_html(main, "<div class=\"cols\"><div id=\"drops\">");
    for (unsigned i = 0; i < MIN(drops->len, CARDS_MAX); i++) {
        dm_view_drop_card(main, drops->pdata[i]);
    }
    if (drops->len == 0) {
        dm_html(main,
                "<div class=\"card\"><p class=\"soft\">Nothing has come yet. <a href=\".\">Send "
                "pictures</a>, or put them into a folder of the inbox.</p></div>");
    }
    dm_html(main, "</div><aside aria-label=\"Workers and log\">");
    dm_view_workers(main, page, dm_request_client(request)->role >= DM_ROLE_ADMIN);
    add_log(main, page);
    dm_html(main, "</aside></div></section>");
    dm_view_answer(page, request, &view, main);
}

void dm_view_now(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_now);
}

// ---- the pictures of a drop

static void add_picture(GString *html, const char *drop, const struct dm_row *row) {
    g_autofree char *name = dm_path_display(row->path + strlen(drop) + 1);
    if (row->state == DM_STATE_DONE) {
        g_autofree char *bytes = dm_html_bytes(row->bytes);
        dm_html_format(
            html,
            "<li data-key=\"%" G_GINT64_FORMAT "\"><a href=\"../api/result/%" G_GINT64_FORMAT
            "\" download><img class=\"t\" "
            "loading=\"lazy\" alt=\"\" width=\"320\" height=\"240\" "
            "src=\"../api/thumb/%" G_GINT64_FORMAT
            "\"><span>%s</span></a><span class=\"soft small\">%d × %d, "
            "%s</span></li>",
            row->id, row->id, row->id, name, (int)row->width_px, (int)row->height_px, bytes);
        return;
    }
    bool failed = row->state == DM_STATE_FAILED;
    bool waits = row->state == DM_STATE_SEEN || row->state == DM_STATE_READY ||
                 row->state == DM_STATE_PARKED;
    dm_html_format(html, "<li data-key=\"%" G_GINT64_FORMAT "\"><span class=\"t blank\">", row->id);
    if (failed) {
        dm_html(html, "<svg class=\"i\" aria-hidden=\"true\"><use href=\"#i-broken\"/></svg>");
    }
    dm_html_format(html, "</span><span>%s</span>", name);
    if (failed) {
        g_autofree char *what = g_strdup(dm_reason_what(row->reason));
        what[strcspn(what, ".")] = '\0';
        dm_html_format(html, "<a class=\"small bad-text\" href=\"../problems\">%s</a></li>", what);
    } else {
        dm_html_format(html, "<span class=\"soft small\">%s</span></li>",
                       waits ? "waiting" : "being processed");
    }
}

static void add_pick(GString *html, const char *state, const char *now, const char *label,
                     int64_t count) {
    g_autofree char *number = dm_html_number(count);
    bool is_now = strcmp(state, now) == 0;
    dm_html_format(html, "<a href=\"?show=%s\"%s>%s %s</a>", state,
                   is_now ? " aria-current=\"true\"" : "", label, number);
}

static void add_picks(GString *html, const struct dm_board_drop *drop, const char *now) {
    const struct dm_tally *tally = &drop->tally;
    dm_html(html, "<div class=\"picks\" role=\"group\" aria-label=\"Show\">");
    add_pick(html, "all", now, "All", dm_board_total(drop));
    add_pick(html, "done", now, "Done", tally->rows[DM_STATE_DONE]);
    add_pick(html, "problems", now, "Problems", tally->rows[DM_STATE_FAILED]);
    add_pick(html, "waiting", now, "To go", dm_board_waiting(tally) + dm_board_processing(tally));
    dm_html(html, "</div>");
}

static void add_grid(GString *html, struct dm_page *page, const struct dm_request *request,
                     const struct dm_board_drop *drop, const char *state) {
    struct dm_ledger *ledger = dm_board_ledger(page->board);
    const char *after = dm_request_query(request, "after");
    g_autofree char *after_path = g_strdup("");
    if (after != NULL) {
        DM_AUTO_ROW struct dm_row *row = dm_ledger_get(ledger, g_ascii_strtoll(after, NULL, 10));
        g_free(after_path);
        after_path = g_strdup(row != NULL ? row->path : "");
    }
    g_autoptr(GPtrArray) rows =
        dm_ledger_drop_rows(ledger, drop->path, dm_page_states(state), after_path, GRID_MAX);
    dm_html(html, "<ul class=\"grid\">");
    for (unsigned i = 0; i < rows->len; i++) {
        add_picture(html, drop->path, rows->pdata[i]);
    }
    dm_html(html, "</ul>");
    if (rows->len == GRID_MAX) {
        const struct dm_row *last = rows->pdata[rows->len - 1];
        dm_html_format(
            html,
            "<p class=\"gap\"><a class=\"button\" href=\"?show=%s&amp;after=%" G_GINT64_FORMAT
            "\">Next "
            "pictures</a></p>",
            state, last->id);
    }
}

static void answer_no_drop(struct dm_page *page, struct dm_request *request) {
    static const struct dm_view view = {"now", "Not found", 1, 404};
    dm_view_answer(page, request, &view,
                   g_string_new("<section><h1>There is no such drop</h1><p class=\"lead\">It was "
                                "taken away, or is long done. <a href=\"../now\">What is going on "
                                "now</a></p></section>"));
}

static void answer_drop(struct dm_page *page, struct dm_request *request) {
    g_autofree char *path = dm_drop_from_id(dm_request_part(request, 0));
    const struct dm_board_drop *drop = path != NULL ? dm_board_drop(page->board, path) : NULL;
    if (drop == NULL) {
        answer_no_drop(page, request);
        return;
    }
    g_autofree char *title = dm_drop_title(drop->path);
    g_autofree char *folder = dm_path_display(drop->path);
    const char *state = dm_request_query(request, "show");
    state = state != NULL && dm_page_states(state) != ~0u ? state : "all";
    const struct dm_view view = {"now", title, 1, 200};
    GString *main = g_string_new(NULL);
    dm_html_format(main,
                   "<section id=\"drop\" data-drop=\"%s\" aria-labelledby=\"h-drop\"><p "
                   "class=\"small\"><a href=\"../now\">Now</a></p><div class=\"row\"><h1 "
                   "id=\"h-drop\">%s</h1>",
                   dm_request_part(request, 0), title);
    add_tag(main, drop);
    dm_html(main, "<span class=\"row push acts2\">");
    add_zip(main, "../", dm_request_part(request, 0), drop, "main");
    dm_html(main, "<button class=\"scripted\" type=\"button\" data-copy=\"\" hidden>Copy link"
                  "</button></span></div>");
    dm_view_drop_progress(main, "../", drop);
    dm_html_format(main,
                   "<p class=\"lead gap\">Also in the shared folder: <code>outbox / %s</code></p>"
                   "<div class=\"card\">",
                   folder);
    add_picks(main, drop, state);
    add_grid(main, page, request, drop, state);
    dm_html(main, "</div></section>");
    dm_view_answer(page, request, &view, main);
}

void dm_view_drop(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_drop);
}
