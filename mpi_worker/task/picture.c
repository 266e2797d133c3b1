// SPDX-License-Identifier: MIT
//
// See picture.h.
#include "mpi_worker/task/picture.h"

#include "mpi_worker/image/compose.h"
#include "mpi_worker/image/normalise.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/placement.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/meta/containers.h"
#include "mpi_worker/task/apply.h"
#include "mpi_worker/task/extras.h"

#include <inttypes.h>

enum { MOST_PAGES_APART = 1000 }; // to find one, its decoder walks over all before it

bool dm_picture_within(const struct dm_task *task, int64_t width, int64_t height, int64_t pages,
                       struct dm_result *ret) {
    double pixels = (double)width * (double)height * (double)pages;
    if (task->max_pixels <= 0 || pixels <= (double)task->max_pixels) {
        return true;
    }
    g_autofree char *times =
        pages > 1 ? g_strdup_printf(" x %" PRId64 " pages", pages) : g_strdup("");
    return dm_verdict(ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                      "the picture has %" PRId64 " x %" PRId64 "%s pixels, at most %" PRId64
                      " are allowed",
                      width, height, times, task->max_pixels);
}

bool dm_picture_fail_decoding(struct dm_work *work, const char *why) {
    const struct dm_bytes *bytes = &work->bytes;
    if (work->unsupported != NULL) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_UNSUPPORTED_FORMAT,
                          "this kind is not read: %s", work->unsupported);
    }
    if (!dm_codec_is_whole(work->sniff.codec, bytes->data, bytes->size)) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TRUNCATED,
                          "the file ends before the picture does");
    }
    return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_DAMAGED,
                      "the %s cannot be decoded: %s", work->sniff.codec->info->name, why);
}

bool dm_picture_fail(struct dm_work *work, const char *what) {
    g_autofree char *why = dm_vips_error();
    if (work->watch.failed) {
        return dm_picture_fail_decoding(work, why);
    }
    return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_INTERNAL, "%s: %s", what, why);
}

// ---- before any pixel

static void choose_target(struct dm_work *work) {
    const struct dm_codec *source = work->sniff.codec;
    const char *wanted = work->plan->output.format;
    if (wanted != NULL) {
        work->target = dm_codec_find(wanted);
    } else if (source->encode != NULL) {
        work->target = source;
    } else {
        work->target = dm_codec_find(vips_image_hasalpha(work->image) ? "png" : source->fallback);
    }
    if (wanted == NULL && work->target != source) {
        g_autofree char *text = g_strdup_printf("%s cannot be written, so this is a %s",
                                                source->info->name, work->target->info->name);
        dm_remark(work->remarks, text);
    }
}

static void describe(struct dm_work *work) {
    VipsImage *image = work->image;
    const struct dm_codec *source = work->sniff.codec;
    bool interlaced = vips_image_get_typeof(image, "interlaced") != 0;
    work->picture = (struct dm_picture){
        .width_px = image->Xsize,
        .height_px = image->Ysize,
        .pages = 1,
        .file_bytes = (int64_t)work->bytes.size,
        .bands = image->Bands,
        .sample_bytes = (int)vips_format_sizeof_unsafe(image->BandFmt),
        .orientation = vips_image_get_orientation(image),
        .upright = !work->target->orientation,
        .buffered = work->sniff.header.buffered || interlaced || !source->streams,
        .shrinks = source->shrinks,
        .result_kept = work->target->gathers,
        .encoder_bytes = work->target->encoder_bytes,
    };
}

void dm_picture_read_meta(struct dm_work *work, int page) {
    dm_meta_free(work->meta);
    work->meta =
        dm_meta_read(work->sniff.codec->info->name, work->bytes.data, work->bytes.size, page);
}

bool dm_picture_reopen(struct dm_work *work, const struct dm_decode *how) {
    struct dm_decode told = *how;
    told.remarks = work->remarks;
    told.ret_unsupported = &work->unsupported;
    VipsImage *image = dm_codec_open(work->sniff.codec, &work->bytes, &told);
    work->watch.failed = image == NULL;
    if (image != NULL) {
        image = dm_codec_watch(image, &work->watch);
    }
    if (image == NULL) {
        return false;
    }
    g_clear_object(&work->image);
    work->image = image;
    vips_image_set_int(image, VIPS_META_ORIENTATION, work->meta->orientation);
    if (how->shrink <= 1 && !how->all_pages) {
        work->full_width_px = image->Xsize;
        work->full_height_px = image->Ysize;
    }
    return true;
}

bool dm_picture_pages_within(const struct dm_task *task, int64_t pages, struct dm_result *ret) {
    return task->max_pages <= 0 || pages <= task->max_pages ||
           dm_verdict(ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                      "it has %" PRId64 " pages, at most %" PRId64 " are allowed", pages,
                      task->max_pages);
}

