// SPDX-License-Identifier: MIT
//
// What is wrong, in the order in which somebody should look at it, each with what mends it where
// that can be told. See status_facts.h.
#include "watcher/cli/status_facts.h"

#include "common/path.h"
#include "watcher/ledger_ground.h"
#include "watcher/status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

// Rows that are held up whose directories are looked at.
#define ROWS_LOOKED_AT 50

static void wrong_free(void *data) {
    struct dm_wrong *wrong = data;
    g_free(wrong->what);
    g_free(wrong->mend);
    g_free(wrong);
}

/** Add it unless it is there; all (transfer full), @mend (nullable). */
static void add(GPtrArray *wrongs, char *what, char *mend) {
    bool known = false;
    for (guint i = 0; i < wrongs->len; i++) {
        const struct dm_wrong *wrong = g_ptr_array_index(wrongs, i);
        known |= strcmp(wrong->what, what) == 0;
    }
    struct dm_wrong *wrong = g_new0(struct dm_wrong, 1);
    wrong->what = what;
    wrong->mend = mend;
    if (known) {
        wrong_free(wrong);
    } else {
        g_ptr_array_add(wrongs, wrong);
    }
}

// ---- what may not be written

/** Say whether we are in group @gid. */
static bool is_in_group(gid_t gid) {
    gid_t groups[256];
    int count = getgroups(G_N_ELEMENTS(groups), groups);
    bool in = gid == getegid();
    for (int i = 0; i < count; i++) {
        in |= groups[i] == gid;
    }
    return in;
}

/** The command that lets us write into @path. */
static char *right_to(const char *path, const struct stat *status) {
    g_autofree char *quoted = g_shell_quote(path);
    if (status->st_uid == geteuid()) {
        return g_strdup_printf("chmod u+rwx %s", quoted);
    }
    if (is_in_group(status->st_gid)) {
        return g_strdup_printf("chmod g+rwx %s", quoted);
    }
    return g_strdup_printf("chown %s %s (as root)", g_get_user_name(), quoted);
}

/** Look whether the daemon, whose user we are, may write into the directory @relative of the share.
 */
static void check_directory(const struct dm_status_facts *facts, const char *relative,
                            GPtrArray *wrongs) {
    g_autofree char *path = g_build_filename(facts->places->share, relative, NULL);
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *shown = dm_path_display(relative);
    struct stat status;
    if (faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK, AT_EACCESS) == 0) {
        return;
    }
    int errnum = errno;
    char *what = g_strdup_printf("%s cannot be written: %s", shown, g_strerror(errnum));
    if (errnum == ENOENT && strchr(relative, '/') == NULL) {
        add(wrongs, what, g_strdup_printf("dropmill setup %s", facts->places->share));
    } else if (errnum == ENOENT || lstat(path, &status) != 0) {
        g_free(what); // a folder that is made when it is needed
    } else {
        add(wrongs, what,
            errnum == EROFS    ? g_strdup("mount the file system of the share for writing")
            : errnum == EACCES ? right_to(path, &status)
                               : NULL);
    }
}

/** The directories that a row which is held up needs. */
static void check_row(const struct dm_status_facts *facts, const struct dm_row *row,
                      GPtrArray *wrongs) {
    static const char *const rooms[] = {DM_DIR_INBOX, DM_DIR_OUTBOX, DM_DIR_ORIGINALS,
                                        DM_DIR_FAILED};
    g_autofree char *dir = dm_path_dir(row->path);
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        g_autofree char *relative = dm_path_join(rooms[i], dir);
        check_directory(facts, relative, wrongs);
    }
}

static void check_room_left(const struct dm_status_facts *facts, GPtrArray *wrongs) {
    g_autofree char *path = g_build_filename(facts->places->share, DM_DIR_OUTBOX, NULL);
    struct statvfs space;
    if (statvfs(path, &space) == 0 && space.f_blocks > 0 && space.f_bavail == 0) {
        add(wrongs, g_strdup("the disk of the share is full"),
            g_strdup_printf("make room there; what is in %s/" DM_DIR_ORIGINALS " is kept for "
                            "originals.keep",
                            facts->places->share));
    }
}

static void check_rights(const struct dm_status_facts *facts, GPtrArray *wrongs) {
    check_directory(facts, DM_DIR_OUTBOX, wrongs);
    check_directory(facts, DM_DIR_ORIGINALS, wrongs);
    check_directory(facts, DM_DIR_FAILED, wrongs);
    for (guint i = 0; i < MIN(facts->parked->len, ROWS_LOOKED_AT); i++) {
        check_row(facts, g_ptr_array_index(facts->parked, i), wrongs);
    }
    check_room_left(facts, wrongs);
}

