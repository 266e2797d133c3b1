// SPDX-License-Identifier: MIT
//
// Objects as files. A file carries its sum as an extended attribute where there are such; else it
// is not known.
#include "common/fsutil.h"
#include "watcher/store/dir_names.h"
#include "watcher/store/sha256.h"
#include "watcher/store/store_dir_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SUM_ATTRIBUTE "user.dropmill.sha256"
#define NSEC_PER_SEC INT64_C(1000000000)
#define COPY_BYTES (1024 * 1024)
#define MEMORY_MAX_BYTES (1024 * 1024)

void dm_dir_fail(struct dm_outcome *outcome, int errnum, const char *what, const char *key) {
    enum dm_store_class class = DM_STORE_TRANSPORT;
    switch (errnum) {
    case ENOENT:
        class = DM_STORE_MISSING;
        break;
    case ENAMETOOLONG:
    case ENOTDIR:
    case EISDIR:
    case ENOTEMPTY:
    case EEXIST:
    case ELOOP:
    case EILSEQ:
    case EINVAL:
    case EFBIG:
        class = DM_STORE_OBJECT;
        break;
    case EACCES:
    case EPERM:
    case EROFS:
        class = DM_STORE_ENDPOINT;
        break;
    case ENOSPC:
    case EDQUOT:
        class = DM_STORE_SERVER;
        break;
    default:
        break;
    }
    dm_outcome_fail(outcome, class, "%s: '%s': %s", what, key, g_strerror(errnum));
}

int dm_dir_create_temporary(int dir_fd, char **ret_name) {
    for (int i = 0; i < 100; i++) {
        g_autofree char *name = g_strdup_printf(".dm-%08x.tmp", g_random_int());
        int fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd >= 0) {
            *ret_name = g_steal_pointer(&name);
            return fd;
        }
        if (errno != EEXIST)
            return -1;
    }
    errno = EEXIST;
    return -1;
}

int dm_dir_write(int fd, const void *bytes, size_t length) {
    const char *at = bytes;
    while (length > 0) {
        ssize_t n = write(fd, at, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        at += n;
        length -= (size_t)n;
    }
    return 0;
}

static void describe(int fd, const struct dm_dir_file *file) {
    if (file->sha256 != NULL && *file->sha256 != '\0')
        (void)!fsetxattr(fd, SUM_ATTRIBUTE, file->sha256, strlen(file->sha256), 0);
    if (file->mtime_ns == 0)
        return;
    struct timespec at = {file->mtime_ns / NSEC_PER_SEC, (long)(file->mtime_ns % NSEC_PER_SEC)};
    struct timespec times[2] = {at, at};
    (void)!futimens(fd, times);
}

int dm_dir_publish(int root_fd, int fd, int dir_fd, const char *name, const char *final_path,
                   const struct dm_dir_file *file) {
    g_assert(name != NULL);
    describe(fd, file);
    g_autofree char *parent = g_path_get_dirname(final_path);
    g_autofree char *base = g_path_get_basename(final_path);
    int parent_fd = fsync(fd) == 0 ? dm_make_dirs_beneath(root_fd, parent) : -1;
    int failure = parent_fd < 0 ? errno : 0;
    if (failure == 0 && renameat(dir_fd, name, parent_fd, base) != 0)
        failure = errno;
    if (failure == 0 && fsync(parent_fd) != 0)
        failure = errno;
    if (failure != 0)
        unlinkat(dir_fd, name, 0);
    if (parent_fd >= 0)
        close(parent_fd);
    return failure;
}

char *dm_dir_etag(const struct stat *st) {
    return g_strdup_printf("%" PRIx64 "-%" PRIx64 "-%" PRIx64, (uint64_t)st->st_ino,
                           (uint64_t)st->st_ctim.tv_sec * 1000000000U +
                               (uint64_t)st->st_ctim.tv_nsec,
                           (uint64_t)st->st_size);
}

/** The path of @key; NULL, and said so, if it can have none. */
static char *path_of(const char *key, struct dm_outcome *outcome) {
    char *path = strlen(key) <= DM_STORE_MAX_KEY ? dm_dir_path_of_key(key) : NULL;
    if (path == NULL)
        dm_dir_fail(outcome, ENAMETOOLONG, "no file can have the name", key);
    return path;
}

/** What is said of the object in @fd. */
static void tell(int fd, struct dm_outcome *outcome) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return;
    struct dm_store_result *result = &outcome->result;
    result->etag = dm_outcome_own(outcome, dm_dir_etag(&st));
    result->size = st.st_size;
    result->mtime_ns = st.st_mtim.tv_sec * NSEC_PER_SEC + st.st_mtim.tv_nsec;
    result->time_utc_us = (int64_t)st.st_ctim.tv_sec * G_USEC_PER_SEC + st.st_ctim.tv_nsec / 1000;
    char sum[DM_SHA256_HEX_BYTES] = "";
    if (fgetxattr(fd, SUM_ATTRIBUTE, sum, sizeof(sum) - 1) == DM_SHA256_HEX_BYTES - 1)
        result->sha256 = dm_outcome_own(outcome, g_strdup(sum));
}

