// SPDX-License-Identifier: MIT
#include "watcher/page/guard.h"

#include <string.h>

#define QUERY_FIELDS_MAX 32

void dm_target_clear(struct dm_target *target) {
    g_clear_pointer(&target->path, g_free);
    g_clear_pointer(&target->query, g_hash_table_unref);
}

/** Unescape; control characters pass if @any. */
static char *unescape(const char *text, size_t length, bool plus, bool any) {
    g_autoptr(GString) out = g_string_sized_new(length);
    for (size_t i = 0; i < length; i++) {
        int byte = (unsigned char)text[i];
        if (byte == '%') {
            if (i + 2 >= length || !g_ascii_isxdigit(text[i + 1]) ||
                !g_ascii_isxdigit(text[i + 2])) {
                return NULL;
            }
            byte = g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2]);
            i += 2;
            if (byte == '/' && !any) {
                return NULL;
            }
        } else if (byte == '+' && plus) {
            byte = ' ';
        }
        if (byte == 0 || (!any && (byte < 0x20 || byte == 0x7f))) {
            return NULL;
        }
        g_string_append_c(out, (char)byte);
    }
    return g_utf8_validate(out->str, (gssize)out->len, NULL) ? g_strdup(out->str) : NULL;
}

char *dm_guard_unescape(const char *text, size_t length) {
    return unescape(text, length, false, false);
}

/** One field of a query or a form. */
static bool read_field(const char *text, size_t length, char **ret_name, char **ret_value) {
    const char *equals = memchr(text, '=', length);
    size_t name_length = equals != NULL ? (size_t)(equals - text) : length;
    *ret_name = unescape(text, name_length, true, false);
    *ret_value =
        equals != NULL ? unescape(equals + 1, length - name_length - 1, true, true) : g_strdup("");
    if (*ret_name != NULL && *ret_value != NULL) {
        return true;
    }
    g_clear_pointer(ret_name, g_free);
    g_clear_pointer(ret_value, g_free);
    return false;
}

static void add_field(GHashTable *fields, char *name, char *value) {
    GPtrArray *values = g_hash_table_lookup(fields, name);
    if (values == NULL) {
        values = g_ptr_array_new_null_terminated(1, g_free, TRUE);
        g_hash_table_insert(fields, name, values);
    } else {
        g_free(name);
    }
    g_ptr_array_add(values, value);
}

bool dm_guard_read_form(const char *text, size_t length, GHashTable *fields) {
    const char *end = text + length;
    while (text < end) {
        const char *next = memchr(text, '&', (size_t)(end - text));
        size_t field_length = (size_t)((next != NULL ? next : end) - text);
        char *name, *value;
        if (field_length > 0) {
            if (!read_field(text, field_length, &name, &value)) {
                return false;
            }
            add_field(fields, name, value);
        }
        text += field_length + 1;
    }
    return true;
}

static bool read_query(const char *text, struct dm_target *ret) {
    g_auto(GStrv) fields = g_strsplit(text, "&", QUERY_FIELDS_MAX + 1);
    if (g_strv_length(fields) > QUERY_FIELDS_MAX) {
        return false;
    }
    for (char **field = fields; *field != NULL; field++) {
        char *name, *value;
        if (!read_field(*field, strlen(*field), &name, &value)) {
            return false;
        }
        g_hash_table_replace(ret->query, name, value);
    }
    return true;
}

/** A part of a path that may stand between two slashes. */
static bool is_part(const char *part) {
    return *part != '\0' && strcmp(part, ".") != 0 && strcmp(part, "..") != 0;
}

static bool read_path(const char *text, size_t length, struct dm_target *ret) {
    g_autofree char *copy = g_strndup(text, length);
    g_auto(GStrv) parts = g_strsplit(copy, "/", -1);
    g_autoptr(GString) path = g_string_new(NULL);
    for (char **part = parts; *part != NULL; part++) {
        g_autofree char *plain = dm_guard_unescape(*part, strlen(*part));
        bool is_first_page = *copy == '\0'; // "/"
        if (plain == NULL || (!is_first_page && !is_part(plain))) {
            return false;
        }
        if (part != parts) {
            g_string_append_c(path, '/');
        }
        g_string_append(path, plain);
    }
    ret->path = g_strdup(path->str);
    return true;
}

