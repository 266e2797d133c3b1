// SPDX-License-Identifier: MIT
//
// One check, in a process of its own. What it finds comes back by a pipe, one record; while it does
// not, its deadline and signals count:
//
//   it lays probes    it ignores signals, and is never killed: whenever the share answers again, it
//                     takes them away and ends. That nobody waits for it any more is no matter
//   else              it is killed
#include "watcher/cli/doctor.h"

#include "common/error.h"
#include "common/escape.h"
#include "common/fsutil.h"
#include "watcher/share/descriptor.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ENDLESS_S = 600, // a share that is away for longer keeps our probes
    REAP_MS = 200,
};

static const int taken[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t came;

static void on_signal(int signal) {
    came = signal;
}

void dm_doctor_take_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < G_N_ELEMENTS(taken); i++) {
        struct sigaction action = {.sa_handler = on_signal};
        sigaction(taken[i], &action, NULL);
        sigaddset(&set, taken[i]);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
}

void dm_doctor_die(int signal_number) {
    sigset_t all;
    signal(signal_number, SIG_DFL);
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    raise(signal_number);
    _exit(128 + signal_number);
}

// ---- the record

/** "VERDICT saw mend told", each escaped; (transfer full). */
static char *record(const struct dm_finding *finding) {
    g_autofree char *saw = dm_escape(finding->saw->str);
    g_autofree char *mend = dm_escape(finding->mend->str);
    g_autofree char *told = dm_escape(finding->told != NULL ? finding->told : "");
    return g_strdup_printf("%d\t%s\t%s\t%s\n", (int)finding->verdict, saw, mend, told);
}

static char *unescape(const char *text) {
    char *plain = dm_unescape(text, strlen(text));
    return plain != NULL ? plain : g_strdup("");
}

/** Returns false when the record is not whole: its process died. */
static bool read_record(const char *text, struct dm_finding *ret) {
    g_auto(GStrv) parts = g_strsplit(text, "\t", -1);
    if (g_strv_length(parts) != 4 || !g_str_has_suffix(text, "\n")) {
        return false;
    }
    g_strchomp(parts[3]);
    g_autofree char *saw = unescape(parts[1]);
    g_autofree char *mend = unescape(parts[2]);
    ret->verdict = (enum dm_verdict)CLAMP(g_ascii_strtoll(parts[0], NULL, 10), DM_VERDICT_OK,
                                          DM_VERDICT_FAILED);
    g_string_assign(ret->saw, saw);
    g_string_assign(ret->mend, mend);
    ret->told = unescape(parts[3]);
    return true;
}

// ---- in the process

static void let_signals(const struct dm_doctor_check *check) {
    sigset_t all;
    for (size_t i = 0; i < G_N_ELEMENTS(taken); i++) {
        signal(taken[i], check->leaves_probes ? SIG_IGN : SIG_DFL);
    }
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    alarm(ENDLESS_S);
}

static void be_check(const struct dm_doctor *doctor, const struct dm_doctor_check *check,
                     int fd) G_GNUC_NORETURN;

static void be_check(const struct dm_doctor *doctor, const struct dm_doctor_check *check, int fd) {
    struct dm_finding finding;
    dm_finding_init(&finding);
    let_signals(check);
    signal(SIGPIPE, SIG_IGN); // nobody may wait any more
    if (!check->as_caller && doctor->user.can_be && !dm_doctor_become(&doctor->user)) {
        dm_doctor_fail(&finding, "", "cannot become the user %s: %s", doctor->user.name,
                       g_strerror(errno));
    } else {
        check->look(doctor, &finding);
    }
    g_autofree char *text = record(&finding);
    _exit(dm_write_all(fd, text, strlen(text)) ? 0 : 1);
}

// ---- beside it

/** Wait for more of @fd until @end_us. Returns false at the end, at the deadline, or at a signal.
 */
static bool read_more(int fd, GString *text, int64_t end_us, bool heeds_signals, bool *ret_ended) {
    int64_t left_us = end_us - g_get_monotonic_time();
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    struct timespec wait = {.tv_sec = MAX(left_us, 0) / G_USEC_PER_SEC,
                            .tv_nsec = MAX(left_us, 0) % G_USEC_PER_SEC * 1000};
    sigset_t none;
    sigemptyset(&none);
    char buffer[4096];
    int ready = left_us > 0 ? ppoll(&poll_fd, 1, &wait, &none) : 0;
    if (ready < 0 && errno == EINTR) {
        return !(heeds_signals && came != 0);
    }
    ssize_t size = ready > 0 ? read(fd, buffer, sizeof(buffer)) : -1;
    *ret_ended = size == 0;
    if (size > 0) {
        g_string_append_len(text, buffer, size);
    }
    return size > 0;
}

