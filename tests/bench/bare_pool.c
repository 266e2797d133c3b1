// SPDX-License-Identifier: MIT
//
// The yardstick of bench.py: the same work in one process, with nothing around it. Each of T
// threads takes the next file, reads it whole, runs stock libvips on it and writes the result; no
// ledger, no MPI, no temporary names, no checks. libvips' own concurrency is 1 and its cache is
// off.
//
//   bare_pool THREADS copy|median-3|resize-1600 OUTDIR FILE...    prints what file_pool.h says
#include "tests/bench/file_pool.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <vips/vips.h>

enum { RESIZE_WIDTH = 1600, QUALITY = 85 };

typedef int apply_function(void *bytes, size_t size, VipsImage **ret_image);

static apply_function *apply;

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

static bool begin(const char *operation) {
    for (size_t i = 0; i < G_N_ELEMENTS(operations); i++) {
        if (strcmp(operations[i].name, operation) == 0) {
            apply = operations[i].apply;
        }
    }
    return apply != NULL;
}

// ---- one file

/** Chroma as in the sources, 4:2:0. */
static bool save(VipsImage *image, const char *path) {
    void *bytes = NULL;
    size_t size = 0;
    if (vips_jpegsave_buffer(image, &bytes, &size, "Q", QUALITY, "subsample_mode",
                             VIPS_FOREIGN_SUBSAMPLE_ON, NULL) != 0) {
        return false;
    }
    bool good = file_pool_write(path, bytes, size);
    g_free(bytes);
    return good;
}

static bool process(const char *in, const char *out) {
    g_autofree char *bytes = NULL;
    size_t size = 0;
    VipsImage *image = NULL;
    if (!g_file_get_contents(in, &bytes, &size, NULL) || apply(bytes, size, &image) != 0) {
        return false;
    }
    bool good = save(image, out);
    g_object_unref(image);
    return good;
}

static bool one(struct file_job *job) {
    if (process(job->in, job->out)) {
        return true;
    }
    const char *why = *vips_error_buffer() != '\0' ? vips_error_buffer() : strerror(errno);
    fprintf(stderr, "bare_pool: %s: %s\n", job->in, why);
    return false;
}

int main(int argc, char **argv) {
    static const struct file_work work = {.operations = "copy|median-3|resize-1600",
                                          .begin = begin,
                                          .one = one,
                                          .thread_end = vips_thread_shutdown};
    if (VIPS_INIT(argv[0]) != 0) {
        return 70;
    }
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    return file_pool_main(argc, argv, &work);
}
