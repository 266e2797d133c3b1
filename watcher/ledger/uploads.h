// SPDX-License-Identifier: MIT
//
// The second door of the ledger: what the mirror has to send and has sent. One row for each name in
// the outbox, driven by a generation and never by a comparison of lists: what a consumer takes out
// of the bucket is not sent again. The row is written by the move that records PUBLISHED, in its
// transaction, if a mirror is kept (dm_ledger_mirror). The row and its states: upload.h.
//
// A result that is published anew counts the generation and is PENDING, whatever it was. Who sends
// it works on a copy of the row; what comes of that counts only for the generation that it was of:
// dm_ledger_save_upload() says so. Threads: the main loop only.
#ifndef DM_WATCHER_LEDGER_UPLOADS_H
#define DM_WATCHER_LEDGER_UPLOADS_H

#include "watcher/ledger/ledger.h"
#include "watcher/ledger/upload.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Say whether a mirror is kept. Only then are upload rows written; @required: an original stays in
 * the inbox until its result is SYNCED (dm_row.held). Rows that were held are let go when it is not
 * required any more.
 */
void dm_ledger_mirror(struct dm_ledger *ledger, bool kept, bool required);

/** A number that grows with every upload row that becomes PENDING. */
uint64_t dm_ledger_uploads_queued(const struct dm_ledger *ledger);

/** How many rows are in each state. Costs nothing but the first time, and in a read-only ledger. */
void dm_ledger_count_uploads(struct dm_ledger *ledger, int64_t ret_counts[DM_UPLOAD_STATE_COUNT]);

/** Since when the oldest PENDING generation waits; 0: there is none. */
int64_t dm_ledger_oldest_upload(struct dm_ledger *ledger);

/** The row of @path, or NULL; (transfer full). */
struct dm_upload *dm_ledger_find_upload(struct dm_ledger *ledger, const char *path);
struct dm_upload *dm_ledger_get_upload(struct dm_ledger *ledger, int64_t id);

/**
 * At most @limit rows in @state, PENDING or DOUBTED, whose time has come at @utc_us, in the order
 * of that time: GPtrArray of struct dm_upload (transfer full).
 */
GPtrArray *dm_ledger_due_uploads(struct dm_ledger *ledger, enum dm_upload_state state,
                                 int64_t utc_us, int64_t limit);

/** At most @limit rows of any state, with ids above @after_id, in order of id; the same. */
GPtrArray *dm_ledger_list_uploads(struct dm_ledger *ledger, int64_t after_id, int64_t limit);

/** The parked rows that come first, at most @limit; the same. */
GPtrArray *dm_ledger_parked_uploads(struct dm_ledger *ledger, int64_t limit);

/** Queue the result @path of @bytes: a new row, or the next generation of the one that is there. */
void dm_ledger_queue_upload(struct dm_ledger *ledger, const char *path, int64_t bytes);

/**
 * Write @upload if it is still of its generation, and say whether it was. A row that becomes SYNCED
 * adds "synced" to the history of its input, and its original is held no more.
 */
bool dm_ledger_save_upload(struct dm_ledger *ledger, struct dm_upload *upload);

/** An attempt of row @id, of whatever generation, may still come in until @until_utc_us. */
void dm_ledger_doubt_upload(struct dm_ledger *ledger, int64_t id, int64_t until_utc_us);

/** Make parked rows PENDING, of @path or (NULL) all. Returns how many. */
int64_t dm_ledger_retry_uploads(struct dm_ledger *ledger, const char *path);

/** Forget @path: its object is no more. */
void dm_ledger_forget_upload(struct dm_ledger *ledger, const char *path);

// ---- multipart: committed before it is relied on

/** Remember the multipart upload @multipart of row @id, whatever its generation is by now; "": none
 * is under way, and its parts are forgotten. */
void dm_ledger_set_multipart(struct dm_ledger *ledger, int64_t id, const char *multipart,
                             int64_t part_bytes, const char *source);

/** Remember that part @number (from 1) of row @id is there. */
void dm_ledger_add_part(struct dm_ledger *ledger, int64_t id, int64_t number, const char *etag);

/** The ETags of the parts of row @id: index number - 1, NULL where there is none (transfer full).
 */
GPtrArray *dm_ledger_parts(struct dm_ledger *ledger, int64_t id);

/** Say whether some row has the multipart upload @multipart under way. */
bool dm_ledger_knows_multipart(struct dm_ledger *ledger, const char *multipart);

#endif
