// SPDX-License-Identifier: MIT
//
// What the S3 inbox is made with: its settings, and what it is told of the rooms beside it. Part of
// its door, s3_inbox.h.
#ifndef DM_WATCHER_S3_INBOX_CONFIG_H
#define DM_WATCHER_S3_INBOX_CONFIG_H

#include "watcher/s3_inbox/settings.h"

/** Copied; what it points to is borrowed for the S3 inbox's life. */
struct dm_s3_inbox_config {
    const struct dm_s3_inbox_settings *settings;
    // What the claim says: who we are, and what keys of results begin with.
    const char *share_id;
    const char *results_prefix;

    // What other rooms know.

    /** Why a file at @path of the inbox would not be worked on, (transfer full); NULL: it would. */
    char *(*objection)(const char *path, void *data);
    /** The key of the result @output (relative to the outbox), (transfer full); NULL: it has none.
     */
    char *(*result_key)(const char *output, void *data);
    void *data;
};

#endif
