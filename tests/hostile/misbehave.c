// SPDX-License-Identifier: MIT
//
// See misbehave.h. An attack that is held says so in a verdict of its own, "held: ..."; one that
// gets through says "BREACH: ...", or does harm that the test sees.
#include "tests/hostile/misbehave.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/** What an attack is given. */
struct means {
    const struct dm_task *task;
    int input_fd, temp_fd;
    int number; // in the name
};

enum { SOCKET = 0 }; // of the sandbox

static void write_line(const char *line, size_t size) {
    (void)!write(SOCKET, line, size);
}

/** Give a verdict in the sandbox's own way. */
static void say(const struct means *means, int64_t id, enum dm_status status, enum dm_reason reason,
                const char *message, int64_t bytes) {
    static char jpeg[] = "jpeg";
    struct dm_result result = {.id = id,
                               .attempt = means->task->attempt,
                               .status = status,
                               .reason = reason,
                               .message = (char *)message,
                               .format = jpeg,
                               .width_px = 10,
                               .height_px = 10,
                               .bytes = bytes};
    g_autofree char *line = dm_result_line(&result);
    write_line(line, strlen(line));
}

/** Wait for the next order and be the usual sandbox no more. */
static G_GNUC_NORETURN void rest(void) {
    for (;;) {
        pause();
    }
}

static G_GNUC_NORETURN void tell(const struct means *means, const GString *breaches,
                                 const char *held) {
    g_autofree char *text = breaches->len > 0 ? g_strdup_printf("BREACH: %s", breaches->str)
                                              : g_strdup_printf("held: %s", held);
    say(means, means->task->id, DM_STATUS_FAILED, DM_REASON_BAD_STEP, text, 0);
    rest();
}

/** Note that @what worked if @outcome says so. */
static void note(GString *breaches, const char *what, long outcome) {
    if (outcome >= 0) {
        g_string_append_printf(breaches, "%s worked; ", what);
    }
}

// ---- others' lives and memory

static void attack_kill(const struct means *means) {
    g_autoptr(GString) breaches = g_string_new(NULL);
    pid_t pid = means->number;
    siginfo_t info = {.si_signo = SIGKILL, .si_code = SI_QUEUE};
    note(breaches, "kill", kill(pid, SIGKILL));
    note(breaches, "tkill", syscall(SYS_tkill, pid, SIGKILL));
    note(breaches, "tgkill", syscall(SYS_tgkill, pid, pid, SIGKILL));
    note(breaches, "rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, pid, SIGKILL, &info));
    note(breaches, "rt_tgsigqueueinfo", syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGKILL, &info));
    long fd = syscall(SYS_pidfd_open, pid, 0);
    note(breaches, "pidfd_open", fd);
    note(breaches, "pidfd_send_signal", syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0));
    struct sched_param param = {.sched_priority = 0};
    note(breaches, "sched_setscheduler", sched_setscheduler(pid, SCHED_IDLE, &param));
    struct rlimit none = {0, 0};
    note(breaches, "prlimit", prlimit(pid, RLIMIT_CPU, &none, NULL));
    tell(means, breaches, "signals");
}

