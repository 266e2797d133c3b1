// SPDX-License-Identifier: MIT
//
// Operations queue up and are carried out by the next turn, one after the other: a directory
// answers at once. The root is opened for each turn that has work, and held no longer, so that a
// disk can be unmounted.
#include "watcher/store/store_dir.h"

#include "common/fsutil.h"
#include "watcher/store/store_dir_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

// They are carried out one after the other: so many may queue up.
#define CONNECTIONS 32

struct op {
    struct dm_store_request *request;
    dm_store_done_fn done;
    void *user;
    // NULL: none was ordered for it.
    struct dm_store_fault *fault;
};

struct ordered {
    struct dm_store_fault fault;
    int seen, made;
};

struct store_dir {
    struct dm_store store;
    char *path;
    GQueue *queue;  // struct op
    GArray *faults; // struct ordered
    bool is_held;
    int wake_fd;
    struct dm_dir_listing listing;
    struct dm_store_status status;
};

static struct store_dir *of(struct dm_store *store) {
    return (struct store_dir *)store;
}

static void op_free(struct op *op) {
    dm_store_request_free(op->request);
    g_free(op->fault);
    g_free(op);
}

/** The fault that was ordered for an operation of @verb; NULL: none. (transfer full) */
static struct dm_store_fault *take_fault(struct store_dir *dir, enum dm_store_verb verb) {
    for (guint i = 0; i < dir->faults->len; i++) {
        struct ordered *o = &g_array_index(dir->faults, struct ordered, i);
        if (o->fault.verb != verb && o->fault.verb != DM_STORE_VERB_COUNT)
            continue;
        int past = o->seen++ - o->fault.after;
        bool is_due = past >= 0 && past % MAX(o->fault.one_in, 1) == 0;
        if (!is_due || (o->fault.count >= 0 && o->made >= o->fault.count))
            continue;
        o->made++;
        return g_memdup2(&o->fault, sizeof(o->fault));
    }
    return NULL;
}

static void dir_start(struct dm_store *store, const struct dm_store_request *request,
                      dm_store_done_fn done, void *user) {
    struct store_dir *dir = of(store);
    struct op *op = g_new0(struct op, 1);
    *op = (struct op){dm_store_request_copy(request), done, user, take_fault(dir, request->verb)};
    g_queue_push_tail(dir->queue, op);
    store->load++;
}

/** Open the root, if it is the one. Returns -1 and says why not. */
static int open_root(const struct store_dir *dir, struct dm_outcome *outcome) {
    int root_fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0) {
        dm_outcome_fail(outcome, DM_STORE_ENDPOINT, "'%s': %s", dir->path, g_strerror(errno));
        return -1;
    }
    if (faccessat(root_fd, DM_STORE_DIR_MARKER, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
        dm_outcome_fail(outcome, DM_STORE_ENDPOINT,
                        "'%s' has no file " DM_STORE_DIR_MARKER
                        ": is its disk mounted? (To make it the mirror, create that file.)",
                        dir->path);
        close(root_fd);
        return -1;
    }
    return root_fd;
}

static void probe(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome) {
    g_autofree char *name = NULL;
    int fd = dm_dir_create_temporary(root_fd, &name);
    if (fd < 0) {
        dm_dir_fail(outcome, errno, "cannot write to the mirror", request->key);
        return;
    }
    close(fd);
    unlinkat(root_fd, name, 0);
}

static void carry_out(struct store_dir *dir, const struct dm_store_request *request,
                      struct dm_outcome *outcome) {
    static void (*const verbs[DM_STORE_VERB_COUNT])(int, const struct dm_store_request *,
                                                    struct dm_outcome *) = {
        [DM_STORE_PUT] = dm_dir_put,       [DM_STORE_GET] = dm_dir_get,
        [DM_STORE_HEAD] = dm_dir_head,     [DM_STORE_REMOVE] = dm_dir_remove,
        [DM_STORE_COPY] = dm_dir_copy,     [DM_STORE_PROBE] = probe,
        [DM_STORE_CREATE] = dm_dir_create, [DM_STORE_PART] = dm_dir_part,
        [DM_STORE_PARTS] = dm_dir_parts,   [DM_STORE_COMPLETE] = dm_dir_complete,
        [DM_STORE_ABORT] = dm_dir_abort,   [DM_STORE_UPLOADS] = dm_dir_uploads,
    };
    int root_fd = open_root(dir, outcome);
    if (root_fd < 0)
        return;
    if (request->verb == DM_STORE_LIST)
        dm_dir_list(root_fd, request, &dir->listing, outcome);
    else
        verbs[request->verb](root_fd, request, outcome);
    close(root_fd);
}

