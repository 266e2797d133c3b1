// SPDX-License-Identifier: MIT
//
// blur: cv2.GaussianBlur, border REFLECT_101; by sigma, or by kernel size with the sigma that
// OpenCV gives it. 8 and 16 bits; with alpha, colours are weighed by it. Kernel:
// ../kernels/gauss.c.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/gauss.h"
#include "mpi_worker/ops/op.h"

struct blur {
    double sigma;
    int kernel;
};

static const struct dm_param params_table[] = {
    {
        .name = "sigma",
        .type = DM_PARAM_NUMBER,
        .forms = "N",
        .min = 0.1,
        .max = 100,
        .unit = "px",
        .doc = "how far the blur reaches",
        .says = "blurs by",
        .offset = offsetof(struct blur, sigma),
    },
    {
        .name = "kernel",
        .type = DM_PARAM_INT,
        .forms = "kN",
        .min = 1,
        .max = 255,
        .default_text = "k15",
        .odd = true,
        .unit = "px",
        .doc = "side of the window, used when no sigma is given",
        .offset = offsetof(struct blur, kernel),
    },
};

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct blur *p = params;
    struct dm_gauss gauss;

    bool wide = dm_image_wide(in);
    if (isnan(p->sigma)) {
        dm_gauss_init(&gauss, p->kernel, 0, wide);
    } else {
        dm_gauss_init(&gauss, dm_gauss_size(p->sigma, wide), p->sigma, wide);
    }
    struct dm_area_node node = {
        .radius = gauss.radius,
        .border = DM_BORDER_REFLECT,
        .run = dm_gauss_kernel(wide, dm_image_alpha(in)),
        .scratch = dm_gauss_scratch,
        .params = &gauss,
        .params_size = sizeof(gauss),
    };
    return dm_node_area(in, &node, ret_out, error);
}

const struct dm_op dm_op_blur = {
    .info =
        {
            .name = "blur",
            .aliases = "blurring gaussian gaussian-blur",
            .summary = "Blurs evenly (Gaussian)",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "detail",
            .example = "blur-2.5",
        },
    .params_size = sizeof(struct blur),
    .promises = DM_PROMISE_KEEPS_FLAT | DM_PROMISE_MIRRORS,
    .samples = "blur blur-2.5 blur-k63",
    .apply = apply,
};
