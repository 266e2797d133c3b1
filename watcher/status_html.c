// SPDX-License-Identifier: MIT
//
// The status page, section by section. See status_html.h.
#include "watcher/status_html.h"

#include "common/escape.h"
#include "common/path.h"
#include "watcher/ledger/under_way.h"
#include "watcher/page_dress.h"
#include "watcher/settings.h"

#include <inttypes.h>
#include <string.h>

#define DAY_US (INT64_C(86400) * G_USEC_PER_SEC)

// ---- pieces

static void append_escaped(GString *page, const char *text) {
    g_autofree char *shown = dm_escape_for_people(text);
    g_autofree char *escaped = g_markup_escape_text(shown, -1);
    g_string_append(page, escaped);
}

static void append_between(GString *page, const char *before, const char *text, const char *after) {
    g_string_append(page, before);
    append_escaped(page, text);
    g_string_append(page, after);
}

/** "1,087". */
static void append_number(GString *page, int64_t number) {
    g_autofree char *digits = g_strdup_printf("%" PRId64, number);
    size_t length = strlen(digits);
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-') {
            g_string_append_c(page, ',');
        }
        g_string_append_c(page, digits[i]);
    }
}

/** "1,087 pictures". */
static void append_count(GString *page, int64_t count, const char *one) {
    append_number(page, count);
    g_string_append_printf(page, " %s%s", one, count == 1 ? "" : "s");
}

static void append_time(GString *page, const char *format, int64_t utc_us) {
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(utc_us / G_USEC_PER_SEC);
    g_autofree char *words = time != NULL ? g_date_time_format(time, format) : NULL;
    g_string_append(page, words != NULL ? words : "?");
}

// ---- what it does

static int64_t in_work(const struct dm_status_facts *facts) {
    const int64_t *counts = facts->counts;
    return counts[DM_STATE_RUNNING] + counts[DM_STATE_COMPUTED] + counts[DM_STATE_PUBLISHED];
}

static int64_t waiting(const struct dm_status_facts *facts) {
    return facts->counts[DM_STATE_SEEN] + facts->counts[DM_STATE_READY];
}

/** ", about 18 seconds". */
static void append_time_left(GString *page, int64_t to_go, int64_t rate_milli) {
    int64_t left_s = rate_milli > 0 ? to_go * 1000 / rate_milli + 1 : 0;
    if (left_s == 0 || left_s > DAY_US / G_USEC_PER_SEC) {
        return;
    }
    g_string_append(page, ", about ");
    if (left_s < 100) {
        append_count(page, left_s, "second");
    } else if (left_s < INT64_C(100) * 60) {
        append_count(page, (left_s + 30) / 60, "minute");
    } else {
        append_count(page, (left_s + 1800) / 3600, "hour");
    }
}

