// SPDX-License-Identifier: MIT
//
// rotate: clockwise by default. Quarter turns move pixels and nothing else; `keep` with another
// angle is cv2.warpAffine(image, cv2.getRotationMatrix2D((w // 2, h // 2), angle, 1), (w, h)),
// bilinear, about a whole pixel; otherwise the same arithmetic about the picture's true middle,
// which becomes that of a canvas large enough for all corners. 8 and 16 bits. Corners are black, or
// transparent where there is alpha. Kernel: ../kernels/warp.c.
#include "common/error.h"
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/placement.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/kernels/warp.h"
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
        .says = "turns by",
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
        .doc = "grow to show every corner, or keep the picture's size and turn it about its pixel "
               "width / 2, height / 2, rounded down",
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
    static const int orientations[] = {1, 8, 3, 6};
    VipsImage *out = NULL;
    if (vips_rot(in, &out, turns[(int)left / 90], NULL) != 0) {
        return dm_vips_fail(error, "rotate");
    }
    dm_placement_turn(out, orientations[(int)left / 90], in->Xsize, in->Ysize);
    *ret_out = out;
    return true;
}

static struct dm_extent extent(const void *params, struct dm_extent from) {
    const struct rotate *p = params;
    return p->canvas == KEEP ? from : dm_extent_turned(from, turn_left(p));
}

/** Fill in the matrix from @from to @to. */
static void place(struct dm_extent from, struct dm_extent to, double left, bool keep, double m[6]) {
    if (keep) {
        int centre_x = from.width / 2, centre_y = from.height / 2; // a whole pixel
        dm_warp_rotation(centre_x, centre_y, left, m);
        return;
    }
    dm_warp_rotation((from.width - 1) / 2.0, (from.height - 1) / 2.0, left, m);
    m[2] += (to.width - from.width) / 2.0;
    m[5] += (to.height - from.height) / 2.0;
}

static void run_u8(const void *params, int left, int y, int width, void *to) {
    dm_warp_row_u8(params, left, y, width, to);
}

static void run_u16(const void *params, int left, int y, int width, void *to) {
    dm_warp_row_u16(params, left, y, width, to);
}

/** The kernel's parameters, owned by the source @in, which outlives the output. */
static struct dm_warp *new_warp(VipsImage *in, const double m[6], int width) {
    struct dm_warp *warp = dm_node_alloc(in, sizeof(*warp));
    int *columns = dm_node_alloc(in, 2 * (size_t)width * sizeof(*columns));

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
    memcpy(warp->m, m, sizeof(warp->m));
    dm_warp_invert(warp->m);
    dm_warp_columns(warp->m[0], width, columns);
    dm_warp_columns(warp->m[3], width, columns + width);
    return warp;
}

static bool warp(VipsImage *in, const struct rotate *p, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) memory = NULL;
    if (!dm_node_memory(in, &memory, error)) {
        return false;
    }
    double m[6];
    struct dm_extent from = {in->Xsize, in->Ysize}, to = extent(p, from);
    place(from, to, turn_left(p), p->canvas == KEEP, m);
    const struct dm_whole_node node = {
        .shape = {.width = to.width, .height = to.height},
        .run = dm_image_wide(in) ? run_u16 : run_u8,
        .params = new_warp(memory, m, to.width),
    };
    if (!dm_node_whole(memory, &node, ret_out, error)) {
        return false;
    }
    m[2] += (1 - m[0] - m[1]) / 2; // it is for the middles of pixels
    m[5] += (1 - m[3] - m[4]) / 2;
    dm_placement_move(*ret_out, m);
    return true;
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct rotate *p = params;
    double left = turn_left(p);
    bool quarters = fmod(left, 90) == 0;
    bool same_canvas = fmod(left, 180) == 0 || in->Xsize == in->Ysize;

    if (quarters && (p->canvas == GROW || same_canvas)) {
        return quarter_turns(in, left, ret_out, error);
    }
    return warp(in, p, ret_out, error);
}

const struct dm_op dm_op_rotate = {
    .info =
        {
            .name = "rotate",
            .aliases = "image-rotating rotating rotation rotate-image image-rotation",
            .summary =
                "Rotates by an angle; new corners are black, or transparent where there is alpha",
            .flags = DM_OP_GEOMETRY | DM_OP_RANDOM_ACCESS | DM_OP_TURNS,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "rotate-90",
        },
    .params_size = sizeof(struct rotate),
    .promises = DM_PROMISE_ONLY_MOVES,
    .samples = "rotate rotate-left rotate-around rotate-30 rotate-30-left-keep",
    .check = check,
    .apply = apply,
    .extent = extent,
};
