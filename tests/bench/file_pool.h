// SPDX-License-Identifier: MIT
//
// The loop that the benchmark's own programs share: T threads take file after file, and the program
// says in one line what that took. What is done with a file is the program's.
#ifndef DM_TESTS_BENCH_FILE_POOL_H
#define DM_TESTS_BENCH_FILE_POOL_H

#include <stdbool.h>
#include <stddef.h>

/** One file, for one thread. */
struct file_job {
    const char *in, *out;
    double uncounted_s; // CPU seconds of this thread that shall not count; the work adds to it
};

/** What a program does. */
struct file_work {
    const char *operations; // for the usage

    /** Get ready; false when there is no such operation. Called once, before the threads start. */
    bool (*begin)(const char *operation);

    /** Do one file; false, after a line on stderr, when that failed. Threads: many at once. */
    bool (*one)(struct file_job *job);

    void (*thread_end)(void); // (nullable)
};

/**
 * main() of such a program: THREADS OPERATION OUTDIR FILE...; prints wall seconds, CPU seconds and
 * the most memory it ever held, in MB. Returns the exit status.
 */
int file_pool_main(int argc, char **argv, const struct file_work *work);

/** CPU seconds of the calling thread. */
double file_pool_thread_cpu_s(void);

/** Write @size bytes as the file @path. */
bool file_pool_write(const char *path, const void *bytes, size_t size);

#endif
