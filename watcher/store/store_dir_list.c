// SPDX-License-Identifier: MIT
//
// Listing a directory in the order of keys. The whole tree below the prefix is walked for the first
// page; further pages are of what was found then.
#include "common/fsutil.h"
#include "watcher/store/dir_names.h"
#include "watcher/store/store_dir_private.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MAX_DEPTH 64

void dm_dir_listing_clear(struct dm_dir_listing *listing) {
    g_clear_pointer(&listing->prefix, g_free);
    if (listing->keys != NULL)
        g_ptr_array_unref(listing->keys);
    listing->keys = NULL;
}

static int compare_keys(gconstpointer a, gconstpointer b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/** Add the keys below @dir_fd (transfer full), whose own key is @key with its '/', or "". */
static void walk(int dir_fd, const char *key, const char *prefix, int depth, GPtrArray *ret_keys) {
    DIR *dir = fdopendir(dir_fd);
    if (dir == NULL) {
        close(dir_fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        g_autofree char *part = dm_dir_part_of_name(entry->d_name);
        if (part == NULL)
            continue;
        g_autofree char *child = g_strconcat(key, part, NULL);
        // Neither a match, nor on the way to one.
        if (!g_str_has_prefix(child, prefix) && !g_str_has_prefix(prefix, child))
            continue;
        int fd = depth < MAX_DEPTH
                     ? dm_open_beneath(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY, 0)
                     : -1;
        if (fd >= 0) {
            g_autofree char *inner = g_strconcat(child, "/", NULL);
            walk(fd, inner, prefix, depth + 1, ret_keys);
        } else if (g_str_has_prefix(child, prefix)) {
            g_ptr_array_add(ret_keys, g_steal_pointer(&child));
        }
    }
    closedir(dir);
}

static void refresh(int root_fd, const char *prefix, struct dm_dir_listing *listing) {
    dm_dir_listing_clear(listing);
    listing->prefix = g_strdup(prefix);
    listing->keys = g_ptr_array_new_with_free_func(g_free);
    int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        walk(fd, "", prefix, 0, listing->keys);
    g_ptr_array_sort(listing->keys, compare_keys);
}

/** The object @key as an entry; NULL if there is none (any more). */
static struct dm_store_entry *entry_of(int root_fd, const char *key) {
    g_autofree char *path = dm_dir_path_of_key(key);
    struct stat st;
    if (path == NULL || fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(st.st_mode))
        return NULL;
    struct dm_store_entry *entry = g_new0(struct dm_store_entry, 1);
    entry->key = g_strdup(key);
    entry->etag = dm_dir_etag(&st);
    entry->size = st.st_size;
    entry->time_utc_us = (int64_t)st.st_ctim.tv_sec * G_USEC_PER_SEC + st.st_ctim.tv_nsec / 1000;
    return entry;
}

void dm_dir_list(int root_fd, const struct dm_store_request *request,
                 struct dm_dir_listing *listing, struct dm_outcome *outcome) {
    bool goes_on = request->from != NULL && listing->prefix != NULL &&
                   strcmp(listing->prefix, request->key) == 0;
    if (!goes_on)
        refresh(root_fd, request->key, listing);
    const char *behind = request->from != NULL ? request->from : request->after;
    GPtrArray *entries = dm_outcome_new_entries(outcome, dm_store_entry_free);
    for (guint i = 0; i < listing->keys->len; i++) {
        const char *key = listing->keys->pdata[i];
        if (behind != NULL && strcmp(key, behind) <= 0)
            continue;
        if (entries->len == (guint)request->max) {
            const struct dm_store_entry *last = entries->pdata[entries->len - 1];
            outcome->result.next = dm_outcome_own(outcome, g_strdup(last->key));
            return;
        }
        struct dm_store_entry *entry = entry_of(root_fd, key);
        if (entry != NULL)
            g_ptr_array_add(entries, entry);
    }
}
