// SPDX-License-Identifier: MIT
//
// The share. See share.h. What the I/O thread owns while it runs stands in struct guarded.
#include "watcher/share/share.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/log.h"
#include "common/log_event.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/io_thread.h"
#include "watcher/share/lock.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define LONGEST_DELAY_S 30

// Failures that others tell of belong together if they are not further apart.
#define STEADY_US (60 * G_USEC_PER_SEC)

// A share that has not answered for so long is offline; for so long, and it is told in status.
#define SILENT_S 30
#define SLOW_US (5 * G_USEC_PER_SEC)
// How long to wait for it when we are to stop.
#define PATIENCE_US (3 * G_USEC_PER_SEC)

/** Rooms that nobody else's data can be missing from when they are not there. */
static const bool is_ours_to_make[DM_SHARE_ROOM_COUNT] = {
    [DM_SHARE_ORIGINALS] = true,
    [DM_SHARE_FAILED] = true,
};

/** The I/O thread's. */
struct guarded {
    struct dm_share_dirs dirs;
    struct dm_identity known;
    // What stood there at the last proof.
    struct dm_mark rooms[DM_SHARE_ROOM_COUNT];
    // When it last proved itself; 0: it has to.
    int64_t proved_us;
    // And this time from the disk.
    bool deep;
    // It is locked by us while it is there, with this descriptor; else -1.
    bool locked;
    int lock_fd;
    int64_t recheck_us;
};

struct dm_share {
    char *path;
    struct dm_io_thread *thread;
    struct guarded guarded;
    bool remote;
    struct dm_mark marker;
    int64_t trips;
    // As the last job that came back found them.
    struct dm_mark rooms[DM_SHARE_ROOM_COUNT];

    bool online;
    // Why not.
    char *problem;
    unsigned failures;
    unsigned returns;
    bool probing;
    // Offline because a job does not come back.
    bool hung;
    // Offline because others say so: only a probe, in its time, brings it back.
    bool accused;
    // How often they said so of late, and when they did last.
    unsigned accusations;
    int64_t accused_us;
    int64_t since_us, retry_us;
    // Of the last turn or dispatch.
    int64_t now_us;
};

/** A job of a room on its way. */
struct trip {
    struct dm_share *share;
    dm_share_work_fn work;
    dm_share_done_fn done;
    void *job;
    // NULL: the share was there, the work was done.
    char *problem;
    struct dm_mark rooms[DM_SHARE_ROOM_COUNT];
};

// ---- is it the share that we know? (the I/O thread)