/** Whether it is the share that is there: the daemon may not have noticed yet that it is not, and
 * to make a share where one is to be mounted mends nothing. */
static bool check_marker(const struct dm_status_facts *facts, GPtrArray *wrongs) {
    g_autofree char *marker = g_build_filename(facts->places->share, DM_ROOT_ID, NULL);
    if (access(marker, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)) {
        return true;
    }
    add(wrongs, g_strdup_printf("the share is away: there is no '%s'", marker),
        g_strdup("mount it again, or move it back"));
    return false;
}

// ---- the rest

static bool is_online(GHashTable *live) {
    const char *online = live != NULL ? g_hash_table_lookup(live, "share.online") : NULL;
    const char *silent = live != NULL ? g_hash_table_lookup(live, "share.silent_us") : NULL;
    return (online == NULL || strcmp(online, "0") != 0) &&
           (silent == NULL || strcmp(silent, "0") == 0);
}

static void check_share(const struct dm_status_facts *facts, GPtrArray *wrongs) {
    const char *problem = facts->live != NULL && !is_online(facts->live)
                              ? g_hash_table_lookup(facts->live, "share.problem")
                              : facts->places->away;
    if (problem != NULL && *problem != '\0') {
        add(wrongs, g_strdup_printf("the share is away: %s", problem),
            g_strdup(facts->live != NULL
                         ? "mount it again; dropmilld looks for it and goes on by itself"
                         : "mount it again"));
    }
    if (facts->copy_of != NULL) {
        g_autofree char *quoted = g_shell_quote(facts->places->share);
        add(wrongs,
            g_strdup_printf("this is a copy of the share '%s', or that one moved: it has the same "
                            "" DM_DIR_PRIVATE "/root.id, and what is told here is of that one",
                            facts->copy_of),
            g_strdup_printf("a copy: dropmill setup --new-id %s; moved: dropmilld --moved --share "
                            "%s, once",
                            quoted, quoted));
    }
}

/** Where none answers that would tell: one may wait for its ledger, and then answers nobody. */
static void check_silence(const struct dm_status_facts *facts, GPtrArray *wrongs) {
    g_autofree char *dir = g_path_get_dirname(facts->places->ledger);
    g_autofree char *problem = dm_ledger_ground_problem(dir, false);
    g_autofree char *quoted = g_shell_quote(facts->places->share);
    if (problem != NULL) {
        add(wrongs, g_strdup_printf("ledger: %s", problem),
            g_strdup_printf("make room there; a dropmilld that waits for it goes on by itself, if "
                            "none does: dropmilld --share %s",
                            quoted));
    } else if (facts->stranger == NULL) {
        add(wrongs, g_strdup("no dropmilld watches this share"),
            g_strdup_printf("dropmilld --share %s", quoted));
    }
}

/** What mends a problem of @group that the daemon tells of; (transfer full), NULL: not known. A
 * good configuration waits for the share. */
static char *mend_of(const struct dm_status_facts *facts, const char *group) {
    const char *pid = g_hash_table_lookup(facts->live, "pid");
    if (*group != '\0' || !is_online(facts->live)) {
        return NULL;
    }
    return g_strdup_printf("correct it, then: systemctl reload dropmilld, or kill -HUP %s; the one "
                           "before is in use",
                           pid != NULL ? pid : "PID");
}

static void check_daemon(const struct dm_status_facts *facts, GPtrArray *wrongs) {
    for (size_t i = 0; i < dm_status_item_count; i++) {
        const struct dm_status_item *item = &dm_status_items[i];
        g_autofree char *group = dm_status_group(item);
        const char *value = g_hash_table_lookup(facts->live, item->name);
        if (item->type == DM_STATUS_PROBLEM && value != NULL && *value != '\0' &&
            strcmp(group, "share") != 0) {
            add(wrongs,
                g_strdup_printf("%s: %s", *group != '\0' ? group : "the new configuration", value),
                mend_of(facts, group));
        }
    }
}

GPtrArray *dm_status_wrongs(const struct dm_status_facts *facts) {
    GPtrArray *wrongs = g_ptr_array_new_with_free_func(wrong_free);
    check_share(facts, wrongs);
    if (facts->live != NULL) {
        check_daemon(facts, wrongs);
    } else {
        check_silence(facts, wrongs);
    }
    if (facts->places->away == NULL && is_online(facts->live) && dm_status_is_ours(facts) &&
        check_marker(facts, wrongs)) {
        check_rights(facts, wrongs);
    }
    return wrongs;
}
