// SPDX-License-Identifier: MIT
#include "watcher/page/drop_id.h"

#include "common/path.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

char *dm_drop_id(const char *drop) {
    char *id = g_base64_encode((const guchar *)drop, strlen(drop));
    g_strdelimit(id, "+", '-');
    g_strdelimit(id, "/", '_');
    id[strcspn(id, "=")] = '\0';
    return id;
}

static bool is_drop(const char *text, size_t length) {
    if (length == 0 || memchr(text, '\0', length) != NULL) {
        return false;
    }
    g_auto(GStrv) parts = g_strsplit(text, "/", -1);
    bool good = g_strv_length(parts) <= 2;
    for (char **part = parts; *part != NULL; part++) {
        good = good && **part != '\0' && strcmp(*part, ".") != 0 && strcmp(*part, "..") != 0;
    }
    return good;
}

char *dm_drop_from_id(const char *id) {
    size_t length = strlen(id);
    if (strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != length) {
        return NULL;
    }
    g_autofree char *padded = g_strconcat(id, &"==="[3 - (4 - length % 4) % 4], NULL);
    g_strdelimit(padded, "-", '+');
    g_strdelimit(padded, "_", '/');
    gsize size;
    g_autofree char *drop = (char *)g_base64_decode(padded, &size);
    g_autofree char *text = drop != NULL ? g_strndup(drop, size) : NULL;
    if (text == NULL || !is_drop(text, size)) {
        return NULL;
    }
    g_autofree char *again = dm_drop_id(text); // one drop has one id
    return strcmp(again, id) == 0 ? g_steal_pointer(&text) : NULL;
}

char *dm_drop_title(const char *drop) {
    return dm_path_display(dm_path_base(drop));
}

char *dm_drop_chain(const char *drop) {
    g_autofree char *chain = g_strndup(drop, strcspn(drop, "/"));
    return dm_path_display(chain);
}
