// SPDX-License-Identifier: MIT
//
// Threads that take file after file: see file_pool.h.
#include "tests/bench/file_pool.h"

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>

enum { MAX_THREADS = 256 };

struct pool {
    const struct file_work *work;
    const char *outdir;
    char **files;
    int count;
    atomic_int next;
    atomic_bool failed;
};

/** A thread, and what of its time shall not count. */
struct hand {
    pthread_t thread;
    struct pool *pool;
    double uncounted_s;
};

double file_pool_thread_cpu_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool file_pool_write(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wbe");
    if (file == NULL) {
        return false;
    }
    bool good = fwrite(bytes, 1, size, file) == size;
    return fclose(file) == 0 && good;
}

static void *take_files(void *data) {
    struct hand *hand = data;
    struct pool *pool = hand->pool;
    for (int i; (i = atomic_fetch_add(&pool->next, 1)) < pool->count;) {
        g_autofree char *name = g_path_get_basename(pool->files[i]);
        g_autofree char *out = g_build_filename(pool->outdir, name, NULL);
        struct file_job job = {.in = pool->files[i], .out = out};
        if (!pool->work->one(&job)) {
            atomic_store(&pool->failed, true);
        }
        hand->uncounted_s += job.uncounted_s;
    }
    if (pool->work->thread_end != NULL) {
        pool->work->thread_end();
    }
    return NULL;
}

static double cpu_s_of(int who) {
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/** Of this process, and of those that it made and that have ended. */
static double process_cpu_s(void) {
    return cpu_s_of(RUSAGE_SELF) + cpu_s_of(RUSAGE_CHILDREN);
}

/** Of this program alone: ru_maxrss would also count what its parent held at the fork. */
static double peak_mb(void) {
    g_autofree char *text = NULL;
    double kb = 0;
    if (g_file_get_contents("/proc/self/status", &text, NULL, NULL)) {
        const char *line = strstr(text, "VmHWM:");
        kb = line != NULL ? g_ascii_strtod(line + strlen("VmHWM:"), NULL) : 0;
    }
    return kb / 1e3;
}

static void run(struct pool *pool, int thread_count) {
    static struct hand hands[MAX_THREADS];
    double uncounted_s = 0, cpu_s = process_cpu_s();
    int64_t begin_us = g_get_monotonic_time();
    for (int i = 0; i < thread_count; i++) {
        hands[i].pool = pool;
        if (pthread_create(&hands[i].thread, NULL, take_files, &hands[i]) != 0) {
            abort();
        }
    }
    for (int i = 0; i < thread_count; i++) {
        pthread_join(hands[i].thread, NULL);
        uncounted_s += hands[i].uncounted_s;
    }
    double wall_s = (double)(g_get_monotonic_time() - begin_us) / 1e6;
    printf("%.6f %.6f %.1f\n", wall_s, process_cpu_s() - cpu_s - uncounted_s, peak_mb());
}

int file_pool_main(int argc, char **argv, const struct file_work *work) {
    int threads = argc > 4 ? atoi(argv[1]) : 0;
    if (threads < 1 || threads > MAX_THREADS) {
        fprintf(stderr, "usage: %s THREADS %s OUTDIR FILE...\n", argv[0], work->operations);
        return EX_USAGE;
    }
    if (!work->begin(argv[2])) {
        return EX_USAGE; // without a word: the benchmark asks everybody for everything
    }
    struct pool pool = {.work = work, .outdir = argv[3], .files = argv + 4, .count = argc - 4};
    run(&pool, threads);
    return atomic_load(&pool.failed) ? 1 : 0;
}
