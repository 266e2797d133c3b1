// SPDX-License-Identifier: MIT
//
// See morph.h.
#include "mpi_worker/ops/morph.h"

#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/combine.h"
#include "mpi_worker/kernels/morph.h"

const struct dm_param dm_morph_params[DM_MORPH_PARAM_COUNT] = {
    {
        .name = "kernel",
        .type = DM_PARAM_INT,
        .forms = "N kN",
        .min = 1,
        .max = DM_ELEMENT_MAX_SIZE,
        .default_text = "3",
        .unit = "px",
        .doc = "side of the shape",
        .offset = offsetof(struct dm_morph_params, kernel),
    },
    {
        .name = "shape",
        .type = DM_PARAM_WORD,
        .forms = "square cross ellipse",
        .default_text = "square",
        .unit = "",
        .doc = "the shape",
        .offset = offsetof(struct dm_morph_params, shape),
    },
};

static bool pass(VipsImage *in, const struct dm_morph_params *p, dm_area_kernel *run,
                 VipsImage **ret_out, GError **error) {
    struct dm_element element;
    dm_element_init(&element, (enum dm_element_shape)p->shape, p->kernel);
    struct dm_area_node node = {
        .radius = element.size / 2,
        .border = DM_BORDER_REPLICATE,
        .run = run,
        .scratch = dm_morph_scratch,
        .params = &element,
        .params_size = sizeof(element),
        .keep_alpha = true,
    };
    return dm_node_area(in, &node, ret_out, error);
}

bool dm_morph_erode(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return pass(in, params, dm_image_wide(in) ? dm_erode_u16 : dm_erode_u8, ret_out, error);
}

bool dm_morph_dilate(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return pass(in, params, dm_image_wide(in) ? dm_dilate_u16 : dm_dilate_u8, ret_out, error);
}

bool dm_morph_open(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) eroded = NULL;
    return dm_morph_erode(in, params, &eroded, error) &&
           dm_morph_dilate(eroded, params, ret_out, error);
}

bool dm_morph_close(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) dilated = NULL;
    return dm_morph_dilate(in, params, &dilated, error) &&
           dm_morph_erode(dilated, params, ret_out, error);
}

static void subtract_u8(const void *a, const void *b, size_t n, void *to) {
    dm_subtract_u8(a, b, n, to);
}

static void subtract_u16(const void *a, const void *b, size_t n, void *to) {
    dm_subtract_u16(a, b, n, to);
}

bool dm_morph_difference(VipsImage *a, VipsImage *b, VipsImage **ret_out, GError **error) {
    return dm_node_pair(a, b, dm_image_wide(a) ? subtract_u16 : subtract_u8, ret_out, error);
}