/** Look at each page's header: the largest decides what is reckoned with. */
static bool measure_pages(struct dm_work *work, int pages) {
    struct dm_picture *all = &work->picture;
    int64_t pixels = 0;
    for (int i = 0; i < pages; i++) {
        if (!dm_picture_reopen(work, &(struct dm_decode){.shrink = 1, .page = i})) {
            return dm_picture_fail(work, "opening a page");
        }
        const VipsImage *page = work->image;
        pixels += (int64_t)page->Xsize * page->Ysize;
        all->width_px = MAX(all->width_px, page->Xsize);
        all->height_px = MAX(all->height_px, page->Ysize);
        all->bands = MAX(all->bands, page->Bands);
        all->sample_bytes = MAX(all->sample_bytes, (int)vips_format_sizeof_unsafe(page->BandFmt));
    }
    work->pages_apart = pages;
    if (work->task->max_pixels <= 0 || pixels <= work->task->max_pixels) {
        return true;
    }
    return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                      "its %d pages have %" PRId64 " pixels, at most %" PRId64 " are allowed",
                      pages, pixels, work->task->max_pixels);
}

// ---- pages and frames: what becomes of several pictures in one file

static bool first_only(struct dm_work *work, int count, const char *why) {
    const struct dm_codec *source = work->sniff.codec;
    bool frames = source->many == DM_MANY_FRAMES || source->moves;
    g_autofree char *text =
        g_strdup_printf("only the first of %d %s%s", count, frames ? "frames" : "pages", why);
    dm_remark(work->remarks, text);
    return true;
}

/** Take in all @count of them as one tall picture. */
static bool take_roll(struct dm_work *work, int count) {
    if (!dm_picture_within(work->task, work->image->Xsize, work->image->Ysize, count, work->ret)) {
        return false;
    }
    if (dm_picture_reopen(work, &(struct dm_decode){.shrink = 1, .all_pages = true})) {
        work->picture.pages = count;
        return true;
    }
    if (work->sniff.codec->many == DM_MANY_FRAMES) {
        return dm_picture_fail(work, "opening its frames");
    }
    // libvips joins only pages of one size and kind; a TIFF may hold a preview as its second page.
    vips_error_clear();
    work->watch.failed = false;
    return first_only(work, count, ", as they differ in size or kind");
}

/**
 * Take in every picture if the target can hold them; else the first, and say so. Frames may become
 * pages, but pages are no animation.
 */
static bool choose_pages(struct dm_work *work) {
    const struct dm_codec *source = work->sniff.codec, *target = work->target;
    int count = vips_image_get_n_pages(work->image);
    if (source->moves && work->sniff.header.pages > 0) {
        count = (int)work->sniff.header.pages;
    }
    if (!dm_picture_pages_within(work->task, count, work->ret)) {
        return false;
    }
    if (count <= 1) {
        return true;
    }
    if (target->many == DM_MANY_NONE || source->many == DM_MANY_NONE) {
        return first_only(work, count, "");
    }
    if (source->many == DM_MANY_PAGES && target->many == DM_MANY_FRAMES) {
        return first_only(work, count, ", as pages are no animation");
    }
    bool apart = source->many == DM_MANY_PAGES && target->add_page != NULL;
    return apart && count <= MOST_PAGES_APART ? measure_pages(work, count) : take_roll(work, count);
}

/** Let the decoder shrink; the first step learns the true upright size from its fields. */
static bool choose_shrink(struct dm_work *work) {
    bool swapped = work->picture.orientation >= 5; // 5 to 8 exchange width and height
    int64_t width = work->picture.width_px, height = work->picture.height_px;
    work->shrink = dm_plan_shrink(work->plan, &work->picture);
    if (work->shrink == 1) {
        return true;
    }
    if (!dm_picture_reopen(work, &(struct dm_decode){.shrink = work->shrink})) {
        return dm_picture_fail(work, "opening it shrunk");
    }
    vips_image_set_int(work->image, DM_FULL_WIDTH_FIELD, (int)(swapped ? height : width));
    vips_image_set_int(work->image, DM_FULL_HEIGHT_FIELD, (int)(swapped ? width : height));
    return true;
}

bool dm_picture_open(struct dm_work *work) {
    dm_picture_close(work);
    g_string_truncate(work->remarks, 0);
    work->pages_apart = 0;
    dm_picture_read_meta(work, 0);
    if (!dm_picture_reopen(work, &(struct dm_decode){.shrink = 1})) {
        return dm_picture_fail(work, "opening it");
    }
    if (!dm_picture_within(work->task, work->image->Xsize, work->image->Ysize, 1, work->ret)) {
        return false;
    }
    choose_target(work);
    describe(work);
    return choose_pages(work) && choose_shrink(work);
}

