// SPDX-License-Identifier: MIT
//
// See send_share.h. A turn copies one file, there or back; nothing is under way between turns.
#include "watcher/cli/send_share.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"
#include "common/reason.h"
#include "watcher/cli/send_keep.h"
#include "watcher/cli/send_sums.h"
#include "watcher/cli/send_talk.h"
#include "watcher/share/move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES (1 << 20)
#define FIRST_DELAY_US (INT64_C(200) * 1000)
#define LAST_DELAY_US (INT64_C(2) * G_USEC_PER_SEC)
// Looking into the ledger may take this part of the time.
#define LOOKING_SHARE 4

/** The share, and how far we are there. */
struct road {
    struct dm_send *send;
    int inbox_fd, outbox_fd;
    // CHAIN/NAME, below inbox and outbox.
    char *folder;
    // The next of send->files to begin with.
    guint next;
    // Of struct dm_send_file: DONE, their results are to be got.
    GQueue results;
    // The ledger is looked into; after that.
    int64_t look_us, look_delay_us;
};

static char *path_of(const struct road *road, const struct dm_send_file *file) {
    return g_strconcat(road->folder, "/", file->name, NULL);
}

/** The ledger; NULL: there is none that we may read, or not yet. */
static struct dm_ledger *ledger_of(const struct road *road) {
    struct dm_ledger *ledger = NULL;
    return dm_cli_ledger(road->send->cli, &ledger, NULL) ? ledger : NULL;
}

/** Copy all of @from_fd behind what is in @to_fd. Returns 0, or an errno. */
static int copy(int from_fd, int to_fd) {
    g_autofree char *piece = g_malloc(PIECE_BYTES);
    for (ssize_t bytes; (bytes = read(from_fd, piece, PIECE_BYTES)) != 0;) {
        if (bytes < 0 && errno == EINTR) {
            continue;
        }
        if (bytes < 0 || !dm_write_all(to_fd, piece, (size_t)bytes)) {
            return errno;
        }
    }
    return 0;
}

// ---- a file goes there

/** Remember which generation its outcome must not be of; say whether it is there already. */
static bool is_known(const struct road *road, struct dm_send_file *file) {
    g_autofree char *path = path_of(road, file);
    struct dm_ledger *ledger = ledger_of(road);
    DM_AUTO_ROW struct dm_row *row = ledger != NULL ? dm_ledger_find(ledger, path) : NULL;
    bool is =
        row != NULL && row->state != DM_STATE_FAILED && row->fingerprint.size_bytes == file->bytes;
    g_free(file->version);
    file->version =
        row != NULL && !is ? g_strdup_printf("%" G_GINT64_FORMAT, row->generation) : NULL;
    return is;
}

static void fail_to_place(struct dm_send *send, struct dm_send_file *file, int errnum) {
    bool is_full = errnum == ENOSPC || errnum == EDQUOT;
    dm_send_fail(send, file, is_full ? "no-space" : "refused",
                 "it cannot be written into the inbox: %s", g_strerror(errnum));
}

/** It is whole in @dir_fd as @temp. Returns false if it has not got its name. */
static bool place(const struct road *road, struct dm_send_file *file, int dir_fd,
                  const char *temp) {
    struct dm_send *send = road->send;
    const char *name = dm_path_base(file->name);
    struct stat there;
    if (dm_rename_new(dir_fd, temp, dir_fd, name) == 0) {
        dm_send_move(send, file, DM_SEND_SENT);
        return true;
    }
    if (errno != EEXIST || fstatat(dir_fd, name, &there, AT_SYMLINK_NOFOLLOW) != 0) {
        fail_to_place(send, file, errno);
        return false;
    }
    // One that has failed and lies there still would not be looked at again: ours will be.
    bool is_same = there.st_size == file->bytes && file->version == NULL;
    bool may_replace = send->replace || (there.st_size == file->bytes && file->version != NULL);
    if (is_same) {
        dm_send_move(send, file, DM_SEND_SENT);
    } else if (!may_replace) {
        dm_send_fail(send, file, "taken",
                     "another input of that name is there: --replace puts this one over it, or "
                     "choose another --name");
    } else if (renameat(dir_fd, temp, dir_fd, name) == 0) {
        dm_send_move(send, file, DM_SEND_SENT);
        return true;
    } else {
        fail_to_place(send, file, errno);
    }
    return false;
}

/** What it is called until it is whole: what a kill has left is found by who goes on. (transfer
 * full) */
static char *hidden_name(const struct dm_send_file *file) {
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, file->name, -1);
    return g_strdup_printf(".dropmill-send-%.16s.tmp", sum);
}

