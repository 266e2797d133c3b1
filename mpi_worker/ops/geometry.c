// SPDX-License-Identifier: MIT
//
// Sizes, windows and resampling. See geometry.h.
#include "mpi_worker/ops/geometry.h"

#include "mpi_worker/image/node.h"
#include "mpi_worker/image/placement.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/kernels/salience.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/resample.h"

#include <math.h>

// ---- sizes

struct dm_extent dm_extent_of(VipsImage *image) {
    struct dm_extent extent = {image->Xsize, image->Ysize};
    if (vips_image_get_typeof(image, DM_FULL_WIDTH_FIELD) != 0 &&
        vips_image_get_typeof(image, DM_FULL_HEIGHT_FIELD) != 0) {
        vips_image_get_int(image, DM_FULL_WIDTH_FIELD, &extent.width);
        vips_image_get_int(image, DM_FULL_HEIGHT_FIELD, &extent.height);
    }
    return extent;
}

static int rounded(double side) {
    return MAX((int)floor(side + 0.5), 1);
}

static struct dm_extent scaled(struct dm_extent from, double scale) {
    return (struct dm_extent){rounded(from.width * scale), rounded(from.height * scale)};
}

struct dm_extent dm_extent_cover(struct dm_extent from, struct dm_extent box) {
    double scale = MAX((double)box.width / from.width, (double)box.height / from.height);
    struct dm_extent covering = scaled(from, scale);
    return (struct dm_extent){MAX(covering.width, box.width), MAX(covering.height, box.height)};
}

double dm_extent_shrink(struct dm_extent from, struct dm_extent to) {
    double factor = MIN((double)from.width / to.width, (double)from.height / to.height);
    return MAX(factor, 1);
}

// ---- resampling

bool dm_resample_to(VipsImage *in, struct dm_extent to, VipsImage **ret_out, GError **error) {
    VipsImage *image = NULL;
    if (in->Xsize != to.width || in->Ysize != to.height) {
        if (!dm_node_resample(in, to.width, to.height, &image, error)) {
            return false;
        }
    } else if (vips_copy(in, &image, NULL) != 0) {
        return dm_vips_fail(error, "resampling");
    }
    dm_placement_scale(image, (double)to.width / in->Xsize, (double)to.height / in->Ysize);
    vips_image_remove(image, DM_FULL_WIDTH_FIELD);
    vips_image_remove(image, DM_FULL_HEIGHT_FIELD);
    *ret_out = image;
    return true;
}

// ---- windows

bool dm_cut(VipsImage *in, int left, int top, struct dm_extent size, VipsImage **ret_out,
            GError **error) {
    VipsImage *out = NULL;
    if (vips_extract_area(in, &out, left, top, size.width, size.height, NULL) != 0) {
        return dm_vips_fail(error, "cutting out a window");
    }
    dm_placement_cut(out, left, top);
    *ret_out = out;
    return true;
}

/** Corners that were chosen, added up. */
struct corners {
    int64_t left, top, count;
};

void *dm_look_smart(VipsImage *in, struct dm_extent size, void *decision) {
    struct corners *corners = decision != NULL ? decision : g_new0(struct corners, 1);
    struct dm_salience_picture picture = {
        .pixels = dm_image_row(in, 0),
        .stride = dm_image_row_size(in),
        .width = in->Xsize,
        .height = in->Ysize,
        .bands = in->Bands,
        .wide = dm_image_wide(in),
    };
    int left = 0;
    int top = 0;
    dm_salience_place(&picture, size.width, size.height, &left, &top);
    corners->left += left;
    corners->top += top;
    corners->count++;
    return corners;
}

bool dm_cut_smart(VipsImage *in, struct dm_extent size, const void *decision, VipsImage **ret_out,
                  GError **error) {
    const struct corners *corners = decision;
    return dm_cut(in, (int)(corners->left / corners->count), (int)(corners->top / corners->count),
                  size, ret_out, error);
}

static bool cut_smart(VipsImage *in, struct dm_extent size, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) memory = NULL;
    if (!dm_node_memory(in, &memory, error)) {
        return false;
    }
    g_autofree void *decision = dm_look_smart(memory, size, NULL);
    return dm_cut_smart(memory, size, decision, ret_out, error);
}

// How far right and down of the free space, in halves.
static const struct {
    int right, down;
} places[] = {
    [DM_GRAVITY_CENTER] = {1, 1},      [DM_GRAVITY_NORTH] = {1, 0},
    [DM_GRAVITY_SOUTH] = {1, 2},       [DM_GRAVITY_EAST] = {2, 1},
    [DM_GRAVITY_WEST] = {0, 1},        [DM_GRAVITY_NORTHEAST] = {2, 0},
    [DM_GRAVITY_NORTHWEST] = {0, 0},   [DM_GRAVITY_SOUTHEAST] = {2, 2},
    [DM_GRAVITY_SOUTHWEST] = {0, 2},   [DM_GRAVITY_CENTRE] = {1, 1},
    [DM_GRAVITY_MIDDLE] = {1, 1},      [DM_GRAVITY_TOP] = {1, 0},
    [DM_GRAVITY_BOTTOM] = {1, 2},      [DM_GRAVITY_LEFT] = {0, 1},
    [DM_GRAVITY_RIGHT] = {2, 1},       [DM_GRAVITY_TOPLEFT] = {0, 0},
    [DM_GRAVITY_TOPRIGHT] = {2, 0},    [DM_GRAVITY_BOTTOMLEFT] = {0, 2},
    [DM_GRAVITY_BOTTOMRIGHT] = {2, 2},
};

_Static_assert(G_N_ELEMENTS(places) == DM_GRAVITY_SMART, "each place has its row");

struct dm_extent dm_place(struct dm_extent room, enum dm_gravity place) {
    return (struct dm_extent){room.width * places[place].right / 2,
                              room.height * places[place].down / 2};
}

bool dm_cut_gravity(VipsImage *in, struct dm_extent size, enum dm_gravity gravity,
                    VipsImage **ret_out, GError **error) {
    if (gravity == DM_GRAVITY_SMART) {
        return cut_smart(in, size, ret_out, error);
    }
    struct dm_extent room = {in->Xsize - size.width, in->Ysize - size.height};
    struct dm_extent corner = dm_place(room, gravity);
    return dm_cut(in, corner.width, corner.height, size, ret_out, error);
}

void *dm_fill_look(VipsImage *in, struct dm_extent box, void *decision) {
    g_autoptr(VipsImage) covering = NULL;
    g_autoptr(VipsImage) memory = NULL;
    if (!dm_resample_to(in, dm_extent_cover(dm_extent_of(in), box), &covering, NULL) ||
        !dm_node_memory(covering, &memory, NULL)) {
        return decision;
    }
    return dm_look_smart(memory, box, decision);
}

bool dm_fill_decided(VipsImage *in, struct dm_extent box, const void *decision, VipsImage **ret_out,
                     GError **error) {
    g_autoptr(VipsImage) covering = NULL;
    return dm_resample_to(in, dm_extent_cover(dm_extent_of(in), box), &covering, error) &&
           dm_cut_smart(covering, box, decision, ret_out, error);
}

bool dm_fill(VipsImage *in, struct dm_extent box, enum dm_gravity gravity, VipsImage **ret_out,
             GError **error) {
    VipsImage *covering = NULL;
    if (!dm_resample_to(in, dm_extent_cover(dm_extent_of(in), box), &covering, error)) {
        return false;
    }
    g_assert(covering != NULL);
    bool good = dm_cut_gravity(covering, box, gravity, ret_out, error);
    g_object_unref(covering);
    return good;
}
