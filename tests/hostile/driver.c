// SPDX-License-Identifier: MIT
//
// The worker's tasks without MPI, for masses of files: what `make hostile` and `make soak` run.
//
//   driver THREADS MEMORY_MB INPUT_ROOT OUTPUT_ROOT [EVERY] <list
//
// The list has lines `chain TAB file`; the answer to each is a line `number TAB status TAB reason
// TAB milliseconds TAB message`, and the result stays in OUTPUT_ROOT under its number. With EVERY,
// results are removed, and every so many files a line `rss TAB files TAB MB` is written. Last comes
// `peak TAB MB`. A task that runs for more than DEADLINE_S ends the program by `timeout TAB number`
// and exit code 3.
#include "common/fsutil.h"
#include "mpi_worker/job/crash.h"
#include "mpi_worker/task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEADLINE_S = 60, TIMED_OUT = 3 };

struct run {
    struct dm_task_shared *shared;
    char *input_root, *output_root;
    GPtrArray *lines;
    int every;    // 0: keep results
    long peak_mb; // as watch() saw it
    atomic_size_t next;
    atomic_size_t done;
    struct {
        pthread_mutex_t lock; // of stdout
    } synced;
};

/** One thread, and what it is at. */
struct hand {
    struct run *run;
    pthread_t thread;
    atomic_llong id; // 0: nothing
    atomic_llong since_us;
};

/** What a process takes for itself and its part of what it shares, in KB. */
static long memory_kb(const char *pid) {
    g_autofree char *path = g_strdup_printf("/proc/%s/smaps_rollup", pid);
    g_autofree char *text = NULL;
    g_file_get_contents(path, &text, NULL, NULL);
    const char *at = text != NULL ? strstr(text, "\nPss:") : NULL;
    return at != NULL ? strtol(at + strlen("\nPss:"), NULL, 10) : 0;
}

/** The same of this process, of its zygote and of its sandboxes, in MB. */
static long family_mb(void) {
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
    g_autofree char *text = NULL;
    long kb = memory_kb("self");
    g_file_get_contents(path, &text, NULL, NULL);
    g_auto(GStrv) children = g_strsplit(text != NULL ? text : "", " ", -1);
    for (char **child = children; *child != NULL; child++) {
        kb += **child != '\0' ? memory_kb(*child) : 0;
    }
    return kb / 1024;
}

static void answer(struct run *run, const struct dm_result *result) {
    g_autofree char *message = g_strescape(result->message, NULL);
    pthread_mutex_lock(&run->synced.lock);
    printf("%" PRId64 "\t%s\t%s\t%" PRId64 "\t%s\n", result->id, dm_status_name(result->status),
           dm_reason_name(result->reason), result->elapsed_us / 1000, message);
    pthread_mutex_unlock(&run->synced.lock);
}

static void take_stock(struct run *run, const struct dm_task *task) {
    size_t done = atomic_fetch_add(&run->done, 1) + 1;
    if (run->every == 0) {
        return;
    }
    g_autofree char *path = g_build_filename(task->output_root, task->temp, NULL);
    unlink(path);
    if (done % (size_t)run->every == 0) {
        pthread_mutex_lock(&run->synced.lock);
        printf("rss\t%zu\t%ld\n", done, family_mb());
        pthread_mutex_unlock(&run->synced.lock);
    }
}

static void do_line(struct hand *hand, size_t index) {
    struct run *run = hand->run;
    g_auto(GStrv) fields = g_strsplit(run->lines->pdata[index], "\t", 2);
    g_autofree char *temp = g_strdup_printf("%zu", index + 1);
    const struct dm_task task = {
        .id = (int64_t)index + 1,
        .attempt = 1,
        .chain = fields[0],
        .input_root = run->input_root,
        .input = fields[1],
        .output_root = run->output_root,
        .temp = temp,
        .max_bytes = 200 << 20,
        .max_pixels = 250000000,
        .max_pages = 10000,
        .deadline_ms = 1000 * DEADLINE_S,
    };
    atomic_store(&hand->since_us, g_get_monotonic_time());
    atomic_store(&hand->id, task.id);
    struct dm_result result;
    dm_task_run(run->shared, &task, &result);
    atomic_store(&hand->id, 0);
    answer(run, &result);
    dm_result_clear(&result);
    take_stock(run, &task);
}

static void *work(void *data) {
    struct hand *hand = data;
    struct run *run = hand->run;
    for (size_t i = atomic_fetch_add(&run->next, 1); i < run->lines->len;
         i = atomic_fetch_add(&run->next, 1)) {
        do_line(hand, i);
    }
    dm_task_thread_end();
    return NULL;
}

static void watch(struct run *run, struct hand *hands, size_t count) {
    while (atomic_load(&run->done) < run->lines->len) {
        g_usleep(20000);
        run->peak_mb = MAX(run->peak_mb, family_mb());
        for (size_t i = 0; i < count; i++) {
            int64_t ran_us = g_get_monotonic_time() - atomic_load(&hands[i].since_us);
            long long id = atomic_load(&hands[i].id);
            if (id != 0 && ran_us > DEADLINE_S * G_USEC_PER_SEC) {
                printf("timeout\t%lld\n", id);
                fflush(stdout);
                _exit(TIMED_OUT);
            }
        }
    }
}

static void read_lines(GPtrArray *lines) {
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        g_ptr_array_add(lines, g_strdup(g_strchomp(line)));
    }
    free(line);
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fprintf(stderr, "usage: driver THREADS MEMORY_MB INPUT_ROOT OUTPUT_ROOT [EVERY] <list\n");
        return 64;
    }
    GError *error = NULL;
    size_t count = (size_t)MAX(atoi(argv[1]), 1);
    const struct dm_task_settings settings = {.memory_bytes = (int64_t)atoi(argv[2]) << 20,
                                              .jailed = true,
                                              .background = {255, 255, 255, 255}};
    struct run run = {
        .shared = dm_task_shared_new(&settings, &error),
        .input_root = argv[3],
        .output_root = argv[4],
        .lines = g_ptr_array_new_with_free_func(g_free),
        .every = argc > 5 ? atoi(argv[5]) : 0,
        .synced.lock = PTHREAD_MUTEX_INITIALIZER,
    };
    if (run.shared == NULL) {
        fprintf(stderr, "driver: %s\n", error->message);
        return 70;
    }
    dm_crash_install();
    read_lines(run.lines);
    g_autofree struct hand *hands = g_new0(struct hand, count);
    for (size_t i = 0; i < count; i++) {
        hands[i].run = &run;
        pthread_create(&hands[i].thread, NULL, work, &hands[i]);
    }
    watch(&run, hands, count);
    for (size_t i = 0; i < count; i++) {
        pthread_join(hands[i].thread, NULL);
    }
    printf("peak\t%ld\n", run.peak_mb);
    dm_task_shared_free(run.shared);
    g_ptr_array_unref(run.lines);
    return 0;
}
