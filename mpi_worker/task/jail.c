// SPDX-License-Identifier: MIT
//
// See jail.h. A refused call fails with EPERM, which libraries survive, so that a picture which is
// merely strange is not taken for an attack; clone3 fails with ENOSYS, so that libc falls back to
// clone, whose flags a filter can see. The filter is classic BPF, made from the tables below: see
// seccomp(2), and Documentation/userspace-api/landlock.rst of the kernel.
#include "mpi_worker/task/jail.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE 0 // no filter
#endif

// ---- seccomp

/** Allowed whatever the arguments. To add one: a row, and a reason. */
static const uint32_t allowed[] = {
    // the files that it was given; sizes are asked for by lseek, as libc's fstat takes a path
    SYS_write,
    SYS_pread64,
    SYS_lseek,
    SYS_close,
    SYS_ftruncate,
    // memory
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    // threads and waiting
    SYS_futex,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_restart_syscall,
    SYS_exit,
    SYS_exit_group,
    SYS_getpid,
    SYS_gettid,
    SYS_membarrier,
    // facts
    SYS_getrandom,
    SYS_getrusage,
    SYS_sysinfo,
    SYS_uname,
};

/** Allowed by one argument: when (argument & mask) == value. */
struct condition {
    uint32_t call;
    uint32_t argument; // index
    uint32_t mask, value;
};

enum { LANDLOCK_NET_ABI = 4, LANDLOCK_SCOPE_ABI = 6 };
enum {
    NEW_ROOMS = CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
                CLONE_NEWUTS | CLONE_NEWCGROUP
};

/** A program under construction. */
struct program {
    struct sock_filter lines[4 + G_N_ELEMENTS(allowed) * 2 + 40];
    unsigned short count;
};

static void add(struct program *program, uint16_t code, uint32_t operand, uint8_t yes, uint8_t no) {
    g_assert(program->count < G_N_ELEMENTS(program->lines));
    program->lines[program->count++] = (struct sock_filter){code, yes, no, operand};
}

