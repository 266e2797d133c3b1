// SPDX-License-Identifier: MIT
//
// Texts: the two kinds of objects that the S3 inbox writes, as JSON (s3_inbox.h has the contract).
// Pure.
#ifndef DM_WATCHER_S3_INBOX_TEXTS_H
#define DM_WATCHER_S3_INBOX_TEXTS_H

#include "watcher/ledger/arrival.h"

#include <stdbool.h>

/** Who takes from a prefix. Texts are owned where one is read, borrowed where one is written. */
struct dm_s3_claim_text {
    const char *version, *share, *host, *results, *answers, *since;
};

/** Write one; (transfer full). */
char *dm_s3_claim_write(const struct dm_s3_claim_text *claim);

/** Read share, host and since of one: (transfer full), g_free() each. Returns false if it is none.
 */
bool dm_s3_claim_read(const char *text, char **ret_share, char **ret_host, char **ret_since);

/** The answer to @arrival, which has ended. @result: (nullable) the key of its result; without one
 * it has failed. (transfer full) */
char *dm_s3_answer_write(const struct dm_arrival *arrival, const char *result);

#endif
