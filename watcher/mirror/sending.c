// SPDX-License-Identifier: MIT
//
// See sending.h. Each step is an operation whose `done` starts the next.
#include "watcher/mirror/sending.h"

#include "common/fsutil.h"
#include "common/log.h"
#include "common/log_event.h"
#include "common/path.h"
#include "watcher/mirror/object.h"
#include "watcher/store/retry.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct dm_sending {
    struct dm_mirror *mirror;
    struct dm_upload *upload;
    char *key;
    int fd;
    int64_t bytes, mtime_ns;
    char *identity;

    // Operations that are not back.
    int in_flight;
    // A step has failed: the attempt ends so when nothing is in flight any more.
    bool is_failing;
    struct dm_retry_decision decision;
    char *reason, *message;

    // In parts.

    char *multipart;
    int64_t part_bytes;
    // char *, by number - 1; NULL: it is not there yet.
    GPtrArray *etags;
    // Numbers of those that were not begun with.
    GQueue todo;
    // Parts may be sent: the id is committed.
    bool is_feeding;
    // If head does not find the object there is no use in these parts.
    bool is_all_or_nothing;
};

static void sending_free(struct dm_sending *sending) {
    g_ptr_array_remove(sending->mirror->in_parts, sending);
    g_ptr_array_remove(sending->mirror->uncommitted, sending);
    dm_mirror_end(sending->mirror, sending->upload->id);
    if (sending->etags != NULL) {
        g_ptr_array_unref(sending->etags);
    }
    g_queue_clear(&sending->todo);
    close(sending->fd);
    dm_upload_free(sending->upload);
    g_free(sending->key);
    g_free(sending->identity);
    g_free(sending->multipart);
    g_free(sending->reason);
    g_free(sending->message);
    g_free(sending);
}

static void set(char **field, const char *value) {
    g_free(*field);
    *field = g_strdup(value != NULL ? value : "");
}

// ---- ends

void dm_sending_park(struct dm_mirror *mirror, struct dm_upload *upload, const char *reason,
                     const char *message) {
    upload->state = DM_UPLOAD_PARKED;
    set(&upload->reason, reason);
    set(&upload->message, message);
    if (dm_ledger_save_upload(mirror->ledger, upload)) {
        g_autofree char *path = dm_path_display(upload->path);
        g_autofree char *shown = dm_path_display(upload->message);
        const struct dm_log_subject subject = {.file = upload->path, .reason = reason};
        dm_log_about(&subject, DM_EVENT_NOT_MIRRORED, DM_LOG_WARNING,
                     "cannot mirror '%s': %s: %s; 'dropmill s3 retry' tries it again", path, reason,
                     shown);
    }
}

void dm_sending_put_off(struct dm_mirror *mirror, struct dm_upload *upload, const char *reason,
                        const char *message, int64_t delay_us) {
    upload->state = DM_UPLOAD_PENDING;
    upload->not_before_utc_us = delay_us > 0 ? dm_ledger_utc_us(mirror->ledger) + delay_us : 0;
    set(&upload->reason, reason);
    set(&upload->message, message);
    if (dm_ledger_save_upload(mirror->ledger, upload)) {
        g_autofree char *path = dm_path_display(upload->path);
        g_autofree char *shown = dm_path_display(upload->message);
        dm_log_info("'%s' is not mirrored yet: %s: %s, will retry in %" PRId64 " s", path,
                    upload->reason, shown, MAX(0, delay_us) / G_USEC_PER_SEC);
    }
}

/**
 * It is there. If an earlier request may still come in, with other bytes perhaps, it is looked at
 * again: one of this process by the ledger's word; and one of a process that was killed, if there
 * were other bytes before.
 */
static void succeed(struct dm_sending *sending, const char *etag) {
    struct dm_mirror *mirror = sending->mirror;
    struct dm_upload *upload = sending->upload;
    int64_t now_utc_us = dm_ledger_utc_us(mirror->ledger);
    int64_t doubt_utc_us = upload->doubt_utc_us;
    if (upload->generation > 1) {
        doubt_utc_us = MAX(doubt_utc_us, mirror->started_utc_us + DM_RETRY_DOUBT_US);
    }
    bool is_doubted = doubt_utc_us > now_utc_us;
    upload->state = is_doubted ? DM_UPLOAD_DOUBTED : DM_UPLOAD_SYNCED;
    upload->not_before_utc_us = is_doubted ? doubt_utc_us : 0;
    upload->doubt_utc_us = is_doubted ? doubt_utc_us : 0;
    upload->attempts = 0;
    upload->bytes = sending->bytes;
    set(&upload->etag, etag);
    set(&upload->reason, "");
    set(&upload->message, "");
    if (dm_ledger_save_upload(mirror->ledger, upload)) {
        g_autofree char *path = dm_path_display(upload->path);
        dm_log_of_file(upload->path, DM_EVENT_MIRRORED, DM_LOG_INFO, "mirrored '%s'", path);
    }
    sending_free(sending);
}

