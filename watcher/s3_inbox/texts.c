// SPDX-License-Identifier: MIT
//
// See texts.h.
#include "watcher/s3_inbox/texts.h"

#include "watcher/store/json_fields.h"

#include <glib.h>

static void add_quoted(GString *out, const char *text) {
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_string_append_c(out, '"');
    for (const char *c = valid; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            g_string_append_printf(out, "\\%c", *c);
        } else if ((unsigned char)*c < ' ' || *c == 127) {
            g_string_append_printf(out, "\\u%04x", (unsigned)(unsigned char)*c);
        } else {
            g_string_append_c(out, *c);
        }
    }
    g_string_append_c(out, '"');
}

static void add_field(GString *out, const char *name, const char *value) {
    g_string_append_printf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    add_quoted(out, value);
}

char *dm_s3_claim_write(const struct dm_s3_claim_text *claim) {
    GString *out = g_string_new("{");
    add_field(out, "dropmill", claim->version);
    add_field(out, "share", claim->share);
    add_field(out, "host", claim->host);
    add_field(out, "results", claim->results);
    add_field(out, "answers", claim->answers);
    add_field(out, "since", claim->since);
    g_string_append(out, "}\n");
    return g_string_free(out, FALSE);
}

bool dm_s3_claim_read(const char *text, char **ret_share, char **ret_host, char **ret_since) {
    g_autoptr(GHashTable) fields = dm_json_fields(text);
    const char *share = fields != NULL ? g_hash_table_lookup(fields, "share") : NULL;
    if (share == NULL || !g_hash_table_contains(fields, "dropmill")) {
        return false;
    }
    const char *host = g_hash_table_lookup(fields, "host");
    const char *since = g_hash_table_lookup(fields, "since");
    *ret_share = g_strdup(share);
    *ret_host = g_strdup(host != NULL ? host : "?");
    *ret_since = g_strdup(since != NULL ? since : "?");
    return true;
}

char *dm_s3_answer_write(const struct dm_arrival *arrival, const char *result) {
    GString *out = g_string_new("{");
    add_field(out, "etag", arrival->etag);
    add_field(out, "state", result != NULL ? "done" : "failed");
    g_string_append(out, ",\"results\":[");
    if (result != NULL) {
        add_quoted(out, result);
    }
    g_string_append_c(out, ']');
    add_field(out, "reason", arrival->reason);
    add_field(out, "message", arrival->message);
    g_string_append(out, "}\n");
    return g_string_free(out, FALSE);
}
