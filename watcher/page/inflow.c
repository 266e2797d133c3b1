// SPDX-License-Identifier: MIT
#include "watcher/page/inflow.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/move.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PREFIX "up-"

enum step { OPENING, READY, WRITING, PLACING, ENDED };

struct dm_inflow {
    struct dm_share *share;
    enum step step;
    enum dm_inflow_end end;
    int errnum;
    int64_t bytes, spare_bytes, written, there_bytes;
    // In DM_INFLOW_DIR.
    char *temp;
    int fd;
    // The piece that is written.
    GByteArray *piece;
    char *path;
    bool replace;
    // NULL: nobody waits any more.
    void (*moved)(void *data);
    void *data;
};

static int open_dir(const struct dm_share_dirs *dirs) {
    return dm_make_dirs_beneath(dirs->rooms[DM_SHARE_INBOX], DM_INFLOW_DIR);
}

/** Keep how it ended; what the share itself did is told to the share. */
static int fail(struct dm_inflow *inflow, int errnum) {
    if (dm_errno_is_offline(errnum)) {
        inflow->end = DM_INFLOW_AWAY;
        return errnum;
    }
    inflow->errnum = errnum;
    inflow->end = errnum == ENOSPC || errnum == EDQUOT ? DM_INFLOW_NO_SPACE : DM_INFLOW_REFUSED;
    return 0;
}

/** The share is asked before each file, not in the middle of one. */
static bool has_space(const struct dm_inflow *inflow, int fd) {
    struct statvfs status;
    if (fstatvfs(fd, &status) != 0) {
        return true;
    }
    uint64_t free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
    return free_bytes >= (uint64_t)(MAX(inflow->bytes, 0) + inflow->spare_bytes);
}

// ---- on the share's thread

static int open_work(const struct dm_share_dirs *dirs, void *job) {
    struct dm_inflow *inflow = job;
    int dir_fd = open_dir(dirs);
    if (dir_fd < 0) {
        return fail(inflow, errno);
    }
    if (!has_space(inflow, dir_fd)) {
        inflow->end = DM_INFLOW_NO_SPACE;
    } else {
        inflow->temp = g_strdup_printf(PREFIX "%08x%08x.part", g_random_int(), g_random_int());
        inflow->fd = dm_create_new(dir_fd, inflow->temp, 0660);
    }
    int errnum = errno;
    close(dir_fd);
    return inflow->fd < 0 && inflow->end == DM_INFLOW_OPEN ? fail(inflow, errnum) : 0;
}

static int write_work(const struct dm_share_dirs *dirs, void *job) {
    (void)dirs;
    struct dm_inflow *inflow = job;
    if (!dm_write_all(inflow->fd, (const char *)inflow->piece->data, inflow->piece->len)) {
        return fail(inflow, errno);
    }
    inflow->written += inflow->piece->len;
    return 0;
}

