// SPDX-License-Identifier: MIT
//
// See transfer.h.
#include "watcher/store/transfer.h"

#include "common/error.h"
#include "common/queue.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LONGEST_WAIT_MS 60000

struct dm_transfer {
    pthread_t thread;
    struct dm_store *store;
    struct dm_queue *ops;   // main loop -> thread
    struct dm_queue *ended; // thread -> main loop
    int event_fd;           // readable while `ended` may hold something
    atomic_uint limit;
    atomic_bool stop;
    size_t load; // main loop only

    struct {
        pthread_mutex_t lock;
        struct dm_store_status status;
    } synced;
};

struct dm_transfer_op *dm_transfer_op_new(enum dm_store_verb verb, const char *key,
                                          dm_transfer_done_fn done, void *user) {
    struct dm_transfer_op *op = g_new0(struct dm_transfer_op, 1);
    op->verb = verb;
    op->key = g_strdup(key);
    op->done = done;
    op->user = user;
    return op;
}

/** A result borrows; what an operation has is its own. */
static void copy_result(struct dm_store_result *to, const struct dm_store_result *from) {
    *to = *from;
    to->reason = g_strdup(from->reason);
    to->code = g_strdup(from->code);
    to->etag = g_strdup(from->etag);
    to->sha256 = g_strdup(from->sha256);
    to->content_type = g_strdup(from->content_type);
    to->upload_id = g_strdup(from->upload_id);
    to->next = g_strdup(from->next);
    to->claimed_sha256 = g_strdup(from->claimed_sha256);
    // A NUL follows.
    to->bytes = from->length > 0 ? g_memdup2(from->bytes, from->length + 1) : NULL;
    to->entries = NULL;
}

static void clear_result(struct dm_store_result *result) {
    g_free((char *)result->reason);
    g_free((char *)result->code);
    g_free((char *)result->etag);
    g_free((char *)result->sha256);
    g_free((char *)result->claimed_sha256);
    g_free((void *)result->bytes);
    g_free((char *)result->content_type);
    g_free((char *)result->upload_id);
    g_free((char *)result->next);
    if (result->entries != NULL) {
        g_ptr_array_unref((GPtrArray *)result->entries);
    }
}

static void op_free(struct dm_transfer_op *op) {
    clear_result(&op->result);
    if (op->parts != NULL) {
        g_ptr_array_unref(op->parts);
    }
    g_free(op->key);
    g_free(op->upload_id);
    g_free(op->from);
    g_free(op->after);
    g_free(op->if_match);
    g_free(op->from_key);
    g_free(op);
}

// ---- the thread

/** An operation and whose it is, while the store has it. */
struct errand {
    struct dm_transfer *transfer;
    struct dm_transfer_op *op;
};

static void end(struct dm_transfer *transfer, struct dm_transfer_op *op) {
    dm_queue_push(transfer->ended, op);
    const uint64_t one = 1;
    (void)!write(transfer->event_fd, &one, sizeof(one));
}

static void *copy_entry(const void *entry, void *data) {
    (void)data;
    const struct dm_store_entry *from = entry;
    struct dm_store_entry *to = g_memdup2(from, sizeof(*from));
    to->key = g_strdup(from->key);
    to->etag = g_strdup(from->etag);
    to->upload_id = g_strdup(from->upload_id);
    return to;
}

static void *copy_part(const void *part, void *data) {
    (void)data;
    const struct dm_store_part *from = part;
    struct dm_store_part *to = g_memdup2(from, sizeof(*from));
    to->etag = g_strdup(from->etag);
    return to;
}

static GPtrArray *copy_entries(const GPtrArray *from, bool are_parts) {
    GPtrArray *to =
        g_ptr_array_new_with_free_func(are_parts ? dm_store_part_free : dm_store_entry_free);
    for (guint i = 0; i < from->len; i++) {
        const void *entry = from->pdata[i];
        g_ptr_array_add(to, are_parts ? copy_part(entry, NULL) : copy_entry(entry, NULL));
    }
    return to;
}

