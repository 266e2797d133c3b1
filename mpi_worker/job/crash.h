// SPDX-License-Identifier: MIT
//
// Last words: when a rank dies of a signal, one line on stderr names the task that the dying thread
// was at, so that the watcher tries that one alone and gives all others back to the queue:
//
//   crash <SIGSEGV|SIGBUS|SIGABRT|SIGFPE|SIGILL|TIMEOUT> <task id> <attempt>
//
// Id 0: the thread had no task (every task started and not finished is a suspect then). Next:
// pool.h.
#ifndef DM_MPI_WORKER_JOB_CRASH_H
#define DM_MPI_WORKER_JOB_CRASH_H

#include <stdbool.h>
#include <stdint.h>

/** Catch the deadly signals of this process; after MPI_Init, which installs its own handlers. */
void dm_crash_install(void);

/**
 * Give the calling thread a signal stack, so that it can report even an overflow of its own; and
 * take it back when the thread ends. A thread without one reports on its ordinary stack.
 */
void dm_crash_thread_begin(void);
void dm_crash_thread_end(void);

/** Say what the calling thread is at; 0, 0: nothing. */
void dm_crash_set_task(int64_t id, int64_t attempt);

/** Write a line as above for @cause. Async-signal-safe. Threads: any. */
void dm_crash_report(const char *cause, int64_t id, int64_t attempt);

#endif
