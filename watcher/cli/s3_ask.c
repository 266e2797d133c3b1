// SPDX-License-Identifier: MIT
//
// See s3_ask.h.
#include "watcher/cli/s3_ask.h"

#include "common/error.h"
#include "watcher/store/store_open.h"

#define TURN_MS 1000

void dm_s3_answer_clear(struct dm_s3_answer *answer) {
    g_free(answer->reason);
    g_free(answer->etag);
    g_free(answer->next);
    if (answer->entries != NULL) {
        g_ptr_array_unref(answer->entries);
    }
    *answer = (struct dm_s3_answer){0};
}

struct dm_store *dm_s3_open(struct dm_cli *cli, GError **error) {
    const struct dm_config *config = dm_cli_config(cli, error);
    if (config == NULL) {
        return NULL;
    }
    if (!dm_store_is_named(&config->store)) {
        dm_fail(error, DM_ERROR_CONFIG,
                "no mirror is configured: name a bucket in s3.bucket, see dropmill.conf(5)");
        return NULL;
    }
    return dm_store_open(&config->store, error);
}

static GPtrArray *copy_entries(const GPtrArray *from) {
    GPtrArray *to = g_ptr_array_new_with_free_func(dm_store_entry_free);
    for (guint i = 0; i < from->len; i++) {
        const struct dm_store_entry *entry = from->pdata[i];
        struct dm_store_entry *copy = g_memdup2(entry, sizeof(*entry));
        copy->key = g_strdup(entry->key);
        copy->etag = g_strdup(entry->etag);
        copy->upload_id = g_strdup(entry->upload_id);
        g_ptr_array_add(to, copy);
    }
    return to;
}

void dm_s3_answered(const struct dm_store_result *result, void *user) {
    *(struct dm_s3_answer *)user = (struct dm_s3_answer){
        .done = true,
        .class = result->class,
        .reason = g_strdup(result->reason),
        .etag = g_strdup(result->etag),
        .next = g_strdup(result->next),
        .size = result->size,
        .entries = result->entries != NULL ? copy_entries(result->entries) : NULL,
    };
}

bool dm_s3_wait(struct dm_store *store, const struct dm_s3_answer *answer) {
    while (!answer->done) {
        dm_store_turn(store, TURN_MS);
    }
    return answer->class == DM_STORE_OK;
}
