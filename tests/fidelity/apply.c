// SPDX-License-Identifier: MIT
//
// Applies one chain to one PNG through the worker's own plan and strips, without MPI or encoders,
// for compare.py to look at the pixels. Reads lines `chain TAB input.png TAB output.raw` from
// stdin; an output is `width height bands bytes` and a newline, then the samples. With the argument
// `time` it also prints the CPU milliseconds of each.
//
// Build (lib*.a of any variant, here on two lines):
//   gcc -std=c17 -D_GNU_SOURCE -O2 -I. $(pkg-config --cflags vips glib-2.0) tests/fidelity/apply.c
//       $B/libworker.a $B/libcommon.a $(pkg-config --libs vips libpng libjpeg libtiff-4 lcms2 libheif libwebpmux zlib expat) -lm
//       -lpthread
#include "mpi_worker/task/apply.h"
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/task/plan.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static double cpu_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool write_raw(VipsImage *image, const char *path) {
    FILE *file = fopen(path, "wbe");
    if (file == NULL) {
        return false;
    }
    size_t size = dm_image_row_size(image) * (size_t)image->Ysize;
    fprintf(file, "%d %d %d %d\n", image->Xsize, image->Ysize, image->Bands,
            dm_image_wide(image) ? 2 : 1);
    bool good = fwrite(dm_image_row(image, 0), 1, size, file) == size;
    return fclose(file) == 0 && good;
}

/** Everything between decoder and encoder. */
static VipsImage *run(const struct dm_plan *plan, const char *input, GError **error) {
    g_autoptr(VipsImage) in =
        vips_image_new_from_file(input, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    g_autoptr(VipsImage) out = NULL;
    struct dm_apply how = {0};
    enum dm_reason reason;
    if (in == NULL) {
        dm_vips_fail(error, input);
        return NULL;
    }
    if (!dm_apply(plan, &how, in, &out, &reason, error)) {
        return NULL;
    }
    VipsImage *memory = dm_strips_to_memory(out);
    if (memory == NULL) {
        dm_vips_fail(error, "strips");
    }
    return memory;
}

static bool do_line(const struct dm_catalogue *catalogue, char *line, bool timing, GError **error) {
    g_auto(GStrv) fields = g_strsplit(g_strchomp(line), "\t", 3);
    if (g_strv_length(fields) != 3) {
        fprintf(stderr, "apply: a line has three fields\n");
        return false;
    }
    struct dm_plan *plan = dm_plan_new(catalogue, fields[0], error);
    if (plan == NULL) {
        return false;
    }
    double begin = cpu_ms();
    VipsImage *out = run(plan, fields[1], error);
    double end = cpu_ms();
    dm_plan_free(plan);
    if (out == NULL) {
        return false;
    }
    bool good = write_raw(out, fields[2]);
    g_object_unref(out);
    if (timing) {
        printf("%s\t%.1f\n", fields[0], end - begin);
    }
    return good;
}

int main(int argc, char **argv) {
    g_autoptr(GError) error = NULL;
    char line[4096];
    bool timing = argc > 1 && strcmp(argv[1], "time") == 0;
    bool good = true;
    if (VIPS_INIT(argv[0]) != 0) {
        return 1;
    }
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    struct dm_catalogue *catalogue = dm_ops_catalogue();

    while (good && fgets(line, sizeof(line), stdin) != NULL) {
        good = do_line(catalogue, line, timing, &error);
    }
    if (!good) {
        fprintf(stderr, "apply: %s\n", error ? error->message : "failed");
    }
    dm_catalogue_free(catalogue);
    return good ? 0 : 1;
}
