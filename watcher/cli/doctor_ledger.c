// SPDX-License-Identifier: MIT
//
// What `dropmill doctor` checks beside the share: where the ledger is, the ledger, where sessions
// and sockets are.
#include "watcher/cli/doctor.h"
#include "watcher/cli/output.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/line_socket.h"
#include "watcher/ledger/soundness.h"
#include "watcher/share/descriptor.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

#define MB INT64_C(1000000)
#define LEDGER_FREE_BYTES (200 * MB)
#define RUNTIME_FREE_BYTES (10 * MB)
#define SOUND_US (INT64_C(5) * G_USEC_PER_SEC)

/** @path, or what there is of it from above; (transfer full). */
static char *nearest(const char *path) {
    char *at = g_strdup(path);
    while (access(at, F_OK) != 0 && errno == ENOENT && strcmp(at, "/") != 0) {
        char *above = g_path_get_dirname(at);
        g_free(at);
        at = above;
    }
    return at;
}

/** How much is free there; -1: not known. */
static int64_t free_at(const char *path) {
    struct statvfs room;
    return statvfs(path, &room) == 0 ? (int64_t)(room.f_bavail * room.f_frsize) : -1;
}

static bool is_remote(const char *path) {
    DM_AUTO_CLOSE int fd = dm_open_root(path, NULL);
    return fd >= 0 && dm_is_network_fs(fd);
}

static void look_at_room(const char *path, int64_t least, struct dm_finding *ret) {
    int64_t free_bytes = free_at(path);
    g_autofree char *has = dm_human_bytes(free_bytes);
    g_autofree char *wants = dm_human_bytes(least);
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *mend = g_strdup_printf("make room: df -h %s", quoted);
    if (free_bytes == 0) {
        dm_doctor_fail(ret, mend, "there is no room at '%s': the daemon cannot remember anything",
                       path);
    } else if (free_bytes > 0 && free_bytes < least) {
        dm_doctor_warn(ret, mend, "%s are free at '%s', expected at least %s", has, path, wants);
    }
}

/** Whether the user may make what is missing of @path, or write into it. */
static void look_at_rights(const struct dm_doctor *doctor, const char *path, const char *at,
                           struct dm_finding *ret) {
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *mend =
        strcmp(path, at) == 0
            ? g_strdup_printf("chown -R %s %s", doctor->user.name, quoted)
            : g_strdup_printf("install -d -o %s -m 750 %s", doctor->user.name, quoted);
    if (faccessat(AT_FDCWD, at, W_OK | X_OK, AT_EACCESS) != 0) {
        dm_doctor_fail(ret, errno == EROFS ? "mount it for writing" : mend,
                       "%s cannot write into '%s': %s", dm_doctor_who(doctor), at,
                       g_strerror(errno));
    }
}

/** It is made when the daemon starts: by it, or by systemd as its unit says. */
static bool is_made_by_unit(const struct dm_doctor *doctor, const char *path, const char *at) {
    g_autofree char *start = dm_doctor_systemctl(doctor, "start");
    return strcmp(path, at) != 0 && g_str_has_prefix(start, "systemctl");
}

void dm_look_at_ledger_place(const struct dm_doctor *doctor, struct dm_finding *ret) {
    struct dm_doctor_mount mount = {0};
    g_autofree char *dir = g_path_get_dirname(doctor->places->ledger);
    g_autofree char *at = nearest(dir);
    dm_doctor_mount_of(at, &mount);
    if (is_remote(at)) {
        dm_doctor_fail(
            ret, "set state_dir in dropmill.conf to a directory on a disk of this machine",
            "'%s' is on a network file system (%s): SQLite may lose what it writes there", at,
            mount.type != NULL ? mount.type : "?");
    } else if (g_strcmp0(mount.type, "tmpfs") == 0) {
        dm_doctor_warn(
            ret, "set state_dir in dropmill.conf to a directory on a disk",
            "'%s' is in memory (tmpfs): at the next start of the machine nothing is known "
            "of any file",
            at);
    }
    if (!is_made_by_unit(doctor, dir, at)) {
        look_at_rights(doctor, dir, at, ret);
    }
    look_at_room(at, LEDGER_FREE_BYTES, ret);
    g_autofree char *has = dm_human_bytes(free_at(at));
    dm_doctor_ok(ret, "%s, %s, %s free", dir, mount.type != NULL ? mount.type : "?", has);
    dm_doctor_mount_clear(&mount);
}

static void look_through(struct dm_ledger *ledger, struct dm_finding *ret) {
    g_autoptr(GError) error = NULL;
    bool all = true;
    int64_t rows = 0, counts[DM_STATE_COUNT];
    if (!dm_ledger_is_sound(ledger, SOUND_US, &all, &error)) {
        dm_doctor_fail(ret,
                       "stop dropmilld and put back a copy from your backup; without one move the "
                       "ledger away: then every file in inbox is made again",
                       "%s", error->message);
        return;
    }
    dm_ledger_count(ledger, counts);
    for (size_t i = 0; i < DM_STATE_COUNT; i++) {
        rows += counts[i];
    }
    dm_doctor_ok(ret, "sound%s, %" PRId64 " file%s",
                 all ? "" : " as far as could be seen in some seconds", rows, rows == 1 ? "" : "s");
}

void dm_look_at_ledger(const struct dm_doctor *doctor, struct dm_finding *ret) {
    g_autoptr(GError) error = NULL;
    const char *path = doctor->places->ledger;
    if (access(path, F_OK) != 0) {
        if (errno == ENOENT) {
            dm_doctor_ok(ret, "there is none yet: dropmilld makes it when it first starts");
        } else {
            dm_doctor_fail(ret, "", "cannot look at '%s': %s", path, g_strerror(errno));
        }
        return;
    }
    struct dm_ledger *ledger = dm_ledger_open(path, true, &error);
    if (ledger != NULL) {
        look_through(ledger, ret);
    } else if (g_error_matches(error, DM_ERROR, DM_ERROR_CONFIG)) {
        dm_doctor_fail(ret, "start the dropmilld of this version once; or install the newer one",
                       "%s", error->message);
    } else {
        dm_doctor_fail(ret, "if it is damaged: stop dropmilld and put back a copy from your backup",
                       "%s", error->message);
    }
    dm_ledger_free(ledger);
}

void dm_look_at_runtime(const struct dm_doctor *doctor, struct dm_finding *ret) {
    const char *dir = doctor->places->runtime_dir;
    g_autoptr(GError) error = NULL;
    g_autofree char *socket = g_build_filename(dir, "session-9999999999", "socket", NULL);
    g_autofree char *at = nearest(dir);
    if (!dm_line_socket_check_path(socket, &error)) {
        dm_doctor_fail(ret, "set runtime_dir in dropmill.conf to a shorter path", "%s",
                       error->message);
    }
    if (is_made_by_unit(doctor, dir, at)) {
        dm_doctor_ok(ret, "%s is made when the daemon starts", dir);
        return;
    }
    look_at_rights(doctor, dir, at, ret);
    look_at_room(at, RUNTIME_FREE_BYTES, ret);
    if (doctor->live != NULL) {
        dm_doctor_ok(ret, "%s, and its socket answers", dir);
    } else if (access(doctor->places->control, F_OK) == 0) {
        dm_doctor_ok(ret, "%s, with the socket of a daemon that does not answer", dir);
    } else {
        dm_doctor_ok(ret, "%s%s", dir, strcmp(dir, at) == 0 ? "" : " is made by dropmilld");
    }
}
