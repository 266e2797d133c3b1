// SPDX-License-Identifier: MIT
//
// Figures for Prometheus (text 0.0.4): the page's own, and behind them what the daemon writes of
// itself (watcher/metrics.h). Never a name as a label.
#include "watcher/page/answers.h"

#include "watcher/page/ask.h"
#include "watcher/page/events.h"

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

// ---- the daemon's

struct asking {
    // NULL: the client has left.
    struct dm_request *request;
    // The page's own.
    GString *text;
};

/** @answer: NULL: it does not answer, or knows no metrics. */
static void on_daemon(const char *answer, const GError *why, void *data) {
    (void)why;
    g_autofree struct asking *asking = data;
    g_autoptr(GString) text = asking->text;
    if (asking->request == NULL) {
        return;
    }
    dm_request_on_gone(asking->request, NULL, NULL);
    add_one(text, "daemon_up", "gauge", "Whether dropmilld answers.", answer != NULL);
    g_string_append(text, answer != NULL ? answer : "");
    dm_request_answer_text(asking->request, 200, "text/plain; version=0.0.4; charset=utf-8",
                           text->str);
}

static void on_gone(void *data) {
    ((struct asking *)data)->request = NULL;
}

void dm_answer_metrics(struct dm_page *page, struct dm_request *request) {
    struct asking *asking = g_new(struct asking, 1);
    *asking = (struct asking){request, g_string_new(NULL)};
    add_page(asking->text, page);
    dm_request_on_gone(request, on_gone, asking);
    dm_ask(page->places->control, "metrics", on_daemon, asking);
}