static bool read_target(const char *target, struct dm_target *ret) {
    *ret =
        (struct dm_target){.query = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    if (*target != '/' || strpbrk(target, "#\\ ") != NULL) {
        return false;
    }
    size_t path_length = strcspn(target, "?");
    return read_path(target + 1, path_length - 1, ret) &&
           (target[path_length] == '\0' || read_query(target + path_length + 1, ret));
}

/** Say whether @host, perhaps with a port, is one that the page answers to. */
static bool is_our_host(const char *host, const char *const *hosts) {
    size_t length = strlen(host);
    size_t name_length = length;
    const char *colon = strrchr(host, ':');
    if (colon != NULL && strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
        (*host != '[' || colon[-1] == ']')) {
        name_length = (size_t)(colon - host);
    }
    for (; *hosts != NULL; hosts++) {
        if (g_ascii_strcasecmp(*hosts, host) == 0 ||
            (strlen(*hosts) == name_length &&
             g_ascii_strncasecmp(*hosts, host, name_length) == 0)) {
            return true;
        }
    }
    return false;
}

static bool read_length(const struct dm_guard_head *head, int64_t *ret) {
    *ret = -1;
    if (head->lengths == 0) {
        return true;
    }
    guint64 value;
    if (!g_ascii_string_to_unsigned(head->length, 10, 0, INT64_MAX, &value, NULL)) {
        return false;
    }
    *ret = (int64_t)value;
    return true;
}

/** Sent by a page of ours, or by a program: not by a page of somebody else's. */
static bool is_our_page(const struct dm_guard_head *head) {
    if (head->fetch_site != NULL) {
        return strcmp(head->fetch_site, "same-origin") == 0 ||
               strcmp(head->fetch_site, "none") == 0;
    }
    if (head->origin != NULL) {
        const char *host = strstr(head->origin, "://");
        return host != NULL && g_ascii_strcasecmp(host + strlen("://"), head->host) == 0;
    }
    return head->authorization != NULL &&
           g_ascii_strncasecmp(head->authorization, "Bearer ", strlen("Bearer ")) == 0;
}

enum refusal {
    METHOD,
    HEADERS,
    HOSTS,
    HOST,
    ENCODING,
    LENGTHS,
    LENGTH,
    TARGET,
    SITE,
    TOO_LARGE,
    NONE,
};

static const struct dm_guard_verdict refusals[] = {
    [METHOD] = {405, "method", "Only GET, HEAD, POST and PUT are understood here.", NULL},
    [HEADERS] = {400, "headers", "A header holds control characters.", NULL},
    [HOSTS] = {400, "host", "The request must name its host once.", NULL},
    [HOST] = {421, "host", "The page does not answer to this host name.",
              "Add the name to page.hosts in dropmill.conf, or use one that stands there."},
    [ENCODING] = {411, "encoding", "A body must come with its length, and in no encoding.",
                  "Send Content-Length. Behind nginx: proxy_request_buffering off, HTTP/1.1."},
    [LENGTHS] = {400, "length", "The request gives more than one length.", NULL},
    [LENGTH] = {400, "length", "The length is no number.", NULL},
    [TARGET] = {400, "address", "The address is malformed.", NULL},
    [SITE] = {403, "site", "This was sent by a page of another site.",
              "Programs send the header 'Authorization: Bearer TOKEN' (where nobody signs in, any "
              "word will do)."},
    [TOO_LARGE] = {413, "too-large", "That is more than may be sent at once.", NULL},
};

static bool is_safe(const char *method) {
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static enum refusal look_at_body(const struct dm_guard_head *head,
                                 const struct dm_guard_settings *settings, int64_t *ret_length) {
    if (head->transfer_encodings > 0) {
        return ENCODING;
    }
    if (head->lengths > 1) {
        return LENGTHS;
    }
    if (!read_length(head, ret_length)) {
        return LENGTH;
    }
    return *ret_length > settings->max_body_bytes ? TOO_LARGE : NONE;
}

static enum refusal look(const struct dm_guard_head *head, const struct dm_guard_settings *settings,
                         struct dm_target *ret_target, int64_t *ret_length) {
    if (!is_safe(head->method) && strcmp(head->method, "POST") != 0 &&
        strcmp(head->method, "PUT") != 0) {
        return METHOD;
    }
    if (!head->clean) {
        return HEADERS;
    }
    if (head->hosts != 1) {
        return HOSTS;
    }
    if (!is_our_host(head->host, settings->hosts)) {
        return HOST;
    }
    enum refusal body = look_at_body(head, settings, ret_length);
    if (body != NONE) {
        return body;
    }
    if (!read_target(head->target, ret_target)) {
        return TARGET;
    }
    return is_safe(head->method) || is_our_page(head) ? NONE : SITE;
}

bool dm_guard(const struct dm_guard_head *head, const struct dm_guard_settings *settings,
              struct dm_target *ret_target, int64_t *ret_length,
              struct dm_guard_verdict *ret_verdict) {
    *ret_target = (struct dm_target){0};
    *ret_length = -1;
    enum refusal refusal = look(head, settings, ret_target, ret_length);
    if (refusal == NONE) {
        return true;
    }
    dm_target_clear(ret_target);
    *ret_verdict = refusals[refusal];
    return false;
}
