// SPDX-License-Identifier: MIT
//
// What the operations of mathematical morphology share: the element's parameters, and passes of
// erosion and dilation. Definitions: cv2.morphologyEx with cv2.getStructuringElement, whatever lies
// outside the picture not counting. 8 and 16 bits, alpha kept. Kernel: ../kernels/morph.c.
#ifndef DM_MPI_WORKER_OPS_MORPH_H
#define DM_MPI_WORKER_OPS_MORPH_H

#include "mpi_worker/ops/op.h"

/** The element: its side (3 px when not given) and shape. */
struct dm_morph_params {
    int kernel;
    int shape; // enum dm_element_shape
};

/** The rows of that struct; an operation's descriptor has .params and .param_count of it. */
#define DM_MORPH_PARAM_COUNT 2
extern const struct dm_param dm_morph_params[DM_MORPH_PARAM_COUNT];

/** Each pixel becomes the darkest (erode) or brightest (dilate) of the element around it. */
bool dm_morph_erode(VipsImage *in, const void *params, VipsImage **ret_out, GError **error);
bool dm_morph_dilate(VipsImage *in, const void *params, VipsImage **ret_out, GError **error);

/** Erosion and then dilation, and the other way round. */
bool dm_morph_open(VipsImage *in, const void *params, VipsImage **ret_out, GError **error);
bool dm_morph_close(VipsImage *in, const void *params, VipsImage **ret_out, GError **error);

/** @a less @b, which were made from one picture in memory. */
bool dm_morph_difference(VipsImage *a, VipsImage *b, VipsImage **ret_out, GError **error);

#endif
