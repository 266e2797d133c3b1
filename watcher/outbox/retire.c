// SPDX-License-Identifier: MIT
//
// How an original leaves the inbox: see retire.h. The order that makes every step repeatable:
//
//   originals/   flush results | move | commit RETIRED
//                killed before the commit: the original is gone, and found in originals/
//   failed/      write the note | move | commit RETIRED; not while anybody has the file open
//                killed after the note: a note without its file is ours to write again
//                killed after the move: the original is gone, its note is where it belongs
//
// An original that is to be deleted is moved first, too: only then can it be looked at again.
#include "watcher/outbox/retire.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/outbox/failure_note.h"
#include "watcher/outbox/publish.h"
#include "watcher/outbox/stale.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/move.h"
#include "watcher/share/note_file.h"
#include "watcher/share/walk.h"
#include "watcher/share/writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LONE_NOTES_MAX 1000

int dm_retire_flush(const struct dm_share_dirs *dirs, GError **error) {
    if (syncfs(dirs->rooms[DM_SHARE_OUTBOX]) == 0) {
        return 0;
    }
    int errnum = errno;
    dm_fail_errno(error, errnum, "cannot make results durable: '%s/" DM_DIR_OUTBOX "'", dirs->path);
    return errnum;
}

// ---- what earlier drops left in failed/

