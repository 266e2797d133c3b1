// SPDX-License-Identifier: MIT
//
// See send_s3.h: the way as a whole. A file's way there: send_s3_put.c; back: send_s3_get.c.
#include "watcher/cli/send_s3.h"

#include "common/error.h"
#include "watcher/cli/send_s3_get.h"
#include "watcher/cli/send_s3_put.h"
#include "watcher/store/store_open.h"

#include <string.h>
#include <sysexits.h>

#define HOST_NAME ".dropmill.json"
// Enough to keep every connection busy; so many files are open.
#define MOST_AT_ONCE 64
#define TURN_MS 200
// For what is done when all is over.
#define CLEAR_UP_US (30 * (int64_t)G_USEC_PER_SEC)
#define ABORT_US (3 * (int64_t)G_USEC_PER_SEC)

// ---- asking, one thing after the other, before anything is sent

/** What came of something that is waited for. */
struct asked {
    struct dm_send_road *road;
    enum dm_store_class class;
    char *reason, *text, *next;
    // (nullable) What is listed: where to, and what each entry becomes there.
    GHashTable *names;
    const char *prefix, *suffix;
};

static void asked_clear(struct asked *asked) {
    g_free(asked->reason);
    g_free(asked->text);
    g_free(asked->next);
}

static struct dm_store_entry *copy_entry(const struct dm_store_entry *entry) {
    struct dm_store_entry *copy = g_new0(struct dm_store_entry, 1);
    copy->key = g_strdup(entry->key);
    copy->etag = g_strdup(entry->etag);
    copy->size = entry->size;
    return copy;
}

/** The entry goes where it is asked for, by the name of its input. */
static void take_entry(const struct asked *asked, const struct dm_store_entry *entry) {
    if (g_str_has_prefix(entry->key, asked->prefix) &&
        g_str_has_suffix(entry->key, asked->suffix)) {
        const char *name = entry->key + strlen(asked->prefix);
        g_hash_table_replace(asked->names, g_strndup(name, strlen(name) - strlen(asked->suffix)),
                             copy_entry(entry));
    }
}

static void end_ask(struct dm_errand *errand, const struct dm_store_result *result) {
    struct asked *asked = errand->user;
    asked_clear(asked);
    asked->class = result->class;
    asked->reason = g_strdup(result->reason);
    asked->text = g_strndup(result->bytes, result->length);
    asked->next = g_strdup(result->next);
    for (guint i = 0; result->entries != NULL && i < result->entries->len; i++) {
        take_entry(asked, result->entries->pdata[i]);
    }
}

static void start_get(struct dm_store *store, struct dm_errand *errand) {
    const struct dm_store_get_options options = {.length = -1, .fd = -1};
    dm_store_get(store, errand->key, &options, dm_errand_back, errand);
}

static void start_list(struct dm_store *store, struct dm_errand *errand) {
    const struct asked *asked = errand->user;
    g_autofree char *from = g_strdup(asked->next);
    dm_store_list(store, errand->key, from, DM_STORE_MAX_LIST, dm_errand_back, errand);
}

/** Returns false when there is no answer; what it is stands in @asked. */
static bool ask(struct asked *asked, dm_errand_start_fn start, const char *key, GError **error) {
    struct dm_errands *errands = asked->road->errands;
    dm_errands_push(errands, dm_errand_new(start, end_ask, asked, key));
    while (dm_errands_load(errands) > 0) {
        if (!dm_errands_turn(errands, TURN_MS, error)) {
            return false;
        }
    }
    return true;
}

static bool list_all(struct asked *asked, GError **error) {
    do {
        if (!ask(asked, start_list, asked->prefix, error)) {
            return false;
        }
        if (asked->class != DM_STORE_OK) {
            return dm_fail(error, DM_ERROR_REMOTE, "%s", asked->reason);
        }
    } while (asked->next != NULL);
    return true;
}

// ---- opening

/** A dropmill takes from there: who? */
static bool meet_host(struct dm_send_road *road, GError **error) {
    struct asked asked = {.road = road};
    g_autofree char *key = g_strconcat(road->prefix, HOST_NAME, NULL);
    bool good = ask(&asked, start_get, key, error);
    if (good && asked.class == DM_STORE_MISSING) {
        good = dm_fail(error, DM_ERROR_REMOTE,
                       "no dropmill takes from '%s': there is no '%s'; is that the s3_inbox.prefix "
                       "of its configuration, and does dropmilld run?",
                       road->send->where, key);
    } else if (good && asked.class != DM_STORE_OK) {
        good = dm_fail(error, DM_ERROR_REMOTE, "%s", asked.reason);
    } else if (good && !dm_send_read_host(asked.text, &road->host, error)) {
        g_prefix_error(error, "'%s': ", key);
        good = false;
    }
    asked_clear(&asked);
    return good;
}

/** What is there of a send that goes on. */
static bool look_around(struct dm_send_road *road, GError **error) {
    struct asked inputs = {
        .road = road, .names = road->inputs_there, .prefix = road->inputs, .suffix = ""};
    struct asked answers = {
        .road = road, .names = road->answers_there, .prefix = road->answers, .suffix = ".json"};
    bool good = list_all(&inputs, error) && list_all(&answers, error);
    asked_clear(&inputs);
    asked_clear(&answers);
    return good;
}

