// SPDX-License-Identifier: MIT
//
// A directory as a store: the mirror where there is no network (a disk that is carried away), and
// the store of tests, with faults to order. Objects are files under the names of their keys
// (dir_names.h), with the time of the original; they appear whole.
//
// A disk that is not mounted looks like an empty directory. So the store does nothing in a
// directory that does not hold the file DM_STORE_DIR_MARKER, which a person makes: ENDPOINT.
#ifndef DM_WATCHER_STORE_STORE_DIR_H
#define DM_WATCHER_STORE_STORE_DIR_H

#include "watcher/store/store.h"

#define DM_STORE_DIR_MARKER ".dropmill-mirror"

/** A store in the directory @path (absolute), which need not be there now. */
struct dm_store *dm_store_dir_new(const char *path);

/** What is to go wrong. */
struct dm_store_fault {
    // Of these operations only; DM_STORE_VERB_COUNT: of all.
    enum dm_store_verb verb;
    // After so many of them that pass, then one in so many (0 and 1: each), so often (-1: for
    // ever).
    int after, one_in, count;
    // What they come to; OK: nothing, but the fault is counted.
    enum dm_store_class class;
    // They are carried out all the same: the answer was lost.
    bool is_carried_out;
    int64_t retry_after_us;
};

/** Order a fault for operations that are started from now on; the first that fits is it. */
void dm_store_dir_order_fault(struct dm_store *store, const struct dm_store_fault *fault);

/** No more faults. */
void dm_store_dir_clear_faults(struct dm_store *store);

/** Let operations wait, in flight, until they are let go. */
void dm_store_dir_hold(struct dm_store *store, bool hold);

#endif
