// SPDX-License-Identifier: MIT
//
// Asking the store from a command: one operation after the other, each waited for.
#ifndef DM_WATCHER_CLI_S3_ASK_H
#define DM_WATCHER_CLI_S3_ASK_H

#include "watcher/cli/cli.h"
#include "watcher/store/store.h"

/** What came of it: a copy. */
struct dm_s3_answer {
    bool done;
    enum dm_store_class class;
    char *reason, *etag, *next;
    int64_t size;
    // LIST: of struct dm_store_entry; else NULL.
    GPtrArray *entries;
};

void dm_s3_answer_clear(struct dm_s3_answer *answer);

/** The configured store; NULL with @error when there is none. @cli lives longer. */
struct dm_store *dm_s3_open(struct dm_cli *cli, GError **error);

/** For an operation's `done`; `user` is a struct dm_s3_answer. */
void dm_s3_answered(const struct dm_store_result *result, void *user);

/** Wait for the operation that was just started with it. Returns whether it came to OK. */
bool dm_s3_wait(struct dm_store *store, const struct dm_s3_answer *answer);

#endif