/** The attempt ends by its decision. */
static void finish(struct dm_sending *sending) {
    struct dm_mirror *mirror = sending->mirror;
    struct dm_upload *upload = sending->upload;
    const struct dm_retry_decision *decision = &sending->decision;
    upload->attempts += decision->counts;
    if (decision->verdict == DM_RETRY_PARK) {
        dm_sending_park(mirror, upload, sending->reason, sending->message);
    } else if (decision->verdict != DM_RETRY_LEAVE) {
        dm_sending_put_off(mirror, upload, sending->reason, sending->message, decision->delay_us);
    }
    sending_free(sending);
}

/** Remember that a step has failed, and how the attempt ends by it: the first one says so, but that
 * there is no such upload is said for all. */
static void note_failure(struct dm_sending *sending, const struct dm_store_result *result) {
    struct dm_mirror *mirror = sending->mirror;
    struct dm_retry_decision decision =
        dm_retry_decide(result, sending->upload->attempts, dm_mirror_chance(mirror));
    if (decision.is_doubtful) {
        sending->upload->doubt_utc_us = dm_ledger_utc_us(mirror->ledger) + DM_RETRY_DOUBT_US;
        dm_ledger_doubt_upload(mirror->ledger, sending->upload->id, sending->upload->doubt_utc_us);
    }
    if (result->class == DM_STORE_SOURCE && dm_errno_is_offline(result->errnum)) {
        dm_share_accuse(mirror->share, result->errnum, mirror->now_us);
    }
    if (!sending->is_failing || decision.verdict == DM_RETRY_LOOK) {
        sending->is_failing = true;
        sending->decision = decision;
        set(&sending->reason, dm_store_class_name(result->class));
        set(&sending->message, result->reason);
    }
}

// ---- steps

static void look(struct dm_sending *sending);
static void complete(struct dm_sending *sending);

/** A step is back and written down: what follows when nothing is in flight any more? */
static void go_on(struct dm_sending *sending) {
    if (sending->in_flight > 0) {
        return;
    }
    if (sending->is_failing && sending->decision.verdict == DM_RETRY_LOOK) {
        sending->is_all_or_nothing = true;
        look(sending);
    } else if (sending->is_failing) {
        finish(sending);
    } else if (sending->is_feeding && g_queue_is_empty(&sending->todo)) {
        complete(sending);
    }
}

static struct dm_transfer_op *new_op(struct dm_sending *sending, enum dm_store_verb verb,
                                     dm_transfer_done_fn done) {
    struct dm_transfer_op *op = dm_transfer_op_new(verb, sending->key, done, sending);
    op->upload_id = g_strdup(sending->multipart);
    return op;
}

static void push(struct dm_sending *sending, struct dm_transfer_op *op) {
    sending->in_flight++;
    dm_transfer_push(sending->mirror->transfer, op);
}

/** What every step does first when it is back. Returns whether it has succeeded. */
static bool back(struct dm_sending *sending, const struct dm_transfer_op *op) {
    sending->in_flight--;
    dm_mirror_report(sending->mirror, &op->result);
    if (op->result.class != DM_STORE_OK) {
        note_failure(sending, &op->result);
    }
    return op->result.class == DM_STORE_OK;
}

static void put_done(struct dm_transfer_op *op, void *user) {
    struct dm_sending *sending = user;
    if (back(sending, op)) {
        succeed(sending, op->result.etag);
    } else {
        finish(sending);
    }
}

static void put(struct dm_sending *sending) {
    struct dm_transfer_op *op = new_op(sending, DM_STORE_PUT, put_done);
    op->body = (struct dm_store_body){.fd = sending->fd, .length = sending->bytes};
    op->attributes =
        dm_object_attributes(sending->mirror->settings, sending->upload->path, sending->mtime_ns);
    push(sending, op);
}

// ---- in parts: the end

