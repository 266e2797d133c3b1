// SPDX-License-Identifier: MIT
//
// How a kernel becomes a lazy libvips picture. Four shapes, each written once, so that an
// operation's file holds nothing but its own idea:
//
//   rows    each row by itself                                  gray, threshold, point operations
//   area    a window around each pixel; a sequential source is read once, top to bottom
//   whole   any pixel of the source, which is brought into memory                       rotate
//   pair    two pictures of one shape, sample by sample                                 gradient
//
// They compute whatever region is asked for, on the thread that asks. Kernels: ../kernels/.
#ifndef DM_MPI_WORKER_IMAGE_NODE_H
#define DM_MPI_WORKER_IMAGE_NODE_H

#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/window.h"
#include "mpi_worker/kernels/area.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <vips/vips.h>

/** How the output differs from the input. Zero: as the input. */
struct dm_node_shape {
    int width, height, bands;
    // VIPS_FORMAT_UCHAR, 8 bits, is 0; see `reformat`.
    VipsBandFormat format;
    // Take `format`, and the interpretation that goes with it and the bands.
    bool reformat;
};

/** @width pixels of one row, the first of which is (@left, @y). */
struct dm_span {
    const VipsImage *in;
    const void *from;
    void *to;
    int left, y, width;
};

/** Work on one row. */
typedef void dm_span_kernel(const struct dm_span *span, const void *params);

struct dm_rows_node {
    // Width and height stay.
    struct dm_node_shape shape;
    dm_span_kernel *run;
    // Copied.
    const void *params;
    size_t params_size;
};

struct dm_area_node {
    // Width and height stay.
    struct dm_node_shape shape;
    int radius;
    enum dm_border border;
    dm_area_kernel *run;
    // (nullable)
    dm_area_scratch *scratch;
    // Copied.
    const void *params;
    size_t params_size;
    // Put the input's alpha back in place of what the kernel made of it.
    bool keep_alpha;
};

/** Make @width output pixels of row @y from column @left on. */
typedef void dm_whole_kernel(const void *params, int left, int y, int width, void *to);

struct dm_whole_node {
    struct dm_node_shape shape;
    dm_whole_kernel *run;
    // Borrowed: lives as long as the picture, see dm_node_alloc().
    const void *params;
};

/** Work on @n samples of each of two pictures. */
typedef void dm_pair_kernel(const void *a, const void *b, size_t n, void *to);

/** Make an empty picture of @shape that keeps @in alive. NULL: libvips refused. */
VipsImage *dm_node_new(VipsImage *in, const struct dm_node_shape *shape);

/** Hand @out (NULL where it failed) over, or drop it, by what libvips said: DM_ERROR_INPUT. */
bool dm_node_finish(VipsImage *out, int status, VipsImage **ret_out, GError **error);

/** Build a node onto @in; *@ret_out is a new reference. Errors: DM_ERROR_INPUT: libvips refused. */
bool dm_node_rows(VipsImage *in, const struct dm_rows_node *node, VipsImage **ret_out,
                  GError **error);
bool dm_node_area(VipsImage *in, const struct dm_area_node *node, VipsImage **ret_out,
                  GError **error);
bool dm_node_whole(VipsImage *in, const struct dm_whole_node *node, VipsImage **ret_out,
                   GError **error);

/** The same of two pictures, which other nodes made of one in memory; @a's alpha is kept. */
bool dm_node_pair(VipsImage *a, VipsImage *b, dm_pair_kernel *run, VipsImage **ret_out,
                  GError **error);

/** A table look-up of every colour sample; @table has 256 or 65536 entries and is copied. */
bool dm_node_table(VipsImage *in, const uint16_t *table, VipsImage **ret_out, GError **error);

/** The same with a table for each colour of an RGB picture, one behind the other. */
bool dm_node_table_rgb(VipsImage *in, const uint16_t *tables, VipsImage **ret_out, GError **error);

/** Gray pictures to RGB that looks the same, without a gray profile; others as they are. */
bool dm_node_colour(VipsImage *in, VipsImage **ret_out, GError **error);

/** 16-bit pictures to 8 bits, with a remark that names @operation; others as they are. */
bool dm_node_reduce(VipsImage *in, const char *operation, VipsImage **ret_out, GError **error);

/** Compute @in into memory now, on this thread, unless it lies there already. */
bool dm_node_memory(VipsImage *in, VipsImage **ret_out, GError **error);

/** Memory that lives as long as @image. */
void *dm_node_alloc(VipsImage *image, size_t size);

#endif
