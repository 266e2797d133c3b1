// SPDX-License-Identifier: MIT
//
// See send_s3_put.h. Each step is an errand whose end starts the next:
//
//   begin --nothing is there--> put -----------------------------> SENT
//     |                          \--large--> create, parts, complete --+--> SENT
//     |                                                  |             |
//     |                                                  +--was it?--> look again
//     +--as long as ours--> look --the same--> SENT
//     |                      |\--another--> FAILED, or put
//     |                      +--gone--> is there an answer? no: put
//     +--an answer is there, or was found--> guess --> SENT, and if it is to another: put
#include "watcher/cli/send_s3_put.h"

#include "common/path.h"
#include "watcher/cli/send_sums.h"
#include "watcher/store/retry.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** A file on its way. */
struct put {
    struct dm_send_road *road;
    struct dm_send_file *file;
    char *key;
    int fd;
    int64_t bytes, mtime_ns;
    struct dm_send_sums sums;

    // ---- in parts
    char *upload_id;
    int64_t part_bytes;
    int parts_left;
    struct dm_store_part *parts;
    int part_count;
    // The first part that failed: why.
    char *reason, *message;
};

static void orphan_free(void *data) {
    struct dm_send_orphan *orphan = data;
    g_free(orphan->key);
    g_free(orphan->upload_id);
    g_free(orphan);
}

static void put_free(struct put *put) {
    if (put->fd >= 0) {
        close(put->fd);
    }
    for (int i = 0; i < put->part_count; i++) {
        g_free(put->parts[i].etag);
    }
    dm_send_sums_clear(&put->sums);
    g_free(put->parts);
    g_free(put->key);
    g_free(put->upload_id);
    g_free(put->reason);
    g_free(put->message);
    g_free(put);
}

// ---- ends

static int64_t mtime_of(const struct stat *status) {
    return status->st_mtim.tv_sec * INT64_C(1000000000) + status->st_mtim.tv_nsec;
}

/** Say whether the file is still what it was when we opened it. */
static bool is_unchanged(const struct put *put) {
    struct stat status;
    return fstat(put->fd, &status) == 0 && status.st_size == put->bytes &&
           mtime_of(&status) == put->mtime_ns;
}

/** It is there, as the version @etag. */
static void succeed(struct put *put, const char *etag) {
    struct dm_send_file *file = put->file;
    g_free(file->version);
    file->version = g_strdup(etag);
    if (is_unchanged(put)) {
        dm_send_move(put->road->send, file, DM_SEND_SENT);
    } else {
        dm_send_fail(put->road->send, file, "changed", "it changed while it was sent");
    }
    put_free(put);
}

/** What is begun in parts is left to be forgotten. */
static void leave_upload(struct put *put) {
    if (put->upload_id != NULL) {
        struct dm_send_orphan *orphan = g_new0(struct dm_send_orphan, 1);
        orphan->key = g_strdup(put->key);
        orphan->upload_id = g_steal_pointer(&put->upload_id);
        g_ptr_array_add(put->road->orphans, orphan);
    }
}

/** It is not there. @reason NULL: because we are stopped; it stays as it is. */
static void fail(struct put *put, const char *reason, const char *message) {
    leave_upload(put);
    if (reason != NULL) {
        dm_send_fail(put->road->send, put->file, reason, "%s", message);
    }
    put_free(put);
}

static const char *reason_of(const struct dm_store_result *result) {
    bool is_end = result->class == DM_STORE_CANCELLED || result->class == DM_STORE_ENDPOINT;
    return is_end ? NULL : dm_store_class_name(result->class);
}

static void fail_for(struct put *put, const struct dm_store_result *result) {
    fail(put, reason_of(result), result->reason);
}

static void fail_unreadable(struct put *put, int errnum) {
    g_autofree char *message = g_strdup_printf("cannot be read: %s", g_strerror(errnum));
    fail(put, "unreadable", message);
}

static struct dm_errand *push(struct put *put, dm_errand_start_fn start, dm_errand_end_fn end) {
    struct dm_errand *errand = dm_errand_new(start, end, put, put->key);
    dm_errands_push(put->road->errands, errand);
    return errand;
}

// ---- whole

static void start_put(struct dm_store *store, struct dm_errand *errand) {
    const struct put *put = errand->user;
    const struct dm_store_body body = {.fd = put->fd, .length = put->bytes};
    const struct dm_store_attributes attributes = {.mtime_ns = put->mtime_ns};
    dm_store_put(store, errand->key, &body, &attributes, dm_errand_back, errand);
}

