// SPDX-License-Identifier: MIT
//
// The record of uploads.h: see upload.h.
#include "watcher/ledger/upload.h"

#include <glib.h>

const char *dm_upload_state_name(enum dm_upload_state state) {
    static const char *const names[DM_UPLOAD_STATE_COUNT] = {
        [DM_UPLOAD_PENDING] = "pending",
        [DM_UPLOAD_PARKED] = "parked",
        [DM_UPLOAD_SYNCED] = "synced",
        [DM_UPLOAD_DOUBTED] = "doubted",
    };
    return names[state];
}

void dm_upload_free(struct dm_upload *upload) {
    if (upload == NULL) {
        return;
    }
    g_free(upload->path);
    g_free(upload->etag);
    g_free(upload->multipart);
    g_free(upload->source);
    g_free(upload->reason);
    g_free(upload->message);
    g_free(upload);
}
