// SPDX-License-Identifier: MIT
//
// What `dropmill doctor` checks of the share.
#include "watcher/cli/doctor.h"
#include "watcher/cli/doctor_probe.h"
#include "watcher/cli/output.h"

#include "common/error.h"
#include "common/escape.h"
#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/identity.h"
#include "watcher/share/lock.h"
#include "watcher/share/move.h"
#include "watcher/share/writer.h"
#include "watcher/units.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define CLOCK_US (INT64_C(2) * G_USEC_PER_SEC)

int dm_doctor_open(const struct dm_doctor *doctor, const char *room) {
    DM_AUTO_CLOSE int root_fd = open(doctor->places->share, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root_fd >= 0 ? dm_open_beneath(root_fd, room, O_RDONLY | O_DIRECTORY, 0) : -1;
}

// ---- configuration

void dm_look_at_configuration(const struct dm_doctor *doctor, struct dm_finding *ret) {
    for (guint i = 0; i < doctor->mistakes->len; i++) {
        dm_doctor_fail(ret,
                       "correct that (all settings: man dropmill.conf), then try: "
                       "dropmilld --check-config",
                       "%s", (const char *)doctor->mistakes->pdata[i]);
    }
    for (guint i = 0; i < doctor->config->warnings->len; i++) {
        dm_doctor_warn(ret, "man dropmill.conf lists the variables", "%s",
                       (const char *)doctor->config->warnings->pdata[i]);
    }
    g_auto(GStrv) files = dm_config_files(doctor->cli->config_option);
    g_auto(GStrv) recipes = dm_config_recipe_files(doctor->cli->config_option);
    g_autofree char *names = g_strjoinv(", ", files);
    g_autofree char *more = g_strjoinv(", ", recipes);
    dm_doctor_ok(ret, "%s%s%s", *names != '\0' ? names : "no file, so all is as it is by default",
                 *more != '\0' ? ", " : "", more);
}

// ---- there

/** The share as it was written; "" when none was. */
static const char *meant(const struct dm_doctor *doctor) {
    return *doctor->config->share != '\0' ? doctor->config->share
           : doctor->places != NULL       ? doctor->places->meant
                                          : "";
}

static void look_for_rooms(const struct dm_places *places, struct dm_finding *ret) {
    static const char *const rooms[] = {DM_DIR_INBOX, DM_DIR_OUTBOX};
    g_autofree char *quoted = g_shell_quote(places->share);
    g_autofree char *mend = g_strdup_printf("dropmill setup %s", quoted);
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        g_autofree char *room = g_build_filename(places->share, rooms[i], NULL);
        if (!g_file_test(room, G_FILE_TEST_IS_DIR) && errno != EACCES) {
            dm_doctor_fail(ret, mend, "there is no '%s'", room);
        }
    }
}

/** Who asks us is told where it is, and whose. */
static void tell_share(const struct dm_places *places, struct dm_finding *ret) {
    struct stat status = {0};
    g_autofree char *marker = g_build_filename(places->share, DM_ROOT_ID, NULL);
    if (stat(marker, &status) == 0) {
        g_autofree char *share = dm_escape(places->share);
        g_autofree char *written = dm_escape(places->meant);
        int64_t pid;
        g_autofree char *watcher = dm_share_lock_holder(places->share, &pid);
        ret->told =
            g_strdup_printf("%s\t%s\t%s\t%u\t%u\t%d", share, places->share_id, written,
                            (unsigned)status.st_uid, (unsigned)status.st_gid, watcher != NULL);
    }
}

static char *mend_share(const struct dm_doctor *doctor, const char *path) {
    g_autofree char *absolute = *path != '\0' ? g_canonicalize_filename(path, NULL) : NULL;
    g_autofree char *point = absolute != NULL ? dm_doctor_unmounted(absolute) : NULL;
    if (point != NULL) {
        g_autofree char *quoted = g_shell_quote(point);
        return g_strdup_printf("mount %s", quoted);
    }
    if (doctor->places != NULL) {
        return g_strdup("mount it, or say where it is now: --share DIR, or share in dropmill.conf");
    }
    g_autofree char *quoted =
        absolute != NULL ? g_shell_quote(absolute) : g_strdup("/srv/pictures");
    return g_strdup_printf("dropmill setup %s", quoted);
}

