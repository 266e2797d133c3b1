// SPDX-License-Identifier: MIT
//
// The larger parts of `dropmill s3`, each in its file; the others are in cmd_s3.c.
#ifndef DM_WATCHER_CLI_S3_PARTS_H
#define DM_WATCHER_CLI_S3_PARTS_H

#include "watcher/cli/cli.h"
#include "watcher/store/store.h"

/** Of a step that was made: @problem is NULL when it went well. */
typedef void (*dm_s3_step_fn)(const char *step, const char *problem, void *data);

/** Make every step that the daemon will make, on an object of its own below @prefix, which goes
 * again. Returns whether all went well. */
bool dm_s3_try(struct dm_store *store, const char *prefix, dm_s3_step_fn tell, void *data);

/** Both return an exit code of sysexits(3). */
int dm_s3_check(struct dm_cli *cli);
int dm_s3_audit(struct dm_cli *cli, bool fix);

#endif