/** The configuration says how to reach a store; the command line says more. */
static struct dm_store *open_store(struct dm_send_road *road, GError **error) {
    const struct dm_send *send = road->send;
    const struct dm_config *config = dm_cli_config(send->cli, error);
    if (config == NULL || !dm_send_split_place(send->where, &road->bucket, &road->prefix, error)) {
        return NULL;
    }
    road->settings = config->store;
    road->settings.bucket = road->bucket;
    road->settings.directory = (char *)"";
    if (send->endpoint != NULL) {
        road->settings.endpoint = (char *)send->endpoint;
    }
    if (send->region != NULL) {
        road->settings.region = (char *)send->region;
    }
    if (send->ca_file != NULL) {
        road->settings.ca_file = (char *)send->ca_file;
    }
    return dm_store_open(&road->settings, error);
}

static struct dm_send_road *road_new(struct dm_send *send) {
    struct dm_send_road *road = g_new0(struct dm_send_road, 1);
    road->send = send;
    road->files = g_hash_table_new(g_str_hash, g_str_equal);
    road->inputs_there =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, dm_store_entry_free);
    road->answers_there =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, dm_store_entry_free);
    road->read = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    road->orphans = g_ptr_array_new();
    road->spent = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < send->files->len; i++) {
        struct dm_send_file *file = send->files->pdata[i];
        g_hash_table_insert(road->files, file->name, file);
    }
    return road;
}

static bool open_road(struct dm_send *send, GError **error) {
    struct dm_send_road *road = send->road = road_new(send);
    struct dm_store *store = open_store(road, error);
    if (store == NULL) {
        return false;
    }
    road->errands = dm_errands_new(store);
    if (!meet_host(road, error)) {
        return false;
    }
    g_autofree char *folder = g_strconcat(send->chain, "/", send->name, "/", NULL);
    road->inputs = g_strconcat(road->prefix, folder, NULL);
    road->answers = g_strconcat(road->host.answers, folder, NULL);
    road->results = g_strconcat(road->host.results, folder, NULL);
    return look_around(road, error);
}

// ---- going

static bool turn(struct dm_send *send, int max_wait_ms, GError **error) {
    struct dm_send_road *road = send->road;
    while (road->next < send->files->len && dm_errands_load(road->errands) < MOST_AT_ONCE) {
        dm_send_s3_put(road, send->files->pdata[road->next++]);
    }
    dm_send_s3_abort_orphans(road);
    int64_t now_us = g_get_monotonic_time();
    int64_t due_us = dm_send_s3_look_for_answers(road, now_us);
    int64_t wait_ms = due_us == INT64_MAX ? max_wait_ms : (due_us - now_us) / 1000 + 1;
    bool good = dm_errands_turn(road->errands, (int)CLAMP(wait_ms, 0, max_wait_ms), error);
    send->wire_bytes = dm_errands_sent_bytes(road->errands);
    return good;
}

/** Run what is pushed to its end, but not for ever. Errors: as dm_errands_turn(). */
static bool finish(struct dm_errands *errands, int64_t most_us, GError **error) {
    int64_t end_us = g_get_monotonic_time() + most_us;
    while (dm_errands_load(errands) > 0) {
        if (!dm_errands_turn(errands, TURN_MS, error)) {
            return false;
        }
        if (g_get_monotonic_time() > end_us) {
            return dm_fail(error, DM_ERROR_REMOTE, "it takes too long");
        }
    }
    return true;
}

static void start_remove(struct dm_store *store, struct dm_errand *errand) {
    dm_store_remove(store, errand->key, dm_errand_back, errand);
}

static void end_remove(struct dm_errand *errand, const struct dm_store_result *result) {
    (void)errand;
    (void)result;
}

/** Answers that were read are of no use to anybody else. */
static void clear_up(struct dm_send *send) {
    struct dm_send_road *road = send->road;
    for (guint i = 0; i < road->spent->len; i++) {
        dm_errands_push(road->errands,
                        dm_errand_new(start_remove, end_remove, NULL, road->spent->pdata[i]));
    }
    g_autoptr(GError) error = NULL;
    if (!finish(road->errands, CLEAR_UP_US, &error)) {
        dm_cli_say(EX_OK, "answers that were read are left in the bucket: %s", error->message);
    }
}

static void close_road(struct dm_send *send) {
    struct dm_send_road *road = send->road;
    if (road == NULL) {
        return;
    }
    if (road->errands != NULL) {
        dm_errands_cancel(road->errands);
        dm_send_s3_abort_orphans(road);
        finish(road->errands, ABORT_US, NULL); // the bucket's own rules clear away the rest
    }
    dm_errands_free(road->errands);
    g_hash_table_unref(road->files);
    g_hash_table_unref(road->inputs_there);
    g_hash_table_unref(road->answers_there);
    g_hash_table_unref(road->read);
    g_ptr_array_unref(road->orphans);
    g_ptr_array_unref(road->spent);
    dm_send_host_clear(&road->host);
    g_free(road->bucket);
    g_free(road->prefix);
    g_free(road->inputs);
    g_free(road->answers);
    g_free(road->results);
    g_free(road);
    send->road = NULL;
}

const struct dm_send_way dm_send_way_s3 = {
    .name = "s3",
    .open = open_road,
    .turn = turn,
    .clear_up = clear_up,
    .close = close_road,
};
