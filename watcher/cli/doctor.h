// SPDX-License-Identifier: MIT
//
// dropmill doctor: what an administrator would check by hand. A check is a row of one table; each
// is made in a process of its own, as the user that the daemon is, and is given up after a while,
// so that a share that hangs stops nobody. It leaves nothing behind and disturbs no daemon.
//
//   cmd_doctor.c       the command: one check after the other, the exit code
//   doctor_table.c     the table
//   doctor_run.c       one check in its process: deadline, signals, what it found
//   doctor_finding.c   what it says
//   doctor_user.c      who the daemon is, and being it
//   doctor_show.c      what is told of it, and in which order
//   doctor_share.c     checks of the share: there, the same, rights, renames, leases, clock, room
//   doctor_mount.c     what is mounted where
//   doctor_probe.c     files that they lay there for a moment
//   doctor_machine.c   checks of what the machine allows: inotify, CAP_LEASE, files
//   doctor_ledger.c    checks of the places beside the share: ledger, runtime directory
//   doctor_daemon.c    checks of those who run: daemon, its configuration, page
//   doctor_worker.c    checks of the worker: program, jail, jobs, hosts, the store, hooks
#ifndef DM_WATCHER_CLI_DOCTOR_H
#define DM_WATCHER_CLI_DOCTOR_H

#include "watcher/cli/cli.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum dm_verdict {
    DM_VERDICT_OK,
    DM_VERDICT_WARNING,
    DM_VERDICT_FAILED,
    // What it needs was found wanting before, or we are not the one to tell.
    DM_VERDICT_UNASKED,
    DM_VERDICT_COUNT,
};

/** "ok", "warning", "failed", "not checked". */
const char *dm_verdict_name(enum dm_verdict verdict);

/** What a check found. */
struct dm_finding {
    enum dm_verdict verdict;
    // What was seen, and what mends it: sentences, one a line.
    GString *saw, *mend;
    // (nullable) What those that follow need to know of it.
    char *told;
};

/** The user that the daemon is, or would be. */
struct dm_doctor_user {
    uid_t uid;
    gid_t gid;
    // gid_t: the others.
    GArray *groups;
    // "dropmill", or a number.
    char *name;
    // We are it, or can be.
    bool can_be;
};

/** All that the checks know; those before have found it out. */
struct dm_doctor {
    struct dm_cli *cli;
    // With what is good of it, if not all is.
    struct dm_config *config;
    // Of char *: what is not.
    GPtrArray *mistakes;
    // So much is not that nothing else makes sense: no line of a file was taken.
    bool is_unread;
    // NULL: no share is meant, or it was never seen.
    struct dm_places *places;
    // What the daemon tells of itself; NULL: it does not answer, and why.
    GHashTable *live;
    char *silence;
    // It is there, and too busy, or hangs.
    bool is_silent;
    int64_t answered_us;
    // The share is.
    bool is_there;
    // Somebody watches it whose ledger is not where we look: another user, by hand, or with other
    // settings. Of that daemon nothing is known here.
    bool is_elsewhere;
    // 0: none, or not ours to ask.
    pid_t daemon;
    struct dm_doctor_user user;
    // Whose the marker is; -1: not known.
    uid_t marker_uid;
    gid_t marker_gid;
    // During a check that wants one: a directory of the user's alone.
    char *scratch;
    // Of enum dm_verdict, by row of the table.
    int *verdicts;
};

/** What must be well before a check makes sense. */
enum dm_doctor_need {
    DM_NEEDS_NOTHING,
    // A share is meant, and known by what its daemon remembers at least.
    DM_NEEDS_PLACES,
    // The same, and what watches it has its ledger where we look.
    DM_NEEDS_STATE,
    // It is there.
    DM_NEEDS_SHARE,
    // Its daemon runs, and we may look at its process.
    DM_NEEDS_DAEMON,
    // It answers.
    DM_NEEDS_ANSWER,
    // The worker starts.
    DM_NEEDS_WORKER,
};

/** A check. Adding one: its function, a row in doctor_table.c, its line in dropmill(1). */
struct dm_doctor_check {
    // A word that stays as it is: scripts look for it.
    const char *name;
    // In its process. Says what it finds by dm_doctor_ok() and its siblings; the worst counts.
    void (*look)(const struct dm_doctor *doctor, struct dm_finding *ret);
    // The worst that it can be: a failure of less is a warning.
    enum dm_verdict severity;
    // Of the program when this fails: sysexits(3).
    int exit_code;
    enum dm_doctor_need needs;
    unsigned deadline_ms;
    // By who calls, not as the daemon's user.
    bool as_caller;
    // It hangs on what one may: where we are not the daemon's user, what it finds wanting is told
    // of us, and not taken.
    bool of_rights;
    // It lays files on the share: whatever happens, it is let end, and takes them away.
    bool leaves_probes;
    // See struct dm_doctor.
    bool wants_scratch;
};