/** Nothing is known of an upload in parts any more. */
static void forget_multipart(struct dm_sending *sending) {
    dm_ledger_set_multipart(sending->mirror->ledger, sending->upload->id, "", 0, "");
    g_clear_pointer(&sending->multipart, g_free);
    sending->is_feeding = false;
}

/** Say whether what is there is what we have sent: its length, and what we said of its time. */
static bool is_ours(const struct dm_sending *sending, const struct dm_store_result *result) {
    return result->class == DM_STORE_OK && result->size == sending->bytes &&
           result->mtime_ns / 1000 == sending->mtime_ns / 1000;
}

static void head_done(struct dm_transfer_op *op, void *user) {
    struct dm_sending *sending = user;
    const struct dm_store_result absent = {.class = DM_STORE_MISSING,
                                           .reason = "its parts did not become the object"};
    sending->in_flight--;
    dm_mirror_report(sending->mirror, &op->result);
    if (is_ours(sending, &op->result)) {
        forget_multipart(sending);
        succeed(sending, op->result.etag);
        return;
    }
    bool is_known = op->result.class == DM_STORE_OK || op->result.class == DM_STORE_MISSING;
    if (is_known && sending->is_all_or_nothing) {
        forget_multipart(sending);
    }
    if (!sending->is_failing) {
        note_failure(sending, is_known ? &absent : &op->result);
    }
    finish(sending);
}

static void look(struct dm_sending *sending) {
    push(sending, new_op(sending, DM_STORE_HEAD, head_done));
}

static void complete_done(struct dm_transfer_op *op, void *user) {
    struct dm_sending *sending = user;
    bool is_good = back(sending, op);
    sending->is_all_or_nothing = is_good || op->result.class == DM_STORE_MULTIPART;
    if (sending->is_all_or_nothing || op->result.is_unknown) {
        look(sending);
    } else {
        finish(sending);
    }
}

static void complete(struct dm_sending *sending) {
    struct dm_transfer_op *op = new_op(sending, DM_STORE_COMPLETE, complete_done);
    op->parts = g_ptr_array_new_with_free_func(dm_store_part_free);
    for (guint i = 0; i < sending->etags->len; i++) {
        struct dm_store_part *part = g_new0(struct dm_store_part, 1);
        part->number = (int)i + 1;
        part->etag = g_strdup(sending->etags->pdata[i]);
        g_ptr_array_add(op->parts, part);
    }
    sending->is_feeding = false;
    push(sending, op);
}

// ---- in parts: the parts

static int64_t length_of(const struct dm_sending *sending, int number) {
    return MIN(sending->part_bytes, sending->bytes - (number - 1) * sending->part_bytes);
}

static void part_done(struct dm_transfer_op *op, void *user) {
    struct dm_sending *sending = user;
    struct dm_mirror *mirror = sending->mirror;
    mirror->parts_in_flight--;
    if (back(sending, op)) {
        sending->etags->pdata[op->number - 1] = g_strdup(op->result.etag);
        dm_ledger_add_part(mirror->ledger, sending->upload->id, op->number, op->result.etag);
    }
    go_on(sending);
    dm_sending_feed(mirror);
}

static void send_part(struct dm_sending *sending, int number) {
    struct dm_transfer_op *op = new_op(sending, DM_STORE_PART, part_done);
    op->number = number;
    op->body = (struct dm_store_body){
        .fd = sending->fd,
        .offset = (number - 1) * sending->part_bytes,
        .length = length_of(sending, number),
    };
    sending->mirror->parts_in_flight++;
    push(sending, op);
}

/** Large results use at most half of the connections. */
void dm_sending_feed(struct dm_mirror *mirror) {
    int room = (int)MAX(1, dm_pace_limit(&mirror->pace, mirror->now_us) / 2);
    for (guint i = 0; i < mirror->in_parts->len; i++) {
        struct dm_sending *sending = mirror->in_parts->pdata[i];
        while (sending->is_feeding && !sending->is_failing && mirror->parts_in_flight < room &&
               !g_queue_is_empty(&sending->todo)) {
            send_part(sending, GPOINTER_TO_INT(g_queue_pop_head(&sending->todo)));
        }
    }
}

/** The id is in the ledger, and what is there already in `etags`. */
static void begin_parts(struct dm_sending *sending) {
    for (guint i = 0; i < sending->etags->len; i++) {
        if (sending->etags->pdata[i] == NULL) {
            g_queue_push_tail(&sending->todo, GINT_TO_POINTER((int)i + 1));
        }
    }
    sending->is_feeding = true;
    g_ptr_array_add(sending->mirror->in_parts, sending);
    go_on(sending);
    dm_sending_feed(sending->mirror);
}

