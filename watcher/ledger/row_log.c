// SPDX-License-Identifier: MIT
//
// A row as the journal knows it: see row_log.h.
#include "watcher/ledger/row_log.h"

void dm_row_log(const struct dm_row *row, const char *id, enum dm_log_level level,
                const char *format, ...) {
    const struct dm_log_subject subject = {
        .file = row->path,
        .chain = row->chain,
        .reason = row->reason != DM_REASON_NONE ? dm_reason_name(row->reason) : NULL,
        .job = row->job,
        .rank = row->host != NULL && *row->host != '\0' ? &row->rank : NULL,
        .duration_us = row->elapsed_us,
    };
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    dm_log_about(&subject, id, level, "%s", message);
}
