// SPDX-License-Identifier: MIT
//
// Source: results opened on the share's thread, beneath its guard. While the share is offline none
// is opened, and nothing is concluded.
#ifndef DM_WATCHER_MIRROR_SOURCE_H
#define DM_WATCHER_MIRROR_SOURCE_H

#include "watcher/share/share.h"

#include <glib.h>
#include <stdint.h>

/** One result. */
struct dm_source {
    // Relative to the outbox; owned.
    char *path;
    void *user;

    // What came of it.

    // -1: it could not be opened, by errnum: ENOENT is said only of a file that is not there.
    int fd;
    int errnum;
    int64_t bytes, mtime_ns;
    // Which file it is: another text for another file, or for other bytes in it.
    char *identity;
};

/** @sources: of struct dm_source (transfer full); @done: the share was online, all were tried. */
typedef void (*dm_sources_fn)(GPtrArray *sources, bool done, void *user);

struct dm_source *dm_source_new(const char *path, void *user);
void dm_source_free(struct dm_source *source);

/** An array that owns them. */
GPtrArray *dm_sources_new(void);

/** Open all of @sources (transfer full); @back is called on the main loop. */
void dm_sources_open(struct dm_share *share, GPtrArray *sources, dm_sources_fn back, void *user);

/** The same, but look only: no descriptor is left open. */
void dm_sources_look(struct dm_share *share, GPtrArray *sources, dm_sources_fn back, void *user);

#endif
