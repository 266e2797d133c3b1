// SPDX-License-Identifier: MIT
//
// A directory as a store (store_dir.h) whose faults may be ordered from any thread: the mirror's
// thread has the store, and the test plays the main loop.
#ifndef DM_TESTS_FAULTY_STORE_H
#define DM_TESTS_FAULTY_STORE_H

#include "watcher/store/store.h"

#include <stdbool.h>

/** A store in @path, which is made, with its marker. Its end is dm_store_free(). */
struct dm_store *faulty_store_new(const char *path);

/** From now on every operation of @verb (DM_STORE_VERB_COUNT: of all) comes to @class; OK: no more
 * faults. @is_carried_out: it is done all the same. */
void faulty_store_fail(struct dm_store *store, enum dm_store_verb verb, enum dm_store_class class,
                       bool is_carried_out);

/** The same for one in @one_in of them. */
void faulty_store_fail_some(struct dm_store *store, enum dm_store_class class, bool is_carried_out,
                            int one_in);

/** Let operations wait, in flight, until they are let go. */
void faulty_store_hold(struct dm_store *store, bool hold);

/** How many operations of @verb were started (DM_STORE_VERB_COUNT: of all). */
int faulty_store_count(struct dm_store *store, enum dm_store_verb verb);

/** The most that were in flight at once. */
int faulty_store_most(struct dm_store *store);

#endif
