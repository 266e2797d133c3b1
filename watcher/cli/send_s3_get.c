// SPDX-License-Identifier: MIT
//
// See send_s3_get.h.
#include "watcher/cli/send_s3_get.h"

#include "common/path.h"
#include "watcher/cli/send_keep.h"
#include "watcher/cli/send_s3_put.h"

#include <string.h>
#include <unistd.h>

#define FIRST_DELAY_US (INT64_C(300) * 1000)
#define LAST_DELAY_US (INT64_C(5) * G_USEC_PER_SEC)

// ---- results

/** A result on its way. */
struct fetch {
    struct dm_send_road *road;
    struct dm_send_file *file;
    // Below the directory of --get.
    char *path;
    struct dm_send_half half;
};

static void start_fetch(struct dm_store *store, struct dm_errand *errand) {
    struct fetch *fetch = errand->user;
    g_autoptr(GError) error = NULL;
    bool is_open = fetch->half.fd >= 0;
    if (is_open ? ftruncate(fetch->half.fd, 0) != 0
                : !dm_send_keep_begin(fetch->road->send, fetch->path, &fetch->half, &error)) {
        const struct dm_store_result failure = {
            .class = DM_STORE_SOURCE,
            .reason = error != NULL ? error->message : "what was got of it cannot be dropped",
            .size = -1,
        };
        dm_errand_back(&failure, errand);
        return;
    }
    const struct dm_store_get_options options = {.length = -1, .fd = fetch->half.fd};
    dm_store_get(store, errand->key, &options, dm_errand_back, errand);
}

/** A result is whole: it gets its name. */
static void keep(struct fetch *fetch, const char *sha256) {
    struct dm_send *send = fetch->road->send;
    struct dm_send_file *file = fetch->file;
    g_autoptr(GError) error = NULL;
    char *path = NULL;
    if (!dm_send_keep_end(send, &fetch->half, sha256, &path, &error)) {
        dm_send_fail(send, file, "cannot-write", "%s", error->message);
        return;
    }
    g_ptr_array_add(file->kept, path);
    if (file->kept->len == file->results->len) {
        dm_send_move(send, file, DM_SEND_GOT);
    }
}

static void end_fetch(struct dm_errand *errand, const struct dm_store_result *result) {
    struct fetch *fetch = errand->user;
    struct dm_send_file *file = fetch->file;
    bool is_wanted = file->state == DM_SEND_DONE; // not if another result of it has failed
    bool is_stopped = result->class == DM_STORE_CANCELLED || result->class == DM_STORE_ENDPOINT;
    bool is_other = result->class == DM_STORE_OK && *result->claimed_sha256 != '\0' &&
                    g_ascii_strcasecmp(result->claimed_sha256, result->sha256) != 0;
    if (is_wanted && is_other) {
        dm_send_fail(fetch->road->send, file, "no-result",
                     "its result '%s' has other bytes than were put there (sha256)", errand->key);
    } else if (is_wanted && result->class == DM_STORE_OK) {
        keep(fetch, result->sha256);
    } else if (is_wanted && !is_stopped) {
        dm_send_fail(fetch->road->send, file, "no-result", "its result cannot be got: %s",
                     result->reason);
    }
    dm_send_keep_drop(&fetch->half);
    g_free(fetch->path);
    g_free(fetch);
}

static void fetch_result(struct dm_send_road *road, struct dm_send_file *file, const char *key) {
    char *path = dm_send_path_of(road->results, key);
    if (path == NULL) {
        g_autofree char *shown = dm_path_display(key);
        dm_send_fail(road->send, file, "no-result",
                     "its result '%s' has a name that would lead out of '%s'", shown,
                     road->send->get_dir);
        return;
    }
    struct fetch *fetch = g_new0(struct fetch, 1);
    *fetch = (struct fetch){road, file, path, {.dir_fd = -1, .fd = -1}};
    dm_errands_push(road->errands, dm_errand_new(start_fetch, end_fetch, fetch, key));
}

static void fetch_results(struct dm_send_road *road, struct dm_send_file *file) {
    dm_send_move(road->send, file, DM_SEND_DONE);
    if (road->send->get_fd < 0) {
        return;
    }
    if (file->results->len == 0) {
        dm_send_fail(road->send, file, "no-result", "it is done, and no result was named");
    }
    for (guint i = 0; i < file->results->len && file->state == DM_SEND_DONE; i++) {
        fetch_result(road, file, file->results->pdata[i]);
    }
}

// ---- answers

/** An answer that is being read. */
struct reading {
    struct dm_send_road *road;
    struct dm_send_file *file;
};

/** There is an answer to another version. If we only thought that ours was there, it was not. */
static void meet_stale(struct dm_send_road *road, struct dm_send_file *file) {
    if (file->is_guess) {
        dm_send_move(road->send, file, DM_SEND_FOUND);
        dm_send_s3_put(road, file);
    }
}

