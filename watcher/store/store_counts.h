// SPDX-License-Identifier: MIT
//
// Requests to a store, counted by their method and the code of their answer, for the metrics. The
// codes that are told apart are few and written down in store_counts.c, so that nobody at the other
// end decides how many there are.
#ifndef DM_WATCHER_STORE_STORE_COUNTS_H
#define DM_WATCHER_STORE_STORE_COUNTS_H

#include <stdint.h>

#define DM_STORE_METHODS 5
#define DM_STORE_CODES 20

struct dm_store_counts {
    int64_t by[DM_STORE_METHODS][DM_STORE_CODES];
};

/** Count a request. @method: of HTTP. @status: of its answer; 0: none came. */
void dm_store_counts_add(struct dm_store_counts *counts, const char *method, int status);

/** Call @each for every pair that was counted. @code: "200", "other", or "none". */
void dm_store_counts_each(const struct dm_store_counts *counts,
                          void (*each)(const char *method, const char *code, int64_t count,
                                       void *data),
                          void *data);

#endif
