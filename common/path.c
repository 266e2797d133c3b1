// SPDX-License-Identifier: MIT
//
// Names made from names: see path.h.
#include "common/path.h"

#include "common/escape.h"

#include <inttypes.h>
#include <string.h>

char *dm_path_subfolder(const char *path) {
    const char *slash = strchr(path, '/');
    const char *second = slash != NULL ? strchr(slash + 1, '/') : NULL;
    const char *end = second != NULL ? second : slash;
    return g_strndup(path, end != NULL ? (size_t)(end - path) : 0);
}

char *dm_path_chain(const char *path) {
    const char *slash = strchr(path, '/');
    return slash != NULL ? g_strndup(path, (size_t)(slash - path)) : NULL;
}

char *dm_path_dir(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? g_strndup(path, (size_t)(slash - path)) : g_strdup("");
}

const char *dm_path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

char *dm_path_join(const char *dir, const char *name) {
    return *dir != '\0' ? g_strconcat(dir, "/", name, NULL) : g_strdup(name);
}

bool dm_path_is_plain(const char *path) {
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    for (char **part = parts; *part != NULL; part++) {
        if (**part == '\0' || strcmp(*part, ".") == 0 || strcmp(*part, "..") == 0) {
            return false;
        }
    }
    return parts[0] != NULL;
}

bool dm_path_is_under(const char *path, const char *dir) {
    size_t length = strlen(dir);
    return length == 0 || (strncmp(path, dir, length) == 0 && path[length] == '/');
}

const char *dm_name_extension(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot != NULL && dot != name ? dot + 1 : name + strlen(name);
}

char *dm_name_stem(const char *name) {
    const char *extension = dm_name_extension(name);
    size_t length = (size_t)(extension - name);
    return g_strndup(
        name, *extension != '\0' || (length > 1 && name[length - 1] == '.') ? length - 1 : length);
}

char *dm_name_fit(const char *stem, const char *suffix) {
    size_t suffix_length = strlen(suffix);
    g_assert(suffix_length < DM_NAME_MAX);
    size_t length = strlen(stem);
    if (length + suffix_length > DM_NAME_MAX) {
        length = DM_NAME_MAX - suffix_length;
        while (length > 0 && ((unsigned char)stem[length] & 0xc0) == 0x80) {
            length--; // never between the bytes of one UTF-8 character
        }
    }
    g_autofree char *cut = g_strndup(stem, length);
    return g_strconcat(cut, suffix, NULL);
}

char *dm_temp_name(int64_t id, int64_t attempt) {
    return g_strdup_printf(".dropmill-%" PRId64 "-%" PRId64 ".tmp", id, attempt);
}

/** Read a decimal number and the text behind it from *@p. */
static bool scan_number(const char **p, const char *behind, int64_t *ret) {
    char *end;
    int64_t number = g_ascii_strtoll(*p, &end, 10);
    if (!g_ascii_isdigit(**p) || !g_str_has_prefix(end, behind)) {
        return false;
    }
    *ret = number;
    *p = end + strlen(behind);
    return true;
}

bool dm_temp_name_parse(const char *name, int64_t *ret_id, int64_t *ret_attempt) {
    static const char prefix[] = ".dropmill-";
    const char *p = name + strlen(prefix);
    return g_str_has_prefix(name, prefix) && scan_number(&p, "-", ret_id) &&
           scan_number(&p, ".tmp", ret_attempt) && *p == '\0';
}

char *dm_path_display(const char *path) {
    return dm_escape_for_people(path);
}
