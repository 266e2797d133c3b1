// SPDX-License-Identifier: MIT
//
// What the tests of whole tasks have in common: a place with an inbox and an outbox, pictures made
// on the spot, one task done, and a look at what came out.
#ifndef DM_TESTS_MPI_WORKER_BENCH_H
#define DM_TESTS_MPI_WORKER_BENCH_H

#include "common/fsutil.h"
#include "mpi_worker/codec/sniff.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/meta/containers.h"
#include "mpi_worker/task/task.h"

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vips/vips.h>

static struct dm_task_shared *shared;
static char *inbox, *outbox;

/** Make a place, and what tasks share. Before libvips is put to use, as it may start threads then.
 */
static inline void bench_open(void) {
    GError *error = NULL;
    // g_test makes warnings fatal, and libvips warns of many a file.
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
    dm_vips_setup(&error); // for pictures that the test itself makes
    g_assert_no_error(error);
    const struct dm_task_settings settings = {
        .memory_bytes = 1 << 30, .jailed = true, .background = {255, 255, 255, 255}};
    shared = dm_task_shared_new(&settings, &error);
    g_assert_no_error(error);
    inbox = inbox != NULL ? inbox : g_dir_make_tmp("dropmill-in-XXXXXX", NULL);
    outbox = g_dir_make_tmp("dropmill-out-XXXXXX", NULL);
}

/** Make files in the inbox, in a child, as libvips may start threads for it. Before bench_open().
 */
static inline void bench_prepare(void (*make_files)(void)) {
    int status = 0;
    inbox = g_dir_make_tmp("dropmill-in-XXXXXX", NULL);
    pid_t pid = fork();
    if (pid == 0) {
        g_assert_true(dm_vips_setup(NULL));
        make_files();
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
}

static inline void bench_close(void) {
    dm_remove_tree(inbox);
    dm_remove_tree(outbox);
    g_free(inbox);
    g_free(outbox);
    dm_task_thread_end();
    dm_task_shared_free(shared);
}

static inline char *in_path(const char *name) {
    return g_build_filename(inbox, name, NULL);
}

static inline void drop(const char *name, const void *data, size_t size) {
    g_autofree char *path = in_path(name);
    g_assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
}

/** Where bench_run() puts the result. */
static inline char *out_path(void) {
    return g_build_filename(outbox, "a", "b", ".result.tmp", NULL);
}

static inline struct dm_task bench_task(const char *chain, const char *name) {
    static char temp[] = "a/b/.result.tmp";
    return (struct dm_task){.id = 7,
                            .attempt = 2,
                            .chain = (char *)chain,
                            .input_root = inbox,
                            .input = (char *)name,
                            .output_root = outbox,
                            .temp = temp,
                            .max_bytes = 100 << 20,
                            .max_pixels = 100000000,
                            .deadline_ms = 60000};
}

/** Run one task; whatever comes out, a temporary is there exactly when it is DONE. */
static inline struct dm_result bench_run_task(const struct dm_task *task) {
    struct dm_result result;
    g_autofree char *path = g_build_filename(task->output_root, task->temp, NULL);
    g_unlink(path);
    dm_task_run(shared, task, &result);
    g_assert_cmpint(result.id, ==, task->id);
    g_assert_cmpint(result.attempt, ==, task->attempt);
    g_assert_nonnull(result.message);
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS) == (result.status == DM_STATUS_DONE));
    g_assert_true((result.reason == DM_REASON_NONE) == (result.status == DM_STATUS_DONE));
    return result;
}

static inline struct dm_result bench_run(const char *chain, const char *name) {
    struct dm_task task = bench_task(chain, name);
    return bench_run_task(&task);
}

/** Run and insist on success and on the remark. */
static inline void bench_done(const char *chain, const char *name, const char *remark) {
    struct dm_result result = bench_run(chain, name);
    g_assert_cmpstr(result.message, ==, remark);
    g_assert_cmpstr(dm_status_name(result.status), ==, "done");
    dm_result_clear(&result);
}

