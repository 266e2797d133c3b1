// SPDX-License-Identifier: MIT
//
// What a note says: see notes.h. By what it is known as ours: common/note.h. The words for each
// reason are in common/reason.c.
#include "watcher/outbox/notes.h"

#include "common/fsutil.h"
#include "common/note.h"
#include "common/path.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

char *dm_note_name(const char *name) {
    return dm_name_fit(name, DM_NOTE_SUFFIX);
}

/** Date and time on the clock of this machine, as in "2024-05-31 16:04". */
static char *local_time(int64_t utc_us) {
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(utc_us / G_USEC_PER_SEC);
    char *text = time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M") : NULL;
    return text != NULL ? text : g_strdup("?");
}

/** One line of the note's head: a label and what it says about the file. */
static void append_field(GString *note, const char *label, const char *value) {
    g_string_append_printf(note, "%-10s%s\n", label, value);
}

static void append_section(GString *note, const char *title, const char *text) {
    g_string_append_printf(note, "\n%s\n%s\n", title, text);
}

static char *details_of(const struct dm_row *row) {
    g_autofree char *message = dm_path_display(row->message);
    g_autofree char *chain = dm_path_display(row->chain);
    GString *details = g_string_new(NULL);
    if (*message != '\0') {
        g_string_append_printf(details, "%s\n", message);
    }
    g_string_append_printf(details, "reason %s, file %" PRId64 ", drop %" PRId64, //
                           dm_reason_name(row->reason), row->id, row->generation);
    if (*chain != '\0') {
        g_string_append_printf(details, ", steps %s", chain);
    }
    if (*row->host != '\0') {
        g_string_append_printf(details, ", host %s", row->host);
    }
    return g_string_free(details, FALSE);
}

char *dm_note_text(const struct dm_row *row, int64_t utc_us) {
    g_autofree char *dir = dm_path_dir(row->path);
    g_autofree char *shown_dir = dm_path_display(dir);
    g_autofree char *shown_name = dm_path_display(dm_path_base(row->path));
    g_autofree char *when = local_time(utc_us);
    g_autofree char *details = details_of(row);
    g_autofree char *again =
        g_strdup_printf("Move the file back into the folder \"" DM_DIR_INBOX "/%s\".\n"
                        "This note goes away by itself.",
                        shown_dir);
    GString *note = g_string_new(DM_NOTE_TITLE "\n");
    append_field(note, "File", shown_name);
    append_field(note, "Folder", shown_dir);
    append_field(note, "Time", when);
    append_section(note, "What happened", dm_reason_what(row->reason));
    append_section(note, "What you can do", dm_reason_advice(row->reason));
    append_section(note, "To try it again", again);
    append_section(note, "Details for your administrator", details);
    return g_string_free(note, FALSE);
}

bool dm_note_remove_stale(int dir_fd, const char *name) {
    struct stat s;
    if (fstatat(dir_fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT) {
        return false;
    }
    g_autofree char *note = dm_note_name(name);
    return dm_note_is_ours(dir_fd, note) && unlinkat(dir_fd, note, 0) == 0;
}
