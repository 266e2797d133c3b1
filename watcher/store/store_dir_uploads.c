// SPDX-License-Identifier: MIT
//
// Uploads in parts: each a directory below UPLOADS, with a file "about" and the parts, which are
// called by their number and their sum, the ETag.
#include "common/fsutil.h"
#include "watcher/store/dir_names.h"
#include "watcher/store/sha256.h"
#include "watcher/store/store_dir_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UPLOADS ".dm-uploads"
#define ABOUT "about"

static bool is_id(const char *id) {
    return strlen(id) == 16 && strspn(id, "0123456789abcdef") == 16;
}

/** Open the directory of an upload. Returns -1 and says why not. */
static int open_upload(int root_fd, const struct dm_store_request *request,
                       struct dm_outcome *outcome) {
    g_autofree char *path = g_strconcat(UPLOADS "/", request->upload_id, NULL);
    int fd =
        is_id(request->upload_id) ? dm_open_beneath(root_fd, path, O_RDONLY | O_DIRECTORY, 0) : -1;
    if (fd < 0)
        dm_outcome_fail(outcome, DM_STORE_MULTIPART, "no such upload of '%s'", request->key);
    return fd;
}

static GKeyFile *read_about(int upload_fd) {
    int fd = dm_open_beneath(upload_fd, ABOUT, O_RDONLY, 0);
    char text[8192];
    ssize_t length = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
    if (fd >= 0)
        close(fd);
    GKeyFile *about = g_key_file_new();
    if (length > 0 && g_key_file_load_from_data(about, text, (gsize)length, 0, NULL))
        return about;
    g_key_file_unref(about);
    return NULL;
}

/** The key an upload is for; NULL: it is none. (transfer full) */
static char *key_of(GKeyFile *about) {
    g_autofree char *text =
        about != NULL ? g_key_file_get_string(about, "upload", "key", NULL) : NULL;
    return text != NULL ? g_uri_unescape_string(text, NULL) : NULL;
}

void dm_dir_create(int root_fd, const struct dm_store_request *request,
                   struct dm_outcome *outcome) {
    g_autofree char *path = dm_dir_path_of_key(request->key);
    if (path == NULL || strlen(request->key) > DM_STORE_MAX_KEY) {
        dm_dir_fail(outcome, ENAMETOOLONG, "no file can have the name", request->key);
        return;
    }
    char id[17];
    (void)snprintf(id, sizeof(id), "%08x%08x", g_random_int(), g_random_int());
    g_autofree char *dir = g_strconcat(UPLOADS "/", id, NULL);
    int dir_fd = dm_make_dirs_beneath(root_fd, dir);
    int fd =
        dir_fd >= 0 ? openat(dir_fd, ABOUT, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644) : -1;
    g_autofree char *key = g_uri_escape_string(request->key, NULL, FALSE);
    g_autofree char *text = g_strdup_printf(
        "[upload]\nkey=%s\nmtime_ns=%" PRId64 "\nsha256=%s\n", key, request->attributes.mtime_ns,
        request->attributes.sha256 != NULL ? request->attributes.sha256 : "");
    int failure = fd < 0 ? errno : dm_dir_write(fd, text, strlen(text));
    if (failure != 0)
        dm_dir_fail(outcome, failure == ENOENT ? EIO : failure, "upload cannot begin",
                    request->key);
    outcome->result.upload_id = dm_outcome_own(outcome, g_strdup(id));
    if (fd >= 0)
        close(fd);
    if (dir_fd >= 0)
        close(dir_fd);
}

/** Take apart "00012-<sum>". */
static bool parse_part(const char *name, int *ret_number, const char **ret_etag) {
    if (strlen(name) != 6 + DM_SHA256_HEX_BYTES - 1 || name[5] != '-')
        return false;
    *ret_number = atoi(name); // NOLINT(cert-err34-c): the name is ours
    *ret_etag = name + 6;
    return *ret_number > 0;
}