/** Read a picture, all of it, the way a viewer would. @pages: 1, or -1 for all. */
static inline VipsImage *see(const char *path, int pages) {
    g_autofree char *text = NULL;
    size_t size = 0;
    g_assert_true(g_file_get_contents(path, &text, &size, NULL));
    const char *options = pages < 0 ? "[n=-1]" : "";
    VipsImage *lazy = vips_image_new_from_buffer(text, size, options, NULL);
    if (lazy == NULL) {
        g_error("%s", vips_error_buffer());
    }
    VipsImage *image = dm_strips_to_memory(lazy);
    g_object_unref(lazy);
    // libvips reads no EXIF in this program (image/vips_setup.c).
    struct dm_sniff sniff;
    dm_sniff((const uint8_t *)text, size, &sniff);
    struct dm_meta *meta = dm_meta_read(sniff.codec->info->name, (const uint8_t *)text, size, 0);
    vips_image_set_int(image, VIPS_META_ORIENTATION, meta->orientation);
    dm_meta_free(meta);
    return image;
}

static inline VipsImage *see_out(int pages) {
    g_autofree char *path = out_path();
    return see(path, pages);
}

static inline VipsImage *see_in(const char *name, int pages) {
    g_autofree char *path = in_path(name);
    return see(path, pages);
}

/** The greatest difference of any sample; shapes must be equal. */
static inline double difference(VipsImage *a, VipsImage *b) {
    VipsImage *delta = NULL, *size = NULL;
    double max = 0;
    g_assert_cmpint(a->Xsize, ==, b->Xsize);
    g_assert_cmpint(a->Ysize, ==, b->Ysize);
    g_assert_cmpint(a->Bands, ==, b->Bands);
    g_assert_cmpint(a->BandFmt, ==, b->BandFmt);
    g_assert_cmpint(vips_subtract(a, b, &delta, NULL), ==, 0);
    g_assert_cmpint(vips_abs(delta, &size, NULL), ==, 0);
    g_assert_cmpint(vips_max(size, &max, NULL), ==, 0);
    g_object_unref(delta);
    g_object_unref(size);
    return max;
}

/** The average difference; for lossy formats. */
static inline double mean_difference(VipsImage *a, VipsImage *b) {
    VipsImage *delta = NULL, *size = NULL;
    double mean = 0;
    g_assert_cmpint(a->Xsize, ==, b->Xsize);
    g_assert_cmpint(a->Ysize, ==, b->Ysize);
    g_assert_cmpint(vips_subtract(a, b, &delta, NULL), ==, 0);
    g_assert_cmpint(vips_abs(delta, &size, NULL), ==, 0);
    g_assert_cmpint(vips_avg(size, &mean, NULL), ==, 0);
    g_object_unref(delta);
    g_object_unref(size);
    return mean;
}

/**
 * A picture in which no two corners look alike: a ramp across, a ramp down, a dark disc off the
 * centre.
 * @bands 1 to 4, the last of 2 or 4 being alpha; 8 or 16 bits.
 */
static inline VipsImage *paint(int width, int height, int bands, bool wide) {
    int max = wide ? 65535 : 255;
    size_t count = (size_t)width * (size_t)height * (size_t)bands;
    uint16_t *samples = g_new(uint16_t, count);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            int across = (int)((int64_t)max * x / width), down = (int)((int64_t)max * y / height);
            bool disc = hypot(4.0 * x - width, 4.0 * y - height) < height / 2.0;
            int values[] = {across, down, disc ? 0 : max * 3 / 4, down};
            if (bands == 2) {
                values[1] = values[3];
            }
            for (int b = 0; b < bands; b++) {
                samples[((size_t)y * (size_t)width + (size_t)x) * (size_t)bands + (size_t)b] =
                    (uint16_t)values[b];
            }
        }
    }
    VipsImage *raw = vips_image_new_from_memory_copy(samples, count * 2, width, height, bands,
                                                     VIPS_FORMAT_USHORT);
    VipsImage *cast = NULL, *image = NULL;
    VipsInterpretation type = bands < 3
                                  ? (wide ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W)
                                  : (wide ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB);
    vips_cast(raw, &cast, wide ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR, NULL);
    vips_copy(cast, &image, "interpretation", type, NULL);
    g_object_unref(raw);
    g_object_unref(cast);
    g_free(samples);
    return image;
}

/** Write @image (transfer full) into the inbox; the name may carry libvips' save options. */
static inline void drop_image(VipsImage *image, const char *name) {
    g_autofree char *path = in_path(name);
    if (vips_image_write_to_file(image, path, NULL) != 0) {
        g_error("%s", vips_error_buffer());
    }
    g_object_unref(image);
}

#endif
