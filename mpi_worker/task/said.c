// SPDX-License-Identifier: MIT
//
// See said.h.
#include "mpi_worker/task/said.h"

#include "mpi_worker/image/meaning.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/placement.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/meta/containers.h"
#include "mpi_worker/meta/corrections.h"
#include "mpi_worker/ops/op.h"

#include <string.h>

static void find_facts(const struct dm_work *work, VipsImage *image, int page_height_px,
                       struct dm_meta_facts *ret) {
    const struct dm_meta_container *target = dm_meta_container(work->target->info->name);
    double place[6] = {0};
    *ret = (struct dm_meta_facts){
        .orientation = vips_image_get_orientation(image),
        .source_width_px = work->full_width_px,
        .source_height_px = work->full_height_px,
        .width_px = image->Xsize,
        .height_px = page_height_px,
        .little_endian = work->pages_apart > 0,
        .gain_map_bytes = work->gain_map != NULL ? work->gain_map->len : 0,
        .mime = target != NULL ? target->mime : NULL,
    };
    if (dm_placement_of(image, page_height_px, place)) {
        memcpy(ret->place, place, sizeof(place));
    }
}

/** It is no part that is left behind. */
static void forget_gain_map(struct dm_meta *meta) {
    for (guint i = meta->parts->len; i > 0; i--) {
        const struct dm_meta_part *part = meta->parts->pdata[i - 1];
        if (part->kind == DM_META_GAIN_MAP) {
            g_ptr_array_remove_index(meta->parts, i - 1);
        }
    }
}

struct dm_meta *dm_said_make(const struct dm_work *work, VipsImage *image, int page_height_px) {
    struct dm_meta *meta = dm_meta_copy(work->meta);
    struct dm_meta_facts facts;
    find_facts(work, image, page_height_px, &facts);
    facts.recoloured = dm_meaning_say(image, work->target->info->name, meta);
    facts.is_srgb = facts.recoloured;
    if (dm_image_field(image, DM_STRIPPED_FIELD) != 0) {
        dm_meta_strip(meta);
    }
    dm_meta_correct(meta, &facts);
    if (work->gain_map != NULL) {
        forget_gain_map(meta);
    }
    dm_meta_fit(meta, work->target->info->name);
    return meta;
}

void dm_said_remark(struct dm_work *work, const struct dm_meta *meta) {
    for (guint i = 0; i < meta->remarks->len; i++) {
        dm_remark(work->remarks, meta->remarks->pdata[i]);
    }
}
