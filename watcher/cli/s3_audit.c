// SPDX-License-Identifier: MIT
//
// dropmill s3 audit: is in the store what the ledger says? The listing goes by once, each entry is
// looked up; then the ledger goes by once, for what was not listed and what was never sent.
#include "common/path.h"
#include "common/wire.h"
#include "watcher/cli/output.h"
#include "watcher/cli/s3_ask.h"
#include "watcher/cli/s3_parts.h"
#include "watcher/control.h"
#include "watcher/json.h"
#include "watcher/ledger/uploads.h"
#include "watcher/mirror/object.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define PAGE_ROWS 1000

enum finding { DIFFERENT, MISSING, UNSENT, FOREIGN, FINDING_COUNT };

static const struct {
    const char *word, *meaning;
} findings[FINDING_COUNT] = {
    [DIFFERENT] = {"different", "another object is there than was put"},
    [MISSING] = {"missing", "it was put there, and somebody took it away"},
    [UNSENT] = {"unsent", "a result that was never to be sent: there was no mirror then"},
    [FOREIGN] = {"foreign", "not of this ledger; never touched"},
};

struct audit {
    struct dm_cli *cli;
    struct dm_store *store;
    struct dm_ledger *ledger;
    struct dm_json *json;
    struct dm_table *table;
    // A bit an upload, by its id: it was listed.
    GByteArray *seen;
    int64_t begun_utc_us, objects, counts[FINDING_COUNT], queued;
    bool fix;
};

static bool is_fixed(const struct audit *audit, enum finding finding) {
    return finding == DIFFERENT || finding == UNSENT ||
           (finding == MISSING &&
            strcmp(audit->cli->config->mirror.audit_missing, "reupload") == 0);
}

static bool queue(struct audit *audit, const char *path) {
    g_autofree char *escaped = dm_escape(path);
    g_autofree char *request = g_strconcat("mirror queue ", escaped, NULL);
    g_autofree char *answer = dm_control_ask(audit->cli->places->control, request, NULL);
    audit->queued += answer != NULL;
    return answer != NULL;
}

static void found(struct audit *audit, enum finding finding, const char *path) {
    bool queued = audit->fix && is_fixed(audit, finding) && queue(audit, path);
    audit->counts[finding]++;
    if (audit->json != NULL) {
        dm_json_object(audit->json, NULL);
        dm_json_path(audit->json, path);
        dm_json_text(audit->json, "finding", findings[finding].word);
        dm_json_bool(audit->json, "queued", queued);
        dm_json_close(audit->json);
    } else if (finding != FOREIGN) {
        g_autofree char *shown = dm_path_display(path);
        dm_table_add(audit->table, (const char *const[]){findings[finding].word, shown,
                                                         queued ? "is sent again" : ""});
    }
}

// ---- the listing

static void mark(struct audit *audit, int64_t id) {
    guint byte = (guint)(id / 8);
    if (byte >= audit->seen->len) {
        guint before = audit->seen->len;
        g_byte_array_set_size(audit->seen, byte * 2 + 64);
        memset(audit->seen->data + before, 0, audit->seen->len - before);
    }
    audit->seen->data[byte] |= (guint8)(1u << (id % 8));
}

static bool is_marked(const struct audit *audit, int64_t id) {
    guint byte = (guint)(id / 8);
    return byte < audit->seen->len && (audit->seen->data[byte] & 1u << (id % 8)) != 0;
}

/** Say whether a row says what must be in the store, and has done so since we began. */
static bool is_settled(const struct audit *audit, const struct dm_upload *upload) {
    return (upload->state == DM_UPLOAD_SYNCED || upload->state == DM_UPLOAD_DOUBTED) &&
           upload->state_utc_us < audit->begun_utc_us;
}

static void look_at_entry(struct audit *audit, const struct dm_store_entry *entry) {
    g_autofree char *path = dm_object_path(&audit->cli->config->mirror, entry->key);
    struct dm_upload *upload = path != NULL ? dm_ledger_find_upload(audit->ledger, path) : NULL;
    audit->objects++;
    if (upload == NULL) {
        found(audit, FOREIGN, entry->key);
        return;
    }
    mark(audit, upload->id);
    if (is_settled(audit, upload) && strcmp(upload->etag, entry->etag) != 0) {
        found(audit, DIFFERENT, path);
    }
    dm_upload_free(upload);
}