void dm_look_at_share(const struct dm_doctor *doctor, struct dm_finding *ret) {
    g_autoptr(GError) error = NULL;
    const char *path = meant(doctor);
    struct dm_places *places = dm_places_find(doctor->config, &error);
    if (places == NULL) {
        g_autofree char *mend = mend_share(doctor, path);
        if (access(path, R_OK | X_OK) != 0 && errno == EACCES && !dm_doctor_is_true(doctor)) {
            g_autofree char *sudo = dm_doctor_command(doctor, "sudo dropmill doctor");
            dm_doctor_warn(ret, sudo, "%s", error->message);
        } else {
            dm_doctor_fail(ret, mend, "%s", error->message);
        }
        return;
    }
    look_for_rooms(places, ret);
    tell_share(places, ret);
    dm_doctor_ok(ret, "%s", places->share);
    dm_places_free(places);
}

// ---- the same

static void compare(const struct dm_doctor *doctor, const struct dm_identity *found, bool remote,
                    struct dm_finding *ret) {
    struct dm_mark known;
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    const char *share = doctor->places->share;
    struct dm_ledger *ledger = dm_ledger_open(doctor->places->ledger, true, &error);
    if (ledger == NULL || !dm_ledger_share(ledger, &known, &path)) {
        dm_doctor_ok(ret, "id %s", doctor->places->share_id); // the ledger has a row of its own
    } else {
        known.dev = 0; // another one after each start of the machine
        bool same = dm_mark_fits(&known, &found->marker) || (remote && strcmp(path, share) == 0);
        g_autofree char *quoted = g_shell_quote(share);
        g_autofree char *mend =
            g_strdup_printf("is it a copy? then: dropmill setup --new-id %s\n"
                            "was it moved or restored to here? then once: dropmilld --moved",
                            quoted);
        if (same) {
            dm_doctor_ok(ret, "id %s, the share that the ledger is of", doctor->places->share_id);
        } else {
            dm_doctor_fail(ret, mend,
                           "'%s' is another share than the one that was last watched at '%s', "
                           "with the same id",
                           share, path);
        }
    }
    dm_ledger_free(ledger);
}

void dm_look_at_identity(const struct dm_doctor *doctor, struct dm_finding *ret) {
    struct dm_identity found;
    DM_AUTO_CLOSE int fd = open(doctor->places->share, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || dm_identity_read(fd, true, &found) != 0) {
        dm_doctor_fail(ret, "", "cannot read the marker " DM_ROOT_ID ": %s", g_strerror(errno));
        return;
    }
    if (!g_file_test(doctor->places->ledger, G_FILE_TEST_EXISTS)) {
        dm_doctor_ok(ret, "id %s%s", doctor->places->share_id,
                     doctor->is_elsewhere ? "" : ", not watched yet");
        return;
    }
    compare(doctor, &found, dm_is_network_fs(fd), ret);
}

// ---- the file system

static void tell_network(const struct dm_doctor_mount *mount, struct dm_finding *ret) {
    if (dm_doctor_mount_has(mount, "soft")) {
        dm_doctor_warn(ret, "take 'soft' out of its line in /etc/fstab, then mount it anew",
                       "%s (%s at %s) is mounted 'soft': while its server is slow, writes fail",
                       mount->type, mount->source, mount->point);
    }
    dm_doctor_ok(ret,
                 "%s (%s at %s), a network: what others put there is found by looking, not told",
                 mount->type, mount->source, mount->point);
}

void dm_look_at_file_system(const struct dm_doctor *doctor, struct dm_finding *ret) {
    struct dm_doctor_mount mount;
    DM_AUTO_CLOSE int fd = dm_doctor_open(doctor, DM_DIR_INBOX);
    if (!dm_doctor_mount_of(doctor->places->share, &mount)) {
        dm_doctor_warn(ret, "", "/proc/self/mounts does not tell");
        return;
    }
    if (fd >= 0 && dm_is_network_fs(fd)) {
        tell_network(&mount, ret);
    } else if (strcmp(mount.type, "tmpfs") == 0) {
        dm_doctor_warn(ret, "move the share to a disk",
                       "the share is in memory (tmpfs at %s): it is gone when the machine restarts",
                       mount.point);
    } else {
        dm_doctor_ok(ret, "%s (%s at %s), local", mount.type, mount.source, mount.point);
    }
    dm_doctor_mount_clear(&mount);
}

// ---- rights

