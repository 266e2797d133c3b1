// SPDX-License-Identifier: MIT
//
// See names.h.
#include "watcher/s3_inbox/names.h"

#include "common/path.h"
#include "watcher/store/store_records.h"

#include <glib.h>
#include <string.h>

#define CLAIM ".dropmill.json"
#define ANSWERS ".answers/"
#define ANSWER_SUFFIX ".json"
#define TAKEN ".taken/"

bool dm_s3_name_is_own(const char *prefix, const char *key) {
    const char *path = dm_s3_name_path(prefix, key);
    return path != NULL && (strcmp(path, CLAIM) == 0 || g_str_has_prefix(path, ANSWERS) ||
                            g_str_has_prefix(path, TAKEN));
}

const char *dm_s3_name_path(const char *prefix, const char *key) {
    return g_str_has_prefix(key, prefix) ? key + strlen(prefix) : NULL;
}

static bool has_control(const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 127) {
            return true;
        }
    }
    return false;
}

/** Why @path cannot be, by its parts. */
static const char *parts_objection(const char *path) {
    for (const char *part = path;;) {
        size_t length = strcspn(part, "/");
        if (length == 0) {
            return "a part of its name is empty";
        }
        if (*part == '.') {
            return "a part of its name begins with a dot";
        }
        if (length > DM_NAME_MAX) {
            return "a part of its name is longer than 255 bytes";
        }
        if (part[length] == '\0') {
            return NULL;
        }
        part += length + 1;
    }
}

const char *dm_s3_name_objection(const char *prefix, const char *key, const char **ret_reason) {
    const char *path = dm_s3_name_path(prefix, key);
    g_assert(path != NULL);
    *ret_reason = "name";
    if (has_control(path) || !g_utf8_validate(path, -1, NULL)) {
        return "its name has control characters or is no UTF-8";
    }
    if (*path == '\0' || (g_str_has_suffix(path, "/") && !g_str_has_suffix(path, "//"))) {
        *ret_reason = "folder";
        return "it stands for a folder";
    }
    if (strlen(key) + strlen(ANSWERS ANSWER_SUFFIX) > DM_STORE_MAX_KEY) {
        return "its name is too long for the key of its answer";
    }
    const char *objection = parts_objection(path);
    if (objection == NULL && strchr(path, '/') == NULL) {
        *ret_reason = "loose";
        return "it lies in no folder, so nobody knows what to do with it";
    }
    return objection;
}

char *dm_s3_name_claim(const char *prefix) {
    return g_strconcat(prefix, CLAIM, NULL);
}

char *dm_s3_name_answer(const char *prefix, const char *key) {
    return g_strconcat(prefix, ANSWERS, dm_s3_name_path(prefix, key), ANSWER_SUFFIX, NULL);
}

char *dm_s3_name_taken(const char *prefix, const char *key) {
    return g_strconcat(prefix, TAKEN, dm_s3_name_path(prefix, key), NULL);
}

char *dm_s3_name_behind(const char *prefix, const char *key) {
    static const char *const folders[] = {ANSWERS, TAKEN};
    const char *path = dm_s3_name_path(prefix, key);
    for (size_t i = 0; path != NULL && i < G_N_ELEMENTS(folders); i++) {
        if (g_str_has_prefix(path, folders[i])) {
            return g_strconcat(prefix, folders[i], "\xf4\x8f\xbf\xbf", NULL); // U+10FFFF
        }
    }
    return NULL;
}

char *dm_s3_name_start(const char *prefix) {
    return g_strndup(prefix, strlen(prefix) - 1);
}

char *dm_s3_name_end(const char *prefix) {
    return g_strconcat(prefix, "\xff", NULL);
}