/** The parts that are there. */
static GPtrArray *read_parts(int upload_fd) {
    GPtrArray *parts = g_ptr_array_new_with_free_func(dm_store_part_free);
    int fd = openat(upload_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        struct stat st;
        struct dm_store_part part;
        const char *etag;
        if (!parse_part(entry->d_name, &part.number, &etag) ||
            fstatat(upload_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        part.size = st.st_size;
        part.etag = g_strdup(etag);
        g_ptr_array_add(parts, g_memdup2(&part, sizeof(part)));
    }
    if (dir != NULL)
        closedir(dir);
    return parts;
}

static int compare_parts(gconstpointer a, gconstpointer b) {
    const struct dm_store_part *x = *(struct dm_store_part *const *)a;
    const struct dm_store_part *y = *(struct dm_store_part *const *)b;
    return (x->number > y->number) - (x->number < y->number);
}

/** Another part of that number goes. */
static void drop_others(int upload_fd, int number, const char *etag) {
    g_autoptr(GPtrArray) parts = read_parts(upload_fd);
    for (guint i = 0; i < parts->len; i++) {
        const struct dm_store_part *part = parts->pdata[i];
        if (part->number != number || strcmp(part->etag, etag) == 0)
            continue;
        g_autofree char *name = g_strdup_printf("%05d-%s", number, part->etag);
        unlinkat(upload_fd, name, 0);
    }
}

void dm_dir_part(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome) {
    const void *bytes;
    g_autofree void *owned = NULL;
    int upload_fd = open_upload(root_fd, request, outcome);
    if (upload_fd < 0)
        return;
    if (!dm_body_read(&request->body, outcome, &bytes, &owned)) {
        close(upload_fd);
        return;
    }
    char sum[DM_SHA256_HEX_BYTES];
    dm_sha256_hex(bytes, (size_t)request->body.length, sum);
    g_autofree char *final = g_strdup_printf("%05d-%s", request->number, sum);
    g_autofree char *name = NULL;
    int fd = dm_dir_create_temporary(upload_fd, &name);
    int failure = fd < 0 ? errno : dm_dir_write(fd, bytes, (size_t)request->body.length);
    if (failure == 0)
        failure = dm_dir_publish(upload_fd, fd, upload_fd, name, final, &(struct dm_dir_file){0});
    else if (fd >= 0)
        unlinkat(upload_fd, name, 0);
    if (failure != 0)
        dm_dir_fail(outcome, failure, "part cannot be written", request->key);
    else
        drop_others(upload_fd, request->number, sum);
    outcome->result.etag = outcome->result.sha256 = dm_outcome_own(outcome, g_strdup(sum));
    if (fd >= 0)
        close(fd);
    close(upload_fd);
}

void dm_dir_parts(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome) {
    int upload_fd = open_upload(root_fd, request, outcome);
    if (upload_fd < 0)
        return;
    g_autoptr(GPtrArray) all = read_parts(upload_fd);
    close(upload_fd);
    g_ptr_array_sort(all, compare_parts);
    int after = request->from != NULL ? atoi(request->from) : 0; // NOLINT(cert-err34-c)
    GPtrArray *entries = dm_outcome_new_entries(outcome, dm_store_part_free);
    for (guint i = 0; i < all->len; i++) {
        const struct dm_store_part *part = all->pdata[i];
        if (part->number <= after)
            continue;
        if (entries->len == (guint)request->max) {
            const struct dm_store_part *last = entries->pdata[entries->len - 1];
            outcome->result.next = dm_outcome_own(outcome, g_strdup_printf("%d", last->number));
            return;
        }
        struct dm_store_part copy = {part->number, part->size, g_strdup(part->etag)};
        g_ptr_array_add(entries, g_memdup2(&copy, sizeof(copy)));
    }
}

/** Append a part to @fd. Returns 0 or an errno; ENOENT: there is no such part. */
static int append_part(int upload_fd, const struct dm_store_part *part, int fd) {
    g_autofree char *name = g_strdup_printf("%05d-%s", part->number, part->etag);
    int part_fd = dm_open_beneath(upload_fd, name, O_RDONLY, 0);
    if (part_fd < 0)
        return errno;
    ssize_t n;
    do {
        n = copy_file_range(part_fd, NULL, fd, NULL, 1 << 30, 0);
    } while (n > 0);
    int failure = n < 0 ? errno : 0;
    close(part_fd);
    return failure;
}

static void remove_upload(int root_fd, const char *id) {
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d/" UPLOADS "/%s", root_fd, id);
    dm_remove_tree(path);
}

/** Put the parts together under the name of the upload's key. */
static int assemble(int root_fd, int upload_fd, const struct dm_store_request *request,
                    struct dm_outcome *outcome) {
    GKeyFile *about = read_about(upload_fd);
    g_autofree char *key = key_of(about);
    g_autofree char *path = key != NULL ? dm_dir_path_of_key(key) : NULL;
    g_autofree char *sum =
        about != NULL ? g_key_file_get_string(about, "upload", "sha256", NULL) : NULL;
    struct dm_dir_file file = {0, sum};
    if (about != NULL)
        file.mtime_ns = g_key_file_get_int64(about, "upload", "mtime_ns", NULL);
    if (about != NULL)
        g_key_file_unref(about);
    if (path == NULL)
        return ENOENT;
    g_autofree char *name = NULL;
    int fd = dm_dir_create_temporary(upload_fd, &name);
    int failure = fd < 0 ? errno : 0;
    for (size_t i = 0; failure == 0 && i < request->part_count; i++)
        failure = append_part(upload_fd, &request->parts[i], fd);
    struct stat st;
    if (failure == 0)
        failure = dm_dir_publish(root_fd, fd, upload_fd, name, path, &file);
    else if (fd >= 0)
        unlinkat(upload_fd, name, 0);
    if (failure == 0 && fstat(fd, &st) == 0)
        outcome->result.etag = dm_outcome_own(outcome, dm_dir_etag(&st));
    if (fd >= 0)
        close(fd);
    return failure;
}

void dm_dir_complete(int root_fd, const struct dm_store_request *request,
                     struct dm_outcome *outcome) {
    int upload_fd = open_upload(root_fd, request, outcome);
    if (upload_fd < 0)
        return;
    int failure = request->part_count > 0 ? assemble(root_fd, upload_fd, request, outcome) : ENOENT;
    close(upload_fd);
    if (failure == ENOENT)
        dm_outcome_fail(outcome, DM_STORE_MULTIPART, "a part of '%s' is not there", request->key);
    else if (failure != 0)
        dm_dir_fail(outcome, failure, "upload cannot be completed", request->key);
    else
        remove_upload(root_fd, request->upload_id);
}

void dm_dir_abort(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome) {
    (void)outcome;
    if (is_id(request->upload_id))
        remove_upload(root_fd, request->upload_id);
}

/** The upload @id as an entry, if its key begins with @prefix; else NULL. */
static struct dm_store_entry *upload_of(int uploads_fd, const char *id, const char *prefix) {
    int fd = is_id(id) ? dm_open_beneath(uploads_fd, id, O_RDONLY | O_DIRECTORY, 0) : -1;
    if (fd < 0)
        return NULL;
    GKeyFile *about = read_about(fd);
    g_autofree char *key = key_of(about);
    if (about != NULL)
        g_key_file_unref(about);
    struct stat st;
    struct dm_store_entry *entry = NULL;
    if (key != NULL && g_str_has_prefix(key, prefix) && fstatat(fd, ABOUT, &st, 0) == 0) {
        entry = g_new0(struct dm_store_entry, 1);
        entry->key = g_steal_pointer(&key);
        entry->etag = g_strdup("");
        entry->upload_id = g_strdup(id);
        entry->time_utc_us = (int64_t)st.st_mtim.tv_sec * G_USEC_PER_SEC;
    }
    close(fd);
    return entry;
}

void dm_dir_uploads(int root_fd, const struct dm_store_request *request,
                    struct dm_outcome *outcome) {
    GPtrArray *entries = dm_outcome_new_entries(outcome, dm_store_entry_free);
    int fd = dm_open_beneath(root_fd, UPLOADS, O_RDONLY | O_DIRECTORY, 0);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *item; dir != NULL && (item = readdir(dir)) != NULL;) {
        struct dm_store_entry *entry = upload_of(fd, item->d_name, request->key);
        if (entry != NULL)
            g_ptr_array_add(entries, entry);
    }
    if (dir != NULL)
        closedir(dir);
}