static void attack_touch(const struct means *means) {
    g_autoptr(GString) breaches = g_string_new(NULL);
    pid_t pid = means->number;
    char bytes[16] = {0};
    struct iovec own = {bytes, sizeof(bytes)}, theirs = {(void *)means, sizeof(bytes)};
    g_autofree char *memory = g_strdup_printf("/proc/%d/mem", (int)pid);
    g_autofree char *maps = g_strdup_printf("/proc/%d/maps", (int)pid);
    note(breaches, "process_vm_readv", process_vm_readv(pid, &own, 1, &theirs, 1, 0));
    note(breaches, "process_vm_writev", process_vm_writev(pid, &own, 1, &theirs, 1, 0));
    note(breaches, "ptrace attach", ptrace(PTRACE_ATTACH, pid, NULL, NULL));
    note(breaches, "ptrace seize", ptrace(PTRACE_SEIZE, pid, NULL, NULL));
    note(breaches, "ptrace me", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    note(breaches, "/proc/PID/mem", open(memory, O_RDWR));
    note(breaches, "/proc/PID/maps", open(maps, O_RDONLY));
    note(breaches, "pidfd_getfd", syscall(SYS_pidfd_getfd, means->temp_fd, 0, 0));
    note(breaches, "kcmp", syscall(SYS_kcmp, getpid(), pid, 0, 0, 0));
    note(breaches, "shared memory", shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
    note(breaches, "userfaultfd", syscall(SYS_userfaultfd, 0));
    tell(means, breaches, "memory");
}

// ---- doors of its own process

static void attack_fds(const struct means *means) {
    g_autoptr(GString) breaches = g_string_new(NULL);
    for (int fd = 0; fd < 1024; fd++) {
        bool known = fd <= 2 || fd == means->input_fd || fd == means->temp_fd;
        if (!known && (lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF)) {
            note(breaches, "a descriptor", fd);
        }
    }
    note(breaches, "writing to stdout", write(1, "x", 1));
    note(breaches, "writing to stderr", write(2, "x", 1));
    note(breaches, "writing to the input", write(means->input_fd, "x", 1));
    note(breaches, "cutting the input", ftruncate(means->input_fd, 0));
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, means->input_fd, 0);
    note(breaches, "mapping the input", page == MAP_FAILED ? -1 : 0);
    note(breaches, "sending descriptors", syscall(SYS_sendmsg, SOCKET, NULL, 0));
    note(breaches, "fchmod", fchmod(means->temp_fd, 06777));
    note(breaches, "fchown", fchown(means->temp_fd, 0, 0));
    note(breaches, "linkat", linkat(means->temp_fd, "", AT_FDCWD, "/tmp/dm-breach", AT_EMPTY_PATH));
    note(breaches, "fcntl", fcntl(means->temp_fd, F_DUPFD, 100));
    tell(means, breaches, "descriptors");
}

static void attack_paths(const struct means *means) {
    static const char *const paths[] = {"/",
                                        "/etc/passwd",
                                        "/proc/self/mem",
                                        "/proc/self/fd/1",
                                        "/proc/self/exe",
                                        "/dev/null",
                                        "/tmp",
                                        "."};
    g_autoptr(GString) breaches = g_string_new(NULL);
    struct stat s;
    char text[64];
    char *const argv[] = {(char[]){"true"}, NULL};
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        note(breaches, paths[i], open(paths[i], O_RDONLY));
        note(breaches, "openat", openat(means->temp_fd, paths[i], O_RDONLY));
        note(breaches, "stat", stat(paths[i], &s));
        note(breaches, "access", access(paths[i], F_OK));
        note(breaches, "readlink", readlink(paths[i], text, sizeof(text)));
        note(breaches, "chdir", chdir(paths[i]));
    }
    note(breaches, "creat", creat("/tmp/dm-breach", 0600));
    note(breaches, "mkdir", mkdir("/tmp/dm-breach", 0700));
    note(breaches, "unlink", unlink("/tmp/dm-breach"));
    note(breaches, "rename", rename("/tmp/dm-breach", "/tmp/dm-breach-2"));
    note(breaches, "symlink", symlink("/etc/passwd", "/tmp/dm-breach"));
    note(breaches, "memfd_create", syscall(SYS_memfd_create, "x", 0));
    note(breaches, "chroot", chroot("/tmp"));
    note(breaches, "unshare", unshare(CLONE_NEWUSER));
    note(breaches, "io_uring_setup", syscall(SYS_io_uring_setup, 1, NULL));
    note(breaches, "bpf", syscall(SYS_bpf, 0, NULL, 0));
    note(breaches, "execve", execv("/bin/true", argv));
    tell(means, breaches, "paths");
}

static void attack_net(const struct means *means) {
    g_autoptr(GString) breaches = g_string_new(NULL);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(22)};
    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/tmp/dm-breach"};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int ends[2];
    note(breaches, "socket", socket(AF_INET, SOCK_STREAM, 0));
    note(breaches, "unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
    note(breaches, "netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    note(breaches, "socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    note(breaches, "connect", connect(SOCKET, (struct sockaddr *)&address, sizeof(address)));
    note(breaches, "bind", bind(SOCKET, (struct sockaddr *)&local, sizeof(local)));
    note(breaches, "listen", listen(SOCKET, 1));
    note(breaches, "sendto", sendto(SOCKET, "x", 1, 0, (struct sockaddr *)&local, sizeof(local)));
    note(breaches, "pipe", pipe(ends));
    tell(means, breaches, "network");
}

static void attack_forks(const struct means *means) {
    g_autoptr(GString) breaches = g_string_new(NULL);
    for (int i = 0; i < 1000; i++) {
        long pid = i % 2 == 0 ? fork() : syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (pid == 0) {
            rest();
        }
        note(breaches, "fork", pid);
    }
    tell(means, breaches, "forks");
}

// ---- harm to itself

static void attack_exit(const struct means *means) {
    _exit(means->number);
}

static void attack_half(const struct means *means) {
    static char bytes[100000];
    (void)!write(means->temp_fd, bytes, sizeof(bytes));
    _exit(0);
}

static void attack_raise(const struct means *means) {
    signal(means->number, SIG_DFL);
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), means->number);
    rest();
}

static void attack_spin(const struct means *means) {
    for (volatile int64_t i = 0;; i = i + means->number) {
    }
}

static void attack_sleep(const struct means *means) {
    (void)means;
    rest();
}

