// SPDX-License-Identifier: MIT
//
// See habits.h. The ledger keeps numbers by names: "returned DIR" and "returned-utc DIR", "open
// DIR".
#include "watcher/inbox/habits.h"

#include "common/log.h"
#include "common/path.h"
#include "watcher/inbox/ignore.h"

#include <string.h>

#define KEPT_US (30 * INT64_C(86400) * G_USEC_PER_SEC)
// A file that comes back later was written anew.
#define RETURNED_MAX_US (60 * G_USEC_PER_SEC)

struct dm_habits {
    const struct dm_inbox_settings *settings;
    bool remote;
    struct dm_ledger *ledger;
    // char * -> struct dm_settle_place: directories that were asked for.
    GHashTable *places;
};

struct dm_habits *dm_habits_new(const struct dm_inbox_settings *settings, bool remote,
                                struct dm_ledger *ledger) {
    struct dm_habits *habits = g_new0(struct dm_habits, 1);
    habits->settings = settings;
    habits->remote = remote;
    habits->ledger = ledger;
    habits->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return habits;
}

void dm_habits_free(struct dm_habits *habits) {
    if (habits != NULL) {
        g_hash_table_destroy(habits->places);
        g_free(habits);
    }
}

static const struct dm_inbox_waits *waits_of(const struct dm_habits *habits, const char *dir) {
    const GPtrArray *folders = habits->settings->folder_waits;
    for (guint i = 0; folders != NULL && i < folders->len; i++) {
        const struct dm_inbox_folder_waits *folder = folders->pdata[i];
        if (dm_ignore_match(folder->glob, dir)) {
            return &folder->waits;
        }
    }
    return &habits->settings->waits;
}

static int64_t remembered(const struct dm_habits *habits, const char *what, const char *dir) {
    g_autofree char *name = g_strconcat(what, dir, NULL);
    return dm_ledger_number(habits->ledger, name);
}

static void remember(const struct dm_habits *habits, const char *what, const char *dir,
                     int64_t value) {
    g_autofree char *name = g_strconcat(what, dir, NULL);
    dm_ledger_set_number(habits->ledger, name, value);
}

static struct dm_settle_place *find(struct dm_habits *habits, const char *dir) {
    struct dm_settle_place *place = g_hash_table_lookup(habits->places, dir);
    if (place != NULL) {
        return place;
    }
    int64_t since_us = dm_ledger_utc_us(habits->ledger) - KEPT_US;
    place = g_new0(struct dm_settle_place, 1);
    place->waits = waits_of(habits, dir);
    place->remote = habits->remote;
    place->always_open = remembered(habits, DM_NUMBER_OPEN, dir) > since_us;
    if (remembered(habits, "returned-utc ", dir) > since_us) {
        place->returned_us = remembered(habits, "returned ", dir);
    }
    g_hash_table_insert(habits->places, g_strdup(dir), place);
    return place;
}

const struct dm_settle_place *dm_habits_of(struct dm_habits *habits, const char *dir) {
    return find(habits, dir);
}

void dm_habits_set_remote(struct dm_habits *habits, const char *dir, bool remote) {
    if (remote != habits->remote || g_hash_table_contains(habits->places, dir)) {
        find(habits, dir)->remote = remote;
    }
}

char *dm_habits_triggered(struct dm_habits *habits, const char *dir, const char *path) {
    const char *trigger = find(habits, dir)->waits->trigger;
    size_t length = strlen(trigger), all = strlen(path);
    bool says_so = length > 0 && g_str_has_suffix(path, trigger) && path[all - length - 1] != '/';
    return says_so ? g_strndup(path, all - length) : NULL;
}

void dm_habits_returned(struct dm_habits *habits, const char *dir, int64_t after_us) {
    struct dm_settle_place *place = find(habits, dir);
    if (after_us > RETURNED_MAX_US || place->waits->returns_us == 0) {
        return;
    }
    if (after_us > place->returned_us) {
        g_autofree char *shown = dm_path_display(dir);
        dm_log_message("in '%s' a file was written %.1f s after it had been closed, will wait for "
                       "twice as long there from now on",
                       shown, (double)after_us / G_USEC_PER_SEC);
        place->returned_us = after_us;
        remember(habits, "returned ", dir, after_us);
    }
    remember(habits, "returned-utc ", dir, dm_ledger_utc_us(habits->ledger));
}

void dm_habits_open(struct dm_habits *habits, const char *dir) {
    struct dm_settle_place *place = find(habits, dir);
    if (!place->always_open) {
        g_autofree char *shown = dm_path_display(dir);
        dm_log_message("in '%s' a file was whole and still open, will not wait for files to be "
                       "closed there from now on",
                       shown);
    }
    place->always_open = true;
    remember(habits, DM_NUMBER_OPEN, dir, dm_ledger_utc_us(habits->ledger));
}