static void completed(const struct dm_store_result *result, void *user) {
    struct errand *errand = user;
    copy_result(&errand->op->result, result);
    if (result->entries != NULL) {
        errand->op->result.entries =
            copy_entries(result->entries, errand->op->verb == DM_STORE_PARTS);
    }
    end(errand->transfer, errand->op);
    g_free(errand);
}

static void complete_upload(struct dm_store *store, const struct dm_transfer_op *op,
                            struct errand *errand) {
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(struct dm_store_part));
    for (guint i = 0; i < op->parts->len; i++) {
        g_array_append_vals(parts, op->parts->pdata[i], 1);
    }
    dm_store_complete_upload(store, op->key, op->upload_id,
                             (const struct dm_store_part *)(void *)parts->data, parts->len,
                             completed, errand);
}

static void list(struct dm_store *store, const struct dm_transfer_op *op, struct errand *errand) {
    if (op->after != NULL) {
        dm_store_list_after(store, op->key, op->after, DM_STORE_MAX_LIST, completed, errand);
    } else {
        dm_store_list(store, op->key, op->from, DM_STORE_MAX_LIST, completed, errand);
    }
}

static void start(struct dm_transfer *transfer, struct dm_transfer_op *op) {
    struct dm_store *store = transfer->store;
    struct errand *errand = g_new(struct errand, 1);
    *errand = (struct errand){transfer, op};
    switch (op->verb) {
    case DM_STORE_PUT:
        dm_store_put(store, op->key, &op->body, &op->attributes, completed, errand);
        break;
    case DM_STORE_GET:
        op->get.if_match = op->if_match;
        dm_store_get(store, op->key, &op->get, completed, errand);
        break;
    case DM_STORE_COPY:
        dm_store_copy(store, op->from_key, op->if_match, op->key, completed, errand);
        break;
    case DM_STORE_HEAD:
        dm_store_head(store, op->key, completed, errand);
        break;
    case DM_STORE_LIST:
        list(store, op, errand);
        break;
    case DM_STORE_REMOVE:
        dm_store_remove(store, op->key, completed, errand);
        break;
    case DM_STORE_PROBE:
        dm_store_probe(store, completed, errand);
        break;
    case DM_STORE_CREATE:
        dm_store_create_upload(store, op->key, &op->attributes, completed, errand);
        break;
    case DM_STORE_PART:
        dm_store_put_part(store, op->key, op->upload_id, op->number, &op->body, completed, errand);
        break;
    case DM_STORE_PARTS:
        dm_store_list_parts(store, op->key, op->upload_id, op->from, completed, errand);
        break;
    case DM_STORE_COMPLETE:
        complete_upload(store, op, errand);
        break;
    case DM_STORE_ABORT:
        dm_store_abort_upload(store, op->key, op->upload_id, completed, errand);
        break;
    case DM_STORE_UPLOADS:
        dm_store_list_uploads(store, op->key, op->from, completed, errand);
        break;
    default:
        g_assert_not_reached();
    }
}

/** Take what the main loop has pushed, and start as many as may be. */
static void start_some(struct dm_transfer *transfer, GQueue *waiting) {
    struct dm_transfer_op *op;
    while ((op = dm_queue_try_pop(transfer->ops)) != NULL) {
        g_queue_push_tail(waiting, op);
    }
    while (!g_queue_is_empty(waiting) &&
           dm_store_load(transfer->store) < atomic_load(&transfer->limit)) {
        start(transfer, g_queue_pop_head(waiting));
    }
}

static void note_status(struct dm_transfer *transfer) {
    struct dm_store_status status;
    dm_store_status(transfer->store, &status);
    pthread_mutex_lock(&transfer->synced.lock);
    transfer->synced.status = status;
    pthread_mutex_unlock(&transfer->synced.lock);
}

