// SPDX-License-Identifier: MIT
//
// What `dropmill process` tells at the end: failures with reason and advice, names that are not
// what one would expect, and all of it as JSON if that was asked for.
#ifndef DM_WATCHER_CLI_PROCESS_REPORT_H
#define DM_WATCHER_CLI_PROCESS_REPORT_H

#include "watcher/cli/process_inputs.h"
#include "watcher/ledger/ledger.h"

#include <stdbool.h>
#include <stddef.h>

struct dm_report_options {
    const char *output_dir;
    bool json;
    // Failures only.
    bool quiet;
    // What was not done did not fail.
    bool interrupted;
};

/** Tell what became of each file. Returns how many have a result. */
size_t dm_report_results(struct dm_ledger *ledger, const struct dm_inputs *inputs,
                         const struct dm_report_options *options);

#endif