/** Why nothing is handed out, if so. */
static bool append_held(GString *page, const struct dm_gate_status *gate) {
    static const struct {
        const char *held, *words;
    } moods[] = {
        {"offline", "Waiting: the share is not there"},
        {"paused", "Paused"},
        {"quiet hours", "Quiet hours"},
        {"no room", "Waiting: the disk is nearly full"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(moods); i++) {
        if (strcmp(gate->held, moods[i].held) == 0) {
            g_string_append(page, moods[i].words);
            if (gate->until_utc_us > 0) {
                append_time(page, " until %H:%M", gate->until_utc_us);
            }
            return true;
        }
    }
    return false;
}

/** The mood, as the title and the heading tell it. */
static char *mood(const struct dm_status_facts *facts) {
    GString *text = g_string_new(NULL);
    int64_t to_go = waiting(facts) + in_work(facts);
    if (facts->stopped) {
        g_string_append(text, "Stopped");
    } else if (append_held(text, &facts->now->gate)) {
        if (to_go > 0) {
            g_string_append(text, ": ");
            append_count(text, to_go, "picture");
            g_string_append(text, to_go == 1 ? " waits" : " wait");
        }
    } else if (to_go > 0) {
        g_string_append(text, "Working: ");
        append_count(text, to_go, "picture");
        g_string_append(text, " to go");
        append_time_left(text, to_go, facts->now->rate_milli);
    } else {
        g_string_append(text, "Ready: nothing is waiting");
    }
    return g_string_free(text, FALSE);
}

/** "61 pictures a second, on 16 threads of 2 machines. " */
static void append_speed(GString *page, const struct dm_daemon_status *now) {
    int64_t machines = now->hosts != NULL ? now->hosts->len : 0;
    if (now->rate_milli < 100) {
        return;
    }
    if (now->rate_milli < 10000) {
        g_string_append_printf(page, "%" PRId64 ".%" PRId64 " pictures", now->rate_milli / 1000,
                               now->rate_milli % 1000 / 100);
    } else {
        append_count(page, now->rate_milli / 1000, "picture");
    }
    g_string_append(page, " a second");
    if (now->engine.threads > 0) {
        g_string_append(page, ", on ");
        append_count(page, now->engine.threads, "thread");
        g_string_append(page, machines > 1 ? " of " : "");
        if (machines > 1) {
            append_count(page, machines, "machine");
        }
    }
    g_string_append(page, ". ");
}

static void append_lead(GString *page, const struct dm_status_facts *facts, int64_t utc_us) {
    g_string_append(page, "<p class=\"lead\">");
    if (facts->stopped) {
        append_time(page, "dropmill was stopped at %H:%M:%S, %A, %-d %B. ", utc_us);
        g_string_append(page, "Pictures that you drop now are kept, and processed when it runs "
                              "again.</p>\n");
        return;
    }
    append_speed(page, facts->now);
    if (strcmp(facts->now->gate.held, "off") != 0) {
        g_string_append(page,
                        "Pictures that you drop now are kept, and processed when it goes on. ");
    }
    append_time(page, "Written at %H:%M:%S, %A, %-d %B.</p>\n", utc_us);
}

static void append_stat(GString *page, int64_t number, const char *words, bool bad) {
    g_string_append(page, bad ? "<div class=\"bad\"><b>" : "<div><b>");
    append_number(page, number);
    g_string_append_printf(page, "</b><span>%s</span></div>", words);
}

// ---- folders and machines

static void append_folder(GString *page, const struct dm_under_way *work) {
    int64_t all = MAX(work->done + work->left, 1);
    append_between(page, "<tr><td><code>", work->folder, "</code></td>");
    g_string_append_printf(page,
                           "<td class=\"w\"><span class=\"bar\"><i style=\"width:%" PRId64
                           "%%\"></i></span></td><td class=\"n\">",
                           work->done * 100 / all);
    append_number(page, work->done);
    g_string_append(page, "</td><td class=\"n\">");
    append_number(page, work->left);
    g_string_append(page, "</td></tr>\n");
}

static void append_more(GString *page, int64_t count, const char *one, const char *where) {
    if (count > 0) {
        g_string_append(page, "<tr><td colspan=\"4\">and ");
        append_number(page, count);
        g_string_append_printf(page, " more %s%s%s</td></tr>\n", one, count == 1 ? "" : "s", where);
    }
}

static void append_folders(GString *page, const GPtrArray *under_way) {
    if (under_way->len == 0) {
        return;
    }
    g_string_append(page, "<h2>Folders in work</h2>\n<table>\n"
                          "<tr><th>Folder</th><th class=\"w\">Progress</th>"
                          "<th class=\"n\">Done</th><th class=\"n\">To go</th></tr>\n");
    for (guint i = 0; i < MIN(under_way->len, DM_STATUS_FOLDERS); i++) {
        append_folder(page, under_way->pdata[i]);
    }
    append_more(page, (int64_t)under_way->len - DM_STATUS_FOLDERS, "folder", "");
    g_string_append(page, "</table>\n");
}

static void append_machines(GString *page, const GPtrArray *hosts) {
    if (hosts == NULL || hosts->len < 2) {
        return;
    }
    g_string_append(page, "<h2>Machines</h2>\n<table>\n<tr><th>Machine</th><th>It is</th>"
                          "<th class=\"n\">Threads at work</th></tr>\n");
    for (guint i = 0; i < MIN(hosts->len, DM_STATUS_FOLDERS); i++) {
        const struct dm_engine_host *host = hosts->pdata[i];
        append_between(page, "<tr><td>", host->name, "</td>");
        append_between(page, "<td>", host->state, "</td>");
        g_string_append_printf(page, "<td class=\"n\">%" PRId64 " of %" PRId64 "</td></tr>\n",
                               host->busy, host->threads);
    }
    g_string_append(page, "</table>\n");
}

// ---- what is wrong

/** A table of problems that is being written. */
struct problems {
    GString *page;
    int64_t count;
};

/** One more: whether it is to be told. */
static bool has_place(struct problems *problems) {
    return problems->count++ < DM_STATUS_PROBLEMS;
}

static void append_of_rooms(struct problems *problems, const struct dm_daemon_status *now) {
    for (size_t i = 0; i < dm_status_item_count; i++) {
        const struct dm_status_item *item = &dm_status_items[i];
        const char *text = (const char *)now + item->offset;
        if (item->type == DM_STATUS_PROBLEM && !item->is_unfelt && *text != '\0' &&
            has_place(problems)) {
            append_between(
                problems->page, "<tr><td><b>", text,
                "</b><p>If it stays like this, tell your administrator.</p></td></tr>\n");
        }
    }
}

static void append_of_folder(struct problems *problems, const struct dm_folder_problem *problem) {
    GString *page = problems->page;
    if (!has_place(problems)) {
        return;
    }
    if (*problem->folder == '\0') {
        g_string_append(page, "<tr><td><b>Files lie loose in <code>inbox</code></b><p>Put them "
                              "into a folder whose name says what is to be done with them.</p>"
                              "</td></tr>\n");
        return;
    }
    append_between(page, "<tr><td><b>The folder name <code>", problem->folder,
                   "</code> is not understood</b><p>");
    if (*problem->suggestion != '\0') {
        append_between(page, "Its pictures wait. Rename it to <code>", problem->suggestion,
                       "</code>.");
    } else {
        append_between(page, "It is left alone until it is renamed: ", problem->message, ".");
    }
    g_string_append(page, "</p></td></tr>\n");
}

static void append_of_file(struct problems *problems, const struct dm_row *row) {
    if (!has_place(problems)) {
        return;
    }
    GString *page = problems->page;
    g_autofree char *dir = g_path_get_dirname(row->path);
    append_between(page, "<tr><td><b>", dm_path_base(row->path), "</b>, in ");
    append_between(page, "", dir, "<p>");
    append_between(page, "", dm_reason_what(row->reason), " ");
    append_between(page, "", dm_reason_advice(row->reason), "</p></td></tr>\n");
}

/** The table of all, and how many there are; (transfer full). */
static char *problem_table(const struct dm_status_facts *facts, int64_t *ret_count) {
    struct problems problems = {.page = g_string_new(NULL)};
    append_of_rooms(&problems, facts->now);
    for (guint i = 0; i < facts->folder_problems->len; i++) {
        append_of_folder(&problems, facts->folder_problems->pdata[i]);
    }
    int64_t before = problems.count;
    for (guint i = 0; i < facts->troubled->len; i++) {
        append_of_file(&problems, facts->troubled->pdata[i]);
    }
    *ret_count = before + facts->counts[DM_STATE_FAILED] + facts->counts[DM_STATE_PARKED];
    append_more(problems.page, *ret_count - DM_STATUS_PROBLEMS, "problem",
                "; what failed is in <code>failed</code>");
    return g_string_free(problems.page, FALSE);
}

// ---- the page

static void append_head(GString *page, const struct dm_status_writing *writing, const char *title) {
    g_string_append(page, DM_STATUS_TITLE);
    g_string_append(page, "<meta name=\"viewport\" content=\"width=device-width, "
                          "initial-scale=1\">\n");
    g_string_append(page, dm_page_policy);
    g_string_append_printf(
        page, "<meta http-equiv=\"refresh\" content=\"30; url=%s?%" PRId64 "#w%" PRId64 "\">\n",
        writing->is_twin ? "../" DM_STATUS_PAGE : DM_STATUS_TWIN, writing->number, writing->number);
    g_string_append_printf(page, "<title>dropmill: %s</title>\n", title);
    g_string_append(page, dm_page_style);
}

/** It is seen by who comes with this writing's own number. */
static void append_late_box(GString *page, const struct dm_status_writing *writing) {
    g_string_append_printf(
        page, "<div class=\"late\" id=\"w%" PRId64 "\" role=\"alert\"><b>This page is old.</b>",
        writing->number);
    append_time(page, "It was last written at %H:%M:%S on %A, %-d %B, and has not been renewed ",
                writing->utc_us);
    g_string_append(page, "since. dropmill is probably stopped, or this computer has lost the "
                          "share. Pictures that you drop now are kept and processed later. If it "
                          "stays like this, tell your administrator.</div>\n");
}

char *dm_status_originals(int64_t keep_us) {
    int64_t days = keep_us / DAY_US;
    if (keep_us == DM_KEEP_LEAVE) {
        return g_strdup("Originals stay in <code>inbox</code>.");
    }
    if (keep_us == 0) {
        return g_strdup("Originals are not kept: copy them, do not move them.");
    }
    g_autofree char *how_long =
        keep_us == DM_KEEP_FOREVER ? g_strdup("for good")
        : days > 0 ? g_strdup_printf("for %" PRId64 " day%s", days, days == 1 ? "" : "s")
                   : g_strdup("for some hours");
    return g_strdup_printf("Originals are kept in <code>originals</code> %s.", how_long);
}

static void append_foot(GString *page, const char *originals) {
    g_string_append_printf(page,
                           "<p class=\"foot\">Results are in <code>outbox</code>. %s What could "
                           "not be processed is in <code>failed</code>, each with a note. How to "
                           "name folders: <code>_How to name folders.html</code>.</p>\n"
                           "</main>\n</html>\n",
                           originals);
}

char *dm_status_html(const struct dm_status_facts *facts, const struct dm_status_writing *writing) {
    int64_t problem_count;
    g_autofree char *heading = mood(facts);
    g_autofree char *problems = problem_table(facts, &problem_count);
    GString *page = g_string_new(NULL);
    append_head(page, writing, heading);
    g_string_append(page, "<main>\n");
    if (!facts->stopped) { // it says itself that nobody will renew it
        append_late_box(page, writing);
    }
    append_between(page, "<h1>", heading, "</h1>\n");
    append_lead(page, facts, writing->utc_us);
    g_string_append(page, "<div class=\"stats\">");
    append_stat(page, waiting(facts), "waiting", false);
    append_stat(page, in_work(facts), "being processed", false);
    append_stat(page, facts->done_today, "done today", false);
    append_stat(page, problem_count, problem_count == 1 ? "problem" : "problems",
                problem_count > 0);
    g_string_append(page, "</div>\n");
    append_folders(page, facts->under_way);
    if (problem_count > 0) {
        g_string_append_printf(page, "<h2>Needs you</h2>\n<table>\n%s</table>\n", problems);
    }
    append_machines(page, facts->now->hosts);
    append_foot(page, facts->originals);
    return g_string_free(page, FALSE);
}
