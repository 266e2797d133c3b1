// SPDX-License-Identifier: MIT
//
// Sweep: open, watch, read, stat. The watch comes before the reading: a file that is made
// between the two is seen twice, and none is missed. Read first: sweep.h.
#include "watcher/inbox/sweep.h"

#include "common/fsutil.h"
#include "watcher/inbox/notify.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/note_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void clear_entry(void *data) {
    struct dm_sweep_entry *entry = data;
    g_free(entry->name);
    g_free(entry->probe);
}

/** The directory cannot be read. Returns what a job returns. */
static int fail(struct dm_sweep *sweep, int errnum) {
    sweep->error = errnum;
    sweep->outcome = dm_errno_is_gone(errnum) ? DM_SWEEP_GONE : DM_SWEEP_UNREADABLE;
    return dm_errno_is_offline(errnum) ? errnum : 0;
}

/** A file that does not let us look into it is judged by what can be seen from outside. */
static void look_into(struct dm_sweep *sweep, int dir_fd, struct dm_sweep_entry *entry) {
    struct dm_probe probe;
    int errnum = dm_probe_file(dir_fd, entry->name, &sweep->question, &probe);
    if (errnum == EACCES || errnum == EPERM) {
        probe = (struct dm_probe){.fingerprint = entry->fingerprint, .hole_at = -1};
        errnum = 0;
    }
    if (errnum == 0) {
        entry->fingerprint = probe.fingerprint;
        entry->probe = g_memdup2(&probe, sizeof(probe));
    } else if (dm_errno_is_offline(errnum)) {
        entry->error = errnum;
    }
}

static void look_at(struct dm_sweep *sweep, int dir_fd, const char *name, bool probe) {
    if (dm_note_file_is_ours(dir_fd, name)) {
        unlinkat(dir_fd, name, 0); // it came back with its picture and has done its work
    }
    struct dm_sweep_entry entry = {.name = g_strdup(name)};
    if (dm_fingerprint_at(dir_fd, name, &entry.fingerprint, &entry.mode) != 0) {
        entry.error = errno;
    } else if (probe && S_ISREG(entry.mode)) {
        look_into(sweep, dir_fd, &entry);
    }
    g_array_append_val(sweep->entries, entry);
}

static bool wants_probe(const struct dm_sweep *sweep, const char *name) {
    return GPOINTER_TO_UINT(g_hash_table_lookup(sweep->names, name)) & DM_SWEEP_PROBE;
}

/** Look at all that is in @dir_fd. Returns 0 or an errno. */
static int read_all(struct dm_sweep *sweep, int dir_fd) {
    int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        int errnum = errno;
        if (fd >= 0) {
            close(fd);
        }
        return errnum;
    }
    struct dirent *found;
    errno = 0;
    while ((found = readdir(dir)) != NULL) {
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0) {
            look_at(sweep, dir_fd, found->d_name, wants_probe(sweep, found->d_name));
        }
        errno = 0;
    }
    int errnum = errno;
    closedir(dir);
    return errnum;
}

/** Look at the names that were asked for and that the reading has not shown. */
static void look_at_names(struct dm_sweep *sweep, int dir_fd) {
    if (g_hash_table_size(sweep->names) == 0) {
        return;
    }
    g_autoptr(GHashTable) shown = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < sweep->entries->len; i++) {
        g_hash_table_add(shown, g_array_index(sweep->entries, struct dm_sweep_entry, i).name);
    }
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, sweep->names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        if (!g_hash_table_contains(shown, name)) {
            look_at(sweep, dir_fd, name, wants_probe(sweep, name));
        }
    }
}

static int look_at_dir(struct dm_sweep *sweep, int dir_fd) {
    if (sweep->whole && sweep->notify_fd >= 0) {
        sweep->watch = dm_notify_watch(sweep->notify_fd, dir_fd);
    }
    int errnum = sweep->whole ? read_all(sweep, dir_fd) : 0;
    if (errnum != 0) {
        return fail(sweep, errnum);
    }
    look_at_names(sweep, dir_fd);
    sweep->outcome = DM_SWEEP_READ;
    return 0;
}

struct dm_sweep *dm_sweep_new(const char *dir, bool whole, GHashTable *names) {
    struct dm_sweep *sweep = g_new0(struct dm_sweep, 1);
    sweep->dir = g_strdup(dir);
    sweep->whole = whole;
    sweep->names = names != NULL ? names : g_hash_table_new(g_str_hash, g_str_equal);
    sweep->notify_fd = -1;
    sweep->entries = g_array_new(FALSE, FALSE, sizeof(struct dm_sweep_entry));
    g_array_set_clear_func(sweep->entries, clear_entry);
    return sweep;
}

void dm_sweep_free(struct dm_sweep *sweep) {
    if (sweep == NULL) {
        return;
    }
    g_free(sweep->dir);
    g_hash_table_destroy(sweep->names);
    g_array_free(sweep->entries, TRUE);
    g_free(sweep);
}

int dm_sweep_work(const struct dm_share_dirs *dirs, void *job) {
    struct dm_sweep *sweep = job;
    int inbox_fd = dirs->rooms[DM_SHARE_INBOX];
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(inbox_fd, sweep->dir, O_RDONLY | O_DIRECTORY, 0);
    return dir_fd >= 0 ? look_at_dir(sweep, dir_fd) : fail(sweep, errno);
}
