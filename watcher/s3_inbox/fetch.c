// SPDX-License-Identifier: MIT
//
// See fetch.h. Each step is a job of the share or an operation of the store, whose end starts the
// next:
//
//   open a temporary -> get -> keep: durable, looked at -> FETCHED in the ledger
#include "watcher/s3_inbox/fetch.h"

#include "common/fsutil.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/s3_inbox/files.h"
#include "watcher/s3_inbox/listing.h"
#include "watcher/s3_inbox/names.h"

#include <errno.h>
#include <string.h>

// So often in one pass, and before it is believed to be damaged.
#define TRIES 3

struct fetch {
    struct dm_s3_inbox *inbox;
    struct dm_s3_object *object;
    struct dm_s3_file *file;
};

// ---- ends

/** @temp: remove it. */
static void fetch_free(struct fetch *fetch, bool temp) {
    struct dm_s3_inbox *inbox = fetch->inbox;
    if (temp && fetch->file != NULL && fetch->file->temp != NULL && !inbox->is_freed) {
        GPtrArray *files = dm_s3_files_new();
        g_ptr_array_add(files, g_steal_pointer(&fetch->file));
        dm_s3_files_discard(inbox->share, files, NULL, NULL);
    }
    inbox->fetching--;
    inbox->promised_bytes -= fetch->object->size_bytes;
    dm_s3_end(inbox, fetch->object->key);
    dm_s3_file_free(fetch->file);
    dm_s3_object_free(fetch->object);
    g_free(fetch);
}

/** It did not work this time: at once again, a few times, then with the next pass. */
static void try_again(struct fetch *fetch) {
    struct dm_s3_inbox *inbox = fetch->inbox;
    struct dm_s3_object *object = fetch->object;
    if (++object->tries < TRIES && !inbox->is_freed) {
        struct dm_s3_object *copy = g_memdup2(object, sizeof(*object));
        copy->key = g_strdup(object->key);
        copy->etag = g_strdup(object->etag);
        copy->sum = g_strdup(object->sum);
        g_queue_push_tail(&inbox->ready, copy);
    } else {
        dm_s3_listing_again(inbox->listing);
    }
    fetch_free(fetch, true);
}

/** What came is not what was meant, or may not be: once more, and after some times never. */
static void doubt(struct fetch *fetch, const char *why) {
    g_autofree char *shown = dm_path_display(fetch->object->key);
    if (fetch->object->tries + 1 < TRIES) {
        dm_log_of_file(fetch->object->key, NULL, DM_LOG_INFO,
                       "the object '%s' came damaged: %s, will be fetched again", shown, why);
        try_again(fetch);
        return;
    }
    dm_s3_leave(fetch->inbox, fetch->object, "damaged", why, true);
    fetch_free(fetch, true);
}

static void note_shortage(struct dm_s3_inbox *inbox, const struct dm_s3_file *file) {
    g_autofree char *min = g_format_size((guint64)inbox->settings->min_free_bytes);
    if (file->end == DM_S3_FILE_TOO_LARGE) {
        g_autofree char *size = g_format_size((guint64)file->print.size_bytes);
        dm_s3_set_shortage(inbox, g_strdup_printf("the share has no room for an object of %s "
                                                  "beside the %s of s3_inbox.min_free",
                                                  size, min));
    } else {
        dm_s3_set_shortage(inbox, g_strdup_printf("less than the %s of s3_inbox.min_free are free "
                                                  "on the share",
                                                  min));
    }
}

static void stop_for_space(struct dm_s3_inbox *inbox) {
    g_queue_clear_full(&inbox->ready, (GDestroyNotify)dm_s3_object_free);
    dm_s3_listing_stop(inbox->listing);
}

/** A file cannot be made, or kept. */
static void cannot_write(struct fetch *fetch) {
    struct dm_s3_inbox *inbox = fetch->inbox;
    const struct dm_s3_file *file = fetch->file;
    g_autofree char *shown = dm_path_display(file->path);
    switch (file->end) {
    case DM_S3_FILE_NO_SPACE:
        stop_for_space(inbox);
        note_shortage(inbox, file);
        break;
    case DM_S3_FILE_TOO_LARGE:
        note_shortage(inbox, file);
        break;
    case DM_S3_FILE_REFUSED:
        dm_s3_set_shortage(inbox, g_strdup_printf("cannot put '%s' into the inbox: %s", shown,
                                                  g_strerror(file->errnum)));
        break;
    default:
        break;
    }
    dm_s3_listing_wait(inbox->listing);
    fetch_free(fetch, true);
}

// ---- kept

static bool is_md5(const char *etag) {
    return strlen(etag) == DM_S3_MD5_BYTES - 1 &&
           strspn(etag, "0123456789abcdef") == DM_S3_MD5_BYTES - 1;
}

static void write_down(struct fetch *fetch) {
    struct dm_s3_inbox *inbox = fetch->inbox;
    const struct dm_s3_file *file = fetch->file;
    struct dm_arrival *arrival =
        dm_arrival_new(fetch->object->key, fetch->object->etag, file->print.size_bytes);
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(inbox->ledger, file->path);
    arrival->file = file->print;
    arrival->generation = row != NULL ? row->generation : 0;
    dm_arrival_set(&arrival->path, file->path);
    dm_arrival_set(&arrival->temp, file->temp);
    dm_ledger_add_arrival(inbox->ledger, arrival);
    dm_arrival_free(arrival);
    fetch_free(fetch, false);
}

