// SPDX-License-Identifier: MIT
//
// See picture.h. A single picture streams from the decoder to the encoder. Where a file of pages
// can be joined from files of one page (TIFF), so does each page, whatever its size. Else pages go
// through the steps one by one, into one tall picture that the saver cuts again.
#include "mpi_worker/task/picture.h"

#include "mpi_worker/codec/metadata.h"
#include "mpi_worker/image/normalise.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/task/apply.h"

#include <inttypes.h>

enum { PREFIX_BYTES = 256 << 10 }; // of a result, in which nearly every header lies

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

/** The decoder refused: because the file ends too early, or for a reason of its own. */
static bool fail_decoding(struct dm_work *work, const char *why) {
    const struct dm_bytes *bytes = &work->original.bytes;
    if (!work->sniff.codec->whole(bytes->data, bytes->size)) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TRUNCATED,
                          "the file ends before the picture does");
    }
    return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_DAMAGED,
                      "the %s cannot be decoded: %s", work->sniff.codec->info->name, why);
}

/** libvips refused: the decoder in it if the watch says so, else it is a defect of ours. */
static bool fail_vips(struct dm_work *work, const char *what) {
    g_autofree char *why = dm_vips_error();
    if (work->watch.failed) {
        return fail_decoding(work, why);
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
        .file_bytes = (int64_t)work->original.bytes.size,
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

/** Open the source in place of what is open. */
static bool open_image(struct dm_work *work, const struct dm_decode *how) {
    VipsImage *image = dm_codec_open(work->sniff.codec, &work->original.bytes, how);
    work->watch.failed = image == NULL;
    if (image != NULL) {
        image = dm_codec_watch(image, &work->watch);
    }
    if (image == NULL) {
        return false;
    }
    g_clear_object(&work->image);
    work->image = image;
    return true;
}

/** Look at each page's header: the largest decides what is reckoned with. */
static bool measure_pages(struct dm_work *work, int pages) {
    struct dm_picture *all = &work->picture;
    int64_t pixels = 0;
    for (int i = 0; i < pages; i++) {
        if (!open_image(work, &(struct dm_decode){.shrink = 1, .page = i})) {
            return fail_vips(work, "opening a page");
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

/** Take in every page if the target can hold them; else the first, and say so. */
static bool choose_pages(struct dm_work *work) {
    int pages = vips_image_get_n_pages(work->image);
    g_autofree char *first_only = g_strdup_printf("only the first of %d pages", pages);
    if (pages <= 1) {
        return true;
    }
    if (!work->target->pages || !work->sniff.codec->pages) {
        dm_remark(work->remarks, first_only);
        return true;
    }
    if (work->target->add_page != NULL && work->target == work->sniff.codec &&
        pages <= MOST_PAGES_APART) {
        return measure_pages(work, pages);
    }
    if (!dm_picture_within(work->task, work->image->Xsize, work->image->Ysize, pages, work->ret)) {
        return false;
    }
    if (open_image(work, &(struct dm_decode){.shrink = 1, .all_pages = true})) {
        work->picture.pages = pages;
        return true;
    }
    // libvips joins only pages of one size and kind; a TIFF may hold a preview as its second page.
    vips_error_clear();
    work->watch.failed = false;
    g_autofree char *text = g_strdup_printf("%s, as they differ in size or kind", first_only);
    dm_remark(work->remarks, text);
    return true;
}

/** Let the decoder shrink; the first step learns the true upright size from its fields. */
static bool choose_shrink(struct dm_work *work) {
    bool swapped = work->picture.orientation >= 5; // 5 to 8 exchange width and height
    int64_t width = work->picture.width_px, height = work->picture.height_px;
    work->shrink = dm_plan_shrink(work->plan, &work->picture);
    if (work->shrink == 1) {
        return true;
    }
    if (!open_image(work, &(struct dm_decode){.shrink = work->shrink})) {
        return fail_vips(work, "opening it shrunk");
    }
    vips_image_set_int(work->image, DM_FULL_WIDTH_FIELD, (int)(swapped ? height : width));
    vips_image_set_int(work->image, DM_FULL_HEIGHT_FIELD, (int)(swapped ? width : height));
    return true;
}

bool dm_picture_open(struct dm_work *work) {
    dm_picture_close(work);
    g_string_truncate(work->remarks, 0);
    work->pages_apart = 0;
    if (!open_image(work, &(struct dm_decode){.shrink = 1})) {
        return fail_vips(work, "opening it");
    }
    if (!dm_picture_within(work->task, work->image->Xsize, work->image->Ysize, 1, work->ret)) {
        return false;
    }
    choose_target(work);
    describe(work);
    return choose_pages(work) && choose_shrink(work);
}

void dm_picture_close(struct dm_work *work) {
    g_clear_object(&work->image);
}

// ---- the steps

static bool fail_steps(struct dm_work *work, enum dm_reason reason, GError *error) {
    if (work->watch.failed) {
        fail_decoding(work, error->message);
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
    g_autoptr(VipsImage) opaque = NULL;
    if (target->alpha) {
        opaque = g_object_ref(in);
    } else if (!dm_flatten(in, work->background, work->remarks, &opaque)) {
        return false;
    }
    if (target->depth16) {
        *ret_out = g_steal_pointer(&opaque);
        return true;
    }
    return dm_narrow(opaque, work->remarks, ret_out);
}

/** One page: to what operations expect, the steps, to what the target can hold. */
static bool run_steps(struct dm_work *work, VipsImage *page, VipsImage **ret_out) {
    struct dm_apply how = {.max_pixels = work->task->max_pixels / MAX(work->picture.pages, 1),
                           .upright = work->picture.upright};
    VipsImage *plain = NULL, *done = NULL;
    enum dm_reason reason = DM_REASON_INTERNAL;
    GError *error = NULL;
    if (!dm_normalise(page, work->remarks, &plain)) {
        return fail_vips(work, "preparing the picture");
    }
    bool good = dm_apply(work->plan, &how, plain, &done, &reason, &error);
    g_object_unref(plain);
    if (!good) {
        return fail_steps(work, reason, error);
    }
    dm_remark_collect(done, work->remarks);
    good = fits_target(work, done);
    if (good && !adapt(work, done, ret_out)) {
        good = fail_vips(work, "preparing the output");
    }
    g_object_unref(done);
    return good;
}

// ---- writing

static bool fail_encoding(struct dm_work *work, const struct dm_encode *job, GError *error) {
    if (job->sink->errnum != 0) {
        dm_temp_cannot_write(work->task, job->sink->errnum, work->ret);
    } else if (job->pixels_failed) {
        fail_vips(work, "computing the pixels");
    } else {
        dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_INTERNAL, "%s",
                   error != NULL ? error->message : "writing failed");
    }
    g_clear_error(&error);
    return false;
}

/** Read the size back from the file that was written. */
static bool read_back(struct dm_work *work, struct dm_header *ret_header) {
    static const size_t limits[] = {PREFIX_BYTES, SIZE_MAX};
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        struct dm_bytes bytes;
        if (!dm_temp_read(&work->temp, limits[i], &bytes)) {
            return false;
        }
        bool found = work->target->scan(bytes.data, bytes.size, ret_header);
        g_free(bytes.data);
        if (found) {
            return true;
        }
    }
    return false;
}

static bool verify(struct dm_work *work, const VipsImage *image, int page_height_px) {
    struct dm_header header;
    if (!read_back(work, &header)) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_INTERNAL,
                          "what was written cannot be read back");
    }
    bool unsaid = header.width_px == 0; // BigTIFF
    if (!unsaid && (header.width_px != image->Xsize || header.height_px != page_height_px)) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_INTERNAL,
                          "what was written reads back as %" PRId64 " x %" PRId64
                          " pixels, expected %d x %d",
                          header.width_px, header.height_px, image->Xsize, page_height_px);
    }
    return true;
}

