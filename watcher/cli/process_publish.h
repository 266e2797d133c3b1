// SPDX-License-Identifier: MIT
//
// The results of `dropmill process` get their names. They are those that the outbox would give, in
// one tree; a file that is there already keeps its name unless --force says otherwise, or --update
// and it is older; an input keeps it whatever is said.
#ifndef DM_WATCHER_CLI_PROCESS_PUBLISH_H
#define DM_WATCHER_CLI_PROCESS_PUBLISH_H

#include "common/catalogue.h"
#include "watcher/cli/process_inputs.h"
#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdbool.h>

/** Where results go and by which rules; all borrowed. */
struct dm_publisher {
    int output_fd;
    const struct dm_catalogue *catalogue;
    const struct dm_inputs *inputs;
    bool force;
    // Older results are replaced.
    bool update;
    // Names that this run has given -> struct dm_input, whose result has it.
    GHashTable *taken;
};

/**
 * Rename the temporary of @row (COMPUTED) to its name, which goes into row->output with its
 * directories, made if need be.
 * Errors: DM_ERROR_SYSTEM, DM_ERROR_TRANSIENT when it cannot be renamed; DM_ERROR_REMOTE for a
 * format that the catalogue does not have.
 */
bool dm_publish_result(struct dm_publisher *publisher, struct dm_row *row, GError **error);

/**
 * Say whether the result of @input is there already and not older than it: that which the chain
 * with
 * @format (nullable: it keeps the input's) would make of it. Its name is taken then.
 */
bool dm_publish_is_up_to_date(const struct dm_publisher *publisher, struct dm_input *input,
                              const struct dm_format *format);

/** Remove the temporary of @row, if it has one. */
void dm_publish_discard(const struct dm_publisher *publisher, struct dm_row *row);

#endif
