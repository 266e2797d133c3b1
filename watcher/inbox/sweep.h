// SPDX-License-Identifier: MIT
//
// Sweep: one look at one directory of the inbox, a job of the share: all of it, or some names in
// it. A plain record: the main loop fills in the question, dm_sweep_work() the answer, reconcile.c
// reads it.
#ifndef DM_WATCHER_INBOX_SWEEP_H
#define DM_WATCHER_INBOX_SWEEP_H

#include "common/wire.h"
#include "watcher/inbox/probe.h"
#include "watcher/share/share.h"

#include <dirent.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum dm_sweep_outcome {
    DM_SWEEP_OFFLINE,    // nothing is known
    DM_SWEEP_READ,       // `entries` is what is there
    DM_SWEEP_GONE,       // the share is there, and no such directory in it
    DM_SWEEP_UNREADABLE, // `error` says why
};

/** One name. */
struct dm_sweep_entry {
    char *name;
    // Errno of the look at it (ENOENT: not there); 0: what follows is set.
    int error;
    mode_t mode;
    struct dm_fingerprint fingerprint;
    // (nullable) Where one was asked for and could be had.
    struct dm_probe *probe;
};

/** How to look at a name that is asked for: bit of its value in `names`; the other bits are the
 * owner's. */
#define DM_SWEEP_PROBE 1u

/** A large directory is read in parts: while there is `more`, the same sweep is pushed again. */
struct dm_sweep {
    // The question.
    // Whose it is; not touched here.
    void *owner;
    // Relative to the inbox; "" for itself.
    char *dir;
    // Read the directory, and watch it.
    bool whole;
    // Look at these names; the values are DM_SWEEP_PROBE and what the owner wants to be told again.
    GHashTable *names;
    // How to probe; `trigger` is borrowed from the configuration.
    struct dm_probe_question question;
    // -1: do not watch.
    int notify_fd;
    // Times of directories may be wrong by so much: those of the kernel's clock ticks are.
    int64_t grain_ns;
    int64_t asked_us;

    // The answer.
    enum dm_sweep_outcome outcome;
    int error;
    // From dm_notify_watch(); 0: was not to watch.
    int watch;
    // The directory is on a network file system; others may change it without our being told:
    // there, and below an overlay.
    bool remote, blind;
    // Of the directory before it was read; ino 0: it was changed so shortly before that one more
    // change would leave no trace in its times.
    struct dm_fingerprint stamp;
    // struct dm_sweep_entry: this part of the directory if `whole`; with the last part all of
    // `names`.
    GArray *entries;
    bool more;
    // Of the regular files of all parts: guint64, sorted when there is no more; dm_sweep_shows().
    GArray *shown;
    // Where the reading is; the I/O thread's.
    DIR *stream;

    // The owner's, not touched here but to be freed.
    // How far it has read, and the paths of rows up to which it has asked.
    guint next;
    char *missed;
    // Of all parts of the inbox itself: char *, its directories.
    GHashTable *there;
    bool begun, loose, note, incomplete;
};

/** Ask for @dir. @whole, @names (transfer full, nullable) as above. */
struct dm_sweep *dm_sweep_new(const char *dir, bool whole, GHashTable *names);
void dm_sweep_free(struct dm_sweep *sweep);

/** Say whether the reading, which has come to its end, has shown a regular file @name. */
bool dm_sweep_shows(const struct dm_sweep *sweep, const char *name);

/** Look. A dm_share_work_fn: @job is a struct dm_sweep. Opens beneath the inbox, follows no
 * symlink.
 */
int dm_sweep_work(const struct dm_share_dirs *dirs, void *job);

#endif
