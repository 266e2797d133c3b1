// SPDX-License-Identifier: MIT
//
// Notify: inotify behind a small interface, so that something else (fanotify) can take its place.
// Events are hints that say where to look. A watch is made on the I/O thread, which holds the
// directory open (dm_notify_watch), and learns the name of its directory on the main loop
// (dm_notify_bind); what it saw between the two is kept and told at the second. Everything but
// dm_notify_watch: the main loop only.
#ifndef DM_WATCHER_INBOX_NOTIFY_H
#define DM_WATCHER_INBOX_NOTIFY_H

#include <stdbool.h>

enum dm_notify_what {
    DM_NOTIFY_CREATED = 1 << 0,  // made, or linked in
    DM_NOTIFY_WRITTEN = 1 << 1,  // its content has changed
    DM_NOTIFY_CLOSED = 1 << 2,   // closed after writing
    DM_NOTIFY_MOVED_IN = 1 << 3, // renamed into the directory, or within it
    DM_NOTIFY_GONE = 1 << 4,     // deleted or renamed away
    DM_NOTIFY_DIR = 1 << 5,      // the name is a directory
    DM_NOTIFY_SELF = 1 << 6,     // the watch on `dir` has ended: look at it, and watch it again
    DM_NOTIFY_OVERFLOW = 1 << 7, // events were lost: look at everything
};

/** One hint; valid during the call. */
struct dm_notify_event {
    // enum dm_notify_what.
    unsigned what;
    // As bound; "" with OVERFLOW.
    const char *dir;
    // In it; "" with SELF and OVERFLOW.
    const char *name;
};

typedef void (*dm_notify_fn)(const struct dm_notify_event *event, void *data);

struct dm_notify;

/** Returns NULL with errno (EMFILE: fs.inotify.max_user_instances, or descriptors). */
struct dm_notify *dm_notify_new(void);
void dm_notify_free(struct dm_notify *notify);

/** Readable when there are events. */
int dm_notify_fd(const struct dm_notify *notify);

/**
 * Watch the open directory @dir_fd; the same directory gives the same watch again. @notify_fd is
 * dm_notify_fd(). Returns the watch, or minus an errno (ENOSPC: fs.inotify.max_user_watches).
 * Threads: any.
 */
int dm_notify_watch(int notify_fd, int dir_fd);

/** Say that @watch is on @dir, and tell what it has seen meanwhile. */
void dm_notify_bind(struct dm_notify *notify, int watch, const char *dir, dm_notify_fn fn,
                    void *data);

/** No watch waits for its name: forget what unknown ones have seen. */
void dm_notify_forget_unbound(struct dm_notify *notify);

/** End the watches on @dir and (@below) on everything below it. "" is above everything. */
void dm_notify_drop(struct dm_notify *notify, const char *dir, bool below);

/** Tell all that has happened. Never waits. */
void dm_notify_read(struct dm_notify *notify, dm_notify_fn fn, void *data);

#endif
