// SPDX-License-Identifier: MIT
//
// Figures for Prometheus (text 0.0.4): the page's own, and what it sees of dropmill. Never a name
// as a label. A family is written by one function; what the daemon writes of itself comes behind.
#include "watcher/page/answers.h"

#include "watcher/page/events.h"

#include <string.h>

static void add_family(GString *text, const char *name, const char *type, const char *help) {
    g_string_append_printf(text, "# HELP dropmill_%s %s\n# TYPE dropmill_%s %s\n", name, help, name,
                           type);
}

/** @labels: "code=\"2xx\"", or "". */
static void add_sample(GString *text, const char *name, const char *labels, int64_t value) {
    const char *open = *labels != '\0' ? "{" : "", *close = *labels != '\0' ? "}" : "";
    g_string_append_printf(text, "dropmill_%s%s%s%s %" G_GINT64_FORMAT "\n", name, open, labels,
                           close, value);
}

static void add_one(GString *text, const char *name, const char *type, const char *help,
                    int64_t value) {
    add_family(text, name, type, help);
    add_sample(text, name, "", value);
}

static void add_page(GString *text, const struct dm_page *page) {
    struct dm_server_status status;
    dm_server_status(page->server, &status);
    const struct {
        const char *reason;
        int64_t count;
    } refused[] = {
        {"reason=\"guard\"", status.guarded},
        {"reason=\"role\"", status.forbidden},
        {"reason=\"slow\"", status.cut},
        {"reason=\"connections\"", status.turned_away},
    };
    add_one(text, "page_connections", "gauge", "Connections that are open.", status.connections);
    add_one(text, "page_event_streams", "gauge", "Browsers that listen to what changes.",
            dm_events_streams(page->events));
    add_family(text, "page_requests_total", "counter", "Answers, by the class of their status.");
    for (unsigned i = 1; i < G_N_ELEMENTS(status.answers); i++) {
        g_autofree char *label = g_strdup_printf("code=\"%uxx\"", i);
        add_sample(text, "page_requests_total", label, status.answers[i]);
    }
    add_one(text, "page_upload_bytes_total", "counter", "Bytes of bodies that were received.",
            status.body_bytes);
    add_family(text, "page_refused_total", "counter", "What was refused, and why.");
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        add_sample(text, "page_refused_total", refused[i].reason, refused[i].count);
    }
}

/** What the page sees of the daemon. */
static void add_board(GString *text, const struct dm_page *page) {
    const int64_t *rows = dm_board_rows(page->board);
    bool is_here = dm_board_status(page->board) != NULL;
    add_one(text, "daemon_up", "gauge", "Whether dropmilld answers.", is_here);
    if (is_here) {
        add_one(text, "share_up", "gauge", "Whether the share is there.",
                dm_board_number(page->board, "share.online"));
        add_one(text, "paused", "gauge", "Whether nothing new is begun.",
                strcmp(dm_board_text(page->board, "work.held"), "paused") == 0);
    }
    add_family(text, "queue_files", "gauge", "Files by their state.");
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        g_autofree char *label =
            g_strdup_printf("state=\"%s\"", dm_state_name((enum dm_state)state));
        add_sample(text, "queue_files", label, rows[state]);
    }
}

static void answer_metrics(struct dm_page *page, struct dm_request *request) {
    g_autoptr(GString) text = g_string_new(NULL);
    add_page(text, page);
    add_board(text, page);
    dm_request_answer_text(request, 200, "text/plain; version=0.0.4; charset=utf-8", text->str);
}

void dm_answer_metrics(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_metrics);
}
