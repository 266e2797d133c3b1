// SPDX-License-Identifier: MIT
//
// The share: the one directory tree that people see, and the one guard before it. A share that is
// not mounted looks like an empty directory: from an empty inbox one would conclude that every file
// was taken away, and an empty outbox would be filled where nobody looks. So all file work of the
// watcher on the share is jobs of this object. It runs them on its I/O thread, each only after the
// share has proved itself (identity.h), beneath descriptors that cannot lead anywhere else,
// whatever is mounted meanwhile.
//
//              a job finds that it is not there, or another one
//   online --------------------------------------------------------> offline: one warning; no job
//     ^                                                                 | does anything; a probe
//     +-----------------------------------------------------------------+ after 1, 2, 4 .. 30 s
//        a job finds it: one message; the rooms look at everything anew (dm_share_returns)
//
// Ranks read files, too; what they meet is told here (dm_share_accuse), and then only a probe
// counts. A job that does not come back for 30 s takes it offline, too, until it does.
//
// Inside:
//
//   identity    is it the share that we know?
//   lock        one watcher a share
//   io_thread   runs the jobs
//   move        the careful rename                               on that thread
//   put_back    failed/ -> inbox: try again                      on that thread
//   walk        over directories, and removals                   on that thread
//   writer      has anybody a file open?                         on that thread
//   note_file   texts for people, written whole                  on that thread
//   descriptor  descriptors that close themselves
//
// Threads: the main loop, but for `work` of jobs.
#ifndef DM_WATCHER_SHARE_SHARE_H
#define DM_WATCHER_SHARE_SHARE_H

#include "watcher/share/identity.h"

#include <stddef.h>

struct dm_io_thread;

/** The open directories of a share, for jobs. */
struct dm_share_dirs {
    int rooms[DM_SHARE_ROOM_COUNT];
    // For messages; borrowed.
    const char *path;
    // For dm_share_progress().
    struct dm_io_thread *thread;
};

/** In the work of a job of many parts: one more is done, so the share answers. */
void dm_share_progress(const struct dm_share_dirs *dirs);

/** In the work of a job: open the share itself, in which the rooms stand; -1 with errno: ESTALE
 * when it is not the one in which they do. */
int dm_share_open_top(const struct dm_share_dirs *dirs);

/**
 * The work of a job, on the I/O thread. Returns 0, or an errno by which the share itself failed
 * beneath it (dm_errno_is_offline): then the job counts as not done.
 */
typedef int (*dm_share_work_fn)(const struct dm_share_dirs *dirs, void *job);

/** The end of a job, on the main loop. @done: `work` was run and came to its end. Else the share is
 * offline, and nothing may be concluded. */
typedef void (*dm_share_done_fn)(void *job, bool done);

struct dm_share;

/**
 * Open the share at @path (absolute) and learn what it looks like; directories that are ours to
 * make (originals, failed) are made if need be. (On a share that is read-only they may be missing:
 * their descriptor is -1.)
 *
 * @recheck_us  a proof of identity is good for so long; 0: each job asks for one.
 * Errors: DM_ERROR_CONFIG when there is no share at @path; DM_ERROR_SYSTEM.
 */
struct dm_share *dm_share_open(const char *path, int64_t recheck_us, GError **error);

/**
 * Let the share be the one that we know only as long as @lock_fd (of dm_share_lock(); transfer full
 * if this succeeds) is its lock: before the first job. While it is offline it is not locked, and it
 * is back only when it is again. Errors: DM_ERROR_SYSTEM.
 */
bool dm_share_guard_lock(struct dm_share *share, int lock_fd, GError **error);

/**
 * Run all jobs that are queued to their ends, and those that these push; then the thread is gone,
 * and nothing may be pushed any more. The rooms must still stand. Accepts NULL.
 *
 * Returns false when the share does not answer within some seconds: then a job is still under way,
 * and neither the share nor a room may be freed.
 */
bool dm_share_stop(struct dm_share *share);

/** Accepts NULL. Stop it first. */
void dm_share_free(struct dm_share *share);

const char *dm_share_path(const struct dm_share *share);

/** What stands at @room, as the last job found it: others who work there compare. Its address stays
 * the same. */
const struct dm_mark *dm_share_room_mark(const struct dm_share *share, enum dm_share_room room);

/** What its marker is, as it was opened. */
const struct dm_mark *dm_share_marker(const struct dm_share *share);

/** Say whether it lies on a network file system, where others write without our being told. */
bool dm_share_is_remote(const struct dm_share *share);

/** Queue a job: it passes to the I/O thread until @done is called with it. */
void dm_share_push(struct dm_share *share, dm_share_work_fn work, dm_share_done_fn done, void *job);

/** A descriptor that is readable while there are finished jobs. Owned by the share. */
int dm_share_fd(const struct dm_share *share);

/** Call `done` of every finished job. Returns how many. */
size_t dm_share_dispatch(struct dm_share *share, int64_t now_us);

/** How many jobs are queued, running or finished and not yet dispatched. */
size_t dm_share_load(const struct dm_share *share);

/** How many jobs were ever pushed: trips of the I/O thread. */
int64_t dm_share_trips(const struct dm_share *share);

/** Probe the share when that is due. Returns when (monotonic us) the next turn is wanted;
 * INT64_MAX: on events only. */
int64_t dm_share_turn(struct dm_share *share, int64_t now_us);

/** Say whether the share is there. While it is not, rooms start nothing. */
bool dm_share_is_online(const struct dm_share *share);

/** How often the share has come back: whoever knew another number looks at everything anew. */
unsigned dm_share_returns(const struct dm_share *share);

/**
 * Others have met @errnum (dm_errno_is_offline) beneath the root, reading a file of it perhaps: it
 * is offline until a probe, which reads its marker from the disk, finds that it is not. Each time
 * within a minute that is later.
 */
void dm_share_accuse(struct dm_share *share, int errnum, int64_t now_us);

/** Probe in the next turn if it is offline: somebody thinks that it is not. */
void dm_share_probe(struct dm_share *share);

/** What status shows. */
struct dm_share_status {
    bool online;
    // Why not; "" if it is.
    char problem[256];
    // While offline: for how long, and until it is looked for again; else 0.
    int64_t offline_us, retry_in_us;
    // For how long it has not answered, if that is worth saying; else 0.
    int64_t silent_us;
};

void dm_share_status(const struct dm_share *share, int64_t now_us, struct dm_share_status *ret);

/** How long to wait after @failures tries in a row: 1, 2, 4 .. 30 s. Pure. */
int64_t dm_share_delay_us(unsigned failures);

#endif
