// SPDX-License-Identifier: MIT
//
// See words.h. Members that stand here stand in dropmill-json(5): a test compares the two.
#include "watcher/notices/words.h"

#include "common/path.h"
#include "common/reason.h"
#include "watcher/json.h"
#include "watcher/ledger/drops.h"

#include <inttypes.h>

const char *dm_words_kind(const struct dm_ended *ended) {
    return ended->failed + ended->stopped > 0 ? "failed" : "done";
}

/** "Holiday 2024 (gray)", or "gray" for what lies loose there; (transfer full). */
static char *name_of(const char *drop) {
    g_autofree char *shown = dm_path_display(drop);
    g_autofree char *folder = dm_path_chain(shown);
    return folder != NULL ? g_strdup_printf("%s (%s)", dm_path_base(shown), folder)
                          : g_strdup(shown);
}

static void add_count(GString *text, int64_t count, const char *what) {
    if (count > 0) {
        const char *before = text->str[text->len - 1] == ':' ? " " : ", ";
        g_string_append_printf(text, "%s%" PRId64 " %s", before, count, what);
    }
}

char *dm_words_of_drop(const struct dm_ended *ended) {
    g_autofree char *name = name_of(ended->drop);
    GString *text = g_string_new(name);
    g_string_append_c(text, ':');
    add_count(text, ended->failed, "failed");
    add_count(text, ended->stopped, "stopped");
    add_count(text, ended->done, "done");
    return g_string_free(text, FALSE);
}

/** An object @key with a path of two parts. */
static void add_path(struct dm_json *json, const char *key, const char *root, const char *path) {
    g_autofree char *whole = dm_path_join(root, path);
    dm_json_object(json, key);
    dm_json_path(json, whole);
    dm_json_close(json);
}

static struct dm_json *begin(const struct dm_words *words, const char *text) {
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_text(json, "id", words->id);
    dm_json_text(json, "kind", words->kind);
    dm_json_text(json, "text", text);
    dm_json_integer(json, "utc_us", words->now_utc_us);
    dm_json_text(json, "host", words->host);
    dm_json_text(json, "share", words->share);
    dm_json_text(json, "share_id", words->share_id);
    return json;
}

static void add_failures(struct dm_json *json, const GPtrArray *failures) {
    dm_json_list(json, "failures");
    for (guint i = 0; i < failures->len; i++) {
        const struct dm_row *row = failures->pdata[i];
        dm_json_object(json, NULL);
        dm_json_path(json, row->path);
        dm_json_text(json, "reason", dm_reason_name(row->reason));
        dm_json_text(json, "message", row->message);
        dm_json_text(json, "advice", dm_reason_advice(row->reason));
        dm_json_close(json);
    }
    dm_json_close(json);
}

char *dm_words_drop(const struct dm_words *words, const struct dm_ended *ended,
                    const GPtrArray *failures) {
    g_autofree char *text = dm_words_of_drop(ended);
    struct dm_json *json = begin(words, text);
    dm_json_object(json, "drop");
    dm_json_path(json, ended->drop);
    dm_json_text(json, "chain", ended->chain);
    dm_json_integer(json, "first_utc_us", ended->first_utc_us);
    dm_json_integer(json, "last_utc_us", ended->last_utc_us);
    dm_json_close(json);
    dm_json_object(json, "counts");
    dm_json_integer(json, "done", ended->done);
    dm_json_integer(json, "failed", ended->failed);
    dm_json_integer(json, "stopped", ended->stopped);
    dm_json_close(json);
    add_failures(json, failures);
    if (ended->done > 0) {
        g_autofree char *outbox = dm_path_join(words->share, DM_DIR_OUTBOX);
        add_path(json, "results", outbox, ended->drop);
    }
    if (ended->failed + ended->stopped > 0) {
        g_autofree char *failed = dm_path_join(words->share, DM_DIR_FAILED);
        add_path(json, "failed", failed, ended->drop);
    }
    dm_json_close(json);
    return dm_json_end(json);
}

char *dm_words_trouble(const struct dm_words *words, const struct dm_words_trouble *trouble) {
    g_autofree char *shown = dm_path_display(trouble->problem);
    g_autofree char *text =
        g_strdup_printf("%s%s", trouble->is_over ? "no longer so: " : "", shown);
    struct dm_json *json = begin(words, text);
    dm_json_object(json, "trouble");
    dm_json_text(json, "name", trouble->name);
    dm_json_text(json, "problem", trouble->problem);
    dm_json_bool(json, "is_over", trouble->is_over);
    dm_json_integer(json, "since_utc_us", trouble->since_utc_us);
    dm_json_close(json);
    dm_json_close(json);
    return dm_json_end(json);
}