static bool go_through_listing(struct audit *audit) {
    struct dm_s3_answer answer = {0};
    g_autofree char *from = NULL;
    bool good;
    do {
        dm_s3_answer_clear(&answer);
        dm_store_list(audit->store, audit->cli->config->mirror.prefix, from, DM_STORE_MAX_LIST,
                      dm_s3_answered, &answer);
        good = dm_s3_wait(audit->store, &answer);
        for (guint i = 0; good && i < answer.entries->len; i++) {
            look_at_entry(audit, answer.entries->pdata[i]);
        }
        g_free(from);
        from = g_strdup(answer.next);
    } while (good && from != NULL);
    if (!good) {
        dm_cli_say(EX_UNAVAILABLE, "cannot list %s: %s", dm_store_name(audit->store),
                   answer.reason);
    }
    dm_s3_answer_clear(&answer);
    return good;
}

// ---- the ledger

static void go_through_uploads(struct audit *audit) {
    int64_t after_id = 0;
    guint count;
    do {
        g_autoptr(GPtrArray) page = dm_ledger_list_uploads(audit->ledger, after_id, PAGE_ROWS);
        count = page->len;
        for (guint i = 0; i < count; i++) {
            const struct dm_upload *upload = page->pdata[i];
            after_id = upload->id;
            if (is_settled(audit, upload) && !is_marked(audit, upload->id)) {
                found(audit, MISSING, upload->path);
            }
        }
    } while (count == PAGE_ROWS);
}

/** Results from before there was a mirror. */
static void go_through_files(struct audit *audit) {
    struct dm_query query = {.states = 1u << DM_STATE_DONE, .limit = PAGE_ROWS};
    guint count;
    do {
        g_autoptr(GPtrArray) page = dm_ledger_list(audit->ledger, &query);
        count = page->len;
        for (guint i = 0; i < count; i++) {
            const struct dm_row *row = page->pdata[i];
            query.after_id = row->id;
            struct dm_upload *upload = dm_ledger_find_upload(audit->ledger, row->output);
            if (upload == NULL) {
                found(audit, UNSENT, row->output);
            }
            dm_upload_free(upload);
        }
    } while (count == PAGE_ROWS);
}

// ---- the end

static void print_sums(const struct audit *audit) {
    dm_table_print(audit->table);
    if (audit->cli->quiet) {
        return;
    }
    printf("%" G_GINT64_FORMAT " objects in %s\n", audit->objects, dm_store_name(audit->store));
    for (size_t i = 0; i < FINDING_COUNT; i++) {
        if (audit->counts[i] > 0) {
            printf("%" G_GINT64_FORMAT " %s: %s\n", audit->counts[i], findings[i].word,
                   findings[i].meaning);
        }
    }
    if (audit->fix) {
        printf("%" G_GINT64_FORMAT " are sent again\n", audit->queued);
    }
}

static bool go_through(struct audit *audit) {
    static const char *const headers[] = {"FINDING", "RESULT", "", NULL};
    audit->json = audit->cli->json ? dm_json_new_list("findings") : NULL;
    audit->table = audit->json == NULL ? dm_table_new(headers) : NULL;
    audit->seen = g_byte_array_new();
    audit->begun_utc_us = g_get_real_time();
    bool good = go_through_listing(audit);
    if (good) { // else everything would be missing
        go_through_uploads(audit);
        go_through_files(audit);
    }
    if (audit->json != NULL) {
        dm_json_finish(audit->json);
    } else {
        print_sums(audit);
    }
    g_byte_array_unref(audit->seen);
    return good;
}

int dm_s3_audit(struct dm_cli *cli, bool fix) {
    GError *error = NULL;
    struct audit audit = {.cli = cli, .fix = fix};
    if (!dm_cli_ledger(cli, &audit.ledger, &error)) {
        return dm_cli_fail(error);
    }
    if (audit.ledger == NULL) {
        return dm_cli_say(EX_UNAVAILABLE, "there is no ledger yet: start dropmilld once");
    }
    audit.store = dm_s3_open(cli, &error);
    if (audit.store == NULL) {
        return dm_cli_fail(error);
    }
    bool good = go_through(&audit);
    dm_store_free(audit.store);
    bool differs = audit.counts[DIFFERENT] + audit.counts[MISSING] + audit.counts[UNSENT] > 0;
    return !good ? EX_UNAVAILABLE : differs ? EX_DATAERR : EX_OK;
}
