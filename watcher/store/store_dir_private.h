// SPDX-License-Identifier: MIT
//
// The verbs of store_dir. Each does its work beneath the root at once, and says in the outcome what
// came of it.
#ifndef DM_WATCHER_STORE_STORE_DIR_PRIVATE_H
#define DM_WATCHER_STORE_STORE_DIR_PRIVATE_H

#include "watcher/store/outcome.h"
#include "watcher/store/store_backend.h"

#include <sys/stat.h>

/** The keys of a listing, for its further pages. */
struct dm_dir_listing {
    char *prefix;
    GPtrArray *keys;
};

/** What a put says of a file. */
struct dm_dir_file {
    int64_t mtime_ns;
    // Hexadecimal; "" or NULL: unknown.
    const char *sha256;
};

/** Say in @outcome what @errnum of the store's directory means. */
void dm_dir_fail(struct dm_outcome *outcome, int errnum, const char *what, const char *key);

/** Create a temporary in @dir_fd. Returns a descriptor, or -1 with errno; @ret_name as a whole
 * name, (transfer full). */
int dm_dir_create_temporary(int dir_fd, char **ret_name);

/** Give the temporary @name of @dir_fd its time, its sum and, when it is on disk, the name of
 * @final_path beneath @root_fd. Returns 0 or an errno; the temporary is gone either way. */
int dm_dir_publish(int root_fd, int fd, int dir_fd, const char *name, const char *final_path,
                   const struct dm_dir_file *file);

/** Write all of it. Returns 0 or an errno. */
int dm_dir_write(int fd, const void *bytes, size_t length);

/** The ETag of a file; (transfer full). */
char *dm_dir_etag(const struct stat *st);

void dm_dir_put(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome);
void dm_dir_get(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome);
void dm_dir_head(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome);
void dm_dir_remove(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome);
void dm_dir_copy(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome);

void dm_dir_list(int root_fd, const struct dm_store_request *request,
                 struct dm_dir_listing *listing, struct dm_outcome *outcome);
void dm_dir_listing_clear(struct dm_dir_listing *listing);

void dm_dir_create(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome);
void dm_dir_part(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome);
void dm_dir_parts(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome);
void dm_dir_complete(int root_fd, const struct dm_store_request *request,
                     struct dm_outcome *outcome);
void dm_dir_abort(int root_fd, const struct dm_store_request *request, struct dm_outcome *outcome);
void dm_dir_uploads(int root_fd, const struct dm_store_request *request,
                    struct dm_outcome *outcome);

#endif
