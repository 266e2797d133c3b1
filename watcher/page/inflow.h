// SPDX-License-Identifier: MIT
//
// Inflow: one file on its way into the inbox. It is written into the directory DM_INFLOW_DIR of the
// inbox, which the watcher does not look into, made durable there, and renamed to its place: so it
// is whole from its first moment, and nothing that is there is replaced unless that is wanted. All
// of it is done by jobs of the share, one at a time: a share that hangs keeps uploads waiting and
// nothing else.
//
//   opening --> ready <--> writing        dm_inflow_write() takes one piece at a time
//                 |
//                 +--> placing --> placed
//
// Threads: the main loop.
#ifndef DM_WATCHER_PAGE_INFLOW_H
#define DM_WATCHER_PAGE_INFLOW_H

#include "watcher/share/share.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DM_INFLOW_DIR ".page"

enum dm_inflow_end {
    // Not yet.
    DM_INFLOW_OPEN,
    DM_INFLOW_PLACED,
    // Something is there already: `there_bytes`.
    DM_INFLOW_EXISTS,
    // The share is full, or nearly so.
    DM_INFLOW_NO_SPACE,
    // The share is not there.
    DM_INFLOW_AWAY,
    // `errnum` says why.
    DM_INFLOW_REFUSED,
};

struct dm_inflow;

/**
 * Begin. @spare_bytes stay free on the share besides @bytes (-1: not known). @moved is called with
 * @data after each step: then it can be written to, or dm_inflow_end() says how it ended.
 */
struct dm_inflow *dm_inflow_new(struct dm_share *share, int64_t bytes, int64_t spare_bytes,
                                void (*moved)(void *data), void *data);

/** Say whether it takes a piece now. */
bool dm_inflow_is_ready(const struct dm_inflow *inflow);

/** Take a piece, which is copied: when it is ready. */
void dm_inflow_write(struct dm_inflow *inflow, const char *bytes, size_t size);

/** It is whole: put it at @path (relative to the inbox), making its directories. When it is ready.
 */
void dm_inflow_place(struct dm_inflow *inflow, const char *path, bool replace);

enum dm_inflow_end dm_inflow_end(const struct dm_inflow *inflow);
int dm_inflow_errnum(const struct dm_inflow *inflow);
/** Written so far; with EXISTS: of what is there. */
int64_t dm_inflow_bytes(const struct dm_inflow *inflow);
int64_t dm_inflow_there_bytes(const struct dm_inflow *inflow);

/** Nothing is called any more, and what is not placed is removed. Accepts NULL. */
void dm_inflow_free(struct dm_inflow *inflow);

/** Remove what earlier processes have left half. */
void dm_inflow_clean(struct dm_share *share);

#endif
