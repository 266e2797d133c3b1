// SPDX-License-Identifier: MIT
//
// trim: cuts away the border of one colour. Its colour is that of the corner pixel that most of the
// other corners resemble, of several the first in the order left top, right top, left bottom, right
// bottom. A row belongs to the border when all its pixels are within the tolerance of that colour
// in every sample, but for one pixel in a thousand (dust, and the noise of JPEG); then columns
// likewise, within the rows that stay. Colours count as they shine through alpha.
//
// Of an animation nothing is border that is not border in every frame.
//
// A picture that is all border stays as it is, with a remark. 16 bits: the tolerance is scaled by
// 257.
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/kernels/trim.h"
#include "mpi_worker/ops/decision.h"
#include "mpi_worker/ops/geometry.h"
#include "mpi_worker/ops/op.h"

enum { PIXELS_FOR_A_SPECK = 1000 };

struct trim {
    int tolerance;
};

static const struct dm_param params_table[] = {
    {
        .name = "tolerance",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 0,
        .max = 255,
        .default_text = "20",
        .unit = "",
        .doc = "by how much a border's pixels may differ from its colour",
        .offset = offsetof(struct trim, tolerance),
    },
};

/** A picture in memory, and what of it is no border. */
struct search {
    VipsImage *image;
    struct dm_trim trim;
    int left, top, right, bottom; // right and bottom lie behind the last pixel
};

static const void *pixel_at(const struct search *search, int x, int y) {
    size_t size = dm_image_row_size(search->image) / (size_t)search->image->Xsize;
    return (const char *)dm_image_row(search->image, y) + (size_t)x * size;
}

/** How many of @count pixels from (@x, @y) on, each @step pixels from the one before, differ. */
static int differing(const struct search *search, int x, int y, int count, int step) {
    const void *first = pixel_at(search, x, y);
    size_t stride = (size_t)step * (size_t)search->image->Bands;
    return dm_image_wide(search->image) ? dm_trim_differing_u16(first, stride, count, &search->trim)
                                        : dm_trim_differing_u8(first, stride, count, &search->trim);
}

static void take_colour(struct search *search, int x, int y) {
    for (int band = 0; band < search->image->Bands; band++) {
        const void *pixel = pixel_at(search, x, y);
        search->trim.colour[band] = dm_image_wide(search->image) ? ((const uint16_t *)pixel)[band]
                                                                 : ((const uint8_t *)pixel)[band];
    }
}

/** Take the colour of the best corner. */
static void choose_colour(struct search *search) {
    int right = search->image->Xsize - 1, bottom = search->image->Ysize - 1;
    const int corners[4][2] = {{0, 0}, {right, 0}, {0, bottom}, {right, bottom}};
    int best = 0, fewest = 4;
    for (int i = 0; i < 4; i++) {
        int others = 0;
        take_colour(search, corners[i][0], corners[i][1]);
        for (int k = 0; k < 4; k++) {
            others += differing(search, corners[k][0], corners[k][1], 1, 1);
        }
        best = others < fewest ? i : best;
        fewest = MIN(fewest, others);
    }
    take_colour(search, corners[best][0], corners[best][1]);
}

static bool is_border_row(const struct search *search, int y) {
    int width = search->right - search->left;
    return differing(search, search->left, y, width, 1) <= width / PIXELS_FOR_A_SPECK;
}

static bool is_border_column(const struct search *search, int x) {
    int height = search->bottom - search->top;
    return differing(search, x, search->top, height, search->image->Xsize) <=
           height / PIXELS_FOR_A_SPECK;
}

/** Move the four sides inwards. False: there is nothing but border. */
static bool find(struct search *search) {
    search->right = search->image->Xsize;
    search->bottom = search->image->Ysize;
    while (search->top < search->bottom && is_border_row(search, search->top)) {
        search->top++;
    }
    while (search->bottom > search->top && is_border_row(search, search->bottom - 1)) {
        search->bottom--;
    }
    if (search->top == search->bottom) {
        return false;
    }
    while (search->left < search->right && is_border_column(search, search->left)) {
        search->left++;
    }
    while (search->right > search->left && is_border_column(search, search->right - 1)) {
        search->right--;
    }
    return search->left < search->right;
}

static bool stay(VipsImage *in, VipsImage **ret_out, GError **error) {
    VipsImage *out = NULL;
    int status = vips_copy(in, &out, NULL);
    if (status == 0) {
        dm_remark_on(out, "trim found nothing but border, so it is all kept");
    }
    return dm_node_finish(out, status, ret_out, error);
}

/** What is no border of any picture that was looked at; right and bottom lie behind the last. */
struct box {
    int left, top, right, bottom; // right is 0 when all is border
};

static void *look(VipsImage *in, const void *params, void *decision) {
    const struct trim *p = params;
    struct box *box = decision != NULL ? decision : g_new0(struct box, 1);
    struct search search = {
        .image = in,
        .trim = {.bands = in->Bands,
                 .alpha = dm_image_alpha(in),
                 .tolerance = p->tolerance * (dm_image_wide(in) ? 257 : 1)},
    };
    choose_colour(&search);
    if (find(&search)) {
        bool first = box->right == 0;
        box->left = first ? search.left : MIN(box->left, search.left);
        box->top = first ? search.top : MIN(box->top, search.top);
        box->right = MAX(box->right, search.right);
        box->bottom = MAX(box->bottom, search.bottom);
    }
    return box;
}

static bool apply_decided(VipsImage *in, const void *params, const void *decision,
                          VipsImage **ret_out, GError **error) {
    (void)params;
    const struct box *box = decision;
    if (box->right == 0) {
        return stay(in, ret_out, error);
    }
    struct dm_extent size = {box->right - box->left, box->bottom - box->top};
    return dm_cut(in, box->left, box->top, size, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_decide_alone(look, apply_decided, in, params, ret_out, error);
}

const struct dm_op dm_op_trim = {
    .info =
        {
            .name = "trim",
            .aliases = "trimming autocrop auto-crop remove-border trim-border",
            .summary = "Cuts away a border of one colour",
            .flags = DM_OP_GEOMETRY | DM_OP_RANDOM_ACCESS | DM_OP_CUTS,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "trim-20",
        },
    .params_size = sizeof(struct trim),
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT,
    .samples = "trim trim-0 trim-100",
    .apply = apply,
    .look = look,
    .apply_decided = apply_decided,
};
