// SPDX-License-Identifier: MIT
#include "watcher/page/drop_names.h"

#include "watcher/inbox/ignore.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

// What names of files have on no system that people use: they come back to one in a ZIP.
#define NEVER "\\:*?\"<>|"

static const char *bad_part(const char *part) {
    if (*part == '\0' || strcmp(part, ".") == 0 || strcmp(part, "..") == 0) {
        return "the name has an empty part";
    }
    if (*part == '.') {
        return "names that begin with a dot are left alone";
    }
    return strlen(part) > DM_NAME_MAX_BYTES ? "the name is longer than 200 bytes" : NULL;
}

const char *dm_bad_file_path(const char *path, const char *const *ignored) {
    if (strlen(path) > DM_PATH_MAX_BYTES) {
        return "the path is longer than 900 bytes";
    }
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    if (g_strv_length(parts) > DM_PATH_MAX_PARTS) {
        return "the file lies in more than 11 folders";
    }
    for (char **part = parts; *part != NULL; part++) {
        const char *why = bad_part(*part);
        bool is_file = part[1] == NULL;
        if (why != NULL) {
            return why;
        }
        if (is_file ? dm_ignore_file(*part, ignored) : dm_ignore_dir(*part, ignored)) {
            return "files of this name are left alone: a file manager, a sync tool or a copy under "
                   "way makes them";
        }
    }
    return NULL;
}

/** Cut @text to @max bytes, between characters. */
static void cut(GString *text, size_t max) {
    if (text->len > max) {
        const char *end = g_utf8_find_prev_char(text->str, text->str + max + 1);
        g_string_truncate(text, (size_t)(end - text->str));
    }
}

char *dm_drop_folder_title(const char *title, int64_t now_utc_us) {
    g_autofree char *valid = g_utf8_make_valid(title, -1);
    g_autoptr(GString) text = g_string_new(NULL);
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        bool bad = character == '/' || g_unichar_iscntrl(character) ||
                   (character < 128 && strchr(NEVER, (int)character) != NULL);
        g_string_append_unichar(text, bad ? ' ' : character);
    }
    while (*text->str == '.' || *text->str == ' ') {
        g_string_erase(text, 0, 1);
    }
    cut(text, DM_NAME_MAX_BYTES - 10); // room for a number
    g_strchomp(text->str);
    if (*text->str != '\0' && !dm_ignore_dir(text->str, NULL)) {
        return g_strdup(text->str);
    }
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(now_utc_us / G_USEC_PER_SEC);
    return g_date_time_format(now, "Pictures of %Y-%m-%d %H.%M");
}

char *dm_drop_numbered(const char *title, unsigned n) {
    return n < 2 ? g_strdup(title) : g_strdup_printf("%s (%u)", title, n);
}
