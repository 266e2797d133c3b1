// SPDX-License-Identifier: MIT
//
// What store.h promises of every store, as tests: of the directory in test_store_dir.c, of S3
// against a real server in tests/e2e/s3_store.t.
#ifndef DM_TESTS_STORE_CONTRACT_H
#define DM_TESTS_STORE_CONTRACT_H

#include "watcher/store/store.h"

/** What is not the same everywhere. */
struct store_traits {
    // "a" and "a/b" at once.
    bool has_flat_keys;
    // HEAD knows the sum that PUT was told.
    bool keeps_sums;
    // COPY is done whatever if_match says (Ceph 16 looks for another header).
    bool ignores_copy_conditions;
};

/** Go through it all; the store must be empty, and is so again afterwards. */
void store_contract(struct dm_store *store, const struct store_traits *traits);

/** Every awkward key there and back, and listed as it was. */
void store_contract_keys(struct dm_store *store);

#endif
