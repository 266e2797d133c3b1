// SPDX-License-Identifier: MIT
//
// fork, exec, kill and wait: see child.h.
#include "watcher/child.h"

#include "common/error.h"
#include "watcher/own_network.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STOP_WAIT_MS = 1000,
    KILL_WAIT_MS = 2000,
};

/** Variables that a child gets of ours: these, or what begins so. Sanitizers have their options. */
static const char *const passed_on[] = {"PATH=",         "LANG=",         "LC_",
                                        "TZ=",           "USER=",         "LOGNAME=",
                                        "ASAN_OPTIONS=", "LSAN_OPTIONS=", "UBSAN_OPTIONS=",
                                        "TSAN_OPTIONS=", "G_SLICE=",      NULL};

/** What the child needs to know between fork and exec. */
struct birth {
    pid_t parent;
    // NULL: it stays in ours.
    const struct dm_own_network *network;
    int nice;
};

/** Async-signal-safe, as all that runs between fork and exec. */
static void say(const char *text) {
    if (write(STDERR_FILENO, text, strlen(text)) < 0) {
        _exit(126);
    }
}

static void enter_own_network(const struct dm_own_network *network) {
    const char *problem = dm_own_network_enter(network);
    if (problem != NULL) {
        const char *cause = strerrorname_np(errno);
        say("no network of its own for mpirun: ");
        say(problem);
        say(" (");
        say(cause != NULL ? cause : "?");
        say(")\n");
        _exit(126);
    }
}

static void in_child(gpointer data) {
    const struct birth *birth = data;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL); // the thread that starts it may have signals blocked
    setpgid(0, 0);
    if (birth->network != NULL) {
        enter_own_network(birth->network); // first: what gains rights forgets whom it dies with
    }
    if (birth->nice > 0 && nice(birth->nice) < 0) { // nobody else's matter: it works all the same
        errno = 0;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != birth->parent) { // it died before we asked to be told
        _exit(127);
    }
}

bool dm_child_start(const struct dm_child *child, pid_t *ret_pid, int *ret_output, GError **error) {
    int fds[2];
    if (!g_unix_open_pipe(fds, FD_CLOEXEC, error)) {
        return false;
    }
    g_unix_set_fd_nonblocking(fds[0], TRUE, NULL);
    struct dm_own_network network = {0};
    dm_own_network_prepare(&network);
    struct birth birth = {getpid(), child->own_network ? &network : NULL, child->nice};
    g_autoptr(GError) cause = NULL;
    bool good = g_spawn_async_with_pipes_and_fds(
        child->cwd, child->argv, child->env, G_SPAWN_DO_NOT_REAP_CHILD, in_child, &birth,
        child->input, fds[1], fds[1], NULL, NULL, 0, ret_pid, NULL, NULL, NULL, &cause);
    close(fds[1]);
    if (!good) {
        close(fds[0]);
        return dm_fail(error, DM_ERROR_SYSTEM, "cannot start '%s': %s", child->argv[0],
                       cause->message);
    }
    *ret_output = fds[0];
    return true;
}

static bool begins_with_any(const char *variable, const char *const *beginnings) {
    bool found = false;
    for (; beginnings != NULL && *beginnings != NULL && !found; beginnings++) {
        found = g_str_has_prefix(variable, *beginnings);
    }
    return found;
}

char **dm_child_env(const char *const *environment, const char *const *more) {
    GPtrArray *env = g_ptr_array_new();
    for (const char *const *variable = environment; *variable != NULL; variable++) {
        if (begins_with_any(*variable, passed_on) || begins_with_any(*variable, more)) {
            g_ptr_array_add(env, g_strdup(*variable));
        }
    }
    g_ptr_array_add(env, NULL);
    return (char **)g_ptr_array_free(env, FALSE);
}

/** Wait for its end. Returns whether it came. */
static bool reap(pid_t pid, int wait_ms) {
    const int step_ms = 2;
    for (int waited_ms = 0; waited_ms <= wait_ms; waited_ms += step_ms) {
        pid_t reaped = waitpid(pid, NULL, WNOHANG);
        if (reaped == pid || (reaped < 0 && errno == ECHILD)) {
            return true;
        }
        poll(NULL, 0, step_ms);
    }
    return false;
}

void dm_child_stop(pid_t pid) {
    kill(-pid, SIGTERM);
    if (!reap(pid, STOP_WAIT_MS)) {
        kill(-pid, SIGKILL);
        reap(pid, KILL_WAIT_MS);
    }
}

char *dm_child_ending(const char *program, int wait_status) {
    return WIFSIGNALED(wait_status)
               ? g_strdup_printf("%s was killed by SIG%s", program,
                                 sigabbrev_np(WTERMSIG(wait_status)))
               : g_strdup_printf("%s ended with exit code %d", program, WEXITSTATUS(wait_status));
}
