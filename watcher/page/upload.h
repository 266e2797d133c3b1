// SPDX-License-Identifier: MIT
//
// What the ways into the inbox have in common: files of drops, the form of somebody without script.
#ifndef DM_WATCHER_PAGE_UPLOAD_H
#define DM_WATCHER_PAGE_UPLOAD_H

#include "watcher/page/inflow.h"
#include "watcher/page/request.h"

/** Say why @inflow, which has ended, did not get to its place. */
void dm_upload_refuse(struct dm_request *request, const struct dm_inflow *inflow);

#endif
