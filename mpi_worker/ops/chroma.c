// SPDX-License-Identifier: MIT
//
// See chroma.h. A cube root for each channel of each pixel would cost seconds: the function is
// tabled, kernels/cube.h.
#include "mpi_worker/ops/chroma.h"

#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/chroma.h"

struct cube {
    const uint64_t *points;
};

static void run(const struct dm_span *span, const void *params) {
    const struct cube *cube = params;
    if (dm_image_wide(span->in)) {
        dm_cube_u16(span->from, span->to, span->width, span->in->Bands, cube->points);
    } else {
        dm_cube_u8(span->from, span->to, span->width, span->in->Bands, cube->points);
    }
}

bool dm_scale_chroma(VipsImage *in, double scale, VipsImage **ret_out, GError **error) {
    if (dm_image_colours(in) == 1) {
        *ret_out = g_object_ref(in);
        return true;
    }
    uint64_t *points = dm_node_alloc(in, DM_CUBE_POINTS * sizeof(*points));
    dm_chroma_fill(scale, dm_image_max(in), points);
    struct cube cube = {points};
    struct dm_rows_node node = {.run = run, .params = &cube, .params_size = sizeof(cube)};
    return dm_node_rows(in, &node, ret_out, error);
}