void dm_dir_put(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome) {
    g_autofree char *path = path_of(request->key, outcome);
    const void *bytes;
    g_autofree void *owned = NULL;
    if (path == NULL || !dm_body_read(&request->body, outcome, &bytes, &owned))
        return;
    char sum[DM_SHA256_HEX_BYTES];
    dm_sha256_hex(bytes, (size_t)request->body.length, sum);
    g_autofree char *name = NULL;
    int fd = dm_dir_create_temporary(root_fd, &name);
    if (fd < 0) {
        dm_dir_fail(outcome, errno == ENOENT ? EIO : errno, "object cannot be written",
                    request->key);
        return;
    }
    struct dm_dir_file file = {request->attributes.mtime_ns, sum};
    int failure = dm_dir_write(fd, bytes, (size_t)request->body.length);
    if (failure != 0)
        unlinkat(root_fd, name, 0);
    else
        failure = dm_dir_publish(root_fd, fd, root_fd, name, path, &file);
    if (failure != 0)
        dm_dir_fail(outcome, failure, "object cannot be written", request->key);
    else
        tell(fd, outcome);
    outcome->result.sha256 = dm_outcome_own(outcome, g_strdup(sum));
    close(fd);
}

/** Open the object of @key, if it is the one of @if_match (nullable). Returns -1 and says why not.
 */
static int open_object(int root_fd, const char *key, const char *if_match,
                       struct dm_outcome *outcome) {
    g_autofree char *path = path_of(key, outcome);
    if (path == NULL)
        return -1;
    int fd = dm_open_beneath(root_fd, path, O_RDONLY, 0);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        int failure = fd < 0 && errno != ENOTDIR ? errno : ENOENT;
        if (fd >= 0)
            close(fd);
        dm_dir_fail(outcome, failure, "no such object", key);
        return -1;
    }
    tell(fd, outcome);
    if (if_match != NULL && strcmp(if_match, outcome->result.etag) != 0) {
        dm_outcome_fail(outcome, DM_STORE_PRECONDITION, "object: '%s' is another one by now", key);
        close(fd);
        return -1;
    }
    return fd;
}

void dm_dir_head(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome) {
    int fd = open_object(root_fd, request->key, NULL, outcome);
    if (fd >= 0)
        close(fd);
}

/** Send @length bytes from @fd at @offset to @out_fd, or to @memory. Returns 0 or an errno; of the
 * source as a negative one. */
