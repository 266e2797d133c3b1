// SPDX-License-Identifier: MIT
//
// Everything here may run in a signal handler of a thread whose heap or stack is broken: no malloc,
// no stdio, no locks; one write(2) of fewer than 200 bytes, which a pipe takes whole.
#include "mpi_worker/job/crash.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK_BYTES = 64 * 1024, LINE_BYTES = 200 };

/** Signals that mean a defect: ours, a library's, or a picture that found one. A row a signal. */
static const struct {
    int number;
    const char *name;
} deadly[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGABRT, "SIGABRT"},
    {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},
};

// Volatile, because the handler that reads them runs between two instructions of the thread that
// writes them. The program is one executable, so reading them needs no lazily made thread-local
// block.
static _Thread_local volatile int64_t task_id;
static _Thread_local volatile int64_t task_attempt;
static _Thread_local void *signal_stack;

static size_t put_text(char *line, size_t length, const char *text) {
    while (*text != '\0' && length < LINE_BYTES - 1) {
        line[length++] = *text++;
    }
    return length;
}

static size_t put_number(char *line, size_t length, int64_t number) {
    char digits[24];
    size_t at = sizeof(digits) - 1;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    return put_text(line, length, digits + at);
}

void dm_crash_report(const char *cause, int64_t id, int64_t attempt) {
    char line[LINE_BYTES];
    size_t length = put_text(line, 0, "crash ");
    length = put_text(line, length, cause);
    length = put_text(line, length, " ");
    length = put_number(line, length, id);
    length = put_text(line, length, " ");
    length = put_number(line, length, attempt);
    line[length++] = '\n';
    ssize_t written;
    do {
        written = write(STDERR_FILENO, line, length);
    } while (written < 0 && errno == EINTR);
}

static const char *signal_name(int number) {
    for (size_t i = 0; i < G_N_ELEMENTS(deadly); i++) {
        if (deadly[i].number == number) {
            return deadly[i].name;
        }
    }
    return "SIGNAL";
}

static void on_deadly_signal(int number) {
    dm_crash_report(signal_name(number), task_id, task_attempt);
    // Die of the same signal, so that mpirun reports it: unblocked (SA_NODEFER), hence here and
    // now.
    signal(number, SIG_DFL);
    raise(number);
}

void dm_crash_install(void) {
    struct sigaction action = {.sa_handler = on_deadly_signal, .sa_flags = SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(deadly); i++) {
        sigaction(deadly[i].number, &action, NULL);
    }
}

void dm_crash_thread_begin(void) {
    void *stack =
        mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED) {
        return;
    }
    stack_t wanted = {.ss_sp = stack, .ss_size = STACK_BYTES};
    if (sigaltstack(&wanted, NULL) != 0) {
        munmap(stack, STACK_BYTES);
        return;
    }
    signal_stack = stack;
}

void dm_crash_thread_end(void) {
    if (signal_stack == NULL) {
        return;
    }
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(signal_stack, STACK_BYTES);
    signal_stack = NULL;
}

void dm_crash_set_task(int64_t id, int64_t attempt) {
    task_id = id;
    task_attempt = attempt;
}
