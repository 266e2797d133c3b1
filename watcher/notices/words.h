// SPDX-License-Identifier: MIT
//
// What a notice says: one line of JSON, as dropmill-json(5) promises it, with a sentence for people
// in it. Pure.
#ifndef DM_WATCHER_NOTICES_WORDS_H
#define DM_WATCHER_NOTICES_WORDS_H

#include "watcher/ledger/ledger.h"
#include "watcher/ledger/notices.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** What every notice says. All is lent. */
struct dm_words {
    const char *id, *kind, *host;
    // The share's path and identity.
    const char *share, *share_id;
    int64_t now_utc_us;
};

/** "failed" if not all went well, else "done". */
const char *dm_words_kind(const struct dm_ended *ended);

/** "Holiday 2024 (gray): 2 failed, 38 done"; (transfer full). */
char *dm_words_of_drop(const struct dm_ended *ended);

/** A notice of a drop; (transfer full). @failures: of struct dm_row, the first of them. */
char *dm_words_drop(const struct dm_words *words, const struct dm_ended *ended,
                    const GPtrArray *failures);

/** Something that is wrong, or was. */
struct dm_words_trouble {
    // Of the item of the status table, and the sentence that status tells.
    const char *name, *problem;
    int64_t since_utc_us;
    bool is_over;
};

/** A notice of it; (transfer full). */
char *dm_words_trouble(const struct dm_words *words, const struct dm_words_trouble *trouble);

#endif
