// SPDX-License-Identifier: MIT
#include "watcher/page/presence.h"

#include "common/escape.h"
#include "watcher/page/page.h"
#include "watcher/service_manager.h"

#include <glib.h>
#include <inttypes.h>

// So often, at least, it is told what we are doing.
#define TELL_US (5 * G_USEC_PER_SEC)

struct dm_presence {
    const struct dm_page *page;
    // (nullable)
    struct dm_service_manager *manager;
    guint timer;
};

static char *words_of(void *data) {
    const struct dm_page *page = ((const struct dm_presence *)data)->page;
    struct dm_share_status share;
    struct dm_server_status server;
    dm_share_status(page->share, g_get_monotonic_time(), &share);
    dm_server_status(page->server, &server);
    if (!share.online && *share.problem != '\0') {
        return dm_escape_for_people(share.problem);
    }
    g_autofree char *shown = dm_escape_for_people(page->places->share);
    return g_strdup_printf("%s: %" PRId64 " connection%s", shown, server.connections,
                           server.connections == 1 ? "" : "s");
}

static gboolean on_timer(void *data) {
    struct dm_presence *presence = data;
    int64_t now_us = g_get_monotonic_time();
    int64_t due_us = MIN(dm_service_manager_turn(presence->manager, now_us), now_us + TELL_US);
    unsigned delay_ms = (unsigned)(MAX(due_us - now_us, 0) / 1000) + 1;
    presence->timer = g_timeout_add(delay_ms, on_timer, presence);
    return G_SOURCE_REMOVE;
}

struct dm_presence *dm_presence_new(const struct dm_page *page) {
    struct dm_presence *presence = g_new0(struct dm_presence, 1);
    presence->page = page;
    presence->manager = dm_service_manager_new(words_of, presence);
    return presence;
}

void dm_presence_begin(struct dm_presence *presence) {
    if (presence->manager != NULL) {
        dm_service_manager_ready(presence->manager);
        on_timer(presence);
    }
}

void dm_presence_end(struct dm_presence *presence) {
    dm_service_manager_stopping(presence->manager);
    if (presence->timer != 0) {
        g_source_remove(presence->timer);
        presence->timer = 0;
    }
}

void dm_presence_free(struct dm_presence *presence) {
    if (presence != NULL) {
        dm_service_manager_free(presence->manager, false);
        g_free(presence);
    }
}