static bool encode(struct dm_work *work, struct dm_encode *job, int page_height_px) {
    GError *error = NULL;
    struct dm_sink sink;
    if (!dm_temp_restart(work->task, &work->temp, work->ret)) {
        return false;
    }
    dm_sink_init(&sink, work->temp.fd);
    job->sink = &sink;
    if (!work->target->encode(job, &error) || !dm_sink_flush(&sink)) {
        return fail_encoding(work, job, error);
    }
    if (!dm_temp_finish(work->task, &work->temp, work->ret) ||
        !verify(work, job->image, page_height_px)) {
        return false;
    }
    g_free(work->ret->format);
    work->ret->format = g_strdup(work->target->info->name);
    work->ret->width_px = job->image->Xsize;
    work->ret->height_px = page_height_px;
    work->ret->bytes = sink.bytes;
    return true;
}

/** Encode @image, whose pages are @page_height_px high. */
static bool write_result(struct dm_work *work, VipsImage *image, int page_height_px,
                         bool in_memory) {
    VipsImage *finished = NULL;
    dm_metadata_remark(image, work->target, work->remarks);
    if (!dm_metadata_finish(image, page_height_px, &finished)) {
        return fail_vips(work, "preparing the metadata");
    }
    struct dm_encode job = {
        .image = finished,
        .output = &work->plan->output,
        .source = work->target == work->sniff.codec ? &work->sniff.header : NULL,
        .in_memory = in_memory,
        .remarks = work->remarks,
    };
    bool good = encode(work, &job, page_height_px);
    g_object_unref(finished);
    return good;
}

