// SPDX-License-Identifier: MIT
//
// See object.h.
#include "watcher/mirror/object.h"

#include "common/path.h"

#include <fnmatch.h>
#include <stdint.h>
#include <string.h>

// ---- keys

static bool is_control(unsigned char byte) {
    return byte < ' ' || byte == 127;
}

/** Say whether three characters look like "%2F". */
static bool is_escape(const char *text) {
    return text[0] == '%' && g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2]);
}

/** Say whether some part of @path is empty or begins with a dot. */
static bool has_dots(const char *path) {
    bool at_start = true;
    for (const char *c = path; *c; c++) {
        if (at_start && (*c == '.' || *c == '/')) {
            return true;
        }
        at_start = *c == '/';
    }
    return at_start;
}

static bool is_good(const char *path) {
    for (const char *c = path; *c; c++) {
        if (is_control((unsigned char)*c)) {
            return false;
        }
    }
    return g_utf8_validate(path, -1, NULL);
}

static void add_escaped(GString *out, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        g_string_append_printf(out, "%%%02X", (unsigned char)bytes[i]);
    }
}

static char *escape(const char *path) {
    GString *out = g_string_new(NULL);
    for (const char *c = path; *c;) {
        gunichar character = g_utf8_get_char_validated(c, -1);
        bool is_whole = character != (gunichar)-1 && character != (gunichar)-2;
        size_t length = is_whole ? (size_t)(g_utf8_next_char(c) - c) : 1;
        if (!is_whole || is_control((unsigned char)*c) || is_escape(c)) {
            add_escaped(out, c, length);
        } else {
            g_string_append_len(out, c, (gssize)length);
        }
        c += length;
    }
    return g_string_free(out, FALSE);
}

static bool escapes(const struct dm_mirror_settings *settings) {
    return strcmp(settings->bad_names, "escape") == 0;
}

char *dm_object_key(const struct dm_mirror_settings *settings, const char *path,
                    const char **ret_why) {
    if (has_dots(path)) {
        *ret_why = "a part of its name begins with a dot";
        return NULL;
    }
    if (!escapes(settings) && !is_good(path)) {
        *ret_why = "its name has control characters or is no UTF-8, see s3.bad_names";
        return NULL;
    }
    g_autofree char *name = escapes(settings) ? escape(path) : g_strdup(path);
    g_autofree char *key = g_strconcat(settings->prefix, name, NULL);
    if (strlen(key) > DM_STORE_MAX_KEY) {
        *ret_why = "its name is longer than the 1024 bytes of a key";
        return NULL;
    }
    return g_steal_pointer(&key);
}

char *dm_object_path(const struct dm_mirror_settings *settings, const char *key) {
    if (!g_str_has_prefix(key, settings->prefix)) {
        return NULL;
    }
    const char *name = key + strlen(settings->prefix);
    if (!escapes(settings)) {
        return g_strdup(name);
    }
    GString *path = g_string_new(NULL);
    for (const char *c = name; *c; c++) {
        if (is_escape(c)) {
            g_string_append_c(path,
                              (char)(g_ascii_xdigit_value(c[1]) << 4 | g_ascii_xdigit_value(c[2])));
            c += 2;
        } else {
            g_string_append_c(path, *c);
        }
    }
    return g_string_free(path, FALSE);
}

// ---- what is said

/** To add one: a row. What is not here is bytes. */
static const struct {
    const char *extension, *type;
} content_types[] = {
    {"jpg", "image/jpeg"},  {"jpeg", "image/jpeg"}, {"jpe", "image/jpeg"},  {"png", "image/png"},
    {"webp", "image/webp"}, {"avif", "image/avif"}, {"gif", "image/gif"},   {"tif", "image/tiff"},
    {"tiff", "image/tiff"}, {"heic", "image/heic"}, {"heif", "image/heif"},
};

const char *dm_object_content_type(const char *path) {
    const char *extension = dm_name_extension(dm_path_base(path));
    for (size_t i = 0; i < G_N_ELEMENTS(content_types); i++) {
        if (g_ascii_strcasecmp(extension, content_types[i].extension) == 0) {
            return content_types[i].type;
        }
    }
    return "application/octet-stream";
}

const char *dm_object_rule(const char *const *rules, const char *path) {
    for (size_t i = 0; rules[i] != NULL; i++) {
        const char *colon = strstr(rules[i], ": ");
        g_autofree char *glob =
            colon != NULL ? g_strndup(rules[i], (size_t)(colon - rules[i])) : g_strdup("*");
        if (fnmatch(glob, path, 0) == 0) {
            const char *value = colon != NULL ? colon + strlen(": ") : rules[i];
            return *value ? value : NULL;
        }
    }
    return NULL;
}

static const char *said(const char *text) {
    return *text ? text : NULL;
}

struct dm_store_attributes dm_object_attributes(const struct dm_mirror_settings *settings,
                                                const char *path, int64_t mtime_ns) {
    return (struct dm_store_attributes){
        .content_type = dm_object_content_type(path),
        .cache_control = dm_object_rule((const char *const *)settings->cache_control, path),
        .acl = dm_object_rule((const char *const *)settings->acl, path),
        .storage_class = dm_object_rule((const char *const *)settings->storage_class, path),
        .tags = dm_object_rule((const char *const *)settings->tags, path),
        .sse = said(settings->sse),
        .sse_kms_key_id = said(settings->sse_kms_key_id),
        .mtime_ns = mtime_ns,
    };
}
