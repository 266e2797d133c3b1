// SPDX-License-Identifier: MIT
//
// Where pictures are made, how busy that is, and whether it rests.
#include "watcher/page/views.h"

#include "watcher/status.h"

#include <string.h>

static void add_lane(GString *html, const struct dm_status_host *host) {
    bool is_away = strcmp(host->state, "away") == 0;
    int threads = (int)MAX(host->threads, 1), busy = (int)CLAMP(host->busy, 0, host->threads);
    dm_html_format(
        html,
        "<div class=\"lane\"><span>%s</span><div class=\"progress\" role=\"progressbar\" "
        "aria-label=\"%s\" aria-valuemin=\"0\" aria-valuemax=\"%d\" "
        "aria-valuenow=\"%d\"><svg viewBox=\"0 0 1000 1\" preserveAspectRatio=\"none\" "
        "aria-hidden=\"true\"><rect width=\"%d\"/></svg></div>",
        host->name, host->name, threads, busy, busy * 1000 / threads);
    if (is_away) {
        dm_html(html, "<span class=\"tag warn\">away</span></div>");
    } else {
        dm_html_format(html, "<span>%d of %d</span></div>", busy, (int)host->threads);
    }
}

static void add_lanes(GString *html, const struct dm_page *page) {
    GHashTable *status = dm_board_status(page->board);
    if (status == NULL) {
        dm_html(html, "<p class=\"small soft\">dropmill is not running.</p>");
        return;
    }
    g_autoptr(GPtrArray) hosts = dm_status_hosts(status);
    for (unsigned i = 0; i < hosts->len; i++) {
        add_lane(html, hosts->pdata[i]);
    }
    if (hosts->len == 0) {
        dm_html(html, "<p class=\"small soft\">They start when there is something to do.</p>");
    }
}

void dm_view_workers(GString *html, const struct dm_page *page, bool is_admin) {
    bool is_paused = strcmp(dm_board_text(page->board, "work.held"), "paused") == 0;
    const char *quiet = page->config->work.quiet_hours;
    const char *const fields[] = {NULL};
    dm_html(html, "<section class=\"card\"><h2>Workers</h2>");
    add_lanes(html, page);
    dm_html(html, "<div class=\"row gap\">");
    if (is_admin && dm_board_status(page->board) != NULL) {
        dm_view_button(html, "", is_paused ? "resume" : "pause", is_paused ? "Go on" : "Pause",
                       "tiny", fields);
    }
    dm_html_format(html, "<span class=\"small soft\">Quiet hours: %s</span></div></section>",
                   *quiet != '\0' ? quiet : "none");
}
