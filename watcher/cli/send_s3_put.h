// SPDX-License-Identifier: MIT
//
// A file goes into the bucket: is it there already? If not, whole or in parts.
#ifndef DM_WATCHER_CLI_SEND_S3_PUT_H
#define DM_WATCHER_CLI_SEND_S3_PUT_H

#include "watcher/cli/send_s3_road.h"

/** Bring @file there, which is FOUND; it ends SENT or FAILED, or stays SENDING if we are stopped.
 */
void dm_send_s3_put(struct dm_send_road *road, struct dm_send_file *file);

/** Let the bucket forget the uploads in road->orphans. */
void dm_send_s3_abort_orphans(struct dm_send_road *road);

#endif
