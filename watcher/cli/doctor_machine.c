// SPDX-License-Identifier: MIT
//
// What `dropmill doctor` checks of the machine: what the kernel lets the daemon's user have. Read
// from /proc; of others' processes only root sees all.
#include "watcher/cli/doctor.h"

#include "common/path.h"
#include "watcher/share/descriptor.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define INOTIFY "/proc/sys/fs/inotify/"
#define FOLDERS_MAX 1000000
#define FILES_MIN 1024

static char *proc_text(const char *file) {
    char *text = NULL;
    return g_file_get_contents(file, &text, NULL, NULL) ? text : NULL;
}

static int64_t proc_limit(const char *file) {
    g_autofree char *text = proc_text(file);
    return text != NULL ? g_ascii_strtoll(text, NULL, 10) : -1;
}

// ---- inotify

/** Directories of the inbox, all the way down. */
static int64_t count_folders(int dir_fd, int64_t so_far) {
    DIR *dir = dir_fd >= 0 ? fdopendir(dir_fd) : NULL;
    int64_t count = so_far + 1;
    for (const struct dirent *entry;
         dir != NULL && count < FOLDERS_MAX && (entry = readdir(dir)) != NULL;) {
        bool may_be = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
        int fd =
            may_be && entry->d_name[0] != '.'
                ? openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                : -1;
        count = fd >= 0 ? count_folders(fd, count) : count;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return count;
}

/** What the processes of one user have. */
struct use {
    int64_t instances, watches;
    // Of the daemon alone.
    int64_t daemons_watches;
};

static int64_t count_watches(const char *pid, const char *fd) {
    g_autofree char *file = g_strdup_printf("/proc/%s/fdinfo/%s", pid, fd);
    g_autofree char *text = proc_text(file);
    int64_t count = 0;
    for (const char *at = text; at != NULL && (at = strstr(at, "inotify wd:")) != NULL; at++) {
        count++;
    }
    return count;
}

static void add_process(const struct dm_doctor *doctor, const char *pid, struct use *use) {
    struct stat status;
    g_autofree char *path = g_strdup_printf("/proc/%s/fd", pid);
    if (stat(path, &status) != 0 || status.st_uid != doctor->user.uid) {
        return;
    }
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *link = g_build_filename(path, name, NULL);
        g_autofree char *what = g_file_read_link(link, NULL);
        if (g_strcmp0(what, "anon_inode:inotify") == 0) {
            int64_t watches = count_watches(pid, name);
            use->instances++;
            use->watches += watches;
            use->daemons_watches += g_ascii_strtoll(pid, NULL, 10) == doctor->daemon ? watches : 0;
        }
    }
}

static struct use look_at_use(const struct dm_doctor *doctor) {
    struct use use = {0};
    g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (g_ascii_isdigit(name[0])) {
            add_process(doctor, name, &use);
        }
    }
    return use;
}

static char *mend_sysctl(const char *name, int64_t value) {
    return g_strdup_printf("echo fs.inotify.%s=%" PRId64
                           " > /etc/sysctl.d/60-dropmill.conf && sysctl --system",
                           name, value);
}

void dm_look_at_inotify(const struct dm_doctor *doctor, struct dm_finding *ret) {
    int64_t max_watches = proc_limit(INOTIFY "max_user_watches");
    int64_t max_instances = proc_limit(INOTIFY "max_user_instances");
    int64_t folders = count_folders(dm_doctor_open(doctor, DM_DIR_INBOX), 0);
    struct use use = look_at_use(doctor);
    int64_t wanted = use.watches - use.daemons_watches + folders;
    if (max_watches >= 0 && wanted > max_watches / 10 * 9) {
        g_autofree char *mend = mend_sysctl("max_user_watches", MAX(wanted * 2, 524288));
        dm_doctor_warn(ret, mend,
                       "%" PRId64 " folders, and %" PRId64
                       " other watches of %s, of at most %" PRId64
                       " (max_user_watches): the rest is found by looking only",
                       folders, wanted - folders, doctor->user.name, max_watches);
    }
    bool has_one = doctor->daemon > 0;
    if (max_instances >= 0 && use.instances + (has_one ? 0 : 1) > max_instances) {
        g_autofree char *mend = mend_sysctl("max_user_instances", MAX(max_instances * 2, 512));
        dm_doctor_warn(ret, mend,
                       "%s has %" PRId64 " of at most %" PRId64 " instances (max_user_instances)",
                       doctor->user.name, use.instances, max_instances);
    }
    const char *problem = dm_doctor_live(doctor, "inbox.problem");
    if (*problem != '\0') {
        g_autofree char *mend = dm_doctor_command(doctor, "dropmill status");
        dm_doctor_warn(ret, mend, "%s", problem);
    }
    dm_doctor_ok(ret, "%" PRId64 " folder%s of at most %" PRId64 " watched", folders,
                 folders == 1 ? "" : "s", max_watches);
}

