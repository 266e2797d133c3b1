// SPDX-License-Identifier: MIT
//
// Operations of a store one at a time, for tests: start one, wait for it, look at the answer.
#ifndef DM_TESTS_STORE_ANSWER_H
#define DM_TESTS_STORE_ANSWER_H

#include "watcher/store/store.h"

/** A copy of a result. */
struct answer {
    bool is_there;
    // Set by the test: it asks for parts, not for objects.
    bool wants_parts;
    struct dm_store_result result;
    GPtrArray *strings;
    // Copies of keys, upload ids and ETags of the entries, in their order; of parts only `etags`.
    GPtrArray *keys, *ids, *etags;
    GArray *sizes; // int64_t
};

/** A completion: @user is a struct answer. */
void answer_done(const struct dm_store_result *result, void *user);
void answer_clear(struct answer *answer);

/** Turn @store until @answer is there (30 s, or the test fails). */
void answer_wait(struct dm_store *store, struct answer *answer);

#define ANSWER __attribute__((cleanup(answer_clear))) struct answer

/** Put @length bytes, said to be of @mtime_ns. */
void answer_put(struct dm_store *store, const char *key, const void *bytes, size_t length,
                int64_t mtime_ns, struct answer *ret);
/** Get into memory. */
void answer_get(struct dm_store *store, const char *key, struct answer *ret);
void answer_head(struct dm_store *store, const char *key, struct answer *ret);
void answer_remove(struct dm_store *store, const char *key, struct answer *ret);
void answer_list(struct dm_store *store, const char *prefix, const char *from, int max,
                 struct answer *ret);

#endif
