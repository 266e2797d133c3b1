// SPDX-License-Identifier: MIT
//
// A line of the log about a row: the journal gets what is known of it as fields.
#ifndef DM_WATCHER_LEDGER_ROW_LOG_H
#define DM_WATCHER_LEDGER_ROW_LOG_H

#include "common/log.h"
#include "common/log_event.h"
#include "watcher/ledger/ledger.h"

/**
 * As dm_log_about(): of @row's file, chain, and, as far as they are set, reason, job, rank and how
 * long the picture took.
 */
void dm_row_log(const struct dm_row *row, const char *id, enum dm_log_level level,
                const char *format, ...) G_GNUC_PRINTF(4, 5);

#endif
