// SPDX-License-Identifier: MIT
//
// What inbox and outbox would do, for dropmill process: its inputs are rows that are complete from
// the start, results are published at once, and originals stay where they are.
#ifndef DM_WATCHER_CLI_PROCESS_ROWS_H
#define DM_WATCHER_CLI_PROCESS_ROWS_H

#include "watcher/cli/process_inputs.h"
#include "watcher/cli/process_publish.h"
#include "watcher/ledger/ledger.h"

#include <stddef.h>
#include <stdint.h>

/** The rows of one run; what it points to is borrowed. */
struct dm_process_rows {
    struct dm_ledger *ledger;
    const struct dm_inputs *inputs;
    struct dm_publisher *publisher;
    // So many inputs have a result, or will have none.
    size_t finished;
    // When (monotonic) the latest of them was.
    int64_t finished_us;
    // Of this turn.
    int64_t now_us;
    // (nullable) Called with each row that has come to its end.
    void (*on_finished)(const struct dm_row *row, void *data);
    void *data;
};

/** Make a READY row of each input that is not finished, to be processed as @chain says. */
void dm_process_rows_insert(const struct dm_process_rows *rows, const char *chain);

/** Publish what is computed, take anew what has changed, and note what has come to its end. */
void dm_process_rows_turn(struct dm_process_rows *rows, int64_t now_us);

/** Remove the temporaries that are left when no rank is. */
void dm_process_rows_discard(struct dm_process_rows *rows);

#endif
