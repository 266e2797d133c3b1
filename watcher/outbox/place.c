// SPDX-License-Identifier: MIT
//
// Temporary -> final name: see place.h.
#include "watcher/outbox/place.h"

#include "common/fsutil.h"
#include "common/path.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

// A rename sets ctime by the kernel's coarse clock, which may lag behind ours; and no file is
// published sooner than this after it was seen, for settling takes longer.
#define CLOCK_GRAIN_US 100000

/** Take the fingerprint of the regular file @path beneath @root_fd. Returns 0, or -1 with errno. */
static int look_at(int root_fd, const char *path, struct dm_fingerprint *ret) {
    g_autofree char *dir = dm_path_dir(path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(root_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    mode_t mode;
    if (dir_fd < 0 || dm_fingerprint_at(dir_fd, dm_path_base(path), ret, &mode) != 0) {
        return -1;
    }
    if (!S_ISREG(mode)) {
        errno = EISDIR;
        return -1;
    }
    return 0;
}

void dm_place_look(const struct dm_roots *roots, struct dm_errand *errand) {
    struct dm_fingerprint found;
    errand->exists = look_at(roots->outbox, errand->name, &found) == 0 || errno == EISDIR;
}

bool dm_place_is_whole(const struct dm_roots *roots, const struct dm_row *row) {
    struct dm_fingerprint found;
    return look_at(roots->outbox, row->output, &found) == 0 && found.size_bytes == row->bytes;
}

/**
 * The temporary is gone. Either a kill -9 came between rename and commit: then the result is in
 * place; or it was lost: then what is in place, if anything, is older than this drop of the file.
 */
static bool was_renamed(const struct dm_roots *roots, const struct dm_row *row) {
    struct dm_fingerprint found;
    return look_at(roots->outbox, row->output, &found) == 0 && found.size_bytes == row->bytes &&
           found.ctime_ns / 1000 >= row->seen_utc_us - CLOCK_GRAIN_US;
}

static int rename_beneath(int root_fd, const char *from, const char *to) {
    g_autofree char *from_dir = dm_path_dir(from);
    g_autofree char *to_dir = dm_path_dir(to);
    DM_AUTO_CLOSE int from_fd = dm_open_beneath(root_fd, from_dir, O_RDONLY | O_DIRECTORY, 0);
    DM_AUTO_CLOSE int to_fd = dm_open_beneath(root_fd, to_dir, O_RDONLY | O_DIRECTORY, 0);
    if (from_fd < 0 || to_fd < 0) {
        return -1;
    }
    return renameat(from_fd, dm_path_base(from), to_fd, dm_path_base(to));
}

void dm_place_result(const struct dm_roots *roots, struct dm_errand *errand) {
    const struct dm_row *row = errand->row;
    struct dm_fingerprint temp;
    if (look_at(roots->outbox, row->temp, &temp) != 0) {
        if (dm_errno_is_gone(errno)) {
            errand->fact = was_renamed(roots, row) ? DM_FACT_PUBLISHED : DM_FACT_LOST;
        } else {
            dm_errand_block(errand, "look at the result", row->temp);
        }
    } else if (temp.size_bytes != row->bytes) {
        errand->fact = DM_FACT_LOST; // a power cut took its bytes and left its name
    } else if (rename_beneath(roots->outbox, row->temp, row->output) != 0) {
        dm_errand_block(errand, "publish the result", row->output);
    } else {
        errand->fact = DM_FACT_PUBLISHED;
    }
}
