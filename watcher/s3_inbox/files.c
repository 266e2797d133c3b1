// SPDX-License-Identifier: MIT
//
// See files.h.
#include "watcher/s3_inbox/files.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/move.h"
#include "watcher/share/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define READ_BYTES 262144

struct job;

/** What is done with one file beneath the inbox; @job has what is known of all. */
typedef void (*file_fn)(int inbox_fd, struct dm_s3_file *file, struct job *job);

struct job {
    GPtrArray *files;
    file_fn each;
    int64_t spare_bytes;
    dm_s3_files_fn back;
    void *user;
};

struct dm_s3_file *dm_s3_file_new(const char *path, const char *temp, int64_t size_bytes,
                                  void *user) {
    struct dm_s3_file *file = g_new0(struct dm_s3_file, 1);
    file->path = g_strdup(path);
    file->temp = g_strdup(temp);
    file->print.size_bytes = size_bytes;
    file->user = user;
    file->fd = -1;
    return file;
}

void dm_s3_file_free(struct dm_s3_file *file) {
    if (file != NULL) {
        dm_close_fd(&file->fd);
        g_free(file->path);
        g_free(file->temp);
        g_free(file);
    }
}

GPtrArray *dm_s3_files_new(void) {
    return g_ptr_array_new_with_free_func((GDestroyNotify)dm_s3_file_free);
}

static void refuse(struct dm_s3_file *file, int errnum) {
    bool is_full = errnum == ENOSPC || errnum == EDQUOT;
    file->end = is_full ? DM_S3_FILE_NO_SPACE : DM_S3_FILE_REFUSED;
    file->errnum = errnum;
}

// ---- opening

/** Say whether the place of @file is free: nothing is there, and nothing but folders leads there.
 */
static bool is_place_free(int inbox_fd, struct dm_s3_file *file) {
    g_autofree char *dir = dm_path_dir(file->path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(inbox_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd < 0 && errno != ENOENT) {
        refuse(file, errno);
        return false;
    }
    struct stat s;
    if (dir_fd < 0 || fstatat(dir_fd, dm_path_base(file->path), &s, AT_SYMLINK_NOFOLLOW) != 0) {
        return true;
    }
    file->end = DM_S3_FILE_WAITS;
    return false;
}

/** Say whether @file fits, of which `spare_bytes` takes note. */
static bool has_space(int inbox_fd, struct dm_s3_file *file, struct job *job) {
    struct statvfs s;
    if (fstatvfs(inbox_fd, &s) != 0) {
        refuse(file, errno);
        return false;
    }
    uint64_t free_bytes = (uint64_t)s.f_bavail * s.f_frsize;
    uint64_t spare_bytes = (uint64_t)job->spare_bytes;
    if (free_bytes < spare_bytes) {
        file->end = DM_S3_FILE_NO_SPACE;
    } else if (free_bytes - spare_bytes < (uint64_t)file->print.size_bytes) {
        file->end = DM_S3_FILE_TOO_LARGE;
    } else {
        job->spare_bytes += file->print.size_bytes;
    }
    return file->end == DM_S3_FILE_GOOD;
}

static void open_file(int inbox_fd, struct dm_s3_file *file, struct job *job) {
    if (!is_place_free(inbox_fd, file) || !has_space(inbox_fd, file, job)) {
        return;
    }
    DM_AUTO_CLOSE int dir_fd = dm_make_dirs_beneath(inbox_fd, DM_S3_TEMP_DIR);
    g_autofree char *wanted = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
    g_autofree char *name = NULL;
    file->fd = dir_fd >= 0 ? dm_create_half(dir_fd, wanted, 0666, &name) : -1;
    if (file->fd < 0) {
        refuse(file, errno);
        return;
    }
    g_free(file->temp);
    file->temp = dm_path_join(DM_S3_TEMP_DIR, name);
}

// ---- keeping

/** The MD5 of what is on the disk. Returns 0, or an errno. */
static int read_md5(struct dm_s3_file *file) {
    g_autofree guchar *buffer = g_malloc(READ_BYTES);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_MD5);
    int64_t done = 0;
    ssize_t length;
    while ((length = pread(file->fd, buffer, READ_BYTES, done)) > 0) {
        g_checksum_update(sum, buffer, length);
        done += length;
    }
    g_strlcpy(file->md5, g_checksum_get_string(sum), sizeof(file->md5));
    return length == 0 ? 0 : errno;
}

static void keep_file(int inbox_fd, struct dm_s3_file *file, struct job *job) {
    (void)inbox_fd;
    (void)job;
    int errnum = fsync(file->fd) == 0 && dm_fingerprint_fd(file->fd, &file->print) == 0 ? 0 : errno;
    if (errnum == 0 && file->wants_md5) {
        errnum = read_md5(file);
    }
    if (errnum != 0) {
        refuse(file, errnum);
    }
}