/** @fd: the file. */
static void put_into(const struct road *road, struct dm_send_file *file, int fd, int dir_fd) {
    g_autofree char *wanted = hidden_name(file);
    g_autofree char *temp = NULL;
    struct stat before, after;
    int to_fd = dm_create_half(dir_fd, wanted, 0666, &temp);
    if (to_fd < 0) {
        fail_to_place(road->send, file, errno);
        return;
    }
    int errnum = fstat(fd, &before) != 0 ? errno : copy(fd, to_fd);
    errnum = errnum == 0 && fdatasync(to_fd) != 0 ? errno : errnum;
    bool is_placed = false;
    if (errnum != 0) {
        fail_to_place(road->send, file, errnum);
    } else if (fstat(fd, &after) != 0 || after.st_size != before.st_size ||
               after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
               after.st_mtim.tv_nsec != before.st_mtim.tv_nsec) {
        dm_send_fail(road->send, file, "changed", "it changed while it was sent");
    } else {
        road->send->bytes += after.st_size - file->bytes;
        file->bytes = after.st_size;
        is_placed = place(road, file, dir_fd, temp);
    }
    if (!is_placed) {
        unlinkat(dir_fd, temp, 0);
    }
    close(to_fd);
}

/** What is made in the share is for whom the share is, what is made elsewhere is not. */
static void put_beneath_inbox(const struct road *road, struct dm_send_file *file, int fd) {
    g_autofree char *path = path_of(road, file);
    g_autofree char *dir = dm_path_dir(path);
    mode_t mask = umask(0);
    dm_config_set_umask(road->send->cli->config);
    int dir_fd = dm_make_dirs_beneath(road->inbox_fd, dir);
    if (dir_fd >= 0) {
        put_into(road, file, fd, dir_fd);
        close(dir_fd);
    } else {
        fail_to_place(road->send, file, errno);
    }
    umask(mask);
}

static void put(const struct road *road, struct dm_send_file *file) {
    struct dm_send *send = road->send;
    dm_send_move(send, file, DM_SEND_SENDING);
    if (is_known(road, file)) {
        dm_send_move(send, file, DM_SEND_SENT);
        return;
    }
    int fd = open(file->path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) {
        dm_send_fail(send, file, "unreadable", "cannot be read: %s",
                     fd < 0 ? g_strerror(errno) : "it is no file with anything in it any more");
    } else {
        put_beneath_inbox(road, file, fd);
    }
    if (fd >= 0) {
        close(fd);
    }
}

// ---- what became of it

static void take_row(struct road *road, struct dm_send_file *file, const struct dm_row *row) {
    bool is_old =
        file->version != NULL && row->generation <= g_ascii_strtoll(file->version, NULL, 10);
    if (is_old || (row->state != DM_STATE_DONE && row->state != DM_STATE_FAILED)) {
        return;
    }
    road->look_delay_us = FIRST_DELAY_US;
    if (row->state == DM_STATE_FAILED) {
        const char *advice = dm_reason_advice(row->reason);
        bool has_message = row->message != NULL && *row->message != '\0';
        bool has_advice = advice != NULL && *advice != '\0';
        dm_send_fail(road->send, file, dm_reason_name(row->reason), "%s%s%s%s%s",
                     dm_reason_what(row->reason), has_message ? ": " : "",
                     has_message ? row->message : "", has_advice ? "; " : "",
                     has_advice ? advice : "");
        return;
    }
    g_ptr_array_add(file->results, g_strdup(row->output != NULL ? row->output : ""));
    dm_send_move(road->send, file, DM_SEND_DONE);
    if (road->send->get_fd >= 0) {
        g_queue_push_tail(&road->results, file);
    }
}

static void look(struct road *road) {
    int64_t start_us = g_get_monotonic_time();
    struct dm_ledger *ledger = ledger_of(road);
    for (guint i = 0; ledger != NULL && i < road->next; i++) {
        struct dm_send_file *file = road->send->files->pdata[i];
        g_autofree char *path = file->state == DM_SEND_SENT ? path_of(road, file) : NULL;
        DM_AUTO_ROW struct dm_row *row = path != NULL ? dm_ledger_find(ledger, path) : NULL;
        if (row != NULL) {
            take_row(road, file, row);
        }
    }
    int64_t now_us = g_get_monotonic_time();
    road->look_us = now_us + MAX(road->look_delay_us, LOOKING_SHARE * (now_us - start_us));
    road->look_delay_us = MIN(road->look_delay_us * 3 / 2, LAST_DELAY_US);
}

// ---- results

