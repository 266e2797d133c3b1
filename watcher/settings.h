// SPDX-License-Identifier: MIT
//
// All that can be configured: the settings of the rooms, and the few that no room obeys. A plain
// record; config.h reads it from a file, by the table of config_keys.h.
#ifndef DM_WATCHER_SETTINGS_H
#define DM_WATCHER_SETTINGS_H

#include "watcher/engine/settings.h"
#include "watcher/inbox/settings.h"
#include "watcher/mirror/settings.h"
#include "watcher/notices/settings.h"
#include "watcher/outbox/settings.h"
#include "watcher/page/settings.h"
#include "watcher/s3_inbox/settings.h"
#include "watcher/store/settings.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_config {
    // "" if not configured.
    char *share;
    // Who may read what is made there: "group" or "everyone".
    char *share_mode;
    char *state_dir;
    char *runtime_dir;
    char *log_level;
    // See status_page.h.
    bool status_page;

    // When work is handed out: see gate.h.
    struct {
        // See quiet_hours.h.
        char *quiet_hours;
        int64_t min_free_bytes;
    } work;

    // Groups "inbox" and "folders".
    struct dm_inbox_settings inbox;
    // Groups "engine" and "limits".
    struct dm_engine_settings engine;
    // Groups "outbox" and "originals".
    struct dm_outbox_settings outbox;
    // Group "s3".
    struct dm_store_settings store;
    struct dm_mirror_settings mirror;
    // Group "s3_inbox".
    struct dm_s3_inbox_settings s3_inbox;
    // Group "hooks".
    struct dm_notices_settings notices;
    // Group "page".
    struct dm_page_settings page;
    struct {
        char *background;
        // "now" or "source".
        char *time;
    } output;
    struct {
        int64_t keep_us;
    } history;
    struct {
        // "": none.
        char *file;
    } metrics;
    // Name -> text, both char *.
    GHashTable *recipes;
    // Name -> absolute path, both char *.
    GHashTable *watermarks;

    // Where each key, and each name in a map ("recipes.web-large"), comes from: "FILE:LINE", a
    // variable or an option; what is as by default is not in it. See dm_config_origin().
    GHashTable *origins;
    // char *: what may be a slip, to be said by whoever reads it.
    GPtrArray *warnings;
    // What dropmill-worker is told of all this; NULL-terminated.
    char **worker_args;
};

#endif
