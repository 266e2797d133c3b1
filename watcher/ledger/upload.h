// SPDX-License-Identifier: MIT
//
// An upload: what the mirror has to send, or has sent, under one name of the outbox. A record that
// flows; the table of them: uploads.h.
//
//   state    means                                        left by
//   -------  -------------------------------------------  ----------------------------------------
//   PENDING  the newest generation is to be sent          synced, parked
//   PARKED   it cannot be sent as it is; it has a reason  `dropmill s3 retry`, a new generation
//   SYNCED   the newest generation is verified there      a new generation
//   DOUBTED  the same, but an earlier request whose end   a look at it when its time has come
//            is unknown may still come in and undo it
#ifndef DM_WATCHER_LEDGER_UPLOAD_H
#define DM_WATCHER_LEDGER_UPLOAD_H

#include <stdint.h>

enum dm_upload_state {
    DM_UPLOAD_PENDING,
    DM_UPLOAD_PARKED,
    DM_UPLOAD_SYNCED,
    DM_UPLOAD_DOUBTED,
    DM_UPLOAD_STATE_COUNT,
};

/** "pending", "parked", "synced", "doubted". */
const char *dm_upload_state_name(enum dm_upload_state state);

/** One name in the outbox. A plain record; strings are owned, never NULL. */
struct dm_upload {
    int64_t id;
    // Relative to the outbox (bytes); unique, and never another one.
    char *path;
    enum dm_upload_state state;
    // How often a result was published there while a mirror was kept.
    int64_t generation;
    // Of this generation, that failed.
    int64_t attempts;
    // PENDING, DOUBTED: not before this.
    int64_t not_before_utc_us;
    // Since when there is this generation, and since when it is in this state.
    int64_t since_utc_us;
    int64_t state_utc_us;
    // Of the result; of the object, once it is verified.
    int64_t bytes;
    // Of the object that was verified last, of whatever generation; "": none was.
    char *etag;
    // A request of an earlier attempt may still come in: until then.
    int64_t doubt_utc_us;
    // The multipart upload that is under way, "" if none; the size of its parts; and which file
    // they are of, in words that only the mirror understands.
    char *multipart;
    int64_t part_bytes;
    char *source;
    // Why it is parked, or failed last: a word, a sentence.
    char *reason;
    char *message;
    // SYNCED: the result was not in the outbox since then; 0: it was, or nobody has looked.
    int64_t absent_utc_us;
};

void dm_upload_free(struct dm_upload *upload);

#endif
