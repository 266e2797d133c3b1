// SPDX-License-Identifier: MIT
//
// See source.h.
#include "watcher/mirror/source.h"

#include "common/fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct job {
    GPtrArray *sources;
    bool keep_open;
    dm_sources_fn back;
    void *user;
};

struct dm_source *dm_source_new(const char *path, void *user) {
    struct dm_source *source = g_new0(struct dm_source, 1);
    source->path = g_strdup(path);
    source->user = user;
    source->fd = -1;
    return source;
}

static void close_source(struct dm_source *source) {
    if (source->fd >= 0) {
        close(source->fd);
        source->fd = -1;
    }
}

void dm_source_free(struct dm_source *source) {
    if (source != NULL) {
        close_source(source);
        g_free(source->path);
        g_free(source->identity);
        g_free(source);
    }
}

GPtrArray *dm_sources_new(void) {
    return g_ptr_array_new_with_free_func((GDestroyNotify)dm_source_free);
}

static int describe(struct dm_source *source) {
    struct stat status;
    if (fstat(source->fd, &status) != 0) {
        return errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return EISDIR;
    }
    source->bytes = status.st_size;
    source->mtime_ns = status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec;
    source->identity = g_strdup_printf("%ju %jd %jd.%09ld %jd.%09ld", (uintmax_t)status.st_ino,
                                       (intmax_t)status.st_size, (intmax_t)status.st_mtim.tv_sec,
                                       status.st_mtim.tv_nsec, (intmax_t)status.st_ctim.tv_sec,
                                       status.st_ctim.tv_nsec);
    return 0;
}

/** Returns an errno by which the share itself failed, else 0. */
static int open_source(const struct dm_share_dirs *dirs, struct dm_source *source, bool keep_open) {
    source->fd = dm_open_beneath(dirs->rooms[DM_SHARE_OUTBOX], source->path,
                                 O_RDONLY | O_NOFOLLOW | O_NOCTTY, 0);
    source->errnum = source->fd >= 0 ? describe(source) : errno;
    if (source->errnum != 0 || !keep_open) {
        close_source(source);
    }
    return dm_errno_is_offline(source->errnum) ? source->errnum : 0;
}

static int work(const struct dm_share_dirs *dirs, void *data) {
    struct job *job = data;
    int errnum = 0;
    for (guint i = 0; i < job->sources->len && errnum == 0; i++) {
        errnum = open_source(dirs, job->sources->pdata[i], job->keep_open);
    }
    return errnum;
}

static void done(void *data, bool worked) {
    struct job *job = data;
    job->back(job->sources, worked, job->user);
    g_free(job);
}

static void push(struct dm_share *share, GPtrArray *sources, bool keep_open, dm_sources_fn back,
                 void *user) {
    struct job *job = g_new(struct job, 1);
    *job = (struct job){sources, keep_open, back, user};
    dm_share_push(share, work, done, job);
}

void dm_sources_open(struct dm_share *share, GPtrArray *sources, dm_sources_fn back, void *user) {
    push(share, sources, true, back, user);
}

void dm_sources_look(struct dm_share *share, GPtrArray *sources, dm_sources_fn back, void *user) {
    push(share, sources, false, back, user);
}
