// SPDX-License-Identifier: MIT
//
// See send_talk.h.
#include "watcher/cli/send_talk.h"

#include "common/error.h"
#include "common/path.h"
#include "watcher/store/json_fields.h"

#include <string.h>

bool dm_send_split_place(const char *text, char **ret_bucket, char **ret_prefix, GError **error) {
    const char *bucket = g_str_has_prefix(text, "s3://") ? text + strlen("s3://") : text;
    const char *slash = strchrnul(bucket, '/');
    const char *prefix = *slash != '\0' ? slash + 1 : slash;
    if (*prefix == '/' || strstr(prefix, "//") != NULL) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "'%s' has two slashes in a row, expected BUCKET or BUCKET/PREFIX", text);
    }
    bool is_closed = *prefix == '\0' || g_str_has_suffix(prefix, "/");
    *ret_bucket = g_strndup(bucket, (gsize)(slash - bucket));
    *ret_prefix = g_strconcat(prefix, is_closed ? NULL : "/", NULL);
    return true;
}

static char *field(GHashTable *fields, const char *name) {
    const char *value = g_hash_table_lookup(fields, name);
    return g_strdup(value != NULL ? value : "");
}

bool dm_send_read_host(const char *text, struct dm_send_host *ret, GError **error) {
    g_autoptr(GHashTable) fields = dm_json_fields(text);
    if (fields == NULL || !g_hash_table_contains(fields, "dropmill") ||
        !g_hash_table_contains(fields, "results") || !g_hash_table_contains(fields, "answers")) {
        return dm_fail(error, DM_ERROR_REMOTE, "what stands there is not of a dropmill");
    }
    *ret = (struct dm_send_host){
        .host = field(fields, "host"),
        .version = field(fields, "dropmill"),
        .results = field(fields, "results"),
        .answers = field(fields, "answers"),
    };
    return true;
}

void dm_send_host_clear(struct dm_send_host *host) {
    g_free(host->host);
    g_free(host->version);
    g_free(host->results);
    g_free(host->answers);
    *host = (struct dm_send_host){0};
}

/** An ETag as the store's listings have it, or with the quotes of its header. */
static char *bare(char *etag) {
    size_t length = strlen(etag);
    if (length >= 2 && etag[0] == '"' && etag[length - 1] == '"') {
        memmove(etag, etag + 1, length - 2);
        etag[length - 2] = '\0';
    }
    return etag;
}

bool dm_send_read_answer(const char *text, struct dm_send_answer *ret, GError **error) {
    g_autoptr(GHashTable) fields = dm_json_fields(text);
    g_auto(GStrv) results = dm_json_texts(text, "results");
    g_autofree char *state = fields != NULL ? field(fields, "state") : g_strdup("");
    bool is_done = strcmp(state, "done") == 0;
    if (results == NULL || (!is_done && strcmp(state, "failed") != 0)) {
        return dm_fail(error, DM_ERROR_REMOTE, "the answer is not one of a dropmill");
    }
    *ret = (struct dm_send_answer){
        .etag = bare(field(fields, "etag")),
        .is_done = is_done,
        .results = g_steal_pointer(&results),
        .reason = field(fields, "reason"),
        .message = field(fields, "message"),
    };
    return true;
}

void dm_send_answer_clear(struct dm_send_answer *answer) {
    g_free(answer->etag);
    g_strfreev(answer->results);
    g_free(answer->reason);
    g_free(answer->message);
    *answer = (struct dm_send_answer){0};
}

/** Say whether some part of @path is empty or begins with a dot. */
static bool has_dots(const char *path) {
    g_auto(GStrv) names = g_strsplit(path, "/", -1);
    for (size_t i = 0; names[i] != NULL; i++) {
        if (names[i][0] == '\0' || names[i][0] == '.') {
            return true;
        }
    }
    return names[0] == NULL;
}

char *dm_send_path_of(const char *folder, const char *key) {
    const char *path = g_str_has_prefix(key, folder) ? key + strlen(folder) : dm_path_base(key);
    return has_dots(path) ? NULL : g_strdup(path);
}
