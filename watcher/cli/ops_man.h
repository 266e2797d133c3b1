// SPDX-License-Identifier: MIT
//
// The section "OPERATIONS" of dropmill-folders(7), made from the catalogue:
// packaging/update-documents.sh puts it there.
#ifndef DM_WATCHER_CLI_OPS_MAN_H
#define DM_WATCHER_CLI_OPS_MAN_H

#include "common/catalogue.h"

/** Print mdoc source on stdout. */
void dm_ops_man_print(const struct dm_catalogue *catalogue);

#endif
