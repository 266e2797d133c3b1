// SPDX-License-Identifier: MIT
//
// Files: what is done on the share for objects that come in, as jobs of its thread. An object is
// fetched into a file in the directory DM_S3_TEMP_DIR of the inbox, which the inbox does not look
// into, made durable and looked at there, and renamed to its place; nothing that is there is ever
// replaced, and no link is followed.
#ifndef DM_WATCHER_S3_INBOX_FILES_H
#define DM_WATCHER_S3_INBOX_FILES_H

#include "common/wire.h"
#include "watcher/share/share.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define DM_S3_TEMP_DIR ".s3"
#define DM_S3_MD5_BYTES 33 // as hexadecimal, with the NUL

enum dm_s3_file_end {
    DM_S3_FILE_GOOD,
    // Something is in its place, or in that of one of its folders: later.
    DM_S3_FILE_WAITS,
    // It alone does not fit; nothing does.
    DM_S3_FILE_TOO_LARGE,
    DM_S3_FILE_NO_SPACE,
    // It is neither in its temporary nor in its place.
    DM_S3_FILE_GONE,
    // `errnum` says why.
    DM_S3_FILE_REFUSED,
};

/** One object's file. Texts are owned. */
struct dm_s3_file {
    // Relative to the inbox; `temp` is set by opening.
    char *path, *temp;
    // What it was fetched as: size_bytes before, all of it from keeping on.
    struct dm_fingerprint print;
    // Keeping: say its MD5, too.
    bool wants_md5;
    void *user;

    // What came of it.

    enum dm_s3_file_end end;
    int errnum;
    // Opened, for reading and writing; else -1. Closed with the file.
    int fd;
    char md5[DM_S3_MD5_BYTES];
};

struct dm_s3_file *dm_s3_file_new(const char *path, const char *temp, int64_t size_bytes,
                                  void *user);
void dm_s3_file_free(struct dm_s3_file *file);

/** An array that owns them. */
GPtrArray *dm_s3_files_new(void);

/** @files: (transfer full). @done: the share was online, and all were tried. */
typedef void (*dm_s3_files_fn)(GPtrArray *files, bool done, void *user);

/** Make a temporary for each, if its place is free and @spare_bytes stay free on the share. All
 * functions here: @files (transfer full), and @back is called on the main loop. */
void dm_s3_files_open(struct dm_share *share, GPtrArray *files, int64_t spare_bytes,
                      dm_s3_files_fn back, void *user);

/** Make what was fetched durable, and look at it. */
void dm_s3_files_keep(struct dm_share *share, GPtrArray *files, dm_s3_files_fn back, void *user);

/** Rename each to its place, if that was not done before. */
void dm_s3_files_place(struct dm_share *share, GPtrArray *files, dm_s3_files_fn back, void *user);

/** Remove the temporaries; (nullable) @back. */
void dm_s3_files_discard(struct dm_share *share, GPtrArray *files, dm_s3_files_fn back, void *user);

/** Remove all temporaries but these. */
void dm_s3_files_clean(struct dm_share *share, GPtrArray *files, dm_s3_files_fn back, void *user);

#endif
