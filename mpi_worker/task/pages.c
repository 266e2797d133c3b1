// SPDX-License-Identifier: MIT
//
// See pages.h.
#include "mpi_worker/task/pages.h"

#include "mpi_worker/image/strips.h"
#include "mpi_worker/task/apply.h"
#include "mpi_worker/task/gain_map.h"
#include "mpi_worker/task/result.h"

#include <inttypes.h>

// ---- pages one by one, into one roll

/** Cut page @index out of the roll, as a picture that knows nothing of other pages. */
static VipsImage *cut_page(VipsImage *roll, int index, int height) {
    VipsImage *cut = NULL, *page = NULL;
    if (vips_extract_area(roll, &cut, 0, index * height, roll->Xsize, height, NULL) == 0 &&
        vips_copy(cut, &page, NULL) == 0) {
        vips_image_remove(page, VIPS_META_PAGE_HEIGHT);
        vips_image_remove(page, VIPS_META_N_PAGES);
    }
    g_clear_object(&cut);
    return page;
}

static bool same_shape(const VipsImage *roll, const VipsImage *page, int64_t pages) {
    return roll->Xsize == page->Xsize && roll->Ysize == page->Ysize * pages &&
           roll->Bands == page->Bands && roll->BandFmt == page->BandFmt;
}

/** Compute @done, page @index of the result, into the roll, which the first page begins. */
static bool add_page(struct dm_work *work, VipsImage *done, int index, VipsImage **roll) {
    g_assert(done != NULL);
    int64_t pages = work->picture.pages;
    if (*roll == NULL && (int64_t)done->Ysize * pages > VIPS_MAX_COORD) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                          "%" PRId64 " pages of %d rows are too many", pages, done->Ysize);
    }
    if (*roll == NULL) {
        *roll = dm_strips_new_memory(done, (int)(done->Ysize * pages));
    }
    if (*roll == NULL) {
        return dm_picture_fail(work, "joining the pages");
    }
    if (!same_shape(*roll, done, pages)) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_BAD_STEP,
                          "the steps make page %d another size than the first", index + 1);
    }
    return dm_strips_copy_into(done, *roll, index * done->Ysize) ||
           dm_picture_fail(work, "computing a page");
}

static bool make_page(struct dm_work *work, int index, VipsImage **roll) {
    VipsImage *done = NULL;
    VipsImage *page = cut_page(work->image, index, (int)work->picture.height_px);
    if (page == NULL) {
        return dm_picture_fail(work, "cutting the pages");
    }
    bool good = dm_picture_steps(work, page, &done) && add_page(work, done, index, roll);
    g_clear_object(&done);
    g_object_unref(page);
    return good;
}

static bool make_roll(struct dm_work *work) {
    VipsImage *roll = NULL;
    int pages = (int)work->picture.pages;
    bool good = true;
    for (int i = 0; good && i < pages; i++) {
        good = make_page(work, i, &roll);
    }
    if (good && roll != NULL) {
        int height = roll->Ysize / pages;
        vips_image_set_int(roll, VIPS_META_PAGE_HEIGHT, height);
        vips_image_set_int(roll, VIPS_META_N_PAGES, pages);
        good = dm_result_write(work, roll, height, true);
    }
    g_clear_object(&roll);
    return good;
}

// ---- steps that decide once for all frames

static bool show_page(struct dm_work *work, int index, size_t step) {
    VipsImage *page = cut_page(work->image, index, (int)work->picture.height_px);
    if (page == NULL) {
        return dm_picture_fail(work, "cutting the pages");
    }
    bool good = dm_picture_look(work, page, step);
    g_object_unref(page);
    return good;
}

/** Let a step look at all frames, as the steps before it make them; then begin anew. */
static bool let_look(struct dm_work *work, size_t step) {
    for (int i = 0; i < work->picture.pages; i++) {
        if (!show_page(work, i, step)) {
            return false;
        }
    }
    return dm_picture_reopen(work, &(struct dm_decode){.shrink = 1, .all_pages = true}) ||
           dm_picture_fail(work, "opening its frames again");
}

static bool decide(struct dm_work *work) {
    for (size_t i = 0; i < work->plan->step_count; i++) {
        if (dm_step_looks(&work->plan->steps[i]) && !let_look(work, i)) {
            return false;
        }
    }
    return true;
}

/** Frames of an animation belong together; pages of a document do not. */
static bool make_pages(struct dm_work *work) {
    if (work->sniff.codec->many != DM_MANY_FRAMES) {
        return make_roll(work);
    }
    work->decisions = g_new0(void *, work->plan->step_count + 1);
    bool good = decide(work) && make_roll(work);
    for (size_t i = 0; i < work->plan->step_count; i++) {
        g_free(work->decisions[i]);
    }
    g_clear_pointer(&work->decisions, g_free);
    return good;
}

static bool make_single(struct dm_work *work) {
    VipsImage *done = NULL;
    if (!dm_picture_steps(work, work->image, &done)) {
        return false;
    }
    g_assert(done != NULL);
    work->gain_map = dm_gain_map_make(work, done);
    bool good = dm_result_write(work, done, done->Ysize, false);
    g_object_unref(done);
    return good;
}

/** Decode the rows that nobody has asked for, to see whether they are there. */
static bool read_rest(struct dm_work *work) {
    VipsRegion *region = vips_region_new(work->image);
    bool good = true;
    while (good && work->watch.rows_read < work->image->Ysize) {
        int top = work->watch.rows_read;
        const VipsRect rect = {0, top, work->image->Xsize, MIN(64, work->image->Ysize - top)};
        good = vips_region_prepare(region, &rect) == 0;
    }
    g_object_unref(region);
    return good;
}

/** A crop may never come to the rows that are missing: still it is a half-copied file. */
static bool read_enough(struct dm_work *work) {
    const struct dm_bytes *bytes = &work->bytes;
    return work->watch.rows_read >= work->image->Ysize ||
           dm_codec_is_whole(work->sniff.codec, bytes->data, bytes->size) || read_rest(work) ||
           dm_picture_fail_decoding(work, "");
}

static bool make_one(struct dm_work *work) {
    return (work->picture.pages > 1 ? make_pages(work) : make_single(work)) && read_enough(work);
}

// ---- pages apart

static bool make_apart(struct dm_work *work) {
    g_autoptr(GByteArray) file = g_byte_array_new();
    int64_t width = 0, height = 0; // of the first
    for (int i = 0; i < work->pages_apart; i++) {
        dm_picture_read_meta(work, i);
        if (!dm_picture_reopen(work, &(struct dm_decode){.shrink = 1, .page = i})) {
            return dm_picture_fail(work, "opening a page");
        }
        if (!make_one(work) || !dm_result_append_to(work, file)) {
            return false;
        }
        width = i == 0 ? work->ret->width_px : width;
        height = i == 0 ? work->ret->height_px : height;
    }
    work->ret->width_px = width;
    work->ret->height_px = height;
    return dm_result_write_file(work, file);
}

bool dm_pages_make(struct dm_work *work) {
    return work->pages_apart > 0 ? make_apart(work) : make_one(work);
}
