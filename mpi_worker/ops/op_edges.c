// SPDX-License-Identifier: MIT
//
// edges: cv2.Canny on the colour picture, aperture 3, L1; white edges on black, one band. Works
// with 8 bits; alpha kept. The marks stream, the following of edges needs them all. Kernel:
// ../kernels/canny.c.
#include "common/error.h"
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/kernels/canny.h"
#include "mpi_worker/ops/op.h"

struct edges {
    int low, high;
};

static const struct dm_param params_table[] = {
    {
        .name = "low",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 0,
        .max = 1000,
        .default_text = "100",
        .unit = "",
        .doc = "contrast above which an edge is followed",
        .offset = offsetof(struct edges, low),
    },
    {
        .name = "high",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 0,
        .max = 1000,
        .default_text = "200",
        .unit = "",
        .doc = "contrast above which an edge begins",
        .offset = offsetof(struct edges, high),
    },
};

static bool mark(VipsImage *in, const struct edges *p, VipsImage **ret_out, GError **error) {
    struct dm_canny canny = {
        .low = MIN(p->low, p->high),
        .high = MAX(p->low, p->high),
    };
    struct dm_area_node node = {
        .shape = {.bands = 1, .reformat = true, .format = VIPS_FORMAT_UCHAR},
        .radius = 2,
        .border = DM_BORDER_REPLICATE,
        .run = dm_canny_marks_u8,
        .scratch = dm_canny_scratch,
        .params = &canny,
        .params_size = sizeof(canny),
    };
    return dm_node_area(in, &node, ret_out, error);
}

/** Add @in's alpha to the one band of @edges. */
static bool join_alpha(VipsImage *edges, VipsImage *in, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) alpha = NULL;
    if (vips_extract_band(in, &alpha, in->Bands - 1, NULL) != 0 ||
        vips_bandjoin2(edges, alpha, ret_out, NULL) != 0) {
        return dm_vips_fail(error, "edges");
    }
    return true;
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) reduced = NULL;
    g_autoptr(VipsImage) marks = NULL;
    g_autoptr(VipsImage) edges = NULL;

    if (!dm_node_reduce(in, "edges", &reduced, error) || !mark(reduced, params, &marks, error)) {
        return false;
    }
    edges = dm_strips_to_memory(marks);
    if (edges == NULL) {
        return dm_vips_fail(error, "edges");
    }
    if (!dm_canny_connect(dm_image_row(edges, 0), edges->Xsize, edges->Ysize)) {
        return dm_fail(error, DM_ERROR_SYSTEM, "edges: memory ran out");
    }
    if (dm_image_alpha(in)) {
        return join_alpha(edges, reduced, ret_out, error);
    }
    *ret_out = g_steal_pointer(&edges);
    return true;
}

const struct dm_op dm_op_edges = {
    .info =
        {
            .name = "edges",
            .aliases = "edge-detection detect-edges canny canny-edges canny-edge-detection edge",
            .summary = "Draws the edges, white on black (Canny)",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_RANDOM_ACCESS | DM_OP_FINE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "detail",
            .example = "edges-100-200",
        },
    .params_size = sizeof(struct edges),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MAKES_GRAY,
    .apply = apply,
};
