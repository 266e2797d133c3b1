// SPDX-License-Identifier: MIT
//
// Late: files that have not changed for so long that somebody should know, and are not finished.
// They stay watched for ever; status names them after 10 minutes, a note in their folder after an
// hour. Read first: inbox_private.h.
#include "watcher/inbox/inbox_private.h"

#include "common/path.h"

#include <inttypes.h>
#include <string.h>

#define MINUTE_US (60 * INT64_C(1000000))
#define LATE_US (10 * MINUTE_US)
#define NOTE_US (60 * MINUTE_US)
#define TURN_US (10 * INT64_C(1000000))
// A note is read by people.
#define NOTE_LINES 20

static int64_t still_us(const struct dm_inbox *inbox, const struct dm_pending *pending) {
    return inbox->now_us - pending->settle.quiet_since_us;
}

int64_t dm_late_look(struct dm_inbox *inbox, const struct dm_pending *pending) {
    int64_t still = still_us(inbox, pending), since_us = pending->settle.quiet_since_us;
    if (still >= LATE_US) {
        g_hash_table_add(inbox->late, g_strdup(pending->path));
        inbox->late_us = MIN(inbox->late_us, inbox->now_us);
    }
    return still < LATE_US ? since_us + LATE_US : still < NOTE_US ? since_us + NOTE_US : INT64_MAX;
}

/** Say whether a path is no longer late: it was taken, changed, or went. */
static gboolean is_over(gpointer path, gpointer value, gpointer data) {
    (void)value;
    const struct dm_inbox *inbox = data;
    const struct dm_pending *pending = dm_pendings_find(inbox->pendings, path);
    return pending == NULL || still_us(inbox, pending) < LATE_US;
}

static char *waits_for(struct dm_inbox *inbox, const struct dm_pending *pending) {
    g_autofree char *dir = dm_path_dir(pending->path);
    return dm_settle_waits_for(&pending->settle, dm_habits_of(inbox->habits, dir));
}

/** The list of @dir in @lines, made if need be. */
static GPtrArray *list_of(GHashTable *lines, const char *dir) {
    GPtrArray *list = g_hash_table_lookup(lines, dir);
    if (list == NULL) {
        list = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(lines, g_strdup(dir), list);
    }
    return list;
}

/** One line of a note for each file that is due for one: directory -> GPtrArray of char *. */
static GHashTable *gather_lines(struct dm_inbox *inbox) {
    GHashTable *lines =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init(&iter, inbox->late);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        const struct dm_pending *pending = dm_pendings_find(inbox->pendings, path);
        if (still_us(inbox, pending) >= NOTE_US) {
            g_autofree char *dir = dm_path_dir(path);
            g_autofree char *shown = dm_path_display(dm_path_base(path));
            g_autofree char *why = waits_for(inbox, pending);
            g_ptr_array_add(list_of(lines, dir), g_strdup_printf("  %s  %s\n", shown, why));
        }
    }
    return lines;
}

static int compare_lines(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *join_lines(GPtrArray *list) {
    g_ptr_array_sort(list, compare_lines);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < list->len && i < NOTE_LINES; i++) {
        g_string_append(text, list->pdata[i]);
    }
    if (list->len > NOTE_LINES) {
        g_string_append_printf(text, "  and %u others\n", list->len - NOTE_LINES);
    }
    return g_string_free(text, FALSE);
}

static void write_notes(struct dm_inbox *inbox, GHashTable *lines) {
    GHashTableIter iter;
    gpointer dir, list;
    g_hash_table_iter_init(&iter, lines);
    while (g_hash_table_iter_next(&iter, &dir, &list)) {
        g_autofree char *text = join_lines(list);
        if (g_strcmp0(text, g_hash_table_lookup(inbox->late_notes, dir)) != 0) {
            dm_folder_notes_late(inbox, dir, text);
            g_hash_table_replace(inbox->late_notes, g_strdup(dir), g_steal_pointer(&text));
        }
    }
}

static void remove_notes(struct dm_inbox *inbox, GHashTable *lines) {
    GHashTableIter iter;
    gpointer dir;
    g_hash_table_iter_init(&iter, inbox->late_notes);
    while (g_hash_table_iter_next(&iter, &dir, NULL)) {
        if (!g_hash_table_contains(lines, dir)) {
            dm_folder_notes_late(inbox, dir, NULL);
            g_hash_table_iter_remove(&iter);
        }
    }
}

int64_t dm_late_turn(struct dm_inbox *inbox) {
    if (inbox->now_us < inbox->late_us) {
        return inbox->late_us;
    }
    g_hash_table_foreach_remove(inbox->late, is_over, inbox);
    g_autoptr(GHashTable) lines = gather_lines(inbox);
    write_notes(inbox, lines);
    remove_notes(inbox, lines);
    bool any = g_hash_table_size(inbox->late) > 0 || g_hash_table_size(inbox->late_notes) > 0;
    inbox->late_us = any ? inbox->now_us + TURN_US : INT64_MAX;
    return inbox->late_us;
}

void dm_late_note_seen(struct dm_inbox *inbox, const char *dir) {
    if (!g_hash_table_contains(inbox->late_notes, dir)) {
        dm_folder_notes_late(inbox, dir, NULL);
    }
}

int64_t dm_late_count(const struct dm_inbox *inbox, char **ret_oldest) {
    int64_t count = 0;
    const struct dm_pending *oldest = NULL;
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init(&iter, inbox->late);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        const struct dm_pending *pending = dm_pendings_find(inbox->pendings, path);
        if (pending == NULL || still_us(inbox, pending) < LATE_US) {
            continue;
        }
        count++;
        if (oldest == NULL || oldest->settle.quiet_since_us > pending->settle.quiet_since_us) {
            oldest = pending;
        }
    }
    if (oldest != NULL) {
        *ret_oldest = g_strdup_printf("'%s' has not changed for %" PRId64 " min: %s", oldest->path,
                                      still_us(inbox, oldest) / MINUTE_US,
                                      oldest->told != NULL ? oldest->told : "it settles");
    }
    return count;
}