/** Nothing is started any more: what is under way or waits ends as CANCELLED. */
static void cancel(struct dm_transfer *transfer, GQueue *waiting) {
    const struct dm_store_result cancelled = {.class = DM_STORE_CANCELLED, .size = -1};
    dm_store_cancel_all(transfer->store);
    struct dm_transfer_op *op;
    while ((op = dm_queue_try_pop(transfer->ops)) != NULL) {
        g_queue_push_tail(waiting, op);
    }
    while ((op = g_queue_pop_head(waiting)) != NULL) {
        copy_result(&op->result, &cancelled);
        end(transfer, op);
    }
}

static void *run(void *data) {
    struct dm_transfer *transfer = data;
    GQueue waiting = G_QUEUE_INIT;
    while (!atomic_load(&transfer->stop)) {
        start_some(transfer, &waiting);
        dm_store_turn(transfer->store, LONGEST_WAIT_MS);
        note_status(transfer);
    }
    cancel(transfer, &waiting);
    return NULL;
}

// ---- the main loop

/** Signals belong to the main loop: the thread starts with all of them blocked. */
static int start_thread(struct dm_transfer *transfer) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int errnum = pthread_create(&transfer->thread, NULL, run, transfer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return errnum;
}

static void free_parts(struct dm_transfer *transfer) {
    dm_queue_free(transfer->ops);
    dm_queue_free(transfer->ended);
    if (transfer->event_fd >= 0) {
        close(transfer->event_fd);
    }
    pthread_mutex_destroy(&transfer->synced.lock);
    dm_store_free(transfer->store);
    g_free(transfer);
}

struct dm_transfer *dm_transfer_new(struct dm_store *store, const char *name, GError **error) {
    struct dm_transfer *transfer = g_new0(struct dm_transfer, 1);
    transfer->store = store;
    transfer->ops = dm_queue_new();
    transfer->ended = dm_queue_new();
    transfer->synced.status.credentials_source = "";
    pthread_mutex_init(&transfer->synced.lock, NULL);
    transfer->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int errnum = transfer->event_fd < 0 ? EMFILE : start_thread(transfer);
    if (errnum != 0) {
        dm_fail_errno(error, errnum, "cannot start the thread of the store");
        free_parts(transfer);
        return NULL;
    }
    pthread_setname_np(transfer->thread, name);
    return transfer;
}

void dm_transfer_free(struct dm_transfer *transfer) {
    if (transfer == NULL) {
        return;
    }
    atomic_store(&transfer->stop, true);
    dm_store_wake(transfer->store);
    pthread_join(transfer->thread, NULL);
    GQueue none = G_QUEUE_INIT;
    while (dm_transfer_dispatch(transfer) > 0) {
        cancel(transfer, &none); // what a `done` pushed
    }
    free_parts(transfer);
}

void dm_transfer_push(struct dm_transfer *transfer, struct dm_transfer_op *op) {
    transfer->load++;
    dm_queue_push(transfer->ops, op);
    dm_store_wake(transfer->store);
}

void dm_transfer_limit(struct dm_transfer *transfer, unsigned limit) {
    if (atomic_exchange(&transfer->limit, limit) < limit) {
        dm_store_wake(transfer->store);
    }
}

int dm_transfer_fd(const struct dm_transfer *transfer) {
    return transfer->event_fd;
}

size_t dm_transfer_dispatch(struct dm_transfer *transfer) {
    uint64_t count;
    (void)!read(transfer->event_fd, &count, sizeof(count));
    size_t dispatched = 0;
    struct dm_transfer_op *op;
    while ((op = dm_queue_try_pop(transfer->ended)) != NULL) {
        transfer->load--;
        dispatched++;
        op->done(op, op->user);
        op_free(op);
    }
    return dispatched;
}

size_t dm_transfer_load(const struct dm_transfer *transfer) {
    return transfer->load;
}

void dm_transfer_status(struct dm_transfer *transfer, struct dm_store_status *ret) {
    pthread_mutex_lock(&transfer->synced.lock);
    *ret = transfer->synced.status;
    pthread_mutex_unlock(&transfer->synced.lock);
}

unsigned dm_transfer_connections(const struct dm_transfer *transfer) {
    return dm_store_connections(transfer->store);
}

const char *dm_transfer_name(const struct dm_transfer *transfer) {
    return dm_store_name(transfer->store);
}
