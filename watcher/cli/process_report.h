// SPDX-License-Identifier: MIT
//
// What `dropmill process` tells: as JSON one object a line, as it happens; in words at the end,
// failures with reason and advice, and names that are not what one would expect.
#ifndef DM_WATCHER_CLI_PROCESS_REPORT_H
#define DM_WATCHER_CLI_PROCESS_REPORT_H

#include "watcher/cli/process_inputs.h"
#include "watcher/ledger/ledger.h"

#include <stdbool.h>
#include <stddef.h>

/** How it is told; all borrowed. */
struct dm_report {
    const struct dm_inputs *inputs;
    // Absolute.
    const char *output_dir;
    bool json;
    // Failures only.
    bool quiet;
    // (nullable) Why the run ended before all was done: what was not done did not fail.
    const char *ended;
};

/** Tell, as JSON if that is wanted, of arguments that are no inputs. */
void dm_report_problems(const struct dm_report *report);

/** Tell, as JSON if that is wanted, of a file whose result is there already. */
void dm_report_up_to_date(const struct dm_report *report, const struct dm_input *input);

/** Tell, as JSON if that is wanted, of a row that has come to its end. */
void dm_report_row(const struct dm_report *report, const struct dm_row *row);

/** Tell in words what became of each file, and of those that were not done. Returns how many have a
 * result. */
size_t dm_report_results(const struct dm_report *report, struct dm_ledger *ledger);

#endif