static void take_answer(struct dm_send_road *road, struct dm_send_file *file, const char *key,
                        const struct dm_send_answer *answer) {
    if (file->state != DM_SEND_SENT) {
        return;
    }
    if (strcmp(answer->etag, file->version) != 0) {
        meet_stale(road, file);
        return;
    }
    road->has_news = true;
    g_ptr_array_add(road->spent, g_strdup(key));
    if (!answer->is_done) {
        dm_send_fail(road->send, file, *answer->reason != '\0' ? answer->reason : "failed", "%s",
                     *answer->message != '\0' ? answer->message : "it could not be processed");
        return;
    }
    for (size_t i = 0; answer->results[i] != NULL; i++) {
        g_ptr_array_add(file->results, g_strdup(answer->results[i]));
    }
    fetch_results(road, file);
}

static void start_read(struct dm_store *store, struct dm_errand *errand) {
    const struct dm_store_get_options options = {.length = -1, .fd = -1};
    dm_store_get(store, errand->key, &options, dm_errand_back, errand);
}

static void end_read(struct dm_errand *errand, const struct dm_store_result *result) {
    struct reading *reading = errand->user;
    g_autoptr(GError) error = NULL;
    struct dm_send_answer answer = {0};
    bool is_there = result->class == DM_STORE_OK;
    if (is_there && dm_send_read_answer(result->bytes, &answer, &error)) {
        take_answer(reading->road, reading->file, errand->key, &answer);
    } else if (is_there && reading->file->state == DM_SEND_SENT) {
        dm_send_fail(reading->road->send, reading->file, "no-answer", "%s", error->message);
    } else {
        g_hash_table_remove(reading->road->read, errand->key); // the next listing tells
    }
    dm_send_answer_clear(&answer);
    g_free(reading);
}

/** The file that an answer's key is about; NULL: none of ours. */
static struct dm_send_file *file_of(const struct dm_send_road *road, const char *key) {
    if (!g_str_has_prefix(key, road->answers) || !g_str_has_suffix(key, ".json")) {
        return NULL;
    }
    const char *name = key + strlen(road->answers);
    g_autofree char *stem = g_strndup(name, strlen(name) - strlen(".json"));
    return g_hash_table_lookup(road->files, stem);
}

static void take_entry(struct dm_send_road *road, const struct dm_store_entry *entry) {
    struct dm_send_file *file = file_of(road, entry->key);
    const char *known = g_hash_table_lookup(road->read, entry->key);
    // One that comes before we know that the file is there is read by the next listing.
    if (file == NULL || file->state != DM_SEND_SENT || g_strcmp0(known, entry->etag) == 0) {
        return;
    }
    g_hash_table_replace(road->read, g_strdup(entry->key), g_strdup(entry->etag));
    struct reading *reading = g_new(struct reading, 1);
    *reading = (struct reading){road, file};
    dm_errands_push(road->errands, dm_errand_new(start_read, end_read, reading, entry->key));
}

// ---- listings

/** A listing that is under way. */
struct listing {
    struct dm_send_road *road;
    // (nullable)
    char *from;
};

static void push_listing(struct dm_send_road *road, const char *from);

static void start_listing(struct dm_store *store, struct dm_errand *errand) {
    const struct listing *listing = errand->user;
    dm_store_list(store, errand->key, listing->from, DM_STORE_MAX_LIST, dm_errand_back, errand);
}

static void end_listing(struct dm_errand *errand, const struct dm_store_result *result) {
    struct listing *listing = errand->user;
    struct dm_send_road *road = listing->road;
    for (guint i = 0; result->class == DM_STORE_OK && i < result->entries->len; i++) {
        take_entry(road, result->entries->pdata[i]);
    }
    if (result->class == DM_STORE_OK && result->next != NULL) {
        push_listing(road, result->next);
    } else {
        road->is_listing = false;
        road->list_us = g_get_monotonic_time() + road->list_delay_us;
    }
    g_free(listing->from);
    g_free(listing);
}

static void push_listing(struct dm_send_road *road, const char *from) {
    struct listing *listing = g_new(struct listing, 1);
    *listing = (struct listing){road, g_strdup(from)};
    dm_errands_push(road->errands,
                    dm_errand_new(start_listing, end_listing, listing, road->answers));
}

int64_t dm_send_s3_look_for_answers(struct dm_send_road *road, int64_t now_us) {
    bool is_awaited = road->send->waits && road->send->counts[DM_SEND_SENT] > 0;
    if (road->is_listing || !is_awaited) {
        return INT64_MAX;
    }
    if (now_us < road->list_us) {
        return road->list_us;
    }
    road->list_delay_us = road->has_news
                              ? FIRST_DELAY_US
                              : CLAMP(road->list_delay_us * 3 / 2, FIRST_DELAY_US, LAST_DELAY_US);
    road->has_news = false;
    road->is_listing = true;
    push_listing(road, NULL);
    return INT64_MAX;
}
