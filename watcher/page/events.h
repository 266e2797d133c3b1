// SPDX-License-Identifier: MIT
//
// What has changed, as a stream of events (text/event-stream): that it did, and of which drop, not
// how it is now. A ring of the last 1,000 is kept: who comes back with the number of the last event
// that he has seen gets what came after it; who is further behind, or slower than the ring, gets
// `resync`. The same event twice within a quarter of a second is one.
//
// Threads: the main loop only.
#ifndef DM_WATCHER_PAGE_EVENTS_H
#define DM_WATCHER_PAGE_EVENTS_H

#include "watcher/page/board.h"
#include "watcher/page/request.h"

struct dm_events;

/** @max_streams: who comes when there are so many is refused. */
struct dm_events *dm_events_new(unsigned max_streams);
/** When the server, and with it every stream, is gone. Accepts NULL. */
void dm_events_free(struct dm_events *events);

/** Watch @board (borrowed) while somebody listens. */
void dm_events_watch(struct dm_events *events, struct dm_board *board);

/** Something has changed: @kind is "state", "drop", "problem", "folder" or "log"; @drop: its path;
 * (nullable). */
void dm_events_tell(struct dm_events *events, const char *kind, const char *drop);

/** Answer with the stream, or refuse. */
void dm_events_answer(struct dm_events *events, struct dm_request *request);

/** How many listen. */
unsigned dm_events_streams(const struct dm_events *events);

#endif
