// SPDX-License-Identifier: MIT
//
// Who the daemon is: the user of the one that runs; else whose the ledger is, which only a daemon
// makes; else whose the marker of the share is, which `dropmill setup` made as the service; else
// who calls.
#include "watcher/cli/doctor.h"

#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUPS_MAX = 256 };

void dm_doctor_user_clear(struct dm_doctor_user *user) {
    g_clear_pointer(&user->groups, g_array_unref);
    g_clear_pointer(&user->name, g_free);
}

static void set(struct dm_doctor_user *user, uid_t uid, gid_t gid) {
    const struct passwd *known = getpwuid(uid);
    dm_doctor_user_clear(user);
    *user = (struct dm_doctor_user){
        .uid = uid,
        .gid = gid,
        .groups = g_array_new(FALSE, FALSE, sizeof(gid_t)),
        .name = known != NULL ? g_strdup(known->pw_name) : g_strdup_printf("%u", (unsigned)uid),
        .can_be = geteuid() == 0 && uid != 0,
    };
}

/** The groups that the system has of it. */
static void set_known_groups(struct dm_doctor_user *user) {
    const struct passwd *known = getpwuid(user->uid);
    gid_t groups[GROUPS_MAX];
    int count = GROUPS_MAX;
    if (known != NULL && getgrouplist(known->pw_name, user->gid, groups, &count) >= 0) {
        g_array_append_vals(user->groups, groups, (guint)count);
    }
}

/** The number @which behind the word @field in the text of /proc/PID/status. */
static bool proc_number(const char *text, const char *field, unsigned which, uint32_t *ret) {
    const char *at = strstr(text, field);
    char *end = at != NULL ? (char *)at + strlen(field) : NULL;
    uint64_t number = 0;
    for (unsigned i = 0; end != NULL && i <= which; i++) {
        const char *begin = end;
        number = g_ascii_strtoull(begin, &end, 10);
        end = end == begin ? NULL : end;
    }
    *ret = (uint32_t)number;
    return end != NULL;
}

/** Those that the daemon has, which a unit may have given it. */
static bool set_running(struct dm_doctor_user *user, pid_t pid) {
    g_autofree char *file = g_strdup_printf("/proc/%d/status", (int)pid);
    g_autofree char *text = NULL;
    uint32_t uid, gid, group;
    if (pid <= 0 || !g_file_get_contents(file, &text, NULL, NULL) ||
        !proc_number(text, "\nUid:", 1, &uid) || !proc_number(text, "\nGid:", 1, &gid)) {
        return false;
    }
    set(user, uid, gid);
    char *line = strstr(text, "\nGroups:");
    if (line != NULL) {
        line[1 + strcspn(line + 1, "\n")] = '\0';
        for (unsigned i = 0; i < GROUPS_MAX && proc_number(line, "\nGroups:", i, &group); i++) {
            g_array_append_val(user->groups, group);
        }
    }
    return true;
}

static bool set_owner(struct dm_doctor_user *user, const char *path) {
    struct stat status;
    if (lstat(path, &status) != 0) {
        return false;
    }
    const struct passwd *known = getpwuid(status.st_uid);
    set(user, status.st_uid, known != NULL ? known->pw_gid : status.st_gid);
    set_known_groups(user);
    return true;
}

/** Whose the marker is, as the check of the share has told. */
static bool set_told(struct dm_doctor *doctor) {
    return doctor->marker_uid != (uid_t)-1 &&
           (set(&doctor->user, doctor->marker_uid, doctor->marker_gid), true);
}

void dm_doctor_find_user(struct dm_doctor *doctor) {
    g_autofree char *dir =
        doctor->places != NULL ? g_path_get_dirname(doctor->places->ledger) : NULL;
    if (!set_running(&doctor->user, doctor->daemon) &&
        !(dir != NULL && set_owner(&doctor->user, dir)) && !set_told(doctor)) {
        set(&doctor->user, geteuid(), getegid());
    }
}

bool dm_doctor_is_true(const struct dm_doctor *doctor) {
    return doctor->user.can_be || doctor->user.uid == geteuid();
}

const char *dm_doctor_who(const struct dm_doctor *doctor) {
    return dm_doctor_is_true(doctor) ? doctor->user.name : g_get_user_name();
}

bool dm_doctor_become(const struct dm_doctor_user *user) {
    const struct passwd *known = getpwuid(user->uid);
    if (setgroups(user->groups->len, (const gid_t *)(const void *)user->groups->data) != 0 ||
        setresgid(user->gid, user->gid, user->gid) != 0 ||
        setresuid(user->uid, user->uid, user->uid) != 0) {
        return false;
    }
    g_setenv("HOME", known != NULL ? known->pw_dir : "/nonexistent", TRUE);
    g_setenv("USER", user->name, TRUE);
    g_setenv("LOGNAME", user->name, TRUE);
    return true;
}
