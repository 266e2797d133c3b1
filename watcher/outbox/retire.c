// SPDX-License-Identifier: MIT
//
// How an original leaves the inbox: see retire.h. The order that makes every step repeatable:
//
//   originals/   flush results | move | commit RETIRED
//                killed before the commit: the original is gone, and found in originals/
//   failed/      write the note | move | commit RETIRED
//                killed after the note: a note without its file is ours to write again
//                killed after the move: the original is gone, its note is where it belongs
//
// An original that is to be deleted is moved first, too: only then can it be looked at again.
#include "watcher/outbox/retire.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/outbox/litter.h"
#include "watcher/outbox/move.h"
#include "watcher/outbox/notes.h"
#include "watcher/outbox/place.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool dm_retire_flush(const struct dm_roots *roots, GError **error) {
    return syncfs(roots->outbox) == 0 ||
           dm_fail_errno(error, errno, "cannot make results durable: '%s/" DM_DIR_OUTBOX "'",
                         roots->share);
}

/** An earlier failure's note has no file any more once that file was dropped again. */
static void drop_old_note(const struct dm_roots *roots, const struct dm_row *row) {
    if (row->generation <= 1) {
        return;
    }
    g_autofree char *dir = dm_path_dir(row->path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(roots->failed, dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd >= 0 && dm_note_remove_stale(dir_fd, dm_path_base(row->path))) {
        dm_litter_remove_empty_dirs(roots->failed, dir);
    }
}

/** Bring the errand to its end when the original was moved or had been. */
static void finish_original(const struct dm_roots *roots, struct dm_errand *errand, bool keep) {
    errand->fact = DM_FACT_RETIRED;
    if (!keep && errand->kept != NULL) {
        if (dm_litter_remove_original(roots->originals, errand->kept) != 0) {
            dm_errand_block(errand, "delete the original", errand->kept);
        }
        g_clear_pointer(&errand->kept, g_free);
    }
    drop_old_note(roots, errand->row);
}

void dm_retire_original(const struct dm_roots *roots, struct dm_errand *errand, bool keep) {
    const struct dm_row *row = errand->row;
    if (errand->unproved && !dm_place_is_whole(roots, row)) {
        errand->fact = DM_FACT_LOST;
        return;
    }
    g_autofree char *temp = dm_temp_name(row->id, row->attempt);
    const struct dm_move move = {
        .from_fd = roots->inbox,
        .to_fd = roots->originals,
        .path = row->path,
        .fingerprint = &row->fingerprint,
        .temp = temp,
    };
    switch (dm_move(&move, &errand->kept)) {
    case DM_MOVED_GONE:
        errand->kept = dm_move_find(roots->originals, row->path, &row->fingerprint);
        // fall through
    case DM_MOVED:
        finish_original(roots, errand, keep);
        break;
    case DM_MOVED_CHANGED:
        errand->fact = DM_FACT_CHANGED;
        break;
    case DM_MOVED_REFUSED:
        dm_errand_block(errand, "move the original to " DM_DIR_ORIGINALS, row->path);
        break;
    }
}

// ---- failed

/** The note that goes before its file. */
struct note {
    const char *text;
    char *name; // what was written last; NULL: nothing
};

static void take_note_back(struct note *note, int dir_fd) {
    if (note->name != NULL) {
        unlinkat(dir_fd, note->name, 0);
        g_clear_pointer(&note->name, g_free);
    }
}

static bool exists(int dir_fd, const char *name) {
    struct stat s;
    return fstatat(dir_fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0;
}

/**
 * Say whether the note that stands there may be written over: it is ours and its file is not there.
 * A note whose name had to be cut may be another file's.
 */
static bool is_stale(int dir_fd, const char *name, const char *note_name) {
    return g_str_has_prefix(note_name, name) && dm_note_is_ours(dir_fd, note_name);
}

/** For dm_move(): the name is good when it and its note's name are free; the note is written then.
 */
static int write_note(int dir_fd, const char *name, void *data) {
    struct note *note = data;
    take_note_back(note, dir_fd); // of the last try, which lost a race
    g_autofree char *note_name = dm_note_name(name);
    if (exists(dir_fd, name) || (exists(dir_fd, note_name) && !is_stale(dir_fd, name, note_name))) {
        return EEXIST;
    }
    if (dm_write_file_at(dir_fd, note_name, note->text) != 0) {
        return errno;
    }
    note->name = g_steal_pointer(&note_name);
    return 0;
}

static void clean_up_after(const struct dm_roots *roots, const char *path, struct note *note) {
    g_autofree char *dir = dm_path_dir(path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(roots->failed, dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd >= 0) {
        take_note_back(note, dir_fd);
        dm_litter_remove_empty_dirs(roots->failed, dir);
    }
}

void dm_retire_failed(const struct dm_roots *roots, struct dm_errand *errand, int64_t utc_us) {
    const struct dm_row *row = errand->row;
    g_autofree char *temp = dm_temp_name(row->id, row->attempt);
    g_autofree char *text = dm_note_text(row, utc_us);
    g_autofree char *place = NULL;
    struct note note = {.text = text};
    const struct dm_move move = {
        .from_fd = roots->inbox,
        .to_fd = roots->failed,
        .path = row->path,
        .fingerprint = &row->fingerprint,
        .temp = temp,
        .reserve = write_note,
        .data = &note,
    };
    enum dm_moved end = dm_move(&move, &place);
    if (end == DM_MOVED_REFUSED) {
        dm_errand_block(errand, "move the file to " DM_DIR_FAILED, row->path);
    } else {
        errand->fact = end == DM_MOVED_CHANGED ? DM_FACT_DROPPED : DM_FACT_RETIRED;
    }
    if (end != DM_MOVED) {
        clean_up_after(roots, row->path, &note);
    }
    g_free(note.name);
}