/** An empty book of parts of @part_bytes. */
static void open_book(struct dm_sending *sending, int64_t part_bytes) {
    sending->part_bytes = part_bytes;
    if (sending->etags != NULL) {
        g_ptr_array_unref(sending->etags);
    }
    sending->etags = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_set_size(sending->etags, dm_retry_part_count(sending->bytes, part_bytes));
}

// ---- in parts: the beginning

static void create_done(struct dm_transfer_op *op, void *user) {
    struct dm_sending *sending = user;
    struct dm_mirror *mirror = sending->mirror;
    if (!back(sending, op)) {
        finish(sending);
        return;
    }
    set(&sending->multipart, op->result.upload_id);
    dm_ledger_set_multipart(mirror->ledger, sending->upload->id, sending->multipart,
                            sending->part_bytes, sending->identity);
    g_ptr_array_add(mirror->uncommitted, sending);
    dm_wake(&mirror->wake);
}

void dm_sending_committed(struct dm_sending *sending) {
    begin_parts(sending);
}

void dm_sending_drop(struct dm_sending *sending) {
    sending_free(sending);
}

static void create(struct dm_sending *sending) {
    open_book(sending, dm_retry_part_bytes(sending->bytes, sending->mirror->settings->part_bytes));
    struct dm_transfer_op *op = new_op(sending, DM_STORE_CREATE, create_done);
    op->attributes =
        dm_object_attributes(sending->mirror->settings, sending->upload->path, sending->mtime_ns);
    push(sending, op);
}

static void take_part(struct dm_sending *sending, const struct dm_store_part *part) {
    if (part->number >= 1 && part->number <= (int)sending->etags->len &&
        part->size == length_of(sending, part->number)) {
        g_free(sending->etags->pdata[part->number - 1]);
        sending->etags->pdata[part->number - 1] = g_strdup(part->etag);
    }
}

static void list_parts(struct dm_sending *sending, const char *from);

/** What the store has of this very file need not be sent again. */
static void parts_done(struct dm_transfer_op *op, void *user) {
    struct dm_sending *sending = user;
    if (!back(sending, op)) {
        go_on(sending);
        return;
    }
    const GPtrArray *parts = op->result.entries;
    for (guint i = 0; parts != NULL && i < parts->len; i++) {
        take_part(sending, parts->pdata[i]);
    }
    if (op->result.next != NULL) {
        list_parts(sending, op->result.next);
    } else {
        begin_parts(sending);
    }
}

static void list_parts(struct dm_sending *sending, const char *from) {
    struct dm_transfer_op *op = new_op(sending, DM_STORE_PARTS, parts_done);
    op->from = g_strdup(from);
    push(sending, op);
}

static bool is_large(const struct dm_sending *sending) {
    return sending->bytes > sending->mirror->settings->part_bytes;
}

static void start_anew(struct dm_sending *sending) {
    if (is_large(sending)) {
        create(sending);
    } else {
        put(sending);
    }
}

static void abort_done(struct dm_transfer_op *op, void *user) {
    struct dm_sending *sending = user;
    if (!back(sending, op)) {
        finish(sending);
        return;
    }
    forget_multipart(sending);
    start_anew(sending);
}

void dm_sending_start(struct dm_mirror *mirror, struct dm_upload *upload,
                      struct dm_source *source) {
    struct dm_sending *sending = g_new0(struct dm_sending, 1);
    const char *why = NULL;
    *sending = (struct dm_sending){
        .mirror = mirror,
        .upload = upload,
        .key = dm_object_key(mirror->settings, upload->path, &why),
        .fd = source->fd,
        .bytes = source->bytes,
        .mtime_ns = source->mtime_ns,
        .identity = g_steal_pointer(&source->identity),
        .multipart = *upload->multipart ? g_strdup(upload->multipart) : NULL,
    };
    source->fd = -1;
    if (sending->key == NULL) {
        dm_sending_park(mirror, upload, "name", why);
        sending_free(sending);
    } else if (sending->multipart == NULL) {
        start_anew(sending);
    } else if (is_large(sending) && strcmp(upload->source, sending->identity) == 0) {
        open_book(sending, upload->part_bytes);
        list_parts(sending, NULL);
    } else { // of other bytes
        push(sending, new_op(sending, DM_STORE_ABORT, abort_done));
    }
}
