// SPDX-License-Identifier: MIT
//
// Doubts: an object is there, but an earlier request whose end nobody knows might have come in
// behind it and undone it. When that cannot happen any more it is looked at: another object there
// is sent over again; none is a consumer's doing, and is left.
#ifndef DM_WATCHER_MIRROR_DOUBTS_H
#define DM_WATCHER_MIRROR_DOUBTS_H

#include "watcher/mirror/work.h"

/** Look at what is due. Returns when (UTC) the next is; INT64_MAX: there is none. */
int64_t dm_doubts_turn(struct dm_mirror *mirror, int64_t utc_us);

#endif
