// SPDX-License-Identifier: MIT
//
// Who tells people of what the daemon does: see daemon_notices.h.
#include "watcher/daemon_notices.h"

#include "watcher/daemon_status.h"
#include "watcher/status.h"

#include <string.h>

// ---- what is wrong

/** "engine: why"; (transfer full). */
static char *problem_words(const struct dm_status_item *item, const char *why) {
    g_autofree char *group = dm_status_group(item);
    if (strcmp(group, "share") == 0) {
        return g_strdup_printf("the share is away: %s", why);
    }
    return g_strdup_printf("%s: %s", *group != '\0' ? group : "the configuration", why);
}

static void name_problems(dm_notices_problem_fn each, void *each_data, void *daemon) {
    struct dm_daemon_status status;
    dm_daemon_look(daemon, NULL, &status);
    for (size_t i = 0; i < dm_status_item_count; i++) {
        const struct dm_status_item *item = &dm_status_items[i];
        const char *why = (const char *)&status + item->offset;
        if (item->type == DM_STATUS_PROBLEM && *why != '\0') {
            g_autofree char *words = problem_words(item, why);
            each(item->name, words, each_data);
        }
    }
}

// ---- turns

static int64_t notices_turn(void *room, int64_t now_us) {
    return dm_notices_turn(room, now_us);
}

static void notices_committed(void *room) {
    dm_notices_committed(room);
}

// ---- made

bool dm_daemon_tell_people(struct dm_daemon *daemon, GError **error) {
    const struct dm_notices_config config = {
        .settings = &daemon->config->notices,
        .share = daemon->places->share,
        .share_id = daemon->places->share_id,
        .problems = name_problems,
        .data = daemon,
    };
    if (!dm_notices_are_wanted(config.settings)) {
        dm_notices_forget(daemon->ledger);
        return true;
    }
    daemon->notices = dm_notices_new(&config, daemon->ledger, &daemon->wake, error);
    if (daemon->notices == NULL) {
        return false;
    }
    // Behind all who end files: what it tells is of their transaction.
    const struct dm_turns_room room = {.name = "notices",
                                       .turn = notices_turn,
                                       .committed = notices_committed,
                                       .room = daemon->notices};
    dm_turns_add(daemon->turns, &room);
    return true;
}