static void kept(GPtrArray *files, bool done, void *user) {
    struct fetch *fetch = user;
    struct dm_s3_inbox *inbox = fetch->inbox;
    inbox->jobs--;
    fetch->file = g_ptr_array_steal_index(files, 0);
    g_ptr_array_unref(files);
    if (!done || inbox->is_freed) {
        fetch_free(fetch, true);
    } else if (fetch->file->end != DM_S3_FILE_GOOD) {
        cannot_write(fetch);
    } else if (fetch->file->wants_md5 && strcmp(fetch->file->md5, fetch->object->etag) != 0) {
        doubt(fetch, "its MD5 is not its ETag");
    } else if (fetch->file->print.size_bytes != fetch->object->size_bytes) {
        doubt(fetch, "it has another size on the share");
    } else {
        write_down(fetch);
    }
}

static void keep(struct fetch *fetch) {
    GPtrArray *files = dm_s3_files_new();
    g_ptr_array_add(files, g_steal_pointer(&fetch->file));
    fetch->inbox->jobs++;
    dm_s3_files_keep(fetch->inbox->share, files, kept, fetch);
}

// ---- got

static void look_at(struct fetch *fetch, const struct dm_store_result *result) {
    struct dm_s3_object *object = fetch->object;
    bool is_same = *object->sum != '\0' && strcmp(object->sum, result->sha256) == 0;
    g_free(object->sum);
    object->sum = g_strdup(result->sha256);
    if (result->size != object->size_bytes) {
        doubt(fetch, "it has another size than was listed");
    } else if (*result->claimed_sha256 != '\0' &&
               g_ascii_strcasecmp(result->claimed_sha256, result->sha256) != 0) {
        doubt(fetch, "its bytes are not those that its sender said (sha256)");
    } else {
        fetch->file->wants_md5 =
            *result->claimed_sha256 == '\0' && !is_same && is_md5(object->etag);
        keep(fetch);
    }
}

/** Our own file failed. */
static void cannot_take_in(struct fetch *fetch, int errnum) {
    bool is_full = errnum == ENOSPC || errnum == EDQUOT;
    fetch->file->end = is_full ? DM_S3_FILE_NO_SPACE : DM_S3_FILE_REFUSED;
    fetch->file->errnum = errnum;
    if (dm_errno_is_offline(errnum)) {
        dm_share_accuse(fetch->inbox->share, errnum, fetch->inbox->now_us);
    }
    cannot_write(fetch);
}

static void got(struct dm_transfer_op *op, void *user) {
    struct fetch *fetch = user;
    const struct dm_store_result *result = &op->result;
    dm_s3_report(fetch->inbox, result);
    if (fetch->inbox->is_freed) {
        fetch_free(fetch, true);
        return;
    }
    switch (result->class) {
    case DM_STORE_OK:
        look_at(fetch, result);
        break;
    case DM_STORE_PRECONDITION: // another object is there by now
    case DM_STORE_OBJECT:       // the same, and larger
    case DM_STORE_MISSING:
        dm_s3_listing_again(fetch->inbox->listing);
        fetch_free(fetch, true);
        break;
    case DM_STORE_SOURCE:
        cannot_take_in(fetch, result->errnum);
        break;
    default:
        try_again(fetch);
        break;
    }
}

static void get(struct fetch *fetch) {
    const struct dm_s3_object *object = fetch->object;
    struct dm_transfer_op *op = dm_transfer_op_new(DM_STORE_GET, object->key, got, fetch);
    op->if_match = *object->etag != '\0' ? g_strdup(object->etag) : NULL;
    op->get = (struct dm_store_get_options){
        .length = -1, .fd = fetch->file->fd, .max_bytes = object->size_bytes};
    dm_transfer_push(fetch->inbox->transfer, op);
}

// ---- opened

static void opened(GPtrArray *files, bool done, void *user) {
    struct dm_s3_inbox *inbox = user;
    inbox->jobs--;
    for (guint i = 0; i < files->len; i++) {
        struct fetch *fetch = ((struct dm_s3_file *)files->pdata[i])->user;
        fetch->file = g_steal_pointer(&files->pdata[i]);
        if (!done || inbox->is_freed) {
            fetch_free(fetch, true);
        } else if (fetch->file->end == DM_S3_FILE_GOOD) {
            get(fetch);
        } else {
            cannot_write(fetch);
        }
    }
    g_ptr_array_unref(files);
}

/** @object (transfer full) */
static void add(struct dm_s3_inbox *inbox, GPtrArray *files, struct dm_s3_object *object) {
    if (!dm_s3_begin(inbox, object->key)) {
        dm_s3_object_free(object);
        return;
    }
    struct fetch *fetch = g_new(struct fetch, 1);
    *fetch = (struct fetch){.inbox = inbox, .object = object};
    inbox->fetching++;
    inbox->promised_bytes += object->size_bytes;
    const char *path = dm_s3_name_path(inbox->settings->prefix, object->key);
    g_ptr_array_add(files, dm_s3_file_new(path, NULL, object->size_bytes, fetch));
}

void dm_s3_fetch_some(struct dm_s3_inbox *inbox) {
    unsigned most = 2 * dm_pace_limit(&inbox->pace, inbox->now_us);
    int64_t spare_bytes = inbox->settings->min_free_bytes + inbox->promised_bytes;
    GPtrArray *files = dm_s3_files_new();
    while (!g_queue_is_empty(&inbox->ready) && inbox->fetching < most) {
        add(inbox, files, g_queue_pop_head(&inbox->ready));
    }
    if (files->len == 0) {
        g_ptr_array_unref(files);
        return;
    }
    inbox->jobs++;
    dm_s3_files_open(inbox->share, files, spare_bytes, opened, inbox);
}