/** Rename from @from_fd to the name of its path in @to_fd. */
static int rename_it(struct dm_inflow *inflow, int from_fd, int to_fd) {
    const char *name = dm_path_base(inflow->path);
    if (inflow->replace) {
        return renameat(from_fd, inflow->temp, to_fd, name);
    }
    int status = dm_rename_new(from_fd, inflow->temp, to_fd, name);
    struct stat there;
    if (status != 0 && errno == EEXIST && fstatat(to_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0) {
        inflow->there_bytes = there.st_size;
        inflow->end = DM_INFLOW_EXISTS;
        return 0;
    }
    return status;
}

static int place_between(struct dm_inflow *inflow, int from_fd, int to_fd) {
    if (to_fd < 0 || rename_it(inflow, from_fd, to_fd) != 0) {
        return fail(inflow, errno);
    }
    if (inflow->end == DM_INFLOW_OPEN) {
        g_clear_pointer(&inflow->temp, g_free);
        inflow->end = DM_INFLOW_PLACED;
        fsync(to_fd); // the name, too, is on disk before it is said to be
    }
    return 0;
}

static int place_work(const struct dm_share_dirs *dirs, void *job) {
    struct dm_inflow *inflow = job;
    if (fdatasync(inflow->fd) != 0) {
        return fail(inflow, errno);
    }
    g_autofree char *dir = dm_path_dir(inflow->path);
    int from_fd = open_dir(dirs);
    int to_fd = from_fd >= 0 ? dm_make_dirs_beneath(dirs->rooms[DM_SHARE_INBOX], dir) : -1;
    int status = place_between(inflow, from_fd, to_fd);
    if (to_fd >= 0) {
        close(to_fd);
    }
    if (from_fd >= 0) {
        close(from_fd);
    }
    return status;
}

static int discard_work(const struct dm_share_dirs *dirs, void *job) {
    struct dm_inflow *inflow = job;
    int dir_fd = inflow->temp != NULL ? open_dir(dirs) : -1;
    if (dir_fd >= 0) {
        unlinkat(dir_fd, inflow->temp, 0);
        close(dir_fd);
    }
    return 0;
}

// ---- on the main loop

static void release(struct dm_inflow *inflow) {
    if (inflow->fd >= 0) {
        close(inflow->fd);
    }
    g_byte_array_unref(inflow->piece);
    g_free(inflow->temp);
    g_free(inflow->path);
    g_free(inflow);
}

static void on_discarded(void *job, bool done) {
    (void)done;
    release(job);
}

static void discard(struct dm_inflow *inflow) {
    dm_share_push(inflow->share, discard_work, on_discarded, inflow);
}

static void on_done(void *job, bool done) {
    struct dm_inflow *inflow = job;
    if (!done && inflow->end == DM_INFLOW_OPEN) {
        inflow->end = DM_INFLOW_AWAY;
    }
    inflow->step = inflow->end == DM_INFLOW_OPEN ? READY : ENDED;
    if (inflow->moved == NULL) {
        discard(inflow);
        return;
    }
    inflow->moved(inflow->data);
}

struct dm_inflow *dm_inflow_new(struct dm_share *share, int64_t bytes, int64_t spare_bytes,
                                void (*moved)(void *data), void *data) {
    struct dm_inflow *inflow = g_new0(struct dm_inflow, 1);
    inflow->share = share;
    inflow->bytes = bytes;
    inflow->spare_bytes = spare_bytes;
    inflow->fd = -1;
    inflow->piece = g_byte_array_new();
    inflow->moved = moved;
    inflow->data = data;
    dm_share_push(share, open_work, on_done, inflow);
    return inflow;
}

bool dm_inflow_is_ready(const struct dm_inflow *inflow) {
    return inflow->step == READY;
}

void dm_inflow_write(struct dm_inflow *inflow, const char *bytes, size_t size) {
    inflow->step = WRITING;
    g_byte_array_set_size(inflow->piece, 0);
    g_byte_array_append(inflow->piece, (const guint8 *)bytes, (unsigned)size);
    dm_share_push(inflow->share, write_work, on_done, inflow);
}

void dm_inflow_place(struct dm_inflow *inflow, const char *path, bool replace) {
    inflow->step = PLACING;
    inflow->path = g_strdup(path);
    inflow->replace = replace;
    dm_share_push(inflow->share, place_work, on_done, inflow);
}

enum dm_inflow_end dm_inflow_end(const struct dm_inflow *inflow) {
    return inflow->end;
}

int dm_inflow_errnum(const struct dm_inflow *inflow) {
    return inflow->errnum;
}

int64_t dm_inflow_bytes(const struct dm_inflow *inflow) {
    return inflow->written;
}

int64_t dm_inflow_there_bytes(const struct dm_inflow *inflow) {
    return inflow->there_bytes;
}

void dm_inflow_free(struct dm_inflow *inflow) {
    if (inflow == NULL) {
        return;
    }
    inflow->moved = NULL;
    if (inflow->step == READY || inflow->step == ENDED) {
        discard(inflow);
    } // else the job that is under way comes to its end first
}

// ---- what was left

static int clean_work(const struct dm_share_dirs *dirs, void *job) {
    (void)job;
    int fd = dm_open_beneath(dirs->rooms[DM_SHARE_INBOX], DM_INFLOW_DIR, O_RDONLY | O_DIRECTORY, 0);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (g_str_has_prefix(entry->d_name, PREFIX) && dm_is_our_file(fd, entry->d_name)) {
            unlinkat(fd, entry->d_name, 0);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return 0;
}

static void on_cleaned(void *job, bool done) {
    (void)job;
    (void)done;
}

void dm_inflow_clean(struct dm_share *share) {
    dm_share_push(share, clean_work, on_cleaned, NULL);
}
