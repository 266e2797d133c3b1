// SPDX-License-Identifier: MIT
//
// The yardstick of bench.py: the same work in one process, with nothing around it. Each of T
// threads takes the next file, reads it whole, runs stock libvips on it and writes the result; no
// ledger, no MPI, no temporary names, no checks. libvips' own concurrency is 1 and its cache is
// off.
//
//   bare_pool THREADS copy|median-3|resize-1600 OUTDIR FILE...    prints wall and CPU seconds
#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <vips/vips.h>

enum { MAX_THREADS = 256, RESIZE_WIDTH = 1600, QUALITY = 85 };

typedef int apply_function(void *bytes, size_t size, VipsImage **ret_image);

struct pool {
    apply_function *apply;
    const char *outdir;
    char **files;
    int count;
    atomic_int next;
    atomic_bool failed;
};

// ---- the operations

static int load(void *bytes, size_t size, VipsImage **ret_image) {
    return vips_jpegload_buffer(bytes, size, ret_image, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
}

static int median3(void *bytes, size_t size, VipsImage **ret_image) {
    VipsImage *source;
    if (load(bytes, size, &source) != 0) {
        return -1;
    }
    int status = vips_median(source, ret_image, 3, NULL);
    g_object_unref(source);
    return status;
}

static int resize(void *bytes, size_t size, VipsImage **ret_image) {
    return vips_thumbnail_buffer(bytes, size, ret_image, RESIZE_WIDTH, NULL);
}

static const struct {
    const char *name;
    apply_function *apply;
} operations[] = {{"copy", load}, {"median-3", median3}, {"resize-1600", resize}};

static apply_function *find_operation(const char *name) {
    for (size_t i = 0; i < G_N_ELEMENTS(operations); i++) {
        if (strcmp(operations[i].name, name) == 0) {
            return operations[i].apply;
        }
    }
    return NULL;
}

// ---- one file

static bool write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wbe");
    if (file == NULL) {
        return false;
    }
    bool good = fwrite(bytes, 1, size, file) == size;
    return fclose(file) == 0 && good;
}

/** Chroma as in the sources, 4:2:0. */
static bool save(VipsImage *image, const char *path) {
    void *bytes = NULL;
    size_t size = 0;
    if (vips_jpegsave_buffer(image, &bytes, &size, "Q", QUALITY, "subsample_mode",
                             VIPS_FOREIGN_SUBSAMPLE_ON, NULL) != 0) {
        return false;
    }
    bool good = write_file(path, bytes, size);
    g_free(bytes);
    return good;
}

static bool process(const struct pool *pool, const char *path) {
    g_autofree char *bytes = NULL;
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *out = g_build_filename(pool->outdir, name, NULL);
    size_t size = 0;
    VipsImage *image = NULL;
    if (!g_file_get_contents(path, &bytes, &size, NULL) || pool->apply(bytes, size, &image) != 0) {
        return false;
    }
    bool good = save(image, out);
    g_object_unref(image);
    return good;
}

// ---- the pool

static void *work(void *data) {
    struct pool *pool = data;
    for (int i; (i = atomic_fetch_add(&pool->next, 1)) < pool->count;) {
        if (!process(pool, pool->files[i])) {
            const char *why = *vips_error_buffer() != '\0' ? vips_error_buffer() : strerror(errno);
            fprintf(stderr, "bare_pool: %s: %s\n", pool->files[i], why);
            atomic_store(&pool->failed, true);
        }
    }
    vips_thread_shutdown();
    return NULL;
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void run(struct pool *pool, int thread_count) {
    pthread_t threads[MAX_THREADS];
    double cpu = cpu_seconds();
    int64_t begin_us = g_get_monotonic_time();
    for (int i = 0; i < thread_count; i++) {
        if (pthread_create(&threads[i], NULL, work, pool) != 0) {
            abort();
        }
    }
    for (int i = 0; i < thread_count; i++) {
        pthread_join(threads[i], NULL);
    }
    double wall = (double)(g_get_monotonic_time() - begin_us) / 1e6;
    printf("%.6f %.6f\n", wall, cpu_seconds() - cpu);
}

int main(int argc, char **argv) {
    int threads = argc > 4 ? atoi(argv[1]) : 0;
    apply_function *apply = argc > 4 ? find_operation(argv[2]) : NULL;
    if (threads < 1 || threads > MAX_THREADS || apply == NULL) {
        fprintf(stderr, "usage: bare_pool THREADS copy|median-3|resize-1600 OUTDIR FILE...\n");
        return 64;
    }
    if (VIPS_INIT(argv[0]) != 0) {
        return 70;
    }
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    struct pool pool = {.apply = apply, .outdir = argv[3], .files = argv + 4, .count = argc - 4};
    run(&pool, threads);
    return atomic_load(&pool.failed) ? 1 : 0;
}
