// SPDX-License-Identifier: MIT
//
// An answer of S3 as it comes in: the few headers that matter, and a body that is no object. Pure.
#ifndef DM_WATCHER_STORE_S3_REPLY_H
#define DM_WATCHER_STORE_S3_REPLY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Owns its texts, which are never NULL once it is initialised. */
struct dm_s3_reply {
    // 0: none yet.
    int status;
    char *etag, *region, *location, *content_type, *sha256;
    // Of the object; -1: not said.
    int64_t size;
    // Of the body; -1: not said.
    int64_t content_length;
    int64_t mtime_ns, modified_utc_us;
    // What the other side's clock says; 0: not said.
    int64_t date_utc_us;
    int64_t retry_after_us;
    // It said "100 Continue" before.
    bool has_continued;
    GString *body;
};

void dm_s3_reply_init(struct dm_s3_reply *reply);
void dm_s3_reply_clear(struct dm_s3_reply *reply);

/** Take a line of the header, of @length bytes; a status line begins a new answer. */
void dm_s3_reply_line(struct dm_s3_reply *reply, const char *line, size_t length);

/** Spell a time as x-amz-meta-mtime, as rclone does; (transfer full). */
char *dm_s3_spell_mtime(int64_t mtime_ns);

#endif
