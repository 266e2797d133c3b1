// SPDX-License-Identifier: MIT
//
// The four shapes of node, and what they share. See node.h; the window of the area node: window.h.
#include "mpi_worker/image/node.h"

#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/kernels/gray.h"
#include "mpi_worker/kernels/table.h"

#include <string.h>

void *dm_node_alloc(VipsImage *image, size_t size) {
    return vips_malloc(VIPS_OBJECT(image), size);
}

static void *copy_params(VipsImage *image, const void *params, size_t size) {
    void *copy = dm_node_alloc(image, size + 1);
    if (size > 0) {
        memcpy(copy, params, size);
    }
    return copy;
}

static VipsInterpretation interpretation(int bands, VipsBandFormat format) {
    if (bands >= 3) {
        return format == VIPS_FORMAT_USHORT ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
    }
    return format == VIPS_FORMAT_USHORT ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
}

VipsImage *dm_node_new(VipsImage *in, const struct dm_node_shape *shape) {
    VipsImage *out = vips_image_new();
    g_object_ref(in);
    vips_object_local(out, in);
    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_FATSTRIP, in, NULL) != 0) {
        g_object_unref(out);
        return NULL;
    }
    out->Xsize = shape->width ? shape->width : in->Xsize;
    out->Ysize = shape->height ? shape->height : in->Ysize;
    out->Bands = shape->bands ? shape->bands : in->Bands;
    if (shape->reformat) {
        out->BandFmt = shape->format;
        out->Type = interpretation(out->Bands, shape->format);
    }
    // A profile for colours says nothing about gray nor the other way round: decoders refuse it.
    if ((in->Bands >= 3) != (out->Bands >= 3)) {
        vips_image_remove(out, VIPS_META_ICC_NAME);
    }
    return out;
}

bool dm_node_finish(VipsImage *out, int status, VipsImage **ret_out, GError **error) {
    if (status != 0) {
        g_clear_object(&out);
        return dm_vips_fail(error, "picture");
    }
    *ret_out = out;
    return true;
}

// ---- rows

static int generate_rows(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop) {
    (void)stop;
    VipsRegion *from = sequence;
    const VipsImage *in = a;
    const struct dm_rows_node *node = b;
    const VipsRect *r = &out->valid;

    if (vips_region_prepare(from, r) != 0) {
        return -1;
    }
    for (int y = r->top; y < VIPS_RECT_BOTTOM(r); y++) {
        const struct dm_span span = {
            .in = in,
            .from = dm_region_at(from, r->left, y),
            .to = dm_region_at(out, r->left, y),
            .left = r->left,
            .y = y,
            .width = r->width,
        };
        node->run(&span, node->params);
    }
    return 0;
}

bool dm_node_rows(VipsImage *in, const struct dm_rows_node *node, VipsImage **ret_out,
                  GError **error) {
    VipsImage *out = dm_node_new(in, &node->shape);
    if (out == NULL) {
        return dm_vips_fail(error, "picture");
    }
    struct dm_rows_node *own = copy_params(out, node, sizeof(*node));
    own->params = copy_params(out, node->params, node->params_size);
    int status = vips_image_generate(out, vips_start_one, generate_rows, vips_stop_one, in, own);
    return dm_node_finish(out, status, ret_out, error);
}

// ---- area

static void *start_area(VipsImage *out, void *a, void *b) {
    (void)out;
    const struct dm_area_node *node = b;
    return dm_window_new(a, node->radius, node->border);
}

static int stop_area(void *sequence, void *a, void *b) {
    (void)a;
    (void)b;
    dm_window_free(sequence);
    return 0;
}

static int generate_area(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop) {
    (void)a;
    (void)stop;
    const struct dm_area_node *node = b;
    const VipsRect *r = &out->valid;
    struct dm_area area = {
        .out = dm_region_at(out, r->left, r->top),
        .out_stride = (size_t)VIPS_REGION_LSKIP(out),
    };

    if (!dm_window_move(sequence, r, &area)) {
        return -1;
    }
    size_t scratch_size = node->scratch != NULL ? node->scratch(&area, node->params) : 0;
    node->run(&area, node->params, dm_window_scratch(sequence, scratch_size));
    if (node->keep_alpha) {
        dm_window_restore_alpha(sequence, &area);
    }
    return 0;
}

bool dm_node_area(VipsImage *in, const struct dm_area_node *node, VipsImage **ret_out,
                  GError **error) {
    VipsImage *out = dm_node_new(in, &node->shape);
    if (out == NULL) {
        return dm_vips_fail(error, "picture");
    }
    struct dm_area_node *own = copy_params(out, node, sizeof(*node));
    own->params = copy_params(out, node->params, node->params_size);
    own->keep_alpha = node->keep_alpha && dm_image_alpha(in);
    int status = vips_image_generate(out, start_area, generate_area, stop_area, in, own);
    return dm_node_finish(out, status, ret_out, error);
}

// ---- whole

static int generate_whole(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop) {
    (void)sequence;
    (void)a;
    (void)stop;
    const struct dm_whole_node *node = b;
    const VipsRect *r = &out->valid;

    for (int y = r->top; y < VIPS_RECT_BOTTOM(r); y++) {
        node->run(node->params, r->left, y, r->width, dm_region_at(out, r->left, y));
    }
    return 0;
}