/** Say whether the open descriptor is what stands under the name now. */
static bool is_current(int fd, int root_fd, const char *name) {
    struct stat open_one, named;
    return fd >= 0 && fstat(fd, &open_one) == 0 &&
           fstatat(root_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

static void close_rooms(int rooms[DM_SHARE_ROOM_COUNT]) {
    for (size_t i = 0; i < DM_SHARE_ROOM_COUNT; i++) {
        dm_close_fd(&rooms[i]);
        rooms[i] = -1;
    }
}

/** Open @room unless @known is what stands there; @ret_fd: the new descriptor, if any. */
static int look_at_room(int known, int root_fd, enum dm_share_room room, int *ret_fd,
                        struct dm_mark *ret) {
    const char *name = dm_share_room_name(room);
    if (is_current(known, root_fd, name)) {
        return dm_mark_fd(known, ret);
    }
    *ret_fd = is_ours_to_make[room] ? dm_make_dirs_beneath(root_fd, name)
                                    : dm_open_beneath(root_fd, name, O_RDONLY | O_DIRECTORY, 0);
    if (*ret_fd < 0 && is_ours_to_make[room] && errno == EROFS) {
        *ret = (struct dm_mark){0}; // a share to be read: nobody will need it
        return 0;
    }
    return *ret_fd >= 0 ? dm_mark_fd(*ret_fd, ret) : -1;
}

/**
 * Look at the share. @ret_fresh: descriptors of the rooms that it has not yet; close_rooms() them.
 * Returns 0, or -1 with errno and what failed.
 */
static int look(const struct guarded *guarded, struct dm_identity *ret_found,
                int ret_fresh[DM_SHARE_ROOM_COUNT], const char **ret_what) {
    const struct dm_share_dirs *known = &guarded->dirs;
    *ret_what = "its directory";
    DM_AUTO_CLOSE int root_fd = open(known->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0) {
        return -1;
    }
    *ret_what = DM_ROOT_ID;
    if (dm_identity_read(root_fd, guarded->deep, ret_found) != 0) {
        return -1;
    }
    for (size_t i = 0; i < DM_SHARE_ROOM_COUNT; i++) {
        *ret_what = dm_share_room_name(i);
        if (look_at_room(known->rooms[i], root_fd, i, &ret_fresh[i], &ret_found->rooms[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static void take_rooms(struct dm_share_dirs *dirs, int fresh[DM_SHARE_ROOM_COUNT]) {
    for (size_t i = 0; i < DM_SHARE_ROOM_COUNT; i++) {
        if (fresh[i] >= 0) {
            dm_close_fd(&dirs->rooms[i]);
            dirs->rooms[i] = fresh[i];
            fresh[i] = -1;
        }
    }
}

static char *offline_text(const char *path, const char *what, const char *why) {
    return g_strdup_printf("the share '%s' is offline: %s%s%s", path, what, *why ? ": " : "", why);
}

/** Returns NULL if the share is there, else what is wrong (transfer full). */
static char *look_and_compare(struct guarded *guarded, int fresh[DM_SHARE_ROOM_COUNT]) {
    struct dm_identity found = {0};
    const char *what;
    if (look(guarded, &found, fresh, &what) != 0) {
        return offline_text(guarded->dirs.path, what, g_strerror(errno));
    }
    bool anew;
    const char *objection = dm_identity_objection(&guarded->known, &found, &anew);
    if (anew) {
        bool locked = guarded->known.lock.ino != 0, remote = guarded->known.remote;
        guarded->known = found;
        guarded->known.lock = locked ? found.lock : (struct dm_mark){0};
        guarded->known.remote = remote;
    }
    memcpy(guarded->rooms, found.rooms, sizeof(guarded->rooms));
    return objection != NULL ? offline_text(guarded->dirs.path, objection, "") : NULL;
}

/** Lock the share that is back, if it was ours. The same. */
static char *lock_again(struct guarded *guarded) {
    bool elsewhere;
    if (guarded->locked && guarded->lock_fd < 0) {
        guarded->lock_fd = dm_share_lock(guarded->dirs.path, NULL, &elsewhere, NULL);
    }
    return guarded->locked && guarded->lock_fd < 0
               ? offline_text(guarded->dirs.path,
                              "it cannot be locked, another dropmilld may watch it now", "")
               : NULL;
}

static void let_go(struct guarded *guarded) {
    close_rooms(guarded->dirs.rooms);
    dm_close_fd(&guarded->lock_fd);
    guarded->lock_fd = -1;
}

/** The same. Nothing is held open of a share that is not there: somebody will want to unmount it.
 */
static char *prove(struct guarded *guarded, int64_t now_us) {
    if (guarded->proved_us != 0 && now_us - guarded->proved_us < guarded->recheck_us) {
        return NULL;
    }
    int fresh[DM_SHARE_ROOM_COUNT] = {-1, -1, -1, -1};
    char *problem = look_and_compare(guarded, fresh);
    problem = problem == NULL ? lock_again(guarded) : problem;
    if (problem == NULL) {
        take_rooms(&guarded->dirs, fresh);
    } else {
        let_go(guarded);
        close_rooms(fresh);
    }
    guarded->proved_us = problem == NULL ? now_us : 0;
    return problem;
}

static void work(void *data) {
    struct trip *trip = data;
    struct guarded *guarded = &trip->share->guarded;
    guarded->deep = trip->work == NULL; // a probe
    guarded->proved_us = guarded->deep ? 0 : guarded->proved_us;
    trip->problem = prove(guarded, g_get_monotonic_time());
    memcpy(trip->rooms, guarded->rooms, sizeof(trip->rooms));
    if (trip->problem != NULL || trip->work == NULL) {
        return;
    }
    dm_share_progress(&guarded->dirs);
    int errnum = trip->work(&guarded->dirs, trip->job);
    if (errnum != 0) {
        guarded->proved_us = 0;
        trip->problem = offline_text(guarded->dirs.path, g_strerror(errnum), "");
    }
}

// ---- online, offline (the main loop)

int64_t dm_share_delay_us(unsigned failures) {
    int64_t seconds = failures < 6 ? 1 << (failures > 0 ? failures - 1 : 0) : LONGEST_DELAY_S;
    return MIN(seconds, LONGEST_DELAY_S) * G_USEC_PER_SEC;
}

static void go_offline(struct dm_share *share, const char *problem) {
    if (!share->online && share->now_us < share->retry_us) {
        return; // one of many jobs that say the same
    }
    share->failures++;
    int64_t delay_us = dm_share_delay_us(MAX(share->failures, share->accusations));
    share->retry_us = share->now_us + delay_us;
    g_free(share->problem);
    share->problem = g_strdup(problem);
    if (share->online) {
        dm_log_event(DM_EVENT_SHARE_AWAY, DM_LOG_WARNING,
                     "%s, nothing will be changed there, will retry in %d s", problem,
                     (int)(delay_us / G_USEC_PER_SEC));
        share->online = false;
        share->since_us = share->now_us;
    }
}

static void go_online(struct dm_share *share) {
    if (share->online || share->accused) {
        return;
    }
    dm_log_event(DM_EVENT_SHARE_BACK, DM_LOG_MESSAGE,
                 "the share '%s' is back, will look at everything in it", share->path);
    g_clear_pointer(&share->problem, g_free);
    share->failures = 0;
    share->online = true;
    share->returns++;
}

void dm_share_accuse(struct dm_share *share, int errnum, int64_t now_us) {
    share->now_us = now_us;
    if (!share->online) {
        return; // one of many who say the same
    }
    share->accusations = now_us - share->accused_us < STEADY_US ? share->accusations + 1 : 1;
    share->accused_us = now_us;
    g_autofree char *problem =
        offline_text(share->path, "files in it cannot be read or written", g_strerror(errnum));
    go_offline(share, problem);
    share->accused = true;
}

static void done(void *data) {
    struct trip *trip = data;
    struct dm_share *share = trip->share;
    share->accused &= trip->work != NULL;
    if (trip->problem != NULL) {
        go_offline(share, trip->problem);
    } else {
        memcpy(share->rooms, trip->rooms, sizeof(share->rooms));
        go_online(share);
    }
    share->hung = false;
    if (trip->done != NULL) {
        trip->done(trip->job, trip->problem == NULL);
    } else {
        share->probing = false;
    }
    g_free(trip->problem);
    g_free(trip);
}

void dm_share_push(struct dm_share *share, dm_share_work_fn work_fn, dm_share_done_fn done_fn,
                   void *job) {
    struct trip *trip = g_new(struct trip, 1);
    *trip = (struct trip){.share = share, .work = work_fn, .done = done_fn, .job = job};
    share->trips++;
    dm_io_thread_push(share->thread, work, done, trip);
}

int dm_share_open_top(const struct dm_share_dirs *dirs) {
    int fd = open(dirs->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && !is_current(dirs->rooms[DM_SHARE_INBOX], fd, DM_DIR_INBOX)) {
        close(fd);
        fd = -1;
        errno = ESTALE;
    }
    return fd;
}

void dm_share_progress(const struct dm_share_dirs *dirs) {
    dm_io_thread_progress(dirs->thread);
}

/** Take it offline if a job hangs. Returns when to look again. */
static int64_t look_for_silence(struct dm_share *share, int64_t now_us) {
    if (!share->online || dm_io_thread_load(share->thread) == 0) {
        return INT64_MAX;
    }
    int64_t rest_us = SILENT_S * G_USEC_PER_SEC - dm_io_thread_silent_us(share->thread);
    if (rest_us > 0) {
        return now_us + rest_us;
    }
    g_autofree char *problem =
        offline_text(share->path, "it has not answered for " G_STRINGIFY(SILENT_S) " s", "");
    go_offline(share, problem);
    share->hung = true; // and will tell when it does
    return INT64_MAX;
}

int64_t dm_share_turn(struct dm_share *share, int64_t now_us) {
    share->now_us = now_us;
    int64_t silence_us = look_for_silence(share, now_us);
    if (share->hung) {
        return INT64_MAX;
    }
    if (!share->online && !share->probing && share->retry_us <= now_us) {
        share->probing = true;
        dm_share_push(share, NULL, NULL, NULL);
    }
    return share->online || share->probing ? silence_us : share->retry_us;
}

void dm_share_probe(struct dm_share *share) {
    share->retry_us = MIN(share->retry_us, share->now_us);
}

bool dm_share_is_online(const struct dm_share *share) {
    return share->online;
}

unsigned dm_share_returns(const struct dm_share *share) {
    return share->returns;
}

const char *dm_share_path(const struct dm_share *share) {
    return share->path;
}

const struct dm_mark *dm_share_room_mark(const struct dm_share *share, enum dm_share_room room) {
    return &share->rooms[room];
}

const struct dm_mark *dm_share_marker(const struct dm_share *share) {
    return &share->marker;
}

bool dm_share_is_remote(const struct dm_share *share) {
    return share->remote;
}

int dm_share_fd(const struct dm_share *share) {
    return dm_io_thread_fd(share->thread);
}

size_t dm_share_dispatch(struct dm_share *share, int64_t now_us) {
    share->now_us = now_us;
    return dm_io_thread_dispatch(share->thread);
}

size_t dm_share_load(const struct dm_share *share) {
    return share->thread != NULL ? dm_io_thread_load(share->thread) : 0;
}

int64_t dm_share_trips(const struct dm_share *share) {
    return share->trips;
}

void dm_share_status(const struct dm_share *share, int64_t now_us, struct dm_share_status *ret) {
    *ret = (struct dm_share_status){.online = share->online};
    int64_t silent_us = dm_io_thread_silent_us(share->thread);
    ret->silent_us = silent_us > SLOW_US ? silent_us : 0;
    if (!share->online) {
        ret->offline_us = now_us - share->since_us;
        ret->retry_in_us = MAX(share->retry_us - now_us, 0);
        g_strlcpy(ret->problem, share->problem, sizeof(ret->problem));
    }
}

// ---- opened, freed

static bool open_first(struct dm_share *share, GError **error) {
    struct guarded *guarded = &share->guarded;
    const char *what;
    if (look(guarded, &guarded->known, guarded->dirs.rooms, &what) != 0) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "no share at '%s': %s: %s, expected what 'dropmill setup' makes",
                       share->path, what, g_strerror(errno));
    }
    share->remote = dm_is_network_fs(guarded->dirs.rooms[DM_SHARE_INBOX]);
    share->marker = guarded->known.marker;
    guarded->known.remote = share->remote;
    guarded->known.lock = (struct dm_mark){0};
    memcpy(guarded->rooms, guarded->known.rooms, sizeof(guarded->rooms));
    memcpy(share->rooms, guarded->known.rooms, sizeof(share->rooms));
    share->thread = dm_io_thread_new("share", error);
    guarded->dirs.thread = share->thread;
    return share->thread != NULL;
}

struct dm_share *dm_share_open(const char *path, int64_t recheck_us, GError **error) {
    struct dm_share *share = g_new0(struct dm_share, 1);
    share->path = g_strdup(path);
    share->online = true;
    share->guarded.recheck_us = recheck_us;
    share->guarded.dirs.path = share->path;
    share->guarded.lock_fd = -1;
    for (size_t i = 0; i < DM_SHARE_ROOM_COUNT; i++) {
        share->guarded.dirs.rooms[i] = -1;
    }
    if (!open_first(share, error)) {
        dm_share_free(share);
        return NULL;
    }
    return share;
}

bool dm_share_guard_lock(struct dm_share *share, int lock_fd, GError **error) {
    g_assert(share->trips == 0); // what is known is the I/O thread's from then on
    if (dm_mark_fd(lock_fd, &share->guarded.known.lock) != 0) {
        return dm_fail_errno(error, errno, "cannot look at '%s/" DM_LOCK_FILE "'", share->path);
    }
    share->guarded.locked = true;
    share->guarded.lock_fd = lock_fd;
    return true;
}

bool dm_share_stop(struct dm_share *share) {
    if (share == NULL || share->thread == NULL) {
        return true;
    }
    if (!dm_io_thread_finish(share->thread, PATIENCE_US)) {
        dm_log_warning("the share '%s' does not answer, will not be waited for", share->path);
        return false;
    }
    dm_io_thread_free(share->thread);
    share->thread = NULL;
    return true;
}

void dm_share_free(struct dm_share *share) {
    if (share == NULL) {
        return;
    }
    g_assert(share->thread == NULL); // stopped
    let_go(&share->guarded);
    g_free(share->problem);
    g_free(share->path);
    g_free(share);
}
