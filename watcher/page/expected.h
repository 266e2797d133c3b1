// SPDX-License-Identifier: MIT
//
// What senders have announced: how many files a drop is to have. One small file a drop in the
// page's state directory; losing it loses the "of N" only. A drop that is complete, or was not
// touched for a day, is forgotten.
#ifndef DM_WATCHER_PAGE_EXPECTED_H
#define DM_WATCHER_PAGE_EXPECTED_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_expected {
    // As dm_drop_of() gives it.
    char *drop;
    // As announced.
    int64_t files, bytes;
    // Of its files, since this page has started; some may be known to nobody else yet.
    int64_t came_files;
    // When a file of it came last, or it was announced.
    int64_t touched_utc_us;
};

struct dm_expected_store;

/** @dir: made if need be (0700). Errors: DM_ERROR_SYSTEM. */
struct dm_expected_store *dm_expected_open(const char *dir, GError **error);
void dm_expected_free(struct dm_expected_store *store);

/** Announce a drop, or more of it: the larger numbers count. A file that cannot be written is
 * logged. */
void dm_expected_set(struct dm_expected_store *store, const char *drop, int64_t files,
                     int64_t bytes);

/** A file of it has come. */
void dm_expected_touch(struct dm_expected_store *store, const char *drop);

/** (nullable) Borrowed until the store is written to. */
const struct dm_expected *dm_expected_find(struct dm_expected_store *store, const char *drop);

/** Call @each with all of them, in no order. */
void dm_expected_each(struct dm_expected_store *store,
                      void (*each)(const struct dm_expected *expected, void *data), void *data);

void dm_expected_forget(struct dm_expected_store *store, const char *drop);

/** Forget those that were not touched for a day. */
void dm_expected_tidy(struct dm_expected_store *store, int64_t now_utc_us);

#endif
