// SPDX-License-Identifier: MIT
//
// watermark: lays a picture from the configuration over this one, at an edge, in a size relative to
// this one's width, so that one logo fits all photos: Lanczos3 with alpha premultiplied, then
// "over" (kernels/stamp.h) by its alpha times the opacity. It is made smaller where it would not
// fit within the margins.
//
// The logo's colours are sRGB's and are put down as they are, whatever profile the picture has. A
// coloured logo makes a gray picture RGB; alpha and 16 bits stay. Streams: rows without logo are
// passed on as they are.
#include "common/error.h"
#include "mpi_worker/image/compose.h"
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/kernels/stamp.h"
#include "mpi_worker/ops/geometry.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/watermarks.h"

#include <math.h>

struct watermark {
    int name;
    int place; // enum dm_gravity
    int opacity;
    double width;
    double margin;
};

static const struct dm_param params_table[] = {
    {
        .name = "name",
        .type = DM_PARAM_WORD,
        .forms = dm_watermark_forms,
        .required = true,
        .unit = "",
        .doc = "a name from the group watermarks of dropmill.conf",
        .offset = offsetof(struct watermark, name),
    },
    {
        .name = "gravity",
        .type = DM_PARAM_WORD,
        .forms = DM_PLACE_FORMS,
        .default_text = "southeast",
        .unit = "",
        .doc = "where it lies",
        .offset = offsetof(struct watermark, place),
    },
    {
        .name = "opacity",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 1,
        .max = 100,
        .default_text = "50",
        .unit = "%",
        .doc = "100 hides what is below",
        .offset = offsetof(struct watermark, opacity),
    },
    {
        .name = "width",
        .type = DM_PARAM_NUMBER,
        .forms = "Npct",
        .min = 1,
        .max = 100,
        .default_text = "20pct",
        .unit = "%",
        .doc = "of the picture's width",
        .offset = offsetof(struct watermark, width),
    },
    {
        .name = "margin",
        .type = DM_PARAM_NUMBER,
        .forms = "mN",
        .min = 0,
        .max = 40,
        .default_text = "m2",
        .unit = "%",
        .doc = "to the edges, of the picture's shorter side",
        .offset = offsetof(struct watermark, margin),
    },
};

/** A logo ready for one picture. */
struct stamp {
    VipsRect rect;
    const uint16_t *pixels; // as kernels/stamp.h wants them
};

static int at_least_one(double side) {
    return MAX((int)floor(side + 0.5), 1);
}

/** Where and how large @logo lies on @in. */
static VipsRect place(const VipsImage *in, const VipsImage *logo, const struct watermark *p) {
    int margin = (int)floor(MIN(in->Xsize, in->Ysize) * p->margin / 100 + 0.5);
    double room_across = MAX(in->Xsize - 2 * margin, 1), room_down = MAX(in->Ysize - 2 * margin, 1);
    double width = MIN(in->Xsize * p->width / 100, room_across);
    double scale = MIN(width / logo->Xsize, room_down / logo->Ysize);
    struct dm_extent size = {at_least_one(logo->Xsize * scale), at_least_one(logo->Ysize * scale)};
    struct dm_extent room = {MAX(in->Xsize - 2 * margin - size.width, 0),
                             MAX(in->Ysize - 2 * margin - size.height, 0)};
    struct dm_extent corner = dm_place(room, (enum dm_gravity)p->place);
    return (VipsRect){MIN(margin + corner.width, in->Xsize - size.width),
                      MIN(margin + corner.height, in->Ysize - size.height), size.width,
                      size.height};
}

/** The logo's 8 bits as the samples and weights that @out's need. */
static const uint16_t *weigh(VipsImage *out, VipsImage *logo, int opacity) {
    size_t count = (size_t)logo->Xsize * (size_t)logo->Ysize;
    int last = logo->Bands - 1;
    uint16_t scale = dm_image_wide(out) ? 257 : 1;
    uint16_t *pixels = dm_node_alloc(out, count * (size_t)logo->Bands * sizeof(*pixels));
    const uint8_t *from = dm_image_row(logo, 0);
    uint16_t *to = pixels;
    for (size_t i = 0; i < count; i++, from += logo->Bands, to += logo->Bands) {
        for (int band = 0; band < last; band++) {
            to[band] = (uint16_t)(from[band] * scale);
        }
        to[last] = (uint16_t)((from[last] * 257 * opacity + 50) / 100);
    }
    return pixels;
}