static int transfer(int fd, int64_t offset, int64_t length, int out_fd, GString *memory,
                    struct dm_sha256 *sum) {
    g_autofree char *buffer = g_malloc(COPY_BYTES);
    for (int64_t done = 0; done < length;) {
        ssize_t n = pread(fd, buffer, (size_t)MIN(COPY_BYTES, length - done), offset + done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? -EIO : -errno;
        dm_sha256_add(sum, buffer, (size_t)n);
        if (out_fd < 0)
            g_string_append_len(memory, buffer, n);
        int failure = out_fd < 0 ? 0 : dm_dir_write(out_fd, buffer, (size_t)n);
        if (failure != 0)
            return failure;
        done += n;
    }
    return 0;
}

/** Give what was asked for of the open object @fd. */
static void give(int fd, const struct dm_store_request *request, struct dm_outcome *outcome) {
    const struct dm_store_get_options *get = &request->get;
    int64_t rest = MAX(outcome->result.size - get->offset, 0);
    int64_t length = get->length < 0 ? rest : MIN(get->length, rest);
    int64_t most = get->max_bytes > 0 ? get->max_bytes
                   : get->fd < 0      ? MEMORY_MAX_BYTES
                                      : G_MAXINT64;
    if (length > most) {
        dm_outcome_fail(outcome, DM_STORE_OBJECT, "object: '%s' has more than %" PRId64 " bytes",
                        request->key, most);
        return;
    }
    GString *memory = g_string_new(NULL);
    struct dm_sha256 *sum = dm_sha256_new();
    int failure = get->fd < 0 || lseek(get->fd, 0, SEEK_SET) == 0
                      ? transfer(fd, get->offset, length, get->fd, memory, sum)
                      : errno;
    char hex[DM_SHA256_HEX_BYTES];
    dm_sha256_end(sum, hex);
    dm_sha256_free(sum);
    outcome->result.claimed_sha256 = outcome->result.sha256;
    outcome->result.sha256 = dm_outcome_own(outcome, g_strdup(hex));
    outcome->result.length = memory->len;
    outcome->result.bytes = dm_outcome_own(outcome, g_string_free(memory, FALSE));
    if (failure > 0)
        dm_outcome_fail_source(outcome, failure, "object cannot be kept");
    else if (failure < 0)
        dm_dir_fail(outcome, -failure, "object cannot be read", request->key);
}

void dm_dir_get(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome) {
    int fd = open_object(root_fd, request->key, request->if_match, outcome);
    if (fd < 0)
        return;
    give(fd, request, outcome);
    close(fd);
}

void dm_dir_remove(int root_fd, const struct dm_store_request *request,
                   struct dm_outcome *outcome) {
    g_autofree char *path = path_of(request->key, outcome);
    if (path == NULL)
        return;
    g_autofree char *parent = g_path_get_dirname(path);
    g_autofree char *base = g_path_get_basename(path);
    int dir_fd = dm_open_beneath(root_fd, parent, O_RDONLY | O_DIRECTORY, 0);
    int failure = dir_fd >= 0 && unlinkat(dir_fd, base, 0) == 0 ? 0 : errno;
    // A directory is no object.
    if (failure != 0 && failure != ENOENT && failure != ENOTDIR && failure != EISDIR)
        dm_dir_fail(outcome, failure, "object cannot be removed", request->key);
    if (dir_fd >= 0)
        close(dir_fd);
}

void dm_dir_copy(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome) {
    g_autofree char *path = path_of(request->key, outcome);
    int from =
        path != NULL ? open_object(root_fd, request->from_key, request->if_match, outcome) : -1;
    if (from < 0)
        return;
    g_autofree char *name = NULL;
    int fd = dm_dir_create_temporary(root_fd, &name);
    int failure = fd < 0 ? errno : 0;
    if (failure == 0) {
        g_assert(name != NULL);
        struct dm_dir_file file = {outcome->result.mtime_ns, outcome->result.sha256};
        struct dm_sha256 *sum = dm_sha256_new();
        failure = transfer(from, 0, outcome->result.size, fd, NULL, sum);
        dm_sha256_free(sum);
        failure = failure < 0 ? -failure : failure;
        if (failure != 0)
            unlinkat(root_fd, name, 0);
        else
            failure = dm_dir_publish(root_fd, fd, root_fd, name, path, &file);
    }
    if (failure != 0)
        dm_dir_fail(outcome, failure, "object cannot be copied to", request->key);
    else
        tell(fd, outcome);
    if (fd >= 0)
        close(fd);
    close(from);
}