static void end_put(struct dm_errand *errand, const struct dm_store_result *result) {
    struct put *put = errand->user;
    if (result->class == DM_STORE_OK) {
        succeed(put, result->etag);
    } else {
        fail_for(put, result);
    }
}

// ---- in parts

static void start_head(struct dm_store *store, struct dm_errand *errand) {
    dm_store_head(store, errand->key, dm_errand_back, errand);
}

/** The end was not told, or not what the object is called. */
static void end_look_again(struct dm_errand *errand, const struct dm_store_result *result) {
    struct put *put = errand->user;
    if (result->class != DM_STORE_OK) {
        fail_for(put, result);
    } else if (result->size == put->bytes && result->mtime_ns / 1000 == put->mtime_ns / 1000) {
        succeed(put, result->etag);
    } else {
        fail(put, "multipart", "its parts did not become the object");
    }
}

static void start_complete(struct dm_store *store, struct dm_errand *errand) {
    const struct put *put = errand->user;
    dm_store_complete_upload(store, errand->key, put->upload_id, put->parts,
                             (size_t)put->part_count, dm_errand_back, errand);
}

static void end_complete(struct dm_errand *errand, const struct dm_store_result *result) {
    struct put *put = errand->user;
    bool is_known = result->class == DM_STORE_OK && *result->etag != '\0';
    if (result->class == DM_STORE_OK) {
        g_clear_pointer(&put->upload_id, g_free);
    }
    if (is_known) {
        succeed(put, result->etag);
    } else if (result->class == DM_STORE_OK || result->class == DM_STORE_MULTIPART) {
        push(put, start_head, end_look_again);
    } else {
        fail_for(put, result);
    }
}

static void start_part(struct dm_store *store, struct dm_errand *errand) {
    const struct put *put = errand->user;
    const struct dm_store_body body = {
        .fd = put->fd,
        .offset = (errand->number - 1) * put->part_bytes,
        .length = errand->bytes,
    };
    dm_store_put_part(store, errand->key, put->upload_id, errand->number, &body, dm_errand_back,
                      errand);
}

static void end_part(struct dm_errand *errand, const struct dm_store_result *result) {
    struct put *put = errand->user;
    put->parts_left--;
    if (result->class == DM_STORE_OK) {
        put->parts[errand->number - 1].etag = g_strdup(result->etag);
    } else if (put->message == NULL) {
        put->reason = g_strdup(reason_of(result));
        put->message = g_strdup(result->reason);
    }
    if (put->parts_left == 0 && put->message == NULL) {
        push(put, start_complete, end_complete);
    } else if (put->parts_left == 0) {
        fail(put, put->reason, put->message);
    }
}

static void push_parts(struct put *put) {
    put->part_bytes = dm_retry_part_bytes(put->bytes, DM_SEND_PART_BYTES);
    put->part_count = put->parts_left = dm_retry_part_count(put->bytes, put->part_bytes);
    put->parts = g_new0(struct dm_store_part, (gsize)put->part_count);
    int count = put->part_count;
    for (int i = 0; i < count; i++) {
        put->parts[i].number = i + 1;
        put->parts[i].size = MIN(put->part_bytes, put->bytes - i * put->part_bytes);
        struct dm_errand *errand = dm_errand_new(start_part, end_part, put, put->key);
        errand->number = i + 1;
        errand->bytes = put->parts[i].size;
        dm_errands_push(put->road->errands, errand);
    }
}

static void start_create(struct dm_store *store, struct dm_errand *errand) {
    const struct put *put = errand->user;
    const struct dm_store_attributes attributes = {.mtime_ns = put->mtime_ns};
    dm_store_create_upload(store, errand->key, &attributes, dm_errand_back, errand);
}

static void end_create(struct dm_errand *errand, const struct dm_store_result *result) {
    struct put *put = errand->user;
    if (result->class == DM_STORE_OK) {
        put->upload_id = g_strdup(result->upload_id);
        push_parts(put);
    } else {
        fail_for(put, result);
    }
}

static void send_it(struct put *put) {
    if (put->bytes <= DM_SEND_PART_BYTES) {
        push(put, start_put, end_put)->bytes = put->bytes;
    } else {
        push(put, start_create, end_create);
    }
}

// ---- is it there?

/** Read the sums, once. Returns false after it has failed. */
static bool sum(struct put *put) {
    int64_t part_bytes = dm_retry_part_bytes(put->bytes, DM_SEND_PART_BYTES);
    if (put->sums.sha256 == NULL && !dm_send_sum(put->fd, put->bytes, part_bytes, &put->sums)) {
        fail_unreadable(put, errno);
        return false;
    }
    return true;
}