/** Lay on what of the stamp lies within @out. */
static void lay_on(VipsRegion *out, const struct stamp *stamp, const VipsRect *common) {
    const VipsImage *image = out->im;
    size_t samples = (size_t)dm_image_colours(image) + 1;
    for (int y = common->top; y < VIPS_RECT_BOTTOM(common); y++) {
        size_t at = (size_t)(y - stamp->rect.top) * (size_t)stamp->rect.width +
                    (size_t)(common->left - stamp->rect.left);
        void *pixels = dm_region_at(out, common->left, y);
        if (dm_image_wide(image)) {
            dm_stamp_u16(stamp->pixels + at * samples, common->width, image->Bands,
                         dm_image_alpha(image), pixels);
        } else {
            dm_stamp_u8(stamp->pixels + at * samples, common->width, image->Bands,
                        dm_image_alpha(image), pixels);
        }
    }
}

static int generate(VipsRegion *out, void *sequence, void *a, void *b, gboolean *interrupt) {
    (void)a;
    (void)interrupt;
    const struct stamp *stamp = b;
    VipsRect *r = &out->valid, common;
    vips_rect_intersectrect(r, &stamp->rect, &common);
    if (vips_rect_isempty(&common)) {
        return vips_region_prepare(sequence, r) != 0 ||
                       vips_region_region(out, sequence, r, r->left, r->top) != 0
                   ? -1
                   : 0;
    }
    if (vips_region_prepare_to(sequence, out, r, r->left, r->top) != 0) {
        return -1;
    }
    lay_on(out, stamp, &common);
    return 0;
}

/** @logo, of the final size and in memory, with as many colours as @in. */
static bool lay(VipsImage *in, VipsImage *logo, VipsRect rect, int opacity, VipsImage **ret_out,
                GError **error) {
    VipsImage *out = dm_node_new(in, &(struct dm_node_shape){0});
    if (out == NULL) {
        return dm_vips_fail(error, "watermark");
    }
    struct stamp *stamp = dm_node_alloc(out, sizeof(*stamp));
    *stamp = (struct stamp){rect, weigh(out, logo, opacity)};
    int status = vips_image_generate(out, vips_start_one, generate, vips_stop_one, in, stamp);
    return dm_node_finish(out, status, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct watermark *p = params;
    const struct dm_watermark *watermark = dm_watermark_at(p->name);
    g_autoptr(VipsImage) ready = NULL;
    g_autoptr(VipsImage) coloured = NULL;
    g_autoptr(VipsImage) sized = NULL;
    g_autoptr(VipsImage) logo = NULL;
    if (watermark->image == NULL) {
        return dm_fail(error, DM_ERROR_CONFIG, "watermark: name '%s' could not be read: %s",
                       watermark->name, watermark->trouble);
    }
    VipsRect rect = place(in, watermark->image, p);
    if (dm_image_colours(watermark->image) == 1) {
        ready = g_object_ref(in);
    } else if (!dm_to_rgb(in, &ready, error)) {
        return false;
    }
    if (dm_image_colours(ready) == 1) {
        coloured = g_object_ref(watermark->image);
    } else if (!dm_to_rgb(watermark->image, &coloured, error)) {
        return false;
    }
    return dm_resample_to(coloured, (struct dm_extent){rect.width, rect.height}, &sized, error) &&
           dm_node_memory(sized, &logo, error) &&
           lay(ready, logo, rect, p->opacity, ret_out, error);
}

const struct dm_op dm_op_watermark = {
    .info =
        {
            .name = "watermark",
            .aliases = "watermarking stamp overlay",
            .summary = "Lays a logo over the picture",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_GEOMETRY | DM_OP_PLACED,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "watermark-logo-southeast-50",
        },
    .params_size = sizeof(struct watermark),
    .promises = DM_PROMISE_MAY_ADD_BANDS,
    .samples = "watermark-logo watermark-logo-center-100-100pct-m0 watermark-gray-top-30",
    .apply = apply,
};
