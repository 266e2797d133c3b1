// SPDX-License-Identifier: MIT
//
// What `dropmill send` tells: how far it is, a line of JSON when a file is over, and at the end
// what failed and why.
#ifndef DM_WATCHER_CLI_SEND_REPORT_H
#define DM_WATCHER_CLI_SEND_REPORT_H

#include "watcher/cli/send.h"

/** "sent 12 of 40, 3.1 MB of 10 MB, 1.2 MB/s; 5 done; 3 got", after @elapsed_us; (transfer full).
 * Pure. */
char *dm_send_progress_text(const struct dm_send *send, int64_t elapsed_us);

/** Print a file that is over as one line of JSON. */
void dm_send_write_file(const struct dm_send *send, const struct dm_send_file *file);

/** Name each that failed, with the reason, on stderr. */
void dm_send_report_failures(const struct dm_send *send);

/** Say on stderr how what is not over can be gone on with. */
void dm_send_say_how_to_go_on(const struct dm_send *send);

#endif
