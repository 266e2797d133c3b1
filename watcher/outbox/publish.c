// SPDX-License-Identifier: MIT
//
// Temporary -> final name: see publish.h.
#include "watcher/outbox/publish.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/move.h"

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

bool dm_publish_is_whole(const struct dm_share_dirs *dirs, const struct dm_row *row) {
    struct dm_fingerprint found;
    return look_at(dirs->rooms[DM_SHARE_OUTBOX], row->output, &found) == 0 &&
           found.size_bytes == row->bytes;
}

/**
 * The temporary is gone. Either a kill -9 came between rename and commit: then the result is in
 * place; or it was lost: then what is in place, if anything, is older than this drop of the file.
 */
static bool was_renamed(const struct dm_share_dirs *dirs, const struct dm_row *row) {
    struct dm_fingerprint found;
    return look_at(dirs->rooms[DM_SHARE_OUTBOX], row->output, &found) == 0 &&
           found.size_bytes == row->bytes &&
           found.ctime_ns / 1000 >= row->seen_utc_us - CLOCK_GRAIN_US;
}

static int rename_temp(int root_fd, const struct dm_file_op *op) {
    const char *temp = op->row->temp, *output = op->row->output;
    g_autofree char *temp_dir = dm_path_dir(temp);
    g_autofree char *output_dir = dm_path_dir(output);
    DM_AUTO_CLOSE int from = dm_open_beneath(root_fd, temp_dir, O_RDONLY | O_DIRECTORY, 0);
    DM_AUTO_CLOSE int to = dm_open_beneath(root_fd, output_dir, O_RDONLY | O_DIRECTORY, 0);
    if (from < 0 || to < 0) {
        return -1;
    }
    return op->replace ? renameat(from, dm_path_base(temp), to, dm_path_base(output))
                       : dm_rename_new(from, dm_path_base(temp), to, dm_path_base(output));
}

static void rename_result(const struct dm_share_dirs *dirs, struct dm_file_op *op) {
    if (rename_temp(dirs->rooms[DM_SHARE_OUTBOX], op) == 0) {
        op->fact = DM_FACT_PUBLISHED;
    } else if (errno == EEXIST && !op->replace) {
        op->taken = true;
    } else {
        dm_file_op_block(op, "publish the result", op->row->output);
    }
}

void dm_publish_result(const struct dm_share_dirs *dirs, struct dm_file_op *op) {
    const struct dm_row *row = op->row;
    struct dm_fingerprint temp;
    if (look_at(dirs->rooms[DM_SHARE_OUTBOX], row->temp, &temp) == 0) {
        if (temp.size_bytes == row->bytes) {
            rename_result(dirs, op);
        } else {
            op->fact = DM_FACT_LOST; // a power cut took its bytes and left its name
        }
    } else if (dm_errno_is_gone(errno)) {
        op->fact = was_renamed(dirs, row) ? DM_FACT_PUBLISHED : DM_FACT_LOST;
    } else {
        dm_file_op_block(op, "look at the result", row->temp);
    }
}