/** Whether it came to its end. */
static bool wait_for(int fd, GString *text, unsigned ms, bool heeds_signals) {
    bool ended = false;
    int64_t end_us = g_get_monotonic_time() + (int64_t)ms * 1000;
    while (!(heeds_signals && came != 0) && read_more(fd, text, end_us, heeds_signals, &ended)) {
    }
    return ended;
}

/** A process that hangs in the kernel cannot be killed, and is not waited for. Returns whether it
 * is gone, and how. */
static bool reap(pid_t pid, int *ret_status) {
    for (int ms = 0; ms < REAP_MS; ms++) {
        if (waitpid(pid, ret_status, WNOHANG) == pid) {
            return true;
        }
        poll(NULL, 0, 1);
    }
    return false;
}

static void late(const struct dm_doctor_check *check, struct dm_finding *ret) {
    bool share = check->needs == DM_NEEDS_SHARE || strcmp(check->name, "share") == 0;
    dm_doctor_fail(ret,
                   share ? "look at the server of the share, then at 'dmesg'; a mount that hangs "
                           "is taken away by 'umount -l'"
                         : "",
                   "no answer within %u s%s", check->deadline_ms / 1000,
                   share ? ": the share hangs" : "");
}

static void died(int status, struct dm_finding *ret) {
    dm_doctor_fail(ret, "this is a mistake in dropmill: report it", "the check itself died%s%s",
                   WIFSIGNALED(status) ? " of SIG" : "",
                   WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "");
}

static void follow(const struct dm_doctor_check *check, pid_t pid, int fd, struct dm_finding *ret) {
    int status = 0;
    g_autoptr(GString) text = g_string_new(NULL);
    bool ended = wait_for(fd, text, check->deadline_ms, true);
    if (!ended && came != 0 && check->leaves_probes) {
        ended = wait_for(fd, text, check->deadline_ms, false);
    }
    if (!ended && !check->leaves_probes) {
        kill(pid, SIGKILL);
    }
    bool gone = reap(pid, &status);
    if (!ended) {
        late(check, ret);
    } else if (!read_record(text->str, ret)) {
        died(gone ? status : 0, ret);
    }
}

/** Returns false when there is none. */
static bool make_scratch(struct dm_doctor *doctor, struct dm_finding *ret) {
    doctor->scratch = g_build_filename(g_get_tmp_dir(), "dropmill-doctor-XXXXXX", NULL);
    if (g_mkdtemp(doctor->scratch) == NULL) {
        dm_doctor_fail(ret, "df -h /tmp", "cannot make '%s': %s", doctor->scratch,
                       g_strerror(errno));
        g_clear_pointer(&doctor->scratch, g_free);
        return false;
    }
    return !doctor->user.can_be ||
           chown(doctor->scratch, doctor->user.uid, doctor->user.gid) == 0 || geteuid() != 0;
}

/** What a job that was cut short still made there meanwhile goes, too. */
static void remove_scratch(struct dm_doctor *doctor) {
    for (int i = 0; doctor->scratch != NULL && i < REAP_MS; i++) {
        dm_remove_tree(doctor->scratch);
        if (!g_file_test(doctor->scratch, G_FILE_TEST_EXISTS)) {
            break;
        }
        poll(NULL, 0, 1);
    }
    g_clear_pointer(&doctor->scratch, g_free);
}

static void start(const struct dm_doctor *doctor, const struct dm_doctor_check *check,
                  struct dm_finding *ret) {
    int fds[2];
    if (!g_unix_open_pipe(fds, FD_CLOEXEC, NULL)) {
        dm_doctor_fail(ret, "", "cannot make a pipe: %s", g_strerror(errno));
        return;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        be_check(doctor, check, fds[1]);
    }
    close(fds[1]);
    if (pid > 0) {
        follow(check, pid, fds[0], ret);
    } else {
        dm_doctor_fail(ret, "", "cannot start a process: %s", g_strerror(errno));
    }
    close(fds[0]);
}

/** A failure is no more than the row says. What we may not do says nothing of the daemon. */
static void weigh(const struct dm_doctor *doctor, const struct dm_doctor_check *check,
                  struct dm_finding *finding) {
    if (finding->verdict == DM_VERDICT_FAILED && check->severity < DM_VERDICT_FAILED) {
        finding->verdict = DM_VERDICT_WARNING;
    }
    if (finding->verdict != DM_VERDICT_OK && check->of_rights && !dm_doctor_is_true(doctor)) {
        finding->verdict = DM_VERDICT_UNASKED;
    }
}

bool dm_doctor_run(struct dm_doctor *doctor, size_t row, struct dm_finding *ret, int *ret_signal) {
    const struct dm_doctor_check *check = &dm_doctor_checks[row];
    dm_finding_init(ret);
    if (!check->wants_scratch || make_scratch(doctor, ret)) {
        start(doctor, check, ret);
    }
    remove_scratch(doctor);
    weigh(doctor, check, ret);
    *ret_signal = (int)came;
    return came == 0;
}
