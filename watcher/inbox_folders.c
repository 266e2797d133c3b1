// SPDX-License-Identifier: MIT
//
// Folders of the inbox from afar: see inbox_folders.h.
#include "watcher/inbox_folders.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/move.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/** A job of the share. */
struct job {
    // (nullable) NULL: make `to`.
    char *from;
    char *to;
    dm_inbox_folder_fn done;
    void *data;

    bool changed;
    // (nullable) Why it was not done.
    char *why;
};

bool dm_inbox_folder_is_name(const char *name) {
    return *name != '\0' && strlen(name) <= NAME_MAX && strchr(name, '/') == NULL &&
           strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static void rename_it(int inbox_fd, struct job *job) {
    struct stat status;
    if (fstatat(inbox_fd, job->from, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISDIR(status.st_mode)) {
        job->why = g_strdup("there is no such folder in the inbox any more");
    } else if (dm_rename_new(inbox_fd, job->from, inbox_fd, job->to) == 0) {
        job->changed = true;
    } else if (errno == EEXIST || errno == ENOTEMPTY) {
        g_autofree char *shown = dm_path_display(job->to);
        job->why = g_strdup_printf("there is a folder '%s' already: move what is in this one there",
                                   shown);
    } else {
        job->why = g_strdup(g_strerror(errno));
    }
}

static void make_it(int inbox_fd, struct job *job) {
    struct stat status;
    bool there = fstatat(inbox_fd, job->to, &status, AT_SYMLINK_NOFOLLOW) == 0;
    DM_AUTO_CLOSE int fd = dm_make_dirs_beneath(inbox_fd, job->to);
    if (fd >= 0) {
        job->changed = !there;
    } else if (there && (errno == ENOTDIR || errno == ELOOP)) {
        job->why = g_strdup("something of that name is in the inbox that is no folder");
    } else {
        job->why = g_strdup(g_strerror(errno));
    }
}

static int work(const struct dm_share_dirs *dirs, void *data) {
    struct job *job = data;
    if (job->from != NULL) {
        rename_it(dirs->rooms[DM_SHARE_INBOX], job);
    } else {
        make_it(dirs->rooms[DM_SHARE_INBOX], job);
    }
    return 0;
}

static void back(void *data, bool done) {
    struct job *job = data;
    job->done(job->changed, done ? job->why : "the share is away", job->data);
    g_free(job->from);
    g_free(job->to);
    g_free(job->why);
    g_free(job);
}

static void push(struct dm_share *share, const struct job *job) {
    dm_share_push(share, work, back, g_memdup2(job, sizeof(*job)));
}

void dm_inbox_folder_rename(struct dm_share *share, const char *from, const char *to,
                            dm_inbox_folder_fn done, void *data) {
    const struct job job = {.from = g_strdup(from), .to = g_strdup(to), .done = done, .data = data};
    push(share, &job);
}

void dm_inbox_folder_make(struct dm_share *share, const char *name, dm_inbox_folder_fn done,
                          void *data) {
    const struct job job = {.to = g_strdup(name), .done = done, .data = data};
    push(share, &job);
}
