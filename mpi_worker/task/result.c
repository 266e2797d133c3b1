// SPDX-License-Identifier: MIT
//
// See result.h.
#include "mpi_worker/task/result.h"

#include "mpi_worker/meta/jpeg_parts.h"
#include "mpi_worker/task/said.h"

#include <inttypes.h>

enum { PREFIX_BYTES = 256 << 10 }; // of a result, in which nearly every header lies

static bool fail_encoding(struct dm_work *work, const struct dm_encode *job, GError *error) {
    if (job->sink->errnum != 0) {
        dm_temp_cannot_write(work->task, job->sink->errnum, work->ret);
    } else if (job->pixels_failed) {
        dm_picture_fail(work, "computing the pixels");
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

/** The picture tells where its gain map lies: so both are there before the first byte is written.
 */
static bool encode_with_gain_map(struct dm_work *work, struct dm_encode *job, GError **error) {
    g_autoptr(GByteArray) file = g_byte_array_new();
    struct dm_sink memory;
    struct dm_encode picture = *job;
    dm_sink_init_memory(&memory, file);
    picture.sink = &memory;
    bool good = work->target->encode(&picture, error) && dm_sink_flush(&memory);
    job->pixels_failed = picture.pixels_failed;
    if (!good) {
        return false;
    }
    g_autoptr(GByteArray) joined = dm_meta_jpeg_join(file, work->gain_map);
    return joined != NULL && dm_sink_write(job->sink, joined->data, joined->len);
}

static bool encode_into(struct dm_work *work, struct dm_encode *job, int page_height_px) {
    GError *error = NULL;
    bool good = work->gain_map == NULL ? work->target->encode(job, &error)
                                       : encode_with_gain_map(work, job, &error);
    if (!good || !dm_sink_flush(job->sink)) {
        return fail_encoding(work, job, error);
    }
    if (!verify(work, job->image, page_height_px)) {
        return false;
    }
    dm_record_take(&work->ret->format, g_strdup(work->target->info->name));
    work->ret->width_px = job->image->Xsize;
    work->ret->height_px = page_height_px;
    work->ret->bytes = job->sink->bytes;
    return true;
}

static bool encode(struct dm_work *work, struct dm_encode *job, int page_height_px) {
    struct dm_sink sink;
    if (!dm_temp_restart(work->task, &work->temp, work->ret)) {
        return false;
    }
    dm_sink_init(&sink, work->temp.fd);
    job->sink = &sink;
    bool good = encode_into(work, job, page_height_px);
    job->sink = NULL;
    return good;
}

bool dm_result_write(struct dm_work *work, VipsImage *image, int page_height_px, bool in_memory) {
    struct dm_meta *meta = dm_said_make(work, image, page_height_px);
    struct dm_encode job = {
        .image = image,
        .meta = meta,
        .output = &work->plan->output,
        .source = work->target == work->sniff.codec ? &work->sniff.header : NULL,
        .in_memory = in_memory,
        .remarks = work->remarks,
    };
    bool good = encode(work, &job, page_height_px);
    dm_said_remark(work, meta);
    dm_meta_free(meta);
    return good;
}

// ---- files of several pages, each of which was written by itself

bool dm_result_append_to(struct dm_work *work, GByteArray *file) {
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

bool dm_result_write_file(struct dm_work *work, const GByteArray *file) {
    struct dm_sink sink;
    if (!dm_temp_restart(work->task, &work->temp, work->ret)) {
        return false;
    }
    dm_sink_init(&sink, work->temp.fd);
    if (!dm_sink_write(&sink, file->data, file->len) || !dm_sink_flush(&sink)) {
        return dm_temp_cannot_write(work->task, sink.errnum, work->ret);
    }
    work->ret->bytes = sink.bytes;
    return true;
}
