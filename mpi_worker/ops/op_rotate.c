// SPDX-License-Identifier: MIT
//
// rotate: clockwise by default. Quarter turns move pixels and nothing else; `keep` with another
// angle is cv2.warpAffine(cv2.getRotationMatrix2D((w/2, h/2), angle, 1), (w, h)), bilinear; the
// same arithmetic on a canvas large enough for all corners otherwise. 8 and 16 bits. Corners are
// black, or transparent where there is alpha. Kernel: ../kernels/warp.c.
#include "common/error.h"
#include "mpi_worker/kernels/warp.h"
#include "mpi_worker/ops/node.h"
#include "mpi_worker/ops/op.h"

enum direction { RIGHT, LEFT, AROUND, CLOCKWISE, COUNTERCLOCKWISE };
enum canvas { GROW, KEEP };

struct rotate {
    double angle;
    int direction;
    int canvas;
};

static const struct dm_param params_table[] = {
    {
        .name = "angle",
        .type = DM_PARAM_NUMBER,
        .forms = "N",
        .min = 0,
        .max = 360,
        .unit = "degrees",
        .doc = "how far, 90 when not given",
        .offset = offsetof(struct rotate, angle),
    },
    {
        .name = "direction",
        .type = DM_PARAM_WORD,
        .forms = "right left around clockwise counterclockwise",
        .default_text = "right",
        .unit = "",
        .doc = "right is clockwise, left counterclockwise, around upside down",
        .offset = offsetof(struct rotate, direction),
    },
    {
        .name = "canvas",
        .type = DM_PARAM_WORD,
        .forms = "grow keep",
        .default_text = "grow",
        .unit = "",
        .doc = "grow to show every corner, or keep the picture's size",
        .offset = offsetof(struct rotate, canvas),
    },
};

static bool check(const void *params, GError **error) {
    const struct rotate *p = params;
    if (p->direction == AROUND && !isnan(p->angle)) {
        return dm_fail(error, DM_ERROR_INPUT,
                       "rotate: angle '%g' cannot go with 'around', which is 180 degrees, expected "
                       "one of the two",
                       p->angle);
    }
    return true;
}

/** Degrees counterclockwise, from 0 up to but not including 360. */
static double turn_left(const struct rotate *p) {
    double angle = isnan(p->angle) ? 90 : p->angle;
    if (p->direction == AROUND) {
        angle = 180;
    }
    if (p->direction == RIGHT || p->direction == CLOCKWISE) {
        angle = 360 - angle;
    }
    return fmod(angle, 360);
}

static bool quarter_turns(VipsImage *in, double left, VipsImage **ret_out, GError **error) {
    static const VipsAngle turns[] = {VIPS_ANGLE_D0, VIPS_ANGLE_D270, VIPS_ANGLE_D180,
                                      VIPS_ANGLE_D90};
    VipsImage *out = NULL;
    if (vips_rot(in, &out, turns[(int)left / 90], NULL) != 0) {
        return dm_op_fail_vips(error, "rotate");
    }
    *ret_out = out;
    return true;
}

/** Fill in the matrix from source to output, and the output's size. */
static void place(const VipsImage *in, double left, bool keep, double m[6], int *ret_width,
                  int *ret_height) {
    *ret_width = in->Xsize;
    *ret_height = in->Ysize;
    if (keep) {
        dm_warp_rotation(in->Xsize / 2.0, in->Ysize / 2.0, left, m);
        return;
    }
    dm_warp_rotation((in->Xsize - 1) / 2.0, (in->Ysize - 1) / 2.0, left, m);
    // A hair less than what covers it, lest rounding noise add a row.
    *ret_width = (int)ceil(in->Xsize * fabs(m[0]) + in->Ysize * fabs(m[1]) - 1e-6);
    *ret_height = (int)ceil(in->Xsize * fabs(m[3]) + in->Ysize * fabs(m[4]) - 1e-6);
    m[2] += (*ret_width - in->Xsize) / 2.0;
    m[5] += (*ret_height - in->Ysize) / 2.0;
}

static void run_u8(const void *params, int left, int y, int width, void *to) {
    dm_warp_row_u8(params, left, y, width, to);
}

static void run_u16(const void *params, int left, int y, int width, void *to) {
    dm_warp_row_u16(params, left, y, width, to);
}

/** The kernel's parameters, owned by the source @in, which outlives the output. */
static struct dm_warp *new_warp(VipsImage *in, const double m[6], int width) {
    struct dm_warp *warp = dm_node_alloc(in, sizeof *warp);
    int *columns = dm_node_alloc(in, 2 * (size_t)width * sizeof *columns);

    *warp = (struct dm_warp){
        .pixels = dm_image_row(in, 0),
        .stride = dm_image_row_size(in),
        .width = in->Xsize,
        .height = in->Ysize,
        .bands = in->Bands,
        .alpha = dm_image_alpha(in),
        .columns_x = columns,
        .columns_y = columns + width,
    };
    memcpy(warp->m, m, sizeof warp->m);
    dm_warp_invert(warp->m);
    dm_warp_columns(warp->m[0], width, columns);
    dm_warp_columns(warp->m[3], width, columns + width);
    return warp;
}

static bool warp(VipsImage *in, double left, bool keep, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) memory = NULL;
    if (!dm_node_memory(in, &memory, error)) {
        return false;
    }
    double m[6];
    struct dm_whole_node node = {.run = dm_image_wide(in) ? run_u16 : run_u8};
    place(memory, left, keep, m, &node.shape.width, &node.shape.height);
    node.params = new_warp(memory, m, node.shape.width);
    return dm_node_whole(memory, &node, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct rotate *p = params;
    double left = turn_left(p);
    bool quarters = fmod(left, 90) == 0;
    bool same_canvas = fmod(left, 180) == 0 || in->Xsize == in->Ysize;

    if (quarters && (p->canvas == GROW || same_canvas)) {
        return quarter_turns(in, left, ret_out, error);
    }
    return warp(in, left, p->canvas == KEEP, ret_out, error);
}

const struct dm_op dm_op_rotate = {
    .info =
        {
            .name = "rotate",
            .aliases = "image-rotating rotating rotation rotate-image image-rotation",
            .summary = "Rotates by an angle",
            .flags = DM_OP_GEOMETRY | DM_OP_RANDOM_ACCESS,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "rotate-90",
        },
    .params_size = sizeof(struct rotate),
    .samples = "rotate rotate-left rotate-around rotate-30 rotate-30-left-keep",
    .check = check,
    .apply = apply,
};