// ---- placing

static bool is_it(int inbox_fd, const char *path, const struct dm_fingerprint *print) {
    g_autofree char *dir = dm_path_dir(path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(inbox_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    return dir_fd >= 0 && dm_move_is_same(dir_fd, dm_path_base(path), print);
}

static void place_file(int inbox_fd, struct dm_s3_file *file, struct job *job) {
    (void)job;
    if (!is_it(inbox_fd, file->temp, &file->print)) {
        bool is_placed = is_it(inbox_fd, file->path, &file->print);
        file->end = is_placed ? DM_S3_FILE_GOOD : DM_S3_FILE_GONE;
        return;
    }
    g_autofree char *dir = dm_path_dir(file->path);
    DM_AUTO_CLOSE int from_fd =
        dm_open_beneath(inbox_fd, DM_S3_TEMP_DIR, O_RDONLY | O_DIRECTORY, 0);
    DM_AUTO_CLOSE int to_fd = from_fd >= 0 ? dm_make_dirs_beneath(inbox_fd, dir) : -1;
    if (to_fd < 0 ||
        dm_rename_new(from_fd, dm_path_base(file->temp), to_fd, dm_path_base(file->path)) != 0) {
        bool waits = to_fd >= 0 && errno == EEXIST;
        refuse(file, errno);
        file->end = waits ? DM_S3_FILE_WAITS : file->end;
        return;
    }
    (void)!fsync(to_fd);
}

// ---- removing

static void discard_file(int inbox_fd, struct dm_s3_file *file, struct job *job) {
    (void)job;
    if (file->temp != NULL) {
        (void)!dm_remove_ours_beneath(inbox_fd, file->temp);
    }
}

static bool is_wanted(const GPtrArray *files, const char *name) {
    for (guint i = 0; i < files->len; i++) {
        const struct dm_s3_file *file = files->pdata[i];
        if (strcmp(dm_path_base(file->temp), name) == 0) {
            return true;
        }
    }
    return false;
}

static void clean(int inbox_fd, const GPtrArray *files) {
    int fd = dm_open_beneath(inbox_fd, DM_S3_TEMP_DIR, O_RDONLY | O_DIRECTORY, 0);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (stream == NULL) {
        dm_close_fd(&fd);
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) { // NOLINT(concurrency-mt-unsafe): our own stream
        if (!is_wanted(files, entry->d_name) && dm_is_our_file(fd, entry->d_name)) {
            unlinkat(fd, entry->d_name, 0);
        }
    }
    closedir(stream);
}

// ---- jobs

static int work(const struct dm_share_dirs *dirs, void *data) {
    struct job *job = data;
    int inbox_fd = dirs->rooms[DM_SHARE_INBOX];
    if (job->each == NULL) {
        clean(inbox_fd, job->files);
        return 0;
    }
    for (guint i = 0; i < job->files->len; i++) {
        struct dm_s3_file *file = job->files->pdata[i];
        file->end = DM_S3_FILE_GOOD;
        job->each(inbox_fd, file, job);
        if (file->end == DM_S3_FILE_REFUSED && dm_errno_is_offline(file->errnum)) {
            return file->errnum;
        }
        dm_share_progress(dirs);
    }
    return 0;
}

static void done(void *data, bool worked) {
    struct job *job = data;
    if (job->back != NULL) {
        job->back(job->files, worked, job->user);
    } else {
        g_ptr_array_unref(job->files);
    }
    g_free(job);
}

static void push(struct dm_share *share, const struct job *wanted) {
    dm_share_push(share, work, done, g_memdup2(wanted, sizeof(*wanted)));
}

void dm_s3_files_open(struct dm_share *share, GPtrArray *files, int64_t spare_bytes,
                      dm_s3_files_fn back, void *user) {
    push(share, &(struct job){files, open_file, spare_bytes, back, user});
}

void dm_s3_files_keep(struct dm_share *share, GPtrArray *files, dm_s3_files_fn back, void *user) {
    push(share, &(struct job){files, keep_file, 0, back, user});
}

void dm_s3_files_place(struct dm_share *share, GPtrArray *files, dm_s3_files_fn back, void *user) {
    push(share, &(struct job){files, place_file, 0, back, user});
}

void dm_s3_files_discard(struct dm_share *share, GPtrArray *files, dm_s3_files_fn back,
                         void *user) {
    push(share, &(struct job){files, discard_file, 0, back, user});
}

void dm_s3_files_clean(struct dm_share *share, GPtrArray *files, dm_s3_files_fn back, void *user) {
    push(share, &(struct job){files, NULL, 0, back, user});
}