bool dm_node_whole(VipsImage *in, const struct dm_whole_node *node, VipsImage **ret_out,
                   GError **error) {
    VipsImage *out = dm_node_new(in, &node->shape);
    if (out == NULL) {
        return dm_vips_fail(error, "picture");
    }
    struct dm_whole_node *own = copy_params(out, node, sizeof(*node));
    int status = vips_image_generate(out, NULL, generate_whole, NULL, NULL, own);
    return dm_node_finish(out, status, ret_out, error);
}

// ---- pair

static int generate_pair(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop) {
    (void)a;
    (void)stop;
    VipsRegion **from = sequence;
    dm_pair_kernel *const *run = b;
    const VipsRect *r = &out->valid;
    size_t samples = (size_t)r->width * (size_t)out->im->Bands;

    if (vips_region_prepare(from[0], r) != 0 || vips_region_prepare(from[1], r) != 0) {
        return -1;
    }
    for (int y = r->top; y < VIPS_RECT_BOTTOM(r); y++) {
        const void *first = dm_region_at(from[0], r->left, y);
        void *to = dm_region_at(out, r->left, y);
        (*run)(first, dm_region_at(from[1], r->left, y), samples, to);
        if (dm_image_alpha(out->im)) {
            dm_copy_alpha(out->im, first, to, r->width);
        }
    }
    return 0;
}

bool dm_node_pair(VipsImage *a, VipsImage *b, dm_pair_kernel *run, VipsImage **ret_out,
                  GError **error) {
    VipsImage *out = dm_node_new(a, &(struct dm_node_shape){0});
    if (out == NULL) {
        return dm_vips_fail(error, "picture");
    }
    g_object_ref(b);
    vips_object_local(out, b);
    dm_pair_kernel **own = copy_params(out, &run, sizeof(run));
    VipsImage **both = vips_allocate_input_array(out, a, b, NULL);
    int status = both == NULL ? -1
                              : vips_image_generate(out, vips_start_many, generate_pair,
                                                    vips_stop_many, both, own);
    return dm_node_finish(out, status, ret_out, error);
}

bool dm_node_memory(VipsImage *in, VipsImage **ret_out, GError **error) {
    bool there = in->data != NULL && in->dtype != VIPS_IMAGE_PARTIAL;
    VipsImage *out = there ? g_object_ref(in) : dm_strips_to_memory(in);
    if (out == NULL) {
        return dm_vips_fail(error, "picture");
    }
    *ret_out = out;
    return true;
}

// ---- nodes that several operations use

static void run_table(const struct dm_span *span, const void *params) {
    int bands = span->in->Bands;
    bool alpha = dm_image_alpha(span->in);
    if (dm_image_wide(span->in)) {
        dm_table_u16(span->from, span->to, span->width, bands, alpha, params);
    } else {
        dm_table_u8(span->from, span->to, span->width, bands, alpha, params);
    }
}

bool dm_node_table(VipsImage *in, const uint16_t *table, VipsImage **ret_out, GError **error) {
    struct dm_rows_node node = {
        .run = run_table,
        .params = table,
        .params_size = ((size_t)dm_image_max(in) + 1) * sizeof(*table),
    };
    return dm_node_rows(in, &node, ret_out, error);
}

static void run_table_rgb(const struct dm_span *span, const void *params) {
    if (dm_image_wide(span->in)) {
        dm_table_rgb_u16(span->from, span->to, span->width, span->in->Bands, params);
    } else {
        dm_table_rgb_u8(span->from, span->to, span->width, span->in->Bands, params);
    }
}

bool dm_node_table_rgb(VipsImage *in, const uint16_t *tables, VipsImage **ret_out, GError **error) {
    struct dm_rows_node node = {
        .run = run_table_rgb,
        .params = tables,
        .params_size = 3 * ((size_t)dm_image_max(in) + 1) * sizeof(*tables),
    };
    return dm_node_rows(in, &node, ret_out, error);
}

static void run_colour(const struct dm_span *span, const void *params) {
    (void)params;
    if (dm_image_wide(span->in)) {
        dm_gray_to_rgb_u16(span->from, span->to, span->width, dm_image_alpha(span->in));
    } else {
        dm_gray_to_rgb_u8(span->from, span->to, span->width, dm_image_alpha(span->in));
    }
}

bool dm_node_colour(VipsImage *in, VipsImage **ret_out, GError **error) {
    if (dm_image_colours(in) == 3) {
        *ret_out = g_object_ref(in);
        return true;
    }
    struct dm_rows_node node = {
        .shape = {.bands = in->Bands + 2, .reformat = true, .format = in->BandFmt},
        .run = run_colour,
    };
    return dm_node_rows(in, &node, ret_out, error);
}

static void run_reduce(const struct dm_span *span, const void *params) {
    (void)params;
    dm_reduce_u16(span->from, span->to, span->width * span->in->Bands);
}

bool dm_node_reduce(VipsImage *in, const char *operation, VipsImage **ret_out, GError **error) {
    if (!dm_image_wide(in)) {
        *ret_out = g_object_ref(in);
        return true;
    }
    struct dm_rows_node node = {
        .shape = {.reformat = true, .format = VIPS_FORMAT_UCHAR},
        .run = run_reduce,
    };
    VipsImage *out = NULL;
    if (!dm_node_rows(in, &node, &out, error)) {
        return false;
    }
    g_autofree char *remark =
        g_strdup_printf("%s works with 8 bits: the picture was reduced from 16", operation);
    dm_remark_on(out, remark);
    *ret_out = out;
    return true;
}