static void apply_fault(const struct dm_store_fault *fault, struct dm_outcome *outcome) {
    outcome->result.retry_after_us = fault->retry_after_us;
    if (fault->class == DM_STORE_OK)
        return;
    dm_outcome_fail(outcome, fault->class, "a fault was ordered: %s",
                    dm_store_class_name(fault->class));
    outcome->result.is_unknown = fault->class == DM_STORE_TRANSPORT || fault->is_carried_out;
}

static void count(struct store_dir *dir, const struct op *op, const struct dm_outcome *outcome) {
    dir->status.requests++;
    dm_store_counts_add(&dir->status.counts, dm_store_verb_method(op->request->verb), 0);
    enum dm_store_class class = outcome->result.class;
    bool is_well = class == DM_STORE_OK || class == DM_STORE_MISSING;
    dir->status.success_utc_us = is_well ? g_get_real_time() : dir->status.success_utc_us;
    if (!is_well)
        dir->status.failures++;
    else if (op->request->verb == DM_STORE_PUT || op->request->verb == DM_STORE_PART)
        dir->status.sent_bytes += op->request->body.length;
    else if (op->request->verb == DM_STORE_GET)
        dir->status.received_bytes += outcome->result.size;
}

static void run(struct store_dir *dir, struct op *op) {
    struct dm_outcome outcome;
    dm_outcome_init(&outcome);
    if (op->fault == NULL || op->fault->is_carried_out || op->fault->class == DM_STORE_OK)
        carry_out(dir, op->request, &outcome);
    if (op->fault != NULL)
        apply_fault(op->fault, &outcome);
    count(dir, op, &outcome);
    dir->store.load--;
    op->done(&outcome.result, op->user);
    dm_outcome_clear(&outcome);
    op_free(op);
}

static size_t dir_turn(struct dm_store *store, int max_wait_ms) {
    struct store_dir *dir = of(store);
    bool has_work = !dir->is_held && !g_queue_is_empty(dir->queue);
    struct pollfd poll_fd = {dir->wake_fd, POLLIN, 0};
    uint64_t wakes;
    if (poll(&poll_fd, 1, has_work ? 0 : max_wait_ms) > 0)
        (void)!read(dir->wake_fd, &wakes, sizeof(wakes));
    // Those that completions start wait for the next turn.
    guint due = has_work ? g_queue_get_length(dir->queue) : 0;
    guint ran = 0;
    for (; ran < due && !dir->is_held && !g_queue_is_empty(dir->queue); ran++)
        run(dir, g_queue_pop_head(dir->queue));
    return ran;
}

static void dir_wake(struct dm_store *store) {
    uint64_t one = 1;
    (void)!write(of(store)->wake_fd, &one, sizeof(one));
}

static void dir_cancel_all(struct dm_store *store) {
    struct op *op;
    while ((op = g_queue_pop_head(of(store)->queue)) != NULL) {
        struct dm_outcome outcome;
        dm_outcome_init(&outcome);
        dm_outcome_fail(&outcome, DM_STORE_CANCELLED, "stopped");
        store->load--;
        op->done(&outcome.result, op->user);
        dm_outcome_clear(&outcome);
        op_free(op);
    }
}

static void dir_status(const struct dm_store *store, struct dm_store_status *ret) {
    *ret = ((const struct store_dir *)store)->status;
}

static void dir_free(struct dm_store *store) {
    struct store_dir *dir = of(store);
    g_queue_free(dir->queue);
    g_array_unref(dir->faults);
    dm_dir_listing_clear(&dir->listing);
    close(dir->wake_fd);
    g_free(dir->path);
    g_free(store->name);
    g_free(dir);
}

struct dm_store *dm_store_dir_new(const char *path) {
    static const struct dm_store_backend backend = {
        .start = dir_start,
        .turn = dir_turn,
        .wake = dir_wake,
        .cancel_all = dir_cancel_all,
        .status = dir_status,
        .free = dir_free,
    };
    struct store_dir *dir = g_new0(struct store_dir, 1);
    dir->store.backend = &backend;
    dir->store.connections = CONNECTIONS;
    dir->store.name = g_strdup_printf("directory '%s'", path);
    dir->path = g_strdup(path);
    dir->queue = g_queue_new();
    dir->faults = g_array_new(FALSE, FALSE, sizeof(struct ordered));
    dir->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_assert(dir->wake_fd >= 0);
    dir->status.credentials_source = "";
    return &dir->store;
}

void dm_store_dir_order_fault(struct dm_store *store, const struct dm_store_fault *fault) {
    struct ordered ordered = {.fault = *fault};
    g_array_append_val(of(store)->faults, ordered);
}

void dm_store_dir_clear_faults(struct dm_store *store) {
    g_array_set_size(of(store)->faults, 0);
}

void dm_store_dir_hold(struct dm_store *store, bool hold) {
    of(store)->is_held = hold;
    dir_wake(store);
}
