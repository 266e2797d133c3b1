// SPDX-License-Identifier: MIT
//
// The jail from inside: nothing can be opened, started, signalled or connected to, of all system
// calls a few are let through, and what decoders need goes on. What decoders and operations do in
// there: test_picture.c and others, whose bench jails every task; what a decoder could do that has
// been taken over: tests/e2e/sandbox.t.
#include "mpi_worker/task/jail.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int given_fd; // opened outside, for use inside

/** Run @inside(@data) in a child in the jail; @data of @size bytes is what it leaves there. */
static int run_jailed(void (*inside)(void *data), void *data, size_t size) {
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = 0;
    g_assert_true(shared != MAP_FAILED);
    memcpy(shared, data, size);
    pid_t pid = fork();
    if (pid == 0) {
        if (!dm_jail_harden(NULL) || !dm_jail_enter(NULL)) {
            _exit(1);
        }
        inside(shared);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    memcpy(data, shared, size);
    munmap(shared, size);
    return status;
}

// ---- what must fail: each returns what the call returned

static long open_file(void) {
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long look_at_path(void) {
    struct stat s;
    return stat("/etc/passwd", &s);
}

static long look_at_file(void) {
    struct stat s;
    return fstat(given_fd, &s);
}

static long listen_elsewhere(void) {
    char byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return recvmsg(given_fd, &message, MSG_DONTWAIT);
}

static long lower_limits(void) {
    return setrlimit(RLIMIT_NOFILE, &(struct rlimit){1, 1});
}

static long become_dumpable(void) {
    return prctl(PR_SET_DUMPABLE, 1);
}

static long open_by_openat2(void) {
    struct open_how how = {.flags = O_RDONLY};
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof(how));
}

static long create_file(void) {
    return open("/tmp/dropmill-jail-test", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long list_directory(void) {
    return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static long remove_file(void) {
    return unlink("/tmp/dropmill-jail-test");
}

static long rename_file(void) {
    return rename("/tmp/dropmill-jail-test", "/tmp/dropmill-jail-test-2");
}

static long make_socket(void) {
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long make_unix_socket(void) {
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long connect_given(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(given_fd, (struct sockaddr *)&address, sizeof(address));
}

static long start_program(void) {
    char *argv[] = {(char[]){"true"}, NULL};
    return execv("/bin/true", argv);
}

static long start_process(void) {
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        _exit(0);
    }
    return child;
}

static long trace_parent(void) {
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static long kill_parent(void) {
    return kill(getppid(), 0);
}

static long run_memory(void) {
    void *page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : 0;
}

static long change_root(void) {
    return chroot("/tmp");
}

static long control_device(void) {
    return syscall(SYS_ioctl, given_fd, 0x5401, 0); // TCGETS
}

static const struct {
    const char *what;
    long (*attempt)(void);
} forbidden[] = {
    {"open", open_file},
    {"openat2", open_by_openat2},
    {"create", create_file},
    {"list a directory", list_directory},
    {"unlink", remove_file},
    {"rename", rename_file},
    {"socket", make_socket},
    {"UNIX socket", make_unix_socket},
    {"connect", connect_given},
    {"execve", start_program},
    {"fork", start_process},
    {"ptrace", trace_parent},
    {"kill", kill_parent},
    {"executable memory", run_memory},
    {"chroot", change_root},
    {"ioctl", control_device},
    {"stat", look_at_path},
    {"fstat", look_at_file},
    {"recvmsg", listen_elsewhere},
    {"setrlimit", lower_limits},
    {"PR_SET_DUMPABLE", become_dumpable},
};

/** Attempts that worked, as bits. */
static void try_forbidden(void *data) {
    uint32_t *worked = data;
    for (size_t i = 0; i < G_N_ELEMENTS(forbidden); i++) {
        *worked |= forbidden[i].attempt() >= 0 ? UINT32_C(1) << i : 0;
    }
}

static void test_forbidden(void) {
    uint32_t worked = 0;
    given_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(run_jailed(try_forbidden, &worked, sizeof(worked)), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(forbidden); i++) {
        if (worked & UINT32_C(1) << i) {
            g_error("in the jail: %s worked", forbidden[i].what);
        }
    }
    g_assert_cmpint(access("/tmp/dropmill-jail-test", F_OK), ==, -1);
    close(given_fd);
}

// ---- what must work

static void *count_up(void *data) {
    atomic_fetch_add((atomic_int *)data, 1);
    return NULL;
}

static bool use_given_file(void) {
    char text[5] = {0};
    return write(given_fd, "hello", 5) == 5 && pread(given_fd, text, 5, 0) == 5 &&
           memcmp(text, "hello", 5) == 0 && ftruncate(given_fd, 2) == 0 &&
           lseek(given_fd, 0, SEEK_END) == 2;
}

static bool use_memory(void) {
    char *big = malloc(64 << 20);
    bool good = big != NULL;
    if (good) {
        memset(big, 1, 64 << 20);
        good = big[1234567] == 1;
    }
    free(big);
    return good;
}

static bool use_threads(void) {
    atomic_int count = 0;
    pthread_t threads[4];
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        if (pthread_create(&threads[i], NULL, count_up, &count) != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    return count == G_N_ELEMENTS(threads);
}

static void use_all(void *data) {
    *(int *)data = use_given_file() + 2 * use_memory() + 4 * use_threads();
}

static void test_allowed(void) {
    char name[] = "/tmp/dropmill-jail.XXXXXX";
    given_fd = mkostemp(name, O_CLOEXEC);
    unlink(name);
    int worked = 0;
    g_assert_cmpint(run_jailed(use_all, &worked, sizeof(worked)), ==, 0);
    close(given_fd);
    g_assert_cmpint(worked, ==, 7);
}

/** A thread that a decoder starts is in the jail too. */
static void *open_passwd(void *data) {
    *(long *)data = open_file();
    return NULL;
}

static void start_thread(void *data) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, open_passwd, data) == 0) {
        pthread_join(thread, NULL);
    }
}

static void test_inherited(void) {
    long result = 0;
    g_assert_cmpint(run_jailed(start_thread, &result, sizeof(result)), ==, 0);
    g_assert_cmpint(result, ==, -1);
}

/** A crash is told as the signal that it is. */
static void crash(void *data) {
    (void)data;
    raise(SIGSEGV);
}

static void test_crash(void) {
    char nothing = 0;
    int status = run_jailed(crash, &nothing, sizeof(nothing));
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, SIGSEGV);
}

// ---- every system call

enum { CALLS = 1024 };

/** Those that are let through, whatever for. A row here is a row that jail.c accounts for. */
static const struct {
    long number;
    const char *name;
} let_through[] = {
    {SYS_write, "write"},
    {SYS_pread64, "pread64"},
    {SYS_lseek, "lseek"},
    {SYS_close, "close"},
    {SYS_ftruncate, "ftruncate"},
    {SYS_munmap, "munmap"},
    {SYS_mremap, "mremap"},
    {SYS_madvise, "madvise"},
    {SYS_brk, "brk"},
    {SYS_futex, "futex"},
    {SYS_sched_yield, "sched_yield"},
    {SYS_sched_getaffinity, "sched_getaffinity"},
    {SYS_set_robust_list, "set_robust_list"},
    {SYS_rseq, "rseq"},
    {SYS_rt_sigaction, "rt_sigaction"},
    {SYS_rt_sigprocmask, "rt_sigprocmask"},
    {SYS_rt_sigreturn, "rt_sigreturn"},
    {SYS_sigaltstack, "sigaltstack"},
    {SYS_clock_gettime, "clock_gettime"},
    {SYS_clock_nanosleep, "clock_nanosleep"},
    {SYS_nanosleep, "nanosleep"},
    {SYS_gettimeofday, "gettimeofday"},
    {SYS_restart_syscall, "restart_syscall"},
    {SYS_exit, "exit"},
    {SYS_exit_group, "exit_group"},
    {SYS_getpid, "getpid"},
    {SYS_gettid, "gettid"},
    {SYS_membarrier, "membarrier"},
    {SYS_getrandom, "getrandom"},
    {SYS_getrusage, "getrusage"},
    {SYS_sysinfo, "sysinfo"},
    {SYS_uname, "uname"},
};

static const char *name_of(long number) {
    for (size_t i = 0; i < G_N_ELEMENTS(let_through); i++) {
        if (let_through[i].number == number) {
            return let_through[i].name;
        }
    }
    return NULL;
}

/** Calls that do not come back, or not to where they were made. */
static bool ends_the_caller(long number) {
    return number == SYS_exit || number == SYS_exit_group || number == SYS_rt_sigreturn;
}

/** Calls over which no filter is asked: they serve the kernel's own probes, and nobody else. */
static bool is_kernels_own(long number) {
#if defined(__x86_64__)
    return number == 335 || number == 336; // uretprobe, which kills its caller; uprobe
#else
    (void)number;
    return false;
#endif
}

/** Call everything, with nothing that makes sense; 1: it was not the filter that answered. */
static void call_all(void *data) {
    char *outcomes = data;
    for (long number = 0; number < CALLS; number++) {
        if (ends_the_caller(number) || is_kernels_own(number)) {
            continue;
        }
        errno = 0;
        long got = syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
        outcomes[number] = !(got == -1 && (errno == EPERM || errno == ENOSYS));
    }
}

static void test_every_call(void) {
    char outcomes[CALLS] = {0};
    g_assert_cmpint(run_jailed(call_all, outcomes, sizeof(outcomes)), ==, 0);
    for (long number = 0; number < CALLS; number++) {
        if (outcomes[number]) {
            g_test_message("let through: %ld %s", number, name_of(number));
            // clone of a thread is, and says EINVAL to these arguments
            g_assert_true(name_of(number) != NULL || number == SYS_clone);
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(let_through); i++) {
        long number = let_through[i].number;
        if (!ends_the_caller(number) && !outcomes[number]) {
            g_test_message("not let through: %s", let_through[i].name);
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    struct dm_jail_locks locks = dm_jail_probe();
    if (!locks.seccomp || !locks.landlock) {
        g_test_message("no jail: the kernel lacks it, or a sanitizer is at work");
        puts("1..0 # SKIP no seccomp and Landlock, or a build with a sanitizer");
        return 0;
    }
    g_test_add_func("/jail/forbidden", test_forbidden);
    g_test_add_func("/jail/allowed", test_allowed);
    g_test_add_func("/jail/inherited", test_inherited);
    g_test_add_func("/jail/crash", test_crash);
    g_test_add_func("/jail/every-call", test_every_call);
    return g_test_run();
}