/** Copy the open result into its place. Returns its path (transfer full), or NULL. */
static char *keep(const struct road *road, int fd, const char *path, GError **error) {
    struct dm_send_half half;
    struct dm_send_sums sums = {0};
    struct stat status;
    char *kept = NULL;
    if (!dm_send_keep_begin(road->send, path, &half, error)) {
        return NULL;
    }
    int errnum = copy(fd, half.fd);
    if (errnum == 0 &&
        (fstat(half.fd, &status) != 0 || !dm_send_sum(half.fd, status.st_size, 0, &sums))) {
        errnum = errno;
    }
    if (errnum != 0) {
        dm_fail_errno(error, errnum, "it cannot be copied");
        dm_send_keep_drop(&half);
    } else {
        dm_send_keep_end(road->send, &half, sums.sha256, &kept, error);
    }
    dm_send_sums_clear(&sums);
    return kept;
}

static void get(const struct road *road, struct dm_send_file *file) {
    struct dm_send *send = road->send;
    const char *output = file->results->pdata[0];
    g_autofree char *folder = g_strconcat(road->folder, "/", NULL);
    g_autofree char *path = dm_send_path_of(folder, output);
    g_autoptr(GError) error = NULL;
    int fd = path != NULL ? dm_open_beneath(road->outbox_fd, output, O_RDONLY, 0) : -1;
    if (fd < 0) {
        dm_send_fail(send, file, "no-result", "its result '%s' cannot be got: %s", output,
                     path != NULL ? g_strerror(errno) : "it has no name, or a hidden one");
        return;
    }
    char *kept = keep(road, fd, path, &error);
    if (kept != NULL) {
        g_ptr_array_add(file->kept, kept);
        dm_send_move(send, file, DM_SEND_GOT);
    } else {
        dm_send_fail(send, file, "cannot-write", "%s", error->message);
    }
    close(fd);
}

// ---- the way

static int open_room(const struct dm_places *places, const char *room, GError **error) {
    g_autofree char *path = g_build_filename(places->share, room, NULL);
    return dm_open_root(path, error);
}

/** Who waits needs the ledger; its daemon may be another user's. */
static bool check_ledger(struct dm_send *send, GError **error) {
    struct dm_ledger *ledger;
    if (!send->waits) {
        return true;
    }
    if (!dm_cli_ledger(send->cli, &ledger, error)) {
        g_prefix_error(error, "what becomes of the files cannot be read (without --wait and --get "
                              "they are only sent): ");
        return false;
    }
    dm_cli_warn_stranger(send->cli->places);
    return true;
}

static bool open_share(struct dm_send *send, GError **error) {
    struct road *road = send->road = g_new0(struct road, 1);
    road->send = send;
    road->inbox_fd = road->outbox_fd = -1;
    road->look_delay_us = FIRST_DELAY_US;
    road->folder = g_strconcat(send->chain, "/", send->name, NULL);
    g_queue_init(&road->results);
    const struct dm_places *places = dm_cli_places(send->cli, error);
    if (places == NULL || !check_ledger(send, error)) {
        return false;
    }
    road->inbox_fd = open_room(places, DM_DIR_INBOX, error);
    road->outbox_fd = road->inbox_fd >= 0 ? open_room(places, DM_DIR_OUTBOX, error) : -1;
    return road->outbox_fd >= 0;
}

static bool turn(struct dm_send *send, int max_wait_ms, GError **error) {
    (void)error;
    struct road *road = send->road;
    bool is_busy = road->next < send->files->len || !g_queue_is_empty(&road->results);
    int64_t left_us = road->look_us - g_get_monotonic_time();
    if (road->next < send->files->len) {
        put(road, send->files->pdata[road->next++]);
    }
    if (!g_queue_is_empty(&road->results)) {
        get(road, g_queue_pop_head(&road->results));
    }
    if (send->waits && left_us <= 0) {
        look(road);
    } else if (!is_busy) {
        g_usleep((gulong)CLAMP(left_us, 1000, (int64_t)max_wait_ms * 1000));
    }
    return true;
}

static void clear_up(struct dm_send *send) {
    (void)send; // nothing of ours is left there
}

static void close_share(struct dm_send *send) {
    struct road *road = send->road;
    if (road == NULL) {
        return;
    }
    if (road->inbox_fd >= 0) {
        close(road->inbox_fd);
    }
    if (road->outbox_fd >= 0) {
        close(road->outbox_fd);
    }
    g_queue_clear(&road->results);
    g_free(road->folder);
    g_free(road);
    send->road = NULL;
}

const struct dm_send_way dm_send_way_share = {
    .name = "share",
    .open = open_share,
    .turn = turn,
    .clear_up = clear_up,
    .close = close_share,
};