static void add_load(struct program *program, size_t offset) {
    add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void add_answer(struct program *program, uint32_t answer) {
    add(program, BPF_RET | BPF_K, answer, 0, 0);
}

/** Answer @answer if what is loaded is @value, else go on behind. */
static void add_case(struct program *program, uint32_t value, uint32_t answer) {
    add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    add_answer(program, answer);
}

static void add_condition(struct program *program, const struct condition *condition) {
    enum { LINES_BEHIND_TEST = 5 };
    add(program, BPF_JMP | BPF_JEQ | BPF_K, condition->call, 0, LINES_BEHIND_TEST);
    add_load(program, offsetof(struct seccomp_data, args) + 8 * (size_t)condition->argument);
    add(program, BPF_ALU | BPF_AND | BPF_K, condition->mask, 0, 0);
    add_case(program, condition->value, SECCOMP_RET_ALLOW);
    add_load(program, offsetof(struct seccomp_data, nr));
}

static void write_filter(struct program *program) {
    const struct condition conditions[] = {
        // threads of a decoder's own; no processes, and no room of its own
        {SYS_clone, 0, CLONE_THREAD | CLONE_PARENT | CLONE_PTRACE | CLONE_PIDFD | NEW_ROOMS,
         CLONE_THREAD},
        {SYS_mmap, 2, PROT_EXEC, 0},
        {SYS_mprotect, 2, PROT_EXEC, 0},
        {SYS_tgkill, 0, UINT32_MAX, (uint32_t)getpid()}, // raise() and abort()
        {SYS_prctl, 0, UINT32_MAX, PR_SET_NAME},
        {SYS_recvmsg, 0, UINT32_MAX, DM_JAIL_SOCKET},
    };
    add_load(program, offsetof(struct seccomp_data, arch));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    add_answer(program, SECCOMP_RET_KILL_PROCESS); // another kind of system calls altogether
    add_load(program, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < G_N_ELEMENTS(allowed); i++) {
        add_case(program, allowed[i], SECCOMP_RET_ALLOW);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
        add_condition(program, &conditions[i]);
    }
    add_case(program, SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
    add_answer(program, SECCOMP_RET_ERRNO | EPERM);
}

static bool close_seccomp(GError **error) {
    struct program program = {.count = 0};
    write_filter(&program);
    const struct sock_fprog filter = {program.count, program.lines};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) {
        return dm_fail_errno(error, errno, "cannot close the jail (seccomp)");
    }
    return true;
}

// ---- Landlock

/** As the kernel declares it today; older kernels take a shorter one. */
struct ruleset {
    uint64_t fs;    // kinds of access to files
    uint64_t net;   // from ABI 4 on
    uint64_t scope; // from ABI 6 on
};

static int landlock_abi(void) {
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/** How many kinds of access to files an ABI knows: each is a bit, from the lowest on. */
static int fs_kinds(int abi) {
    static const int kinds[] = {0, 13, 14, 15, 15, 16};
    return kinds[MIN(abi, (int)G_N_ELEMENTS(kinds) - 1)];
}

/** A ruleset that handles everything and has no rule allows nothing. */
static bool close_landlock(GError **error) {
    int abi = landlock_abi();
    const struct ruleset ruleset = {
        .fs = (UINT64_C(1) << fs_kinds(abi)) - 1,
        .net = abi >= LANDLOCK_NET_ABI ? 3 : 0,     // bind and connect by TCP
        .scope = abi >= LANDLOCK_SCOPE_ABI ? 3 : 0, // abstract UNIX sockets, signals
    };
    size_t size = abi >= LANDLOCK_SCOPE_ABI ? sizeof(ruleset)
                  : abi >= LANDLOCK_NET_ABI ? offsetof(struct ruleset, scope)
                                            : offsetof(struct ruleset, net);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
    bool closed = fd >= 0 && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    int errnum = errno;
    if (fd >= 0) {
        close(fd);
    }
    return closed || dm_fail_errno(error, errnum, "cannot close the jail (Landlock)");
}

// ---- what holds with or without these locks

/** Nothing that root may do, should the service run as root. */
static bool drop_capabilities(GError **error) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    return syscall(SYS_capset, &header, none) == 0 ||
           dm_fail_errno(error, errno, "cannot give up capabilities");
}

/** The kernel, short of memory, takes a sandbox before anything else of ours. */
static void stand_first_in_line(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, "500", strlen("500"));
        close(fd);
    }
}

static bool set_limits(GError **error) {
    static const struct {
        enum __rlimit_resource kind;
        rlim_t most;
    } limits[] = {
        {RLIMIT_CORE, 0}, {RLIMIT_NOFILE, DM_JAIL_FDS}, {RLIMIT_MEMLOCK, 0}, {RLIMIT_MSGQUEUE, 0}};
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        const struct rlimit limit = {limits[i].most, limits[i].most};
        if (setrlimit(limits[i].kind, &limit) != 0) {
            return dm_fail_errno(error, errno, "cannot limit a sandbox");
        }
    }
    return true;
}

bool dm_jail_harden(GError **error) {
    if (SANITIZED) {
        return true;
    }
    stand_first_in_line();
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return dm_fail_errno(error, errno, "cannot hide a sandbox from its like");
    }
    return set_limits(error) && drop_capabilities(error);
}

// ---- both

struct dm_jail_locks dm_jail_probe(void) {
    const uint32_t errno_action = SECCOMP_RET_ERRNO;
    struct dm_jail_locks locks = {false, false};
    if (!SANITIZED) {
        locks.landlock = landlock_abi() > 0;
        locks.seccomp = ARCHITECTURE != 0 &&
                        syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &errno_action) == 0;
    }
    return locks;
}

bool dm_jail_enter(GError **error) {
    struct dm_jail_locks locks = dm_jail_probe();
    return (!locks.landlock || close_landlock(error)) && (!locks.seccomp || close_seccomp(error));
}
