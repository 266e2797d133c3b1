// SPDX-License-Identifier: MIT
//
// CPU time of chains on one picture in memory, without decoder and encoder: what kernels cost.
// Reads chains from stdin, one a line, and answers each with its CPU milliseconds per 12 MP; driven
// by kernels.py, which puts OpenCV's time beside them.
//
//   kernels PICTURE
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/task/apply.h"
#include "mpi_worker/task/plan.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static double cpu_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/** Pull every strip, as an encoder does. */
static bool pull(VipsImage *image) {
    struct dm_strips strips;
    bool good = dm_strips_init(&strips, image);
    while (good && (good = dm_strips_next(&strips)) && strips.rows > 0) {
    }
    dm_strips_clear(&strips);
    return good;
}

static bool run(const struct dm_catalogue *catalogue, const char *chain, VipsImage *in,
                double *ret_ms, GError **error) {
    struct dm_plan *plan = dm_plan_new(catalogue, chain, error);
    g_autoptr(VipsImage) out = NULL;
    struct dm_apply how = {0};
    enum dm_reason reason;
    double begin = cpu_ms();
    bool good = plan != NULL && dm_apply(plan, &how, in, &out, &reason, error) && pull(out);
    *ret_ms = cpu_ms() - begin;
    dm_plan_free(plan);
    return good;
}

int main(int argc, char **argv) {
    g_autoptr(GError) error = NULL;
    char line[256];
    if (argc != 2 || VIPS_INIT(argv[0]) != 0) {
        fprintf(stderr, "usage: kernels PICTURE\n");
        return 64;
    }
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    struct dm_catalogue *catalogue = dm_ops_catalogue();
    g_autoptr(VipsImage) file = vips_image_new_from_file(argv[1], NULL);
    g_autoptr(VipsImage) in = file ? vips_image_copy_memory(file) : NULL;

    while (in != NULL && fgets(line, sizeof(line), stdin) != NULL) {
        double ms;
        if (!run(catalogue, g_strchomp(line), in, &ms, &error)) {
            break;
        }
        printf("%.2f\n", ms * 12e6 / ((double)in->Xsize * in->Ysize));
        fflush(stdout);
    }
    if (in == NULL || error != NULL) {
        fprintf(stderr, "kernels: %s\n", error ? error->message : "the picture cannot be read");
    }
    dm_catalogue_free(catalogue);
    return in == NULL || error != NULL;
}
