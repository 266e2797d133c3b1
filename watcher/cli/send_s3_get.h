// SPDX-License-Identifier: MIT
//
// Back from the bucket: answers, as they appear, and the results that they name.
#ifndef DM_WATCHER_CLI_SEND_S3_GET_H
#define DM_WATCHER_CLI_SEND_S3_GET_H

#include "watcher/cli/send_s3_road.h"

/** Look for answers if that is due at @now_us: one listing for all files, less and less often while
 * there is nothing new. Returns when it is due again; INT64_MAX: something is under way. */
int64_t dm_send_s3_look_for_answers(struct dm_send_road *road, int64_t now_us);

#endif