static char *mend_rights(const struct dm_doctor *doctor, const char *room, int errnum) {
    struct dm_doctor_mount mount = {0};
    g_autofree char *path = g_build_filename(doctor->places->share, room, NULL);
    g_autofree char *quoted = g_shell_quote(path);
    char *mend = NULL;
    if (errnum == EROFS && dm_doctor_mount_of(path, &mount)) {
        mend = g_strdup_printf("mount -o remount,rw %s", mount.point);
        dm_doctor_mount_clear(&mount);
    } else if (errnum == ENOSPC || errnum == EDQUOT) {
        mend = g_strdup_printf("make room: df -h %s; df -i %s", quoted, quoted);
    } else if (errnum == EACCES || errnum == EPERM) {
        mend =
            g_strdup_printf("chown -R %s %s; chmod -R u+rwX %s", doctor->user.name, quoted, quoted);
    }
    return mend != NULL ? mend : g_strdup("");
}

static bool may_be_read_only(const struct dm_doctor *doctor, const char *room) {
    return doctor->config->outbox.keep_us == DM_KEEP_LEAVE && strcmp(room, DM_DIR_OUTBOX) != 0;
}

/** Make, write, rename and remove a file in @room. */
static int use_room(const struct dm_doctor *doctor, const char *room) {
    struct dm_probe probe = {.fd = -1};
    DM_AUTO_CLOSE int fd = dm_doctor_open(doctor, room);
    int errnum = fd >= 0 ? dm_probe_put(fd, &probe) : errno;
    if (errnum != 0) {
        return errnum;
    }
    int renamed = renameat(fd, probe.name, fd, probe.other) == 0 ? 0 : errno;
    int taken = dm_probe_take(&probe);
    return renamed != 0 ? renamed : taken;
}

void dm_look_at_rights(const struct dm_doctor *doctor, struct dm_finding *ret) {
    static const char *const rooms[] = {DM_DIR_INBOX, DM_DIR_OUTBOX, DM_DIR_ORIGINALS,
                                        DM_DIR_FAILED, DM_DIR_PRIVATE};
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        int errnum = use_room(doctor, rooms[i]);
        if (errnum != 0 && !(errnum == EROFS && may_be_read_only(doctor, rooms[i])) &&
            !(errnum == ENOENT && i >= 2)) { // the daemon makes these
            g_autofree char *mend = mend_rights(doctor, rooms[i], errnum);
            dm_doctor_fail(ret, mend, "%s cannot write into '%s/%s': %s", dm_doctor_who(doctor),
                           doctor->places->share, rooms[i], g_strerror(errnum));
        }
    }
    dm_doctor_ok(ret, "%s may make, rename and remove files in all rooms", dm_doctor_who(doctor));
}

// ---- renames

/** From @from to @to without replacing anything. */
static int rename_probe(const struct dm_doctor *doctor, const char *from, const char *to) {
    struct dm_probe probe = {.fd = -1}, there = {0};
    DM_AUTO_CLOSE int from_fd = dm_doctor_open(doctor, from);
    DM_AUTO_CLOSE int to_fd = dm_doctor_open(doctor, to);
    int errnum = from_fd >= 0 && to_fd >= 0 ? dm_probe_put(from_fd, &probe) : errno;
    if (errnum != 0) {
        return errnum;
    }
    errnum = renameat2(from_fd, probe.name, to_fd, probe.other, RENAME_NOREPLACE) == 0 ? 0 : errno;
    there = probe;
    there.dir_fd = errnum == 0 ? to_fd : from_fd;
    dm_probe_take(&there);
    return errnum;
}

void dm_look_at_renames(const struct dm_doctor *doctor, struct dm_finding *ret) {
    static const struct {
        const char *from, *to;
        bool must;
    } ways[] = {
        {DM_DIR_OUTBOX, DM_DIR_OUTBOX, true}, // a result gets its name
        {DM_DIR_INBOX, DM_DIR_ORIGINALS, false},
        {DM_DIR_INBOX, DM_DIR_FAILED, false},
    };
    bool looks_first = false;
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        int errnum = rename_probe(doctor, ways[i].from, ways[i].to);
        looks_first |= errnum == EINVAL;
        if (errnum == EXDEV) {
            dm_doctor_warn(ret, "put all rooms of the share on one file system",
                           "%s and %s are different file systems: originals are copied, not moved",
                           ways[i].from, ways[i].to);
        } else if (ways[i].must && errnum != 0 && errnum != EINVAL) {
            dm_doctor_fail(ret, "", "cannot rename within %s: %s", ways[i].from,
                           g_strerror(errnum));
        }
    }
    dm_doctor_ok(ret, looks_first ? "at once, but not without replacing (as on NFS and SMB): it is "
                                    "looked first whether the name is free"
                                  : "at once, and without replacing anything");
}

