// SPDX-License-Identifier: MIT
//
// Sweep: open, watch, read, stat. The watch comes before the reading: a file that is made
// between the two is seen twice, and none is missed. Read first: sweep.h.
//
// What was shown is remembered by 64 bits of a hash a name: a million names take 8 MB, and if two
// should ever be alike a file that is gone is missed one sweep later.
#include "watcher/inbox/sweep.h"

#include "common/fsutil.h"
#include "watcher/inbox/notify.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/note_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define PART_ENTRIES 4000

static void clear_entry(void *data) {
    struct dm_sweep_entry *entry = data;
    g_free(entry->name);
    g_free(entry->probe);
}

/** The directory cannot be read. Returns what a job returns. */
static int fail(struct dm_sweep *sweep, int errnum) {
    sweep->error = errnum;
    sweep->more = false;
    sweep->outcome = dm_errno_is_gone(errnum) ? DM_SWEEP_GONE : DM_SWEEP_UNREADABLE;
    return dm_errno_is_offline(errnum) ? errnum : 0;
}

/** A file that does not let us look into it is judged by what can be seen from outside: a rank will
 * meet what refused us, and tell the share's errors from the file's. One that has changed is looked
 * into again. */
static void look_into(struct dm_sweep *sweep, int dir_fd, struct dm_sweep_entry *entry) {
    struct dm_probe probe;
    int errnum = dm_probe_file(dir_fd, entry->name, &sweep->question, &probe);
    if (errnum == EAGAIN || dm_errno_is_gone(errnum)) {
        return;
    }
    if (errnum != 0) {
        probe = (struct dm_probe){
            .fingerprint = entry->fingerprint, .hole_at = -1, .triggered = probe.triggered};
    }
    entry->fingerprint = probe.fingerprint;
    entry->probe = g_memdup2(&probe, sizeof(probe));
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

// ---- reading

static guint64 hash_name(const char *name) { // FNV-1a
    guint64 hash = G_GUINT64_CONSTANT(0xcbf29ce484222325);
    for (; *name != '\0'; name++) {
        hash = (hash ^ (guint8)*name) * G_GUINT64_CONSTANT(0x100000001b3);
    }
    return hash;
}

static gint compare_hashes(gconstpointer a, gconstpointer b) {
    const guint64 *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

bool dm_sweep_shows(const struct dm_sweep *sweep, const char *name) {
    guint64 hash = hash_name(name);
    return g_array_binary_search(sweep->shown, &hash, compare_hashes, NULL);
}

static void show(struct dm_sweep *sweep, int dir_fd, const char *name) {
    look_at(sweep, dir_fd, name, wants_probe(sweep, name));
    const struct dm_sweep_entry *entry =
        &g_array_index(sweep->entries, struct dm_sweep_entry, sweep->entries->len - 1);
    if (entry->error == 0 && S_ISREG(entry->mode)) {
        guint64 hash = hash_name(name);
        g_array_append_val(sweep->shown, hash);
    }
}

static int end_reading(struct dm_sweep *sweep, int errnum) {
    closedir(sweep->stream);
    sweep->stream = NULL;
    sweep->more = false;
    g_array_sort(sweep->shown, compare_hashes);
    return errnum;
}

/** Look at the next part of the directory. Returns 0 or an errno. */
static int read_part(struct dm_sweep *sweep) {
    int dir_fd = dirfd(sweep->stream);
    sweep->more = true;
    for (int i = 0; i < PART_ENTRIES; i++) {
        errno = 0;
        const struct dirent *found = readdir(sweep->stream); // NOLINT(concurrency-mt-unsafe)
        if (found == NULL) {
            return end_reading(sweep, errno);
        }
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0) {
            show(sweep, dir_fd, found->d_name);
        }
    }
    return 0;
}

/** Inotify tells nothing of what others do on a network, or below an overlay. */
static void look_at_file_system(struct dm_sweep *sweep, int dir_fd) {
    struct statfs s;
    bool overlay =
        fstatfs(dir_fd, &s) == 0 && (unsigned)s.f_type == (unsigned)OVERLAYFS_SUPER_MAGIC;
    sweep->remote = dm_is_network_fs(dir_fd);
    sweep->blind = sweep->remote || overlay;
}

static void take_stamp(struct dm_sweep *sweep, int dir_fd) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t before_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - sweep->grain_ns;
    struct dm_fingerprint stamp;
    bool good = dm_fingerprint_fd(dir_fd, &stamp) == 0 && stamp.mtime_ns < before_ns &&
                stamp.ctime_ns < before_ns;
    sweep->stamp = good ? stamp : (struct dm_fingerprint){0};
}

static int begin_reading(struct dm_sweep *sweep, int dir_fd) {
    int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
    sweep->stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (sweep->stream == NULL) {
        int errnum = errno;
        if (fd >= 0) {
            close(fd);
        }
        return errnum;
    }
    if (sweep->notify_fd >= 0) {
        sweep->watch = dm_notify_watch(sweep->notify_fd, dir_fd);
    }
    look_at_file_system(sweep, dir_fd);
    take_stamp(sweep, dir_fd);
    return read_part(sweep);
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
    int errnum = sweep->whole ? begin_reading(sweep, dir_fd) : 0;
    if (errnum != 0) {
        return fail(sweep, errnum);
    }
    if (!sweep->more) {
        look_at_names(sweep, dir_fd);
    }
    sweep->outcome = DM_SWEEP_READ;
    return 0;
}

static int read_on(struct dm_sweep *sweep) {
    DM_AUTO_CLOSE int dir_fd = fcntl(dirfd(sweep->stream), F_DUPFD_CLOEXEC, 0);
    g_array_set_size(sweep->entries, 0);
    int errnum = read_part(sweep);
    if (errnum != 0) {
        return fail(sweep, errnum);
    }
    if (!sweep->more) {
        look_at_names(sweep, dir_fd);
    }
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
    sweep->shown = g_array_new(FALSE, FALSE, sizeof(guint64));
    return sweep;
}

void dm_sweep_free(struct dm_sweep *sweep) {
    if (sweep == NULL) {
        return;
    }
    g_free(sweep->dir);
    g_hash_table_destroy(sweep->names);
    g_array_free(sweep->entries, TRUE);
    g_array_free(sweep->shown, TRUE);
    if (sweep->stream != NULL) {
        closedir(sweep->stream);
    }
    g_free(sweep->missed);
    g_clear_pointer(&sweep->there, g_hash_table_destroy);
    g_free(sweep);
}

int dm_sweep_work(const struct dm_share_dirs *dirs, void *job) {
    struct dm_sweep *sweep = job;
    if (sweep->stream != NULL) {
        return read_on(sweep);
    }
    int inbox_fd = dirs->rooms[DM_SHARE_INBOX];
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(inbox_fd, sweep->dir, O_RDONLY | O_DIRECTORY, 0);
    return dir_fd >= 0 ? look_at_dir(sweep, dir_fd) : fail(sweep, errno);
}