// ---- CAP_LEASE

/** Whether the daemon may ask after the files of others; @ret_known: whether that could be told. */
static bool has_cap_lease(pid_t pid, bool *ret_known) {
    g_autofree char *file = g_strdup_printf("/proc/%d/status", (int)pid);
    g_autofree char *text = proc_text(file);
    const char *at = text != NULL ? strstr(text, "\nCapEff:") : NULL;
    *ret_known = at != NULL;
    return at != NULL &&
           (g_ascii_strtoull(at + strlen("\nCapEff:"), NULL, 16) & UINT64_C(1) << CAP_LEASE) != 0;
}

void dm_look_at_cap_lease(const struct dm_doctor *doctor, struct dm_finding *ret) {
    bool known = false;
    bool has = has_cap_lease(doctor->daemon, &known);
    if (known && !has) {
        dm_doctor_warn(
            ret,
            "start it by its unit, or: systemctl edit dropmilld, with the lines\n"
            "  [Service]\n  AmbientCapabilities=CAP_LEASE",
            "the daemon has no CAP_LEASE: of files that others own it cannot ask whether "
            "they are still being written, and waits for longer");
    }
    dm_doctor_ok(ret, known ? "the daemon may ask whether others still write their files"
                            : "what the daemon may cannot be seen from here");
}

// ---- open files

/** The soft limit of "Max open files" in /proc/PID/limits; -1: not told. */
static int64_t limit_of(pid_t pid) {
    g_autofree char *file = g_strdup_printf("/proc/%d/limits", (int)pid);
    g_autofree char *text = proc_text(file);
    const char *at = text != NULL ? strstr(text, "Max open files") : NULL;
    return at != NULL ? g_ascii_strtoll(at + strlen("Max open files"), NULL, 10) : -1;
}

static int64_t count_open(pid_t pid) {
    g_autofree char *path = g_strdup_printf("/proc/%d/fd", (int)pid);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    int64_t count = 0;
    while (dir != NULL && g_dir_read_name(dir) != NULL) {
        count++;
    }
    return count;
}

void dm_look_at_files(const struct dm_doctor *doctor, struct dm_finding *ret) {
    struct rlimit ours = {0};
    getrlimit(RLIMIT_NOFILE, &ours);
    bool runs = doctor->daemon > 0;
    int64_t limit = runs ? limit_of(doctor->daemon) : (int64_t)MIN(ours.rlim_cur, INT64_MAX);
    int64_t open_count = runs ? count_open(doctor->daemon) : 0;
    if (limit >= 0 && (limit < FILES_MIN || open_count > limit / 10 * 8)) {
        dm_doctor_warn(ret,
                       "systemctl edit dropmilld, with the lines\n"
                       "  [Service]\n  LimitNOFILE=16384",
                       "%s may have %" PRId64 " files open (%" PRId64 " are), expected at least %d",
                       runs ? "the daemon" : "a program that is started from here", limit,
                       open_count, FILES_MIN);
    }
    dm_doctor_ok(ret, "%s may have %" PRId64 " files open%s",
                 runs ? "the daemon" : "a program that is started from here", limit,
                 limit < 0 ? " (not told)" : "");
}
