// SPDX-License-Identifier: MIT
//
// See filter3.h. Kernel: ../kernels/filter3.c.
#include "mpi_worker/ops/filter3.h"

#include "mpi_worker/image/node.h"

bool dm_node_filter3(VipsImage *in, enum dm_filter3 filter, VipsImage **ret_out, GError **error) {
    const struct dm_area_node node = {
        .radius = 1,
        .border = DM_BORDER_REFLECT,
        .run = dm_image_wide(in) ? dm_filter3_u16 : dm_filter3_u8,
        .params = &filter,
        .params_size = sizeof(filter),
        .keep_alpha = true,
    };
    return dm_node_area(in, &node, ret_out, error);
}