/** Close the one way to be heard, and live on. */
static void attack_deaf(const struct means *means) {
    (void)means;
    close(SOCKET);
    rest();
}

static void attack_memory(const struct means *means) {
    g_autoptr(GString) breaches = g_string_new(NULL);
    enum { MEGABYTE = 1 << 20 };
    int64_t got = 0;
    for (size_t size = 64 * MEGABYTE; size >= MEGABYTE; size /= 2) {
        for (void *part; (part = malloc(size)) != NULL; got += (int64_t)size / MEGABYTE) {
            memset(part, 1, size);
        }
    }
    if (got > means->number) {
        g_string_append_printf(breaches, "%" PRId64 " MB", got);
    }
    tell(means, breaches, "memory bomb");
}

/** A result larger than any picture allowed; then it says that the disk is full. */
static void attack_fill(const struct means *means) {
    static char bytes[1 << 20];
    while (write(means->temp_fd, bytes, sizeof(bytes)) == sizeof(bytes)) {
    }
    say(means, means->task->id, DM_STATUS_BLOCKED, DM_REASON_CANNOT_WRITE, "no space", 0);
    rest();
}

// ---- lies

/** A verdict on the pictures around its own. */
static void attack_forge(const struct means *means) {
    for (int64_t id = means->task->id - 20; id < means->task->id + 20; id++) {
        if (id != means->task->id) {
            say(means, id, DM_STATUS_FAILED, DM_REASON_EMPTY, "forged", 0);
        }
    }
    rest();
}

static void attack_twice(const struct means *means) {
    say(means, means->task->id, DM_STATUS_FAILED, DM_REASON_BAD_STEP, "held: the first", 0);
    say(means, means->task->id, DM_STATUS_FAILED, DM_REASON_BAD_STEP, "BREACH: the second", 0);
    for (int64_t id = means->task->id; id < means->task->id + 40; id++) {
        say(means, id, DM_STATUS_DONE, DM_REASON_NONE, "forged", 10);
    }
    rest();
}

static void attack_flood(const struct means *means) {
    static char bytes[100000];
    (void)means;
    memset(bytes, 'x', sizeof(bytes));
    for (int64_t sent = 0; sent < INT64_C(1) << 30; sent += (int64_t)sizeof(bytes)) {
        if (write(SOCKET, bytes, sizeof(bytes)) < 0) {
            break;
        }
    }
    rest();
}

static void attack_nuls(const struct means *means) {
    g_autofree char *line =
        g_strdup_printf("result\tid=%" PRId64 "\tattempt=1\tstatus=done%c\n", means->task->id, 0);
    write_line(line, strlen(line) + 20);
    rest();
}

static void attack_lie(const struct means *means) {
    enum { SIZE, BLOCKED, CHANGED, REASON, NEEDS };
    static const char need[] = "need 1 1";
    int64_t id = means->task->id;
    switch (means->number) {
    case SIZE:
        say(means, id, DM_STATUS_DONE, DM_REASON_NONE, "", 123456);
        break;
    case BLOCKED:
        say(means, id, DM_STATUS_BLOCKED, DM_REASON_CANNOT_WRITE, "no space left", 0);
        break;
    case CHANGED:
        say(means, id, DM_STATUS_CHANGED, DM_REASON_CHANGED, "try again for ever", 0);
        break;
    case REASON:
        say(means, id, DM_STATUS_FAILED, DM_REASON_NONE, "", 0);
        break;
    case NEEDS:
        for (int i = 0; i < 1000; i++) {
            write_line(need, strlen(need));
        }
        break;
    default:
        break;
    }
    rest();
}

static const struct {
    const char *name;
    void (*attack)(const struct means *means);
} attacks[] = {
    {"kill", attack_kill},     {"touch", attack_touch}, {"fds", attack_fds},
    {"paths", attack_paths},   {"net", attack_net},     {"forks", attack_forks},
    {"exit", attack_exit},     {"half", attack_half},   {"raise", attack_raise},
    {"spin", attack_spin},     {"sleep", attack_sleep}, {"deaf", attack_deaf},
    {"memory", attack_memory}, {"fill", attack_fill},   {"forge", attack_forge},
    {"twice", attack_twice},   {"flood", attack_flood}, {"nuls", attack_nuls},
    {"lie", attack_lie},
};

void dm_misbehave(const struct dm_task *task, const int fds[2]) {
    size_t length = strcspn(task->input, "-.");
    const char *behind = task->input + length;
    const struct means means = {.task = task,
                                .input_fd = fds[0],
                                .temp_fd = fds[1],
                                .number = *behind == '-' ? atoi(behind + 1) : 0};
    for (size_t i = 0; i < G_N_ELEMENTS(attacks); i++) {
        if (strlen(attacks[i].name) == length &&
            strncmp(attacks[i].name, task->input, length) == 0) {
            attacks[i].attack(&means);
        }
    }
}