extern const struct dm_doctor_check dm_doctor_checks[];
extern const size_t dm_doctor_check_count;

/** The row of @name; it must be there. */
size_t dm_doctor_row(const char *name);

// ---- what a check says

/** Unless anything was said before. */
void dm_doctor_ok(struct dm_finding *finding, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** Whatever was said before. */
void dm_doctor_note(struct dm_finding *finding, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** @mend: what mends it, to be pasted where it can be. */
void dm_doctor_warn(struct dm_finding *finding, const char *mend, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
void dm_doctor_fail(struct dm_finding *finding, const char *mend, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
void dm_finding_init(struct dm_finding *finding);
void dm_finding_clear(struct dm_finding *finding);

// ---- doctor_run.c

/**
 * Make the check @row. Returns false when a signal came (@ret_signal) and all that it began is
 * over.
 */
bool dm_doctor_run(struct dm_doctor *doctor, size_t row, struct dm_finding *ret, int *ret_signal);

/** Let SIGINT, SIGTERM and SIGHUP wait, to be taken by dm_doctor_run(). */
void dm_doctor_take_signals(void);

/** End by the signal that has ended the run. */
void dm_doctor_die(int signal) G_GNUC_NORETURN;

// ---- doctor_user.c

/** Who the daemon is, by what is known so far; may be asked again when more is. */
void dm_doctor_find_user(struct dm_doctor *doctor);
/** Be it from here on. Returns false with errno when that cannot be. */
bool dm_doctor_become(const struct dm_doctor_user *user);
void dm_doctor_user_clear(struct dm_doctor_user *user);
/** Whose rights the checks are about: the daemon's user, or us. */
const char *dm_doctor_who(const struct dm_doctor *doctor);
/** Say whether what the checks find is true of the daemon, and not of us alone. */
bool dm_doctor_is_true(const struct dm_doctor *doctor);

// ---- doctor_show.c

/** All findings, the worst first. @findings: a row a check. */
void dm_doctor_print(const struct dm_doctor *doctor, const struct dm_finding *findings);
void dm_doctor_write(const struct dm_doctor *doctor, const struct dm_finding *findings);

// ---- the checks

typedef void dm_doctor_look(const struct dm_doctor *doctor, struct dm_finding *ret);
dm_doctor_look dm_look_at_configuration, dm_look_at_share, dm_look_at_identity,
    dm_look_at_file_system, dm_look_at_rights, dm_look_at_renames, dm_look_at_leases,
    dm_look_at_clock, dm_look_at_room;
dm_doctor_look dm_look_at_cap_lease, dm_look_at_inotify, dm_look_at_files;
dm_doctor_look dm_look_at_ledger_place, dm_look_at_ledger, dm_look_at_runtime;
dm_doctor_look dm_look_at_daemon, dm_look_at_version, dm_look_at_settings, dm_look_at_work,
    dm_look_at_page;
dm_doctor_look dm_look_at_worker, dm_look_at_jail, dm_look_at_job, dm_look_at_hosts,
    dm_look_at_store, dm_look_at_hooks;

// ---- for them

/** A mount, as /proc/self/mounts has it: nothing on it is touched. */
struct dm_doctor_mount {
    // "ext4", "/srv", "/dev/sda1", "rw,noatime".
    char *type, *point, *source, *options;
};
bool dm_doctor_mount_of(const char *path, struct dm_doctor_mount *ret);
void dm_doctor_mount_clear(struct dm_doctor_mount *mount);
bool dm_doctor_mount_has(const struct dm_doctor_mount *mount, const char *option);
/** Where /etc/fstab has a mount for @path that is not mounted; (transfer full), NULL if nowhere. */
char *dm_doctor_unmounted(const char *path);

/** "0", or what the daemon says; never NULL. */
const char *dm_doctor_live(const struct dm_doctor *doctor, const char *name);

/** The command @words of dropmill, of the share that was named on the command line; (transfer
 * full).
 */
char *dm_doctor_command(const struct dm_doctor *doctor, const char *words);

/** The same of this command, by @user. */
char *dm_doctor_as_user(const struct dm_doctor *doctor, const char *user);

/** "systemctl VERB dropmilld", or how else that is done; (transfer full). */
char *dm_doctor_systemctl(const struct dm_doctor *doctor, const char *verb);

/** A room of the share, open to look into it; -1 with errno. */
int dm_doctor_open(const struct dm_doctor *doctor, const char *room);

#endif