static bool exists(int dir_fd, const char *name) {
    struct stat s;
    return fstatat(dir_fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0;
}

/** Move failed/@path to originals/, like any original. */
static void keep_failed(const struct dm_share_dirs *dirs, const char *path, struct dm_file_op *op) {
    struct dm_fingerprint fingerprint;
    g_autofree char *kept = NULL;
    if (dm_fingerprint_at(dirs->rooms[DM_SHARE_FAILED], path, &fingerprint, NULL) != 0) {
        return;
    }
    g_autofree char *temp = dm_temp_name(op->row->id, op->row->attempt);
    const struct dm_move move = {
        .from_fd = dirs->rooms[DM_SHARE_FAILED],
        .to_fd = dirs->rooms[DM_SHARE_ORIGINALS],
        .path = path,
        .fingerprint = &fingerprint,
        .temp = temp,
    };
    struct dm_fingerprint put;
    if (dm_move(&move, &kept, &put) == DM_MOVED) {
        g_ptr_array_add(op->kept, dm_kept_new(kept, &put));
    }
}

/** Clear up behind the try @n. Returns whether there was anything under its name. */
static bool clear_failure(const struct dm_share_dirs *dirs, int dir_fd, const char *dir, unsigned n,
                          struct dm_file_op *op) {
    g_autofree char *name = dm_move_numbered(dm_path_base(op->row->path), n);
    g_autofree char *note = dm_note_file_name(name);
    bool is_there = exists(dir_fd, name), has_note = exists(dir_fd, note);
    if (has_note && dm_failure_note_is_of(dir_fd, note, op->row->id)) {
        g_autofree char *path = dm_path_join(dir, name);
        keep_failed(dirs, path, op);
        dm_note_file_remove_stale(dir_fd, name);
    }
    return is_there || has_note;
}

/**
 * Earlier drops of this file failed, and now it is done: their notes have nothing to tell any more,
 * and what lies there, half a copy perhaps, is kept as long as any original. A note says whose it
 * is; what has none is left alone.
 */
static void clear_failures(const struct dm_share_dirs *dirs, struct dm_file_op *op) {
    if (op->row->generation <= 1) {
        return;
    }
    g_autofree char *dir = dm_path_dir(op->row->path);
    int failed_fd = dirs->rooms[DM_SHARE_FAILED];
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(failed_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd < 0) {
        return;
    }
    for (unsigned n = 1; clear_failure(dirs, dir_fd, dir, n, op); n++) {
        ;
    }
    dm_remove_empty_dirs(failed_fd, dir);
}

// ---- done

/** Bring the operation to its end when the original was moved or had been. */
static void finish_original(const struct dm_share_dirs *dirs, struct dm_file_op *op, bool keep) {
    op->fact = DM_FACT_RETIRED;
    clear_failures(dirs, op);
    for (guint i = 0; i < op->kept->len && !keep; i++) {
        const struct dm_kept *kept = op->kept->pdata[i];
        if (dm_stale_remove_original(dirs->rooms[DM_SHARE_ORIGINALS], kept, INT64_MAX) ==
            DM_FATE_REFUSED) {
            dm_file_op_block(op, "delete the original", kept->path);
        }
    }
    if (!keep) {
        g_ptr_array_set_size(op->kept, 0);
    }
}

void dm_retire_original(const struct dm_share_dirs *dirs, struct dm_file_op *op, bool keep) {
    const struct dm_row *row = op->row;
    if (op->unproved && !dm_publish_is_whole(dirs, row)) {
        op->fact = DM_FACT_LOST;
        return;
    }
    g_autofree char *temp = dm_temp_name(row->id, row->attempt);
    const struct dm_move move = {
        .from_fd = dirs->rooms[DM_SHARE_INBOX],
        .to_fd = dirs->rooms[DM_SHARE_ORIGINALS],
        .path = row->path,
        .fingerprint = &row->fingerprint,
        .temp = temp,
    };
    g_autofree char *kept = NULL;
    struct dm_fingerprint put = row->fingerprint;
    enum dm_moved end = dm_move(&move, &kept, &put);
    if (end == DM_MOVED_GONE) {
        kept = dm_move_find(dirs->rooms[DM_SHARE_ORIGINALS], row->path, &row->fingerprint);
    }
    if (kept != NULL) {
        g_ptr_array_add(op->kept, dm_kept_new(kept, &put));
    }
    switch (end) {
    case DM_MOVED_GONE:
    case DM_MOVED:
        finish_original(dirs, op, keep);
        break;
    case DM_MOVED_CHANGED:
        op->fact = DM_FACT_CHANGED;
        break;
    case DM_MOVED_REFUSED:
        dm_file_op_block(op, "move the original to " DM_DIR_ORIGINALS, row->path);
        break;
    }
}

// ---- failed

/** The note that goes before its file. */
struct note {
    const char *text;
    // What was written last; NULL: nothing.
    char *name;
};

static void take_note_back(struct note *note, int dir_fd) {
    if (note->name != NULL) {
        if (dm_note_file_is_ours(dir_fd, note->name)) {
            unlinkat(dir_fd, note->name, 0);
        }
        g_clear_pointer(&note->name, g_free);
    }
}

/**
 * Say whether the note that stands there may be written over: it is ours and its file is not there.
 * A note whose name had to be cut may be another file's.
 */
static bool is_stale(int dir_fd, const char *name, const char *note_name) {
    return g_str_has_prefix(note_name, name) && dm_note_file_is_ours(dir_fd, note_name);
}

/** For dm_move(): the name is good when it and its note's name are free; the note is written then.
 */
static int write_note(int dir_fd, const char *name, void *data) {
    struct note *note = data;
    take_note_back(note, dir_fd); // of the last try, which lost a race
    g_autofree char *note_name = dm_note_file_name(name);
    if (exists(dir_fd, name) || (exists(dir_fd, note_name) && !is_stale(dir_fd, name, note_name))) {
        return EEXIST;
    }
    if (dm_note_file_write(dir_fd, note_name, note->text) != 0) {
        return errno;
    }
    note->name = g_steal_pointer(&note_name);
    return 0;
}

static void clean_up_after(const struct dm_share_dirs *dirs, const char *path, struct note *note) {
    g_autofree char *dir = dm_path_dir(path);
    DM_AUTO_CLOSE int dir_fd =
        dm_open_beneath(dirs->rooms[DM_SHARE_FAILED], dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd >= 0) {
        take_note_back(note, dir_fd);
        dm_remove_empty_dirs(dirs->rooms[DM_SHARE_FAILED], dir);
    }
}

/** A file that somebody has open may yet be finished: it stays where its writer looks for it. */
static bool is_open(const struct dm_share_dirs *dirs, const struct dm_file_op *op) {
    DM_AUTO_CLOSE int fd =
        op->always_open ? -1
                        : dm_open_beneath(dirs->rooms[DM_SHARE_INBOX], op->row->path, O_RDONLY, 0);
    return fd >= 0 && dm_writer_of(fd) == DM_WRITER_BUSY;
}

/** One that was stopped may have been copied further since: it is meant as it is now. Returns
 * whether it is one. */
static bool take_as_it_is(const struct dm_share_dirs *dirs, struct dm_row *row) {
    struct dm_fingerprint found;
    g_autofree char *dir = dm_path_dir(row->path);
    int inbox_fd = dirs->rooms[DM_SHARE_INBOX];
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(inbox_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    bool is_one = row->reason == DM_REASON_STOPPED && dir_fd >= 0 &&
                  dm_fingerprint_at(dir_fd, dm_path_base(row->path), &found, NULL) == 0 &&
                  dm_fingerprint_is_same_file(&found, &row->fingerprint);
    if (is_one) {
        row->fingerprint = found;
    }
    return is_one;
}

void dm_retire_failed(const struct dm_share_dirs *dirs, struct dm_file_op *op) {
    const struct dm_row *row = op->row;
    g_autofree char *temp = dm_temp_name(row->id, row->attempt);
    g_autofree char *text = dm_failure_note_text(row);
    g_autofree char *place = NULL;
    struct note note = {.text = text};
    const struct dm_move move = {
        .from_fd = dirs->rooms[DM_SHARE_INBOX],
        .to_fd = dirs->rooms[DM_SHARE_FAILED],
        .path = row->path,
        .fingerprint = &row->fingerprint,
        .temp = temp,
        .reserve = write_note,
        .data = &note,
    };
    if (is_open(dirs, op)) {
        errno = ETXTBSY;
        dm_file_op_block(op, "move the file to " DM_DIR_FAILED, row->path);
        return;
    }
    take_as_it_is(dirs, op->row);
    enum dm_moved end = dm_move(&move, &place, NULL);
    if (end == DM_MOVED_CHANGED && take_as_it_is(dirs, op->row)) {
        errno = EBUSY;
        end = DM_MOVED_REFUSED;
    }
    if (end == DM_MOVED_REFUSED) {
        dm_file_op_block(op, "move the file to " DM_DIR_FAILED, row->path);
    } else {
        op->fact = end == DM_MOVED_CHANGED ? DM_FACT_DROPPED : DM_FACT_RETIRED;
    }
    if (end != DM_MOVED) {
        clean_up_after(dirs, row->path, &note);
    }
    g_free(note.name);
}

// ---- where originals stay

/** What the original is now, compared with what was made of it: RETIRED if it is the same or gone,
 * else @changed; BLOCKED if that cannot be seen. */
static void compare_original(const struct dm_share_dirs *dirs, struct dm_file_op *op,
                             enum dm_fact changed) {
    const struct dm_row *row = op->row;
    struct dm_fingerprint found;
    int inbox_fd = dirs->rooms[DM_SHARE_INBOX];
    g_autofree char *dir = dm_path_dir(row->path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(inbox_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    bool there =
        dir_fd >= 0 && dm_fingerprint_at(dir_fd, dm_path_base(row->path), &found, NULL) == 0;
    if (there) {
        op->fact = dm_fingerprint_equal(&found, &row->fingerprint) ? DM_FACT_RETIRED : changed;
    } else if (dm_errno_is_gone(errno)) {
        op->fact = DM_FACT_RETIRED;
    } else {
        dm_file_op_block(op, "look at the original", row->path);
    }
}

void dm_retire_left(const struct dm_share_dirs *dirs, struct dm_file_op *op) {
    if (op->unproved && !dm_publish_is_whole(dirs, op->row)) {
        op->fact = DM_FACT_LOST;
        return;
    }
    compare_original(dirs, op, DM_FACT_CHANGED);
    if (op->fact == DM_FACT_RETIRED) {
        clear_failures(dirs, op);
    }
}

/** Write the note under the first number where nothing is in its way but an earlier one of ours. */
static void write_lone_note(int dir_fd, const struct dm_row *row) {
    g_autofree char *text = dm_failure_note_text(row);
    for (unsigned n = 1; n < LONE_NOTES_MAX; n++) {
        g_autofree char *name = dm_move_numbered(dm_path_base(row->path), n);
        g_autofree char *note = dm_note_file_name(name);
        bool taken = exists(dir_fd, name) ||
                     (exists(dir_fd, note) && !dm_failure_note_is_of(dir_fd, note, row->id));
        if (!taken) {
            (void)!dm_note_file_write(dir_fd, note, text); // else the log and the ledger tell
            return;
        }
    }
}

void dm_retire_left_failed(const struct dm_share_dirs *dirs, struct dm_file_op *op) {
    take_as_it_is(dirs, op->row);
    compare_original(dirs, op, DM_FACT_DROPPED);
    if (op->fact != DM_FACT_RETIRED) {
        return;
    }
    g_autofree char *dir = dm_path_dir(op->row->path);
    DM_AUTO_CLOSE int dir_fd = dm_make_dirs_beneath(dirs->rooms[DM_SHARE_FAILED], dir);
    if (dir_fd >= 0) {
        write_lone_note(dir_fd, op->row);
    }
}