void dm_picture_close(struct dm_work *work) {
    g_clear_pointer(&work->meta, dm_meta_free);
    g_clear_pointer(&work->gain_map, g_byte_array_unref);
    g_clear_object(&work->image);
    g_clear_pointer(&work->unsupported, g_free);
}

// ---- the steps

static bool fail_steps(struct dm_work *work, enum dm_reason reason, GError *error) {
    if (work->watch.failed) {
        dm_picture_fail_decoding(work, error->message);
    } else {
        dm_verdict(work->ret, DM_STATUS_FAILED, reason, "%s", error->message);
    }
    g_error_free(error);
    return false;
}

static bool fits_target(struct dm_work *work, const VipsImage *image) {
    if (MAX(image->Xsize, image->Ysize) <= work->target->max_side_px) {
        return true;
    }
    return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                      "the result has %d x %d pixels, and a %s at most %" PRId64 " a side",
                      image->Xsize, image->Ysize, work->target->info->name,
                      work->target->max_side_px);
}

/** Bring @in to what the target can hold. */
static bool adapt(struct dm_work *work, VipsImage *in, VipsImage **ret_out) {
    const struct dm_codec *target = work->target;
    struct dm_meaning_room room = target->colour;
    g_autoptr(VipsImage) said = NULL;
    g_autoptr(VipsImage) opaque = NULL;
    room.gray = room.gray && (target->alpha || dm_colour_is_gray(work->background));
    if (!dm_meaning_leave(in, &room, work->remarks, &said, NULL)) {
        return false;
    }
    dm_remark_collect(said, work->remarks);
    if (target->alpha) {
        opaque = g_object_ref(said);
    } else if (!dm_flatten(said, work->background, work->remarks, &opaque)) {
        return false;
    }
    if (target->depth16) {
        *ret_out = g_steal_pointer(&opaque);
        return true;
    }
    return dm_narrow(opaque, work->remarks, ret_out);
}

static struct dm_apply how_to(const struct dm_work *work) {
    return (struct dm_apply){.max_pixels = work->task->max_pixels / MAX(work->picture.pages, 1),
                             .upright = work->picture.upright,
                             .remarks = work->remarks,
                             .decisions = work->decisions};
}

bool dm_picture_look(struct dm_work *work, VipsImage *page, size_t index) {
    struct dm_apply how = how_to(work);
    VipsImage *plain = NULL;
    enum dm_reason reason = DM_REASON_INTERNAL;
    GError *error = NULL;
    if (!dm_normalise(page, work->meta, work->remarks, &plain)) {
        return dm_picture_fail(work, "preparing the picture");
    }
    bool good = dm_apply_look(work->plan, &how, index, plain, &reason, &error);
    g_object_unref(plain);
    return good || fail_steps(work, reason, error);
}

/** From what operations expect to what the target can hold. */
static bool make(struct dm_work *work, const struct dm_apply *how, VipsImage *page,
                 VipsImage **ret_out) {
    VipsImage *plain = NULL, *done = NULL;
    enum dm_reason reason = DM_REASON_INTERNAL;
    GError *error = NULL;
    dm_placement_begin(page);
    if (!dm_normalise(page, work->meta, work->remarks, &plain)) {
        return dm_picture_fail(work, "preparing the picture");
    }
    bool good = dm_apply(work->plan, how, plain, &done, &reason, &error);
    g_object_unref(plain);
    if (!good) {
        return fail_steps(work, reason, error);
    }
    dm_remark_collect(done, work->remarks);
    good = fits_target(work, done);
    if (good && !adapt(work, done, ret_out)) {
        good = dm_picture_fail(work, "preparing the output");
    }
    g_object_unref(done);
    return good;
}

/** The same with extra samples, which go into the target too. */
static bool make_with_extras(struct dm_work *work, const struct dm_apply *how, VipsImage *page,
                             VipsImage **ret_out) {
    g_autoptr(VipsImage) memory = dm_strips_to_memory(page);
    g_autoptr(VipsImage) rest = memory != NULL ? dm_extras_without(memory) : NULL;
    g_autoptr(VipsImage) done = NULL;
    if (rest == NULL) {
        return dm_picture_fail(work, "preparing the picture");
    }
    return make(work, how, rest, &done) &&
           (dm_extras_join(work->plan, how, memory, done, ret_out) ||
            dm_picture_fail(work, "keeping its extra samples"));
}

bool dm_picture_steps(struct dm_work *work, VipsImage *page, VipsImage **ret_out) {
    struct dm_apply how = how_to(work);
    bool extras = work->target->extras && dm_extras_can_go(work->plan, page);
    return extras ? make_with_extras(work, &how, page, ret_out) : make(work, &how, page, ret_out);
}