// ---- pages

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
        return fail_vips(work, "joining the pages");
    }
    if (!same_shape(*roll, done, pages)) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_BAD_STEP,
                          "the steps make page %d another size than the first", index + 1);
    }
    return dm_strips_copy_into(done, *roll, index * done->Ysize) ||
           fail_vips(work, "computing a page");
}

static bool make_page(struct dm_work *work, int index, VipsImage **roll) {
    VipsImage *done = NULL;
    VipsImage *page = cut_page(work->image, index, (int)work->picture.height_px);
    if (page == NULL) {
        return fail_vips(work, "cutting the pages");
    }
    bool good = run_steps(work, page, &done) && add_page(work, done, index, roll);
    g_clear_object(&done);
    g_object_unref(page);
    return good;
}

static bool make_pages(struct dm_work *work) {
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
        good = write_result(work, roll, height, true);
    }
    g_clear_object(&roll);
    return good;
}

static bool make_single(struct dm_work *work) {
    VipsImage *done = NULL;
    if (!run_steps(work, work->image, &done)) {
        return false;
    }
    g_assert(done != NULL);
    bool good = write_result(work, done, done->Ysize, false);
    g_object_unref(done);
    return good;
}

/** A crop may never come to the rows that are missing: still it is a half-copied file. */
static bool read_enough(struct dm_work *work) {
    const struct dm_bytes *bytes = &work->original.bytes;
    return work->watch.rows_read >= work->image->Ysize ||
           work->sniff.codec->whole(bytes->data, bytes->size) || fail_decoding(work, "");
}

static bool make_one(struct dm_work *work) {
    return (work->picture.pages > 1 ? make_pages(work) : make_single(work)) && read_enough(work);
}

// ---- pages apart

/** Take what was just written as the next page of @file. */
static bool take_page(struct dm_work *work, GByteArray *file) {
    struct dm_bytes bytes;
    if (!dm_temp_read(&work->temp, SIZE_MAX, &bytes)) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_INTERNAL,
                          "what was written cannot be read back");
    }
    bool good = work->target->add_page(file, bytes.data, bytes.size);
    g_free(bytes.data);
    return good || dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                              "its pages are too large for one %s", work->target->info->name);
}

static bool write_file(struct dm_work *work, const GByteArray *file) {
    struct dm_sink sink;
    if (!dm_temp_restart(work->task, &work->temp, work->ret)) {
        return false;
    }
    dm_sink_init(&sink, work->temp.fd);
    if (!dm_sink_write(&sink, file->data, file->len) || !dm_sink_flush(&sink)) {
        return dm_temp_cannot_write(work->task, sink.errnum, work->ret);
    }
    work->ret->bytes = sink.bytes;
    return dm_temp_finish(work->task, &work->temp, work->ret);
}

static bool make_apart(struct dm_work *work) {
    g_autoptr(GByteArray) file = g_byte_array_new();
    int64_t width = 0, height = 0; // of the first
    for (int i = 0; i < work->pages_apart; i++) {
        if (!open_image(work, &(struct dm_decode){.shrink = 1, .page = i})) {
            return fail_vips(work, "opening a page");
        }
        if (!make_one(work) || !take_page(work, file)) {
            return false;
        }
        width = i == 0 ? work->ret->width_px : width;
        height = i == 0 ? work->ret->height_px : height;
    }
    work->ret->width_px = width;
    work->ret->height_px = height;
    return write_file(work, file);
}

bool dm_picture_make(struct dm_work *work) {
    return work->pages_apart > 0 ? make_apart(work) : make_one(work);
}
