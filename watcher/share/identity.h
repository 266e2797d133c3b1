// SPDX-License-Identifier: MIT
//
// Identity: how a share proves that it is the one that we know. A share that is not mounted looks
// like an empty directory; a copy of it on another file system has the same marker. From neither
// may anything be concluded, so each look at the share compares what is there with what was there
// at the start. Read next: share.h.
#ifndef DM_WATCHER_SHARE_IDENTITY_H
#define DM_WATCHER_SHARE_IDENTITY_H

#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define DM_IDENTITY_ID_MAX 256

/** The rooms of a share, in the order of a file's way. */
enum dm_share_room {
    DM_SHARE_INBOX,
    DM_SHARE_OUTBOX,
    DM_SHARE_ORIGINALS,
    DM_SHARE_FAILED,
    DM_SHARE_ROOM_COUNT,
};

/** What a room is called: DM_DIR_INBOX, ... */
const char *dm_share_room_name(enum dm_share_room room);

/** How a share looks from inside. A plain value. */
struct dm_identity {
    // The content of the marker .dropmill/root.id, which only `dropmill setup` makes.
    char id[DM_IDENTITY_ID_MAX];
    struct dm_mark marker, root, rooms[DM_SHARE_ROOM_COUNT];
    // Of .dropmill/lock; known as 0: nobody holds it for us.
    struct dm_mark lock;
    // Known: on a network file system, where one file may have another number from day to day.
    bool remote;
};

/** Read the marker beneath the open share @root_fd into @ret: `id`, `marker`, `root`, and `lock` if
 * there is one. @deep: the marker comes from the disk, not from memory. Returns 0, or -1 with errno
 * (ENODATA: it is empty, or no regular file). Threads: any. */
int dm_identity_read(int root_fd, bool deep, struct dm_identity *ret);

/**
 * Why @found is not the share that is @known, for people; NULL if it is. A share that was mounted
 * anew has other devices, and its marker is the very same file: then @ret_anew says that @found is
 * what is to be known from now on. It is refused once all the same: what was under way began in the
 * old one. Pure.
 */
const char *dm_identity_objection(const struct dm_identity *known, const struct dm_identity *found,
                                  bool *ret_anew);

/**
 * The id of the share at @path, by its marker: (transfer full). It becomes the name of directories,
 * so only a harmless one is taken. Errors: DM_ERROR_CONFIG when there is no share, DM_ERROR_SYSTEM.
 */
char *dm_identity_share_id(const char *path, GError **error);

#endif
