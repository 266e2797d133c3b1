// SPDX-License-Identifier: MIT
//
// What a failure note says: see failure_note.h. By what it is known as ours: share/note_file.h. The
// words for each reason are in common/reason.c.
#include "watcher/outbox/failure_note.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/note_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define NOTE_BYTES_MAX 16384

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

/** By these words a note tells whose it is. */
static char *file_words(int64_t id) {
    return g_strdup_printf("file %" PRId64 ", drop ", id);
}

static char *details_of(const struct dm_row *row) {
    g_autofree char *message = dm_path_display(row->message);
    g_autofree char *chain = dm_path_display(row->chain);
    GString *details = g_string_new(NULL);
    if (*message != '\0') {
        g_string_append_printf(details, "%s\n", message);
    }
    g_autofree char *file = file_words(row->id);
    g_string_append_printf(details, "reason %s, %s%" PRId64, dm_reason_name(row->reason), file,
                           row->generation);
    if (*chain != '\0') {
        g_string_append_printf(details, ", steps %s", chain);
    }
    if (*row->host != '\0') {
        g_string_append_printf(details, ", host %s", row->host);
    }
    return g_string_free(details, FALSE);
}

/** What the file is instead of a picture, by the worker's word: "a ZIP archive"; NULL: a picture.
 */
static char *stranger_of(const struct dm_row *row) {
    bool known =
        g_str_has_prefix(row->message, DM_REASON_SEEMS) &&
        (row->reason == DM_REASON_UNSUPPORTED_FORMAT || row->reason == DM_REASON_NOT_AN_IMAGE);
    const char *what = row->message + strlen(DM_REASON_SEEMS);
    return known ? g_strndup(what, strcspn(what, ";")) : NULL;
}

/** The last letters of a raw file's name say whose it is, where its bytes did not. */
static char *name_stranger(const struct dm_row *row, const char *stranger) {
    const char *dot = strrchr(dm_path_base(row->path), '.');
    bool tells = g_str_has_suffix(stranger, "raw file") && dot != NULL && strlen(dot) <= 4 &&
                 g_ascii_strcasecmp(dot, ".tif") != 0;
    g_autofree char *shown = dm_path_display(tells ? dot + 1 : "");
    g_autofree char *upper = g_ascii_strup(shown, -1);
    return tells ? g_strdup_printf("This is %s (%s).", stranger, upper)
                 : g_strdup_printf("This is %s.", stranger);
}

static const char *advice_on(const struct dm_row *row, const char *stranger) {
    if (stranger != NULL && strstr(stranger, "raw file") != NULL) {
        return "Export it as JPEG first, in the program that you develop your photos with, and "
               "drop "
               "that one.";
    }
    bool picture = stranger != NULL && strstr(stranger, "picture") != NULL;
    bool other = stranger != NULL && !picture && strstr(stranger, "document") == NULL &&
                 strstr(stranger, "zeros") == NULL && strstr(stranger, "drawing") == NULL &&
                 strstr(stranger, "icon") == NULL;
    return other ? "Only pictures can be processed here. Your file is untouched."
                 : dm_reason_advice(row->reason);
}

static void append_again(GString *note, const struct dm_row *row, const char *shown_dir) {
    if (!dm_reason_helps_again(row->reason)) {
        return;
    }
    g_autofree char *again =
        g_strdup_printf("Move the file back into the folder \"" DM_DIR_INBOX "/%s\".\n"
                        "This note goes away by itself.",
                        shown_dir);
    append_section(note, "To try it again", again);
}

char *dm_failure_note_text(const struct dm_row *row) {
    g_autofree char *dir = dm_path_dir(row->path);
    g_autofree char *shown_dir = dm_path_display(dir);
    g_autofree char *shown_name = dm_path_display(dm_path_base(row->path));
    g_autofree char *when = local_time(row->state_utc_us);
    g_autofree char *details = details_of(row);
    g_autofree char *stranger = stranger_of(row);
    g_autofree char *what =
        stranger != NULL ? name_stranger(row, stranger) : g_strdup(dm_reason_what(row->reason));
    g_autofree char *shown_what = dm_path_display(what);
    GString *note = g_string_new(DM_NOTE_TITLE "\n");
    append_field(note, "File", shown_name);
    append_field(note, "Folder", shown_dir);
    append_field(note, "Time", when);
    append_section(note, "What happened", shown_what);
    append_section(note, "What you can do", advice_on(row, stranger));
    append_again(note, row, shown_dir);
    append_section(note, "Details for your administrator", details);
    return g_string_free(note, FALSE);
}

bool dm_failure_note_is_of(int dir_fd, const char *name, int64_t id) {
    if (!dm_note_file_is_ours(dir_fd, name)) {
        return false;
    }
    DM_AUTO_CLOSE int fd = dm_open_beneath(dir_fd, name, O_RDONLY, 0);
    g_autofree char *text = g_malloc0(NOTE_BYTES_MAX + 1);
    g_autofree char *words = file_words(id);
    return fd >= 0 && read(fd, text, NOTE_BYTES_MAX) > 0 && strstr(text, words) != NULL;
}
