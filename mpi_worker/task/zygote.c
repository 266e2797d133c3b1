// SPDX-License-Identifier: MIT
//
// A sandbox is cloned with CLONE_PARENT: it is the child of the rank and not of the zygote, so the
// thread that owns it learns of its death, and of what, from the kernel and at once. The call is
// made bare, as libc's fork() cannot do this; the zygote has one thread and holds no lock then.
#include "mpi_worker/task/zygote.h"

#include "common/error.h"
#include "common/log.h"
#include "mpi_worker/task/datagram.h"
#include "mpi_worker/task/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum { WORD_BYTES = 4096 };

struct dm_zygote {
    pid_t pid;
    int64_t address_bytes; // once it is ready
    struct {
        pthread_mutex_t lock;
        int socket;
        bool ready;
    } synced;
};

// ---- in the zygote

/** The rank decides when to end; a limit on files is an error and no signal. */
static void set_signals(void) {
    static const int ignored[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                                  SIGXFSZ, SIGPIPE, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < G_N_ELEMENTS(ignored); i++) {
        signal(ignored[i], SIG_IGN);
    }
}

/** Tie this process to its parent @parent, which may be gone already. */
static void die_with(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        _exit(EX_OSERR);
    }
}

/** Keep @socket alone, at the place of stdin; errors of setting up still go to stderr. */
static bool keep_only(int socket) {
    int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return null_fd >= 0 && dup2(socket, STDIN_FILENO) >= 0 && dup2(null_fd, STDOUT_FILENO) >= 0 &&
           close_range(STDERR_FILENO + 1, ~0U, 0) == 0;
}

/** Fields of /proc/self/stat, counted as in proc(5). */
enum { STAT_THREADS = 20, STAT_ADDRESS_BYTES = 23 };

static int64_t own_stat(int field) {
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/self/stat", &text, NULL, NULL)) {
        return 0;
    }
    const char *behind_name = strrchr(text, ')');
    g_auto(GStrv) fields = g_strsplit(behind_name != NULL ? behind_name + 2 : "", " ", -1);
    return (int)g_strv_length(fields) > field - 3 ? g_ascii_strtoll(fields[field - 3], NULL, 10)
                                                  : 0;
}

/** Set up, and say how it went: the size of the address space, or what failed. */
static struct dm_inside *set_up(const struct dm_inside_settings *settings) {
    g_autoptr(GError) error = NULL;
    struct dm_inside *inside = dm_inside_new(settings, &error);
    g_assert(own_stat(STAT_THREADS) == 1); // what the others hold would be held for ever
    g_autofree char *word = inside != NULL
                                ? g_strdup_printf("%" PRId64, own_stat(STAT_ADDRESS_BYTES))
                                : g_strdup_printf("-%s", error->message);
    return dm_datagram_send(STDIN_FILENO, word, strlen(word), NULL, 0) ? inside : NULL;
}

static void make_sandbox(struct dm_inside *inside, pid_t parent, int socket) {
    long pid = syscall(SYS_clone, CLONE_PARENT, NULL, NULL, NULL, NULL);
    if (pid == 0) {
        die_with(parent);
        dm_inside_live(inside, socket);
    }
    int64_t answer = pid > 0 ? pid : -errno;
    close(socket);
    if (!dm_datagram_send(STDIN_FILENO, &answer, sizeof(answer), NULL, 0)) {
        _exit(EXIT_SUCCESS);
    }
}

static G_GNUC_NORETURN void live(const struct dm_inside_settings *settings, pid_t parent,
                                 int socket) {
    int fds[DM_DATAGRAM_FDS];
    char request;
    prctl(PR_SET_NAME, "dm-zygote");
    die_with(parent);
    set_signals();
    struct dm_inside *inside = keep_only(socket) ? set_up(settings) : NULL;
    if (inside == NULL) {
        _exit(EX_OSERR);
    }
    prctl(PR_SET_DUMPABLE, 0);
    while (dm_datagram_receive(STDIN_FILENO, &request, sizeof(request), fds) > 0) {
        make_sandbox(inside, parent, fds[0]);
    }
    _exit(EXIT_SUCCESS);
}

// ---- outside

/** Take in what set_up() says, once. */
static bool hear_ready_locked(struct dm_zygote *zygote, GError **error) {
    char word[WORD_BYTES];
    if (zygote->synced.ready) {
        return true;
    }
    ssize_t size = dm_datagram_receive(zygote->synced.socket, word, sizeof(word) - 1, NULL);
    if (size <= 0) {
        return dm_fail(error, DM_ERROR_SYSTEM, "the zygote ended before it was set up");
    }
    word[size] = '\0';
    if (word[0] == '-') {
        return dm_fail(error, DM_ERROR_SYSTEM, "%s", word + 1);
    }
    zygote->address_bytes = g_ascii_strtoll(word, NULL, 10);
    zygote->synced.ready = true;
    return true;
}

bool dm_zygote_ready(struct dm_zygote *zygote, GError **error) {
    pthread_mutex_lock(&zygote->synced.lock);
    bool ready = hear_ready_locked(zygote, error);
    pthread_mutex_unlock(&zygote->synced.lock);
    return ready;
}

struct dm_zygote *dm_zygote_start(const struct dm_inside_settings *settings, GError **error) {
    int ends[2];
    if (!dm_datagram_pair(ends, error)) {
        return NULL;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        live(settings, parent, ends[1]);
    }
    int errnum = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        dm_fail_errno(error, errnum, "cannot fork the zygote");
        return NULL;
    }
    struct dm_zygote *zygote = g_new0(struct dm_zygote, 1);
    zygote->pid = pid;
    zygote->synced.socket = ends[0];
    pthread_mutex_init(&zygote->synced.lock, NULL);
    return zygote;
}

void dm_zygote_free(struct dm_zygote *zygote) {
    if (zygote == NULL) {
        return;
    }
    close(zygote->synced.socket);
    waitpid(zygote->pid, NULL, __WALL);
    pthread_mutex_destroy(&zygote->synced.lock);
    g_free(zygote);
}

int64_t dm_zygote_address_bytes(const struct dm_zygote *zygote) {
    return zygote->address_bytes;
}

bool dm_zygote_fork(struct dm_zygote *zygote, int socket, pid_t *ret_pid, GError **error) {
    const char request = 'f';
    int64_t answer = 0;
    if (!dm_zygote_ready(zygote, error)) {
        return false;
    }
    pthread_mutex_lock(&zygote->synced.lock);
    bool there =
        dm_datagram_send(zygote->synced.socket, &request, 1, &socket, 1) &&
        dm_datagram_receive(zygote->synced.socket, &answer, sizeof(answer), NULL) == sizeof(answer);
    pthread_mutex_unlock(&zygote->synced.lock);
    if (!there) {
        dm_log_error("the process that sandboxes come from is gone, ending this rank");
        _exit(EX_TEMPFAIL);
    }
    if (answer <= 0) {
        return dm_fail_errno(error, (int)-answer, "cannot fork a sandbox");
    }
    *ret_pid = (pid_t)answer;
    return true;
}
