// SPDX-License-Identifier: MIT
//
// What went wrong, as one of the classes of store.h, in a sentence that says what to change. Pure.
#ifndef DM_WATCHER_STORE_S3_ERRORS_H
#define DM_WATCHER_STORE_S3_ERRORS_H

#include "watcher/store/outcome.h"
#include "watcher/store/s3_reply.h"

/** What is known of a request that was answered with an error. */
struct dm_s3_failure {
    enum dm_store_verb verb;
    const char *key, *bucket;
    const struct dm_s3_reply *reply;
    // Of the body, "" if it said nothing.
    const char *code, *message;
    // Other requests of this kind have been carried out: what is refused is this one object.
    bool others_work;
    // Signed with a session token: there are servers to whom an old one is no more than a refusal.
    bool has_token;
};

/** Say in @outcome what that is. CLOCK and CREDENTIALS are for the caller to act upon. */
void dm_s3_explain(const struct dm_s3_failure *failure, struct dm_outcome *outcome);

/** Say whether a request of @verb changes something. */
bool dm_s3_is_change(enum dm_store_verb verb);

#endif
