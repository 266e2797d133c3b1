// SPDX-License-Identifier: MIT
//
// See faulty_store.h. What is ordered is told to the directory on the thread that has it.
#include "tests/unit/watcher/support/faulty_store.h"

#include "watcher/store/store_backend.h"
#include "watcher/store/store_dir.h"

#include <glib/gstdio.h>
#include <stdatomic.h>

struct faulty_store {
    struct dm_store store;
    struct dm_store *inner;
    atomic_int verb, class, one_in, seen, most;
    atomic_bool is_carried_out, hold;
    atomic_int counts[DM_STORE_VERB_COUNT + 1];
    bool is_held;
};

static struct faulty_store *of(struct dm_store *store) {
    return (struct faulty_store *)store;
}

/** Whether the operation that begins now is to fail. */
static bool is_due(struct faulty_store *faulty, enum dm_store_verb verb) {
    int wanted = atomic_load(&faulty->verb);
    return atomic_load(&faulty->class) != DM_STORE_OK &&
           (wanted == DM_STORE_VERB_COUNT || wanted == (int)verb) &&
           atomic_fetch_add(&faulty->seen, 1) % atomic_load(&faulty->one_in) == 0;
}

static void note_load(struct faulty_store *faulty) {
    faulty->store.load = faulty->inner->load;
    atomic_store(&faulty->most, MAX(atomic_load(&faulty->most), (int)faulty->store.load));
}

static void start(struct dm_store *store, const struct dm_store_request *request,
                  dm_store_done_fn done, void *user) {
    struct faulty_store *faulty = of(store);
    atomic_fetch_add(&faulty->counts[request->verb], 1);
    atomic_fetch_add(&faulty->counts[DM_STORE_VERB_COUNT], 1);
    dm_store_dir_clear_faults(faulty->inner);
    if (is_due(faulty, request->verb)) {
        const struct dm_store_fault fault = {
            .verb = request->verb,
            .count = 1,
            .class = (enum dm_store_class)atomic_load(&faulty->class),
            .is_carried_out = atomic_load(&faulty->is_carried_out),
        };
        dm_store_dir_order_fault(faulty->inner, &fault);
    }
    faulty->inner->backend->start(faulty->inner, request, done, user);
    note_load(faulty);
}

static size_t turn(struct dm_store *store, int max_wait_ms) {
    struct faulty_store *faulty = of(store);
    bool hold = atomic_load(&faulty->hold);
    if (hold != faulty->is_held) {
        dm_store_dir_hold(faulty->inner, hold);
        faulty->is_held = hold;
    }
    size_t called = dm_store_turn(faulty->inner, max_wait_ms);
    faulty->store.load = faulty->inner->load;
    return called;
}

static void wake(struct dm_store *store) {
    dm_store_wake(of(store)->inner);
}

static void cancel_all(struct dm_store *store) {
    dm_store_cancel_all(of(store)->inner);
    store->load = 0;
}

static void status(const struct dm_store *store, struct dm_store_status *ret) {
    dm_store_status(((const struct faulty_store *)store)->inner, ret);
}

static void free_store(struct dm_store *store) {
    dm_store_free(of(store)->inner);
    g_free(store->name);
    g_free(store);
}

struct dm_store *faulty_store_new(const char *path) {
    static const struct dm_store_backend backend = {start,      turn,   wake,
                                                    cancel_all, status, free_store};
    g_autofree char *marker = g_build_filename(path, DM_STORE_DIR_MARKER, NULL);
    g_assert_cmpint(g_mkdir_with_parents(path, 0775), ==, 0);
    g_assert_true(g_file_set_contents(marker, "", 0, NULL));
    struct faulty_store *faulty = g_new0(struct faulty_store, 1);
    faulty->store.backend = &backend;
    faulty->inner = dm_store_dir_new(path);
    faulty->store.connections = faulty->inner->connections;
    faulty->store.name = g_strdup(dm_store_name(faulty->inner));
    atomic_store(&faulty->one_in, 1);
    return &faulty->store;
}

static void order(struct faulty_store *faulty, enum dm_store_verb verb, enum dm_store_class class,
                  bool is_carried_out, int one_in) {
    atomic_store(&faulty->verb, (int)verb);
    atomic_store(&faulty->is_carried_out, is_carried_out);
    atomic_store(&faulty->one_in, one_in);
    atomic_store(&faulty->class, (int)class);
}

void faulty_store_fail(struct dm_store *store, enum dm_store_verb verb, enum dm_store_class class,
                       bool is_carried_out) {
    order(of(store), verb, class, is_carried_out, 1);
}

void faulty_store_fail_some(struct dm_store *store, enum dm_store_class class, bool is_carried_out,
                            int one_in) {
    order(of(store), DM_STORE_VERB_COUNT, class, is_carried_out, one_in);
}

void faulty_store_hold(struct dm_store *store, bool hold) {
    atomic_store(&of(store)->hold, hold);
    dm_store_wake(store);
}

int faulty_store_count(struct dm_store *store, enum dm_store_verb verb) {
    return atomic_load(&of(store)->counts[verb]);
}

int faulty_store_most(struct dm_store *store) {
    return atomic_load(&of(store)->most);
}
