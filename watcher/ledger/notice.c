// SPDX-License-Identifier: MIT
//
// See notice.h.
#include "watcher/ledger/notice.h"

#include <glib.h>

void dm_notice_free(struct dm_notice *notice) {
    if (notice != NULL) {
        g_free(notice->id);
        g_free(notice->kind);
        g_free(notice->about);
        g_free(notice->text);
        g_free(notice);
    }
}

void dm_ended_init(struct dm_ended *ended, const char *drop) {
    *ended = (struct dm_ended){.drop = g_strdup(drop), .chain = g_strdup("")};
}

void dm_ended_clear(struct dm_ended *ended) {
    g_clear_pointer(&ended->drop, g_free);
    g_clear_pointer(&ended->chain, g_free);
}
