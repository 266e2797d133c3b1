// SPDX-License-Identifier: MIT
//
// See gain_map.h. Nothing that goes wrong here costs the picture: it is then a plain photo, with a
// remark.
#include "mpi_worker/task/gain_map.h"

#include "mpi_worker/image/meaning.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/placement.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/meta/containers.h"
#include "mpi_worker/meta/corrections.h"
#include "mpi_worker/meta/place.h"
#include "mpi_worker/ops/geometry.h"
#include "mpi_worker/ops/op.h"

#include <math.h>
#include <string.h>

static const struct dm_meta_part *find_part(const struct dm_work *work) {
    for (guint i = 0; i < work->meta->parts->len; i++) {
        const struct dm_meta_part *part = work->meta->parts->pdata[i];
        if (part->kind == DM_META_GAIN_MAP) {
            return part;
        }
    }
    return NULL;
}

/** Whether it is still true of @done. */
static bool may_stay(const struct dm_work *work, VipsImage *done) {
    const struct dm_meta_container *target = dm_meta_container(work->target->info->name);
    return target != NULL && target->holds >> DM_META_GAIN & 1 && dm_plan_only_moves(work->plan) &&
           dm_image_field(done, DM_STRIPPED_FIELD) == 0 &&
           dm_image_field(done, DM_MEANING_KEPT_FIELD) != 0;
}

static VipsImage *decode(const struct dm_bytes *bytes) {
    VipsImage *lazy = dm_codec_open(dm_codec_find("jpeg"), bytes, &(struct dm_decode){.shrink = 1});
    VipsImage *image = lazy != NULL ? dm_strips_to_memory(lazy) : NULL;
    g_clear_object(&lazy);
    return image;
}

/** Put the next picture in place of @image, if there is one. */
static bool take(VipsImage **image, bool good, VipsImage **next) {
    return dm_vips_replace(image, good ? 0 : -1, next);
}

/** Cut out what the picture shows of its source. */
static bool cut(VipsImage **image, const double place[6]) {
    double back[6];
    VipsImage *next = NULL;
    if (!dm_place_invert(place, back)) {
        return false;
    }
    struct dm_box box = dm_place_box(back, (struct dm_box){0, 0, 1, 1});
    int width = (*image)->Xsize, height = (*image)->Ysize;
    int left = CLAMP((int)floor(box.left * width + 0.5), 0, width - 1);
    int top = CLAMP((int)floor(box.top * height + 0.5), 0, height - 1);
    int right = CLAMP((int)floor(box.right * width + 0.5), left + 1, width);
    int bottom = CLAMP((int)floor(box.bottom * height + 0.5), top + 1, height);
    const struct dm_extent size = {right - left, bottom - top};
    return take(image, dm_cut(*image, left, top, size, &next, NULL), &next);
}

static bool turn(VipsImage **image, const double place[6]) {
    VipsImage *next = NULL;
    vips_image_set_int(*image, VIPS_META_ORIENTATION, dm_place_orientation(place));
    return take(image, vips_autorot(*image, &next, NULL) == 0, &next);
}

/** Give it for the result the share of pixels that it had for the source. */
static bool scale(VipsImage **image, const VipsImage *done, const double place[6], double share_x,
                  double share_y) {
    VipsImage *next = NULL;
    bool swap = dm_place_swaps(place);
    const struct dm_extent to = {
        MAX((int)(done->Xsize * (swap ? share_y : share_x) + 0.5), 1),
        MAX((int)(done->Ysize * (swap ? share_x : share_y) + 0.5), 1),
    };
    return take(image, dm_resample_to(*image, to, &next, NULL), &next);
}

/** What it says of itself, made true. (transfer full) */
static struct dm_meta *say(VipsImage *image, const struct dm_bytes *bytes,
                           const struct dm_header *header, const double place[6]) {
    struct dm_meta *meta = dm_meta_read("jpeg", bytes->data, bytes->size, 0);
    struct dm_meta_facts facts = {.orientation = vips_image_get_orientation(image),
                                  .source_width_px = header->width_px,
                                  .source_height_px = header->height_px,
                                  .width_px = image->Xsize,
                                  .height_px = image->Ysize,
                                  .is_gain_map = true,
                                  .mime = "image/jpeg"};
    memcpy(facts.place, place, sizeof(facts.place));
    dm_meta_correct(meta, &facts);
    return meta;
}

static GByteArray *encode(VipsImage *image, const struct dm_bytes *bytes, const double place[6]) {
    const struct dm_output output = {.same_quality = true};
    struct dm_header header;
    struct dm_sink sink;
    GByteArray *file = g_byte_array_new();
    GString *remarks = g_string_new(NULL);
    dm_scan_jpeg(bytes->data, bytes->size, &header);
    dm_sink_init_memory(&sink, file);
    struct dm_encode job = {.image = image,
                            .meta = say(image, bytes, &header, place),
                            .output = &output,
                            .source = &header,
                            .sink = &sink,
                            .remarks = remarks};
    bool good = dm_encode_jpeg(&job, NULL) && dm_sink_flush(&sink);
    dm_meta_free(job.meta);
    g_string_free(remarks, TRUE);
    if (!good) {
        g_byte_array_unref(file);
        return NULL;
    }
    return file;
}

/** Through the geometry of the picture, and encoded anew. */
static GByteArray *follow(const struct dm_work *work, const struct dm_bytes *bytes,
                          const VipsImage *done, const double place[6]) {
    VipsImage *image = decode(bytes);
    GByteArray *file = NULL;
    if (image == NULL) {
        return NULL;
    }
    double share_x = (double)image->Xsize / (double)work->full_width_px;
    double share_y = (double)image->Ysize / (double)work->full_height_px;
    if (cut(&image, place) && turn(&image, place) && scale(&image, done, place, share_x, share_y)) {
        file = encode(image, bytes, place);
    }
    g_object_unref(image);
    return file;
}

GByteArray *dm_gain_map_make(const struct dm_work *work, VipsImage *done) {
    const struct dm_meta_part *part = find_part(work);
    double place[6];
    if (part == NULL || !may_stay(work, done) || !dm_placement_of(done, done->Ysize, place) ||
        !dm_place_is_upright(place)) {
        return NULL;
    }
    const struct dm_bytes bytes = {work->bytes.data + part->offset, part->size};
    bool same_size = done->Xsize == work->full_width_px && done->Ysize == work->full_height_px;
    if (dm_place_stays(place) && same_size) {
        GByteArray *file = g_byte_array_new();
        g_byte_array_append(file, bytes.data, (guint)bytes.size);
        return file;
    }
    GByteArray *file = follow(work, &bytes, done, place);
    vips_error_clear();
    return file;
}
