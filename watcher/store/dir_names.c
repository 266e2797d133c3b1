// SPDX-License-Identifier: MIT
#include "watcher/store/dir_names.h"

#include <glib.h>
#include <limits.h>
#include <string.h>

/** Append the name for a part of @length bytes. */
static void append_name(GString *out, const char *part, size_t length) {
    if (length == 0)
        g_string_append_c(out, '%');
    for (size_t i = 0; i < length; i++) {
        if (part[i] == '%')
            g_string_append(out, "%25");
        else if (i == 0 && part[i] == '.')
            g_string_append(out, "%2E");
        else
            g_string_append_c(out, part[i]);
    }
}

char *dm_dir_path_of_key(const char *key) {
    if (*key == '\0')
        return NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *part = key;;) {
        size_t length = strcspn(part, "/");
        size_t start = out->len;
        append_name(out, part, length);
        if (out->len - start > NAME_MAX)
            return NULL;
        if (part[length] == '\0')
            break;
        g_string_append_c(out, '/');
        part += length + 1;
    }
    return out->len < PATH_MAX ? g_strdup(out->str) : NULL;
}

char *dm_dir_part_of_name(const char *name) {
    if (strcmp(name, "%") == 0)
        return g_strdup("");
    if (name[0] == '.')
        return NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *c = name; *c != '\0'; c++) {
        if (*c != '%') {
            g_string_append_c(out, *c);
        } else if (strncmp(c, "%25", 3) == 0 || (c == name && strncmp(c, "%2E", 3) == 0)) {
            g_string_append_c(out, c[2] == '5' ? '%' : '.');
            c += 2;
        } else {
            return NULL;
        }
    }
    return g_strdup(out->str);
}
