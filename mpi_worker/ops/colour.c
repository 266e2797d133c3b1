// SPDX-License-Identifier: MIT
//
// See colour.h.
#include "mpi_worker/ops/colour.h"

#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/table.h"

#include <math.h>

static void run_matrix(const struct dm_span *span, const void *params) {
    if (dm_image_wide(span->in)) {
        dm_matrix_u16(span->from, span->to, span->width, span->in->Bands, params);
    } else {
        dm_matrix_u8(span->from, span->to, span->width, span->in->Bands, params);
    }
}

bool dm_node_matrix(VipsImage *in, const struct dm_matrix *matrix, VipsImage **ret_out,
                    GError **error) {
    g_autoptr(VipsImage) colour = NULL;
    struct dm_rows_node node = {
        .run = run_matrix, .params = matrix, .params_size = sizeof(*matrix)};
    return dm_node_colour(in, &colour, error) && dm_node_rows(colour, &node, ret_out, error);
}

static void run_ramp(const struct dm_span *span, const void *params) {
    if (dm_image_wide(span->in)) {
        dm_ramp_u16(span->from, span->to, span->width, span->in->Bands, params);
    } else {
        dm_ramp_u8(span->from, span->to, span->width, span->in->Bands, params);
    }
}

/** The ramp's colours for every luma, owned by @image. */
static const uint16_t *new_colours(VipsImage *image, dm_ramp_fn *ramp, const void *params) {
    int max = dm_image_max(image);
    uint16_t *colours = dm_node_alloc(image, 3 * ((size_t)max + 1) * sizeof(*colours));
    for (int luma = 0; luma <= max; luma++) {
        double rgb[3];
        ramp((double)luma / max, params, rgb);
        for (int i = 0; i < 3; i++) {
            colours[3 * luma + i] = dm_table_entry(rgb[i] * max, max);
        }
    }
    return colours;
}

bool dm_node_ramp(VipsImage *in, dm_ramp_fn *ramp, const void *params, double percent,
                  VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) colour = NULL;
    if (!dm_node_colour(in, &colour, error)) {
        return false;
    }
    struct dm_ramp own = {(int)lrint(percent / 100 * (1 << 14)), new_colours(colour, ramp, params)};
    struct dm_rows_node node = {.run = run_ramp, .params = &own, .params_size = sizeof(own)};
    return dm_node_rows(colour, &node, ret_out, error);
}

void dm_colour_unit(struct dm_colour colour, double ret_rgb[3]) {
    ret_rgb[0] = colour.red / 255.0;
    ret_rgb[1] = colour.green / 255.0;
    ret_rgb[2] = colour.blue / 255.0;
}