// ---- leases

void dm_look_at_leases(const struct dm_doctor *doctor, struct dm_finding *ret) {
    struct dm_probe probe = {.fd = -1};
    DM_AUTO_CLOSE int dir_fd = dm_doctor_open(doctor, DM_DIR_INBOX);
    int errnum = dir_fd >= 0 ? dm_probe_put(dir_fd, &probe) : errno;
    if (errnum != 0) {
        dm_doctor_warn(ret, "", "cannot be tried: %s", g_strerror(errnum));
        return;
    }
    DM_AUTO_CLOSE int fd = openat(dir_fd, probe.name, O_RDONLY | O_CLOEXEC);
    enum dm_writer while_written = dm_writer_of(fd);
    dm_probe_take(&probe);
    enum dm_writer after = dm_writer_of(fd);
    if (while_written == DM_WRITER_BUSY && after == DM_WRITER_NONE) {
        dm_doctor_ok(ret, "the file system tells whether a file is still being written");
    } else {
        dm_doctor_warn(ret,
                       "nothing must be done; for slow writers raise inbox.settle_unseen in "
                       "dropmill.conf",
                       "the file system has no leases: whether a file is still being written is "
                       "told by its size and time alone");
    }
}

// ---- clock

void dm_look_at_clock(const struct dm_doctor *doctor, struct dm_finding *ret) {
    struct dm_probe probe = {.fd = -1};
    struct stat status = {0};
    DM_AUTO_CLOSE int dir_fd = dm_doctor_open(doctor, DM_DIR_OUTBOX);
    int64_t before_us = g_get_real_time();
    int errnum = dir_fd >= 0 ? dm_probe_put(dir_fd, &probe) : errno;
    if (errnum != 0) {
        dm_doctor_warn(ret, "", "cannot be compared: %s", g_strerror(errnum));
        return;
    }
    int64_t after_us = g_get_real_time();
    fstat(probe.fd, &status);
    dm_probe_take(&probe);
    int64_t there_us =
        (int64_t)status.st_mtim.tv_sec * G_USEC_PER_SEC + status.st_mtim.tv_nsec / 1000;
    int64_t off_us = there_us < before_us  ? there_us - before_us
                     : there_us > after_us ? there_us - after_us
                                           : 0;
    if (ABS(off_us) >= CLOCK_US) {
        dm_doctor_warn(ret, "timedatectl set-ntp true (here and on the server of the share)",
                       "the clock of the share is %" PRId64 " s %s ours: files look %s than they "
                       "are",
                       ABS(off_us) / G_USEC_PER_SEC, off_us > 0 ? "before" : "behind",
                       off_us > 0 ? "newer" : "older");
    }
    dm_doctor_ok(ret, "a new file has our time");
}

// ---- room

void dm_look_at_room(const struct dm_doctor *doctor, struct dm_finding *ret) {
    struct statvfs room;
    DM_AUTO_CLOSE int fd = dm_doctor_open(doctor, DM_DIR_OUTBOX);
    if (fd < 0 || fstatvfs(fd, &room) != 0) {
        dm_doctor_warn(ret, "", "cannot be told: %s", g_strerror(errno));
        return;
    }
    int64_t free_bytes = (int64_t)(room.f_bavail * room.f_frsize);
    int64_t least = doctor->config->work.min_free_bytes;
    g_autofree char *has = dm_human_bytes(free_bytes);
    g_autofree char *wants = dm_human_bytes(least);
    g_autofree char *quoted = g_shell_quote(doctor->places->share);
    g_autofree char *mend = g_strdup_printf(
        "make room (df -h %s), keep originals for less (originals.keep), or lower min_free",
        quoted);
    if (free_bytes == 0 || free_bytes < least) {
        dm_doctor_fail(ret, mend,
                       "%s are free where results go, expected at least %s (min_free): "
                       "files wait",
                       has, wants);
    } else if (free_bytes / 2 < least) {
        dm_doctor_warn(ret, mend,
                       "%s are free where results go, and files wait below %s (min_free)", has,
                       wants);
    }
    if (room.f_files > 0 && room.f_favail == 0) {
        dm_doctor_fail(ret, mend, "there is no inode left where results go (df -i)");
    }
    dm_doctor_ok(ret, "%s are free where results go (files wait below %s)", has, wants);
}
