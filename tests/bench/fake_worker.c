// SPDX-License-Identifier: MIT
//
// A dropmill-worker without images, to measure and torment the engine alone: real rank and pool;
// what a task does is its chain:
//
//   copy      nothing                        spin-N    N us of computing (calibrated at start)
//   segv abort overflow   die of it          hang      never come back
//
// fake_worker --session SOCKET [--threads N]       as the real one
// fake_worker --bare THREADS COUNT N               the same spins in plain threads; prints seconds
#include "common/log.h"
#include "mpi_worker/job/rank.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double rounds_per_us;

static uint64_t spin_rounds(uint64_t rounds) {
    volatile uint64_t state = 88172645463325252u;
    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t x = state;
        x ^= x << 13;
        x ^= x >> 7;
        state = x ^ (x << 17);
    }
    return state;
}

/** The environment may say it, so that all processes of a comparison do the same work. */
static void calibrate(void) {
    const char *given = getenv("SPIN_ROUNDS_PER_US");
    if (given != NULL) {
        rounds_per_us = g_ascii_strtod(given, NULL);
        return;
    }
    const uint64_t rounds = 2 * 1000 * 1000;
    for (int i = 0; i < 5; i++) {
        int64_t begin = g_get_monotonic_time();
        spin_rounds(rounds);
        double rate = (double)rounds / (double)(g_get_monotonic_time() - begin);
        rounds_per_us = MAX(rate, rounds_per_us);
    }
}

/** Use up the stack: the depth is only there so that it could end. */
static int overflow(int depth) {
    volatile char here[4096];
    here[0] = (char)depth;
    return depth == 0 ? 0 : overflow(depth - 1) + here[0];
}

static void segv(void) {
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

static void act(const char *chain) {
    if (g_str_has_prefix(chain, "spin-")) {
        spin_rounds((uint64_t)(rounds_per_us * g_ascii_strtod(chain + 5, NULL)));
    } else if (strcmp(chain, "segv") == 0) {
        segv();
    } else if (strcmp(chain, "abort") == 0) {
        abort();
    } else if (strcmp(chain, "overflow") == 0) {
        overflow(INT_MAX);
    } else if (strcmp(chain, "hang") == 0) {
        for (;;) {
            pause();
        }
    }
}

static void run(void *data, const struct dm_task *task, struct dm_result *ret) {
    (void)data;
    int64_t begin = g_get_monotonic_time();
    act(task->chain);
    ret->id = task->id;
    ret->attempt = task->attempt;
    ret->message = g_strdup("");
    ret->format = g_strdup("jpeg");
    ret->elapsed_us = g_get_monotonic_time() - begin;
}

static atomic_int tasks_left;
static double task_us;

static void *bare_main(void *data) {
    (void)data;
    while (atomic_fetch_sub(&tasks_left, 1) > 0) {
        spin_rounds((uint64_t)(rounds_per_us * task_us));
    }
    return NULL;
}

static int run_bare(int threads, int count, double us) {
    pthread_t *all = g_new(pthread_t, (gsize)threads);
    atomic_store(&tasks_left, count);
    task_us = us;
    int64_t begin = g_get_monotonic_time();
    for (int i = 0; i < threads; i++) {
        pthread_create(&all[i], NULL, bare_main, NULL);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(all[i], NULL);
    }
    printf("%.4f %.2f\n", (double)(g_get_monotonic_time() - begin) / 1e6, rounds_per_us);
    g_free(all);
    return 0;
}

int main(int argc, char **argv) {
    dm_log_init("fake_worker", DM_LOG_MESSAGE);
    calibrate();
    if (argc == 5 && strcmp(argv[1], "--bare") == 0) {
        return run_bare(atoi(argv[2]), atoi(argv[3]), g_ascii_strtod(argv[4], NULL));
    }
    if (argc < 3 || strcmp(argv[1], "--session") != 0) {
        return 64;
    }
    struct dm_rank_options options = {.socket_path = argv[2], .work = {.run = run}};
    if (argc == 5 && strcmp(argv[3], "--threads") == 0) {
        options.threads = atoi(argv[4]);
    }
    return dm_rank_main(&options);
}
