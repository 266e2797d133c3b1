// SPDX-License-Identifier: MIT
//
// The jail from inside: in a sandbox nothing can be opened, started or connected to, and what
// decoders need goes on; outside of it nothing has changed. What decoders and operations do in
// there: test_pipeline.c, whose bench jails every task.
#include "mpi_worker/task/jail.h"
#include "mpi_worker/task/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int given_fd; // opened outside, for use inside

// ---- what must fail: each returns what the call returned

static long open_file(void) {
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
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
    {"open", open_file},        {"openat2", open_by_openat2},
    {"create", create_file},    {"list a directory", list_directory},
    {"unlink", remove_file},    {"rename", rename_file},
    {"socket", make_socket},    {"UNIX socket", make_unix_socket},
    {"connect", connect_given}, {"execve", start_program},
    {"fork", start_process},    {"ptrace", trace_parent},
    {"kill", kill_parent},      {"executable memory", run_memory},
    {"chroot", change_root},    {"ioctl", control_device},
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
    struct dm_sandbox *sandbox = dm_sandbox_new(NULL, NULL);
    g_assert_nonnull(sandbox);
    dm_sandbox_run(sandbox, try_forbidden, &worked, 1, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(forbidden); i++) {
        if (worked & UINT32_C(1) << i) {
            g_error("in the jail: %s worked", forbidden[i].what);
        }
    }
    dm_sandbox_free(sandbox);
    g_assert_cmpint(access("/tmp/dropmill-jail-test", F_OK), ==, -1);
    close(given_fd);

    // This thread is as free as before.
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
}

// ---- what must work

static void *count_up(void *data) {
    atomic_fetch_add((atomic_int *)data, 1);
    return NULL;
}

static bool use_given_file(void) {
    char text[5] = {0};
    struct stat s;
    return pwrite(given_fd, "hello", 5, 0) == 5 && pread(given_fd, text, 5, 0) == 5 &&
           memcmp(text, "hello", 5) == 0 && fstat(given_fd, &s) == 0 && s.st_size == 5 &&
           ftruncate(given_fd, 2) == 0 && fsync(given_fd) == 0 && lseek(given_fd, 0, SEEK_END) == 2;
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
    struct dm_sandbox *sandbox = dm_sandbox_new(NULL, NULL);
    dm_sandbox_run(sandbox, use_all, &worked, 1, 1);
    dm_sandbox_free(sandbox);
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
    struct dm_sandbox *sandbox = dm_sandbox_new(NULL, NULL);
    dm_sandbox_run(sandbox, start_thread, &result, 1, 1);
    dm_sandbox_free(sandbox);
    g_assert_cmpint(result, ==, -1);
}

/** A thread of decoding that crashes still ends the process by its signal. */
static void crash(void *data) {
    (void)data;
    raise(SIGSEGV);
}

static void test_crash(void) {
    if (g_test_subprocess()) {
        struct dm_sandbox *sandbox = dm_sandbox_new(NULL, NULL);
        dm_sandbox_run(sandbox, crash, NULL, 1, 1);
        exit(0);
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
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
    return g_test_run();
}