/** Something of that name is there, and it is another one. */
static void meet_another(struct put *put) {
    if (put->road->send->replace) {
        send_it(put);
    } else {
        fail(put, "taken",
             "another input of that name is there: --replace puts this one over it, or choose "
             "another --name");
    }
}

/** There is an answer to what was taken away: to this very file? What it is called is concluded. */
static void guess(struct put *put) {
    if (sum(put)) {
        put->file->is_guess = true;
        g_autofree char *etag = g_strdup(put->sums.etag);
        succeed(put, etag);
    }
}

static void end_look_for_answer(struct dm_errand *errand, const struct dm_store_result *result) {
    struct put *put = errand->user;
    if (result->class == DM_STORE_OK) {
        guess(put);
    } else if (result->class == DM_STORE_MISSING) {
        send_it(put);
    } else {
        fail_for(put, result);
    }
}

/** It was there a moment ago. The other side takes inputs away once they are answered. */
static void look_for_answer(struct put *put) {
    g_autofree char *key = g_strconcat(put->road->answers, put->file->name, ".json", NULL);
    if (put->road->send->waits) {
        dm_errands_push(put->road->errands,
                        dm_errand_new(start_head, end_look_for_answer, put, key));
    } else {
        send_it(put);
    }
}

static void end_look(struct dm_errand *errand, const struct dm_store_result *result) {
    struct put *put = errand->user;
    if (result->class == DM_STORE_MISSING) {
        look_for_answer(put);
    } else if (result->class != DM_STORE_OK) {
        fail_for(put, result);
    } else if (sum(put)) {
        bool is_same = strcmp(result->sha256, put->sums.sha256) == 0 ||
                       g_strcmp0(result->etag, put->sums.etag) == 0;
        if (is_same && result->size == put->bytes) {
            succeed(put, result->etag);
        } else {
            meet_another(put);
        }
    }
}

static void begin(struct put *put) {
    const struct dm_send_road *road = put->road;
    const struct dm_store_entry *there = g_hash_table_lookup(road->inputs_there, put->file->name);
    bool is_new = there == NULL && !(road->send->waits &&
                                     g_hash_table_contains(road->answers_there, put->file->name));
    bool was_guess = put->file->is_guess;
    put->file->is_guess = false;
    if (was_guess || is_new) {
        send_it(put);
    } else if (there == NULL) {
        guess(put);
    } else if (there->size == put->bytes) {
        push(put, start_head, end_look);
    } else {
        meet_another(put);
    }
}

/** Open it. Returns false after it has failed. */
static bool open_file(struct put *put) {
    struct stat status;
    put->fd = open(put->file->path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (put->fd < 0 || fstat(put->fd, &status) != 0) {
        fail_unreadable(put, errno);
        return false;
    }
    if (!S_ISREG(status.st_mode) || status.st_size == 0) {
        fail(put, "changed", "it is no file with anything in it any more");
        return false;
    }
    put->road->send->bytes += status.st_size - put->file->bytes;
    put->bytes = put->file->bytes = status.st_size;
    put->mtime_ns = mtime_of(&status);
    return true;
}

void dm_send_s3_put(struct dm_send_road *road, struct dm_send_file *file) {
    struct put *put = g_new0(struct put, 1);
    *put = (struct put){.road = road, .file = file, .fd = -1};
    put->key = g_strconcat(road->inputs, file->name, NULL);
    dm_send_move(road->send, file, DM_SEND_SENDING);
    // The answer's key is the longest of all.
    if (MAX(strlen(put->key), strlen(road->answers) + strlen(file->name) + strlen(".json")) >
        DM_STORE_MAX_KEY) {
        fail(put, "name", "its name is longer than the 1024 bytes of a key: shorten it");
    } else if (open_file(put)) {
        begin(put);
    }
}

static void start_abort(struct dm_store *store, struct dm_errand *errand) {
    const struct dm_send_orphan *orphan = errand->user;
    dm_store_abort_upload(store, orphan->key, orphan->upload_id, dm_errand_back, errand);
}

static void end_abort(struct dm_errand *errand, const struct dm_store_result *result) {
    (void)result; // what is not forgotten the bucket's own rules clear away
    orphan_free(errand->user);
}

void dm_send_s3_abort_orphans(struct dm_send_road *road) {
    for (guint i = 0; i < road->orphans->len; i++) {
        struct dm_send_orphan *orphan = road->orphans->pdata[i];
        dm_errands_push(road->errands, dm_errand_new(start_abort, end_abort, orphan, NULL));
    }
    g_ptr_array_set_size(road->orphans, 0);
}
