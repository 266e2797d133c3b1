// SPDX-License-Identifier: MIT
//
// Every operation on every kind of picture: what it makes has the shape that it promises, and the
// same bytes in 64-row strips of a picture that can only be read forward, in odd tiles, and on four
// threads at once. What the pixels should be: test_kernels_*.c and tests/fidelity.
#include "common/error.h"
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/placement.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/meta/place.h"
#include "mpi_worker/ops/op.h"
#include "tests/unit/mpi_worker/op_case.h"

#include <pthread.h>
#include <string.h>

static struct dm_catalogue *catalogue;

// ---- pictures

struct kind {
    const char *name;
    int width, height, bands;
    bool wide;
};

static const struct kind kinds[] = {
    {"gray", 41, 37, 1, false},   {"gray-alpha", 41, 37, 2, false}, {"rgb", 70, 150, 3, false},
    {"rgba", 53, 150, 4, false},  {"rgb16", 45, 131, 3, true},      {"rgba16", 33, 70, 4, true},
    {"gray16", 31, 33, 1, true},  {"pixel", 1, 1, 3, false},        {"pixel-alpha", 1, 1, 4, false},
    {"row", 90, 1, 3, false},     {"column", 1, 200, 3, false},     {"row16", 20, 1, 1, true},
    {"tall", 60, 3000, 3, false},
};

// Every sample of every operation that is applied.
static GPtrArray *steps;

static void collect_steps(void) {
    size_t count;
    const struct dm_op *const *ops = dm_ops(&count);
    steps = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < count; i++) {
        const char *samples = ops[i]->samples != NULL ? ops[i]->samples : ops[i]->info.name;
        g_auto(GStrv) each = g_strsplit(samples, " ", -1);
        for (char **sample = each; ops[i]->output == NULL && *sample != NULL; sample++) {
            g_ptr_array_add(steps, g_strdup(*sample));
        }
    }
}

static const char *step_at(guint index) {
    return g_ptr_array_index(steps, index);
}

static const struct dm_op *op_of(const char *text) {
    g_auto(GStrv) parts = g_strsplit(text, "-", 2);
    const struct dm_op *op = dm_op_find(parts[0]);
    if (op == NULL) {
        g_error("%s: a sample begins with its operation", text);
    }
    return op;
}

static VipsInterpretation type_of(const struct kind *kind) {
    if (kind->bands >= 3) {
        return kind->wide ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
    }
    return kind->wide ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
}

/** A picture in memory that is made of blobs, so that there is something to find. */
static VipsImage *new_picture(const struct kind *kind) {
    size_t row = (size_t)(kind->width * kind->bands) * (kind->wide ? 2 : 1);
    size_t size = row * (size_t)kind->height;
    g_autofree uint8_t *pixels = g_malloc(size);
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    for (size_t i = 0; i < size; i++) {
        uint32_t blob = (uint32_t)((i % row) / 30 * 5 + i / row / 9 * 3) * 2654435761u;
        pixels[i] = (uint8_t)((blob >> 24) / 2 + (uint32_t)g_rand_int_range(rand, 0, 128));
    }
    VipsBandFormat format = kind->wide ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
    VipsImage *image = vips_image_new_from_memory_copy(pixels, size, kind->width, kind->height,
                                                       kind->bands, format);
    g_assert_nonnull(image);
    image->Type = type_of(kind);
    return image;
}

/** Apply one step as a task does. */
static VipsImage *apply_step(const char *text, VipsImage *in, GError **error) {
    const struct dm_op *op = op_of(text);
    g_autofree void *params = params_of(catalogue, text, error);
    g_autoptr(VipsImage) memory = NULL;
    VipsImage *out = NULL;
    g_assert_nonnull(params);
    if (op->point != NULL) {
        g_autofree uint16_t *table = g_new(uint16_t, dm_image_max(in) + 1);
        op->point(params, dm_image_max(in), table);
        dm_node_table(in, table, &out, error);
        return out;
    }
    memory = op->info.flags & DM_OP_RANDOM_ACCESS ? dm_strips_to_memory(in) : g_object_ref(in);
    g_assert_nonnull(memory);
    return op->apply(memory, params, &out, error) ? out : NULL;
}

/** The result as bytes with its size; (transfer full). */
static GBytes *bytes_of(VipsImage *image) {
    g_autoptr(VipsImage) memory = dm_strips_to_memory(image);
    if (memory == NULL) {
        g_error("strips: %s", vips_error_buffer());
    }
    int header[4] = {memory->Xsize, memory->Ysize, memory->Bands, (int)memory->BandFmt};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)header, sizeof(header));
    g_byte_array_append(bytes, dm_image_row(memory, 0),
                        (guint)(dm_image_row_size(memory) * (size_t)memory->Ysize));
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

static GBytes *result_of(const char *text, VipsImage *in) {
    g_autoptr(GError) error = NULL;
    g_autoptr(VipsImage) out = apply_step(text, in, &error);
    g_assert_no_error(error);
    return bytes_of(out);
}

/** What holds for every operation. */
static void check_shape(const char *text, VipsImage *in, VipsImage *out) {
    const struct dm_op *op = op_of(text);
    bool to_gray = op->promises & DM_PROMISE_MAKES_GRAY;
    g_autofree void *params = params_of(catalogue, text, NULL);
    struct dm_extent said = {in->Xsize, in->Ysize};
    if (op->extent != NULL) {
        said = op->extent(params, said);
    }
    bool free_to_choose = !(op->info.flags & DM_OP_KEEPS_SIZE) && op->extent == NULL; // trim
    g_assert_true(free_to_choose || (said.width == out->Xsize && said.height == out->Ysize));
    if (!(op->promises & DM_PROMISE_MAY_ADD_BANDS)) {
        g_assert_cmpint(dm_image_alpha(in), ==, dm_image_alpha(out));
        g_assert_cmpint(dm_image_colours(out), ==, to_gray ? 1 : dm_image_colours(in));
    }
    // Samples stay as wide as they were, or a remark says why not.
    g_autoptr(GString) remarks = g_string_new(NULL);
    dm_remark_collect(out, remarks);
    g_assert_cmpint(dm_image_wide(in) && remarks->len == 0, ==, dm_image_wide(out));
    struct kind shape = {NULL, 0, 0, out->Bands, dm_image_wide(out)};
    g_assert_cmpint(out->Type, ==, type_of(&shape));
}

static void test_every_kind(void) {
    for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
        g_autoptr(VipsImage) in = new_picture(&kinds[k]);
        for (guint s = 0; s < steps->len; s++) {
            g_autoptr(GError) error = NULL;
            g_autoptr(VipsImage) out = apply_step(step_at(s), in, &error);
            g_test_message("%s of %s", step_at(s), kinds[k].name);
            g_assert_no_error(error);
            check_shape(step_at(s), in, out);
            g_bytes_unref(bytes_of(out));
        }
    }
}

// ---- promises

static GBytes *alpha_of(VipsImage *image) {
    g_autoptr(VipsImage) alpha = NULL;
    g_assert_cmpint(vips_extract_band(image, &alpha, image->Bands - 1, NULL), ==, 0);
    return bytes_of(alpha);
}

static VipsImage *must_apply(const char *text, VipsImage *in) {
    g_autoptr(GError) error = NULL;
    VipsImage *out = apply_step(text, in, &error);
    g_assert_no_error(error);
    return out;
}

static bool keeps_alpha(const char *text, VipsImage *in) {
    g_autoptr(VipsImage) out = must_apply(text, in);
    if (!dm_image_alpha(in) || dm_image_wide(in) != dm_image_wide(out)) {
        return true;
    }
    g_autoptr(GBytes) before = alpha_of(in);
    g_autoptr(GBytes) after = alpha_of(out);
    return g_bytes_equal(before, after);
}

/** Every pixel of the result is the one colour of @in. */
static bool keeps_flat(const char *text, VipsImage *in) {
    g_autoptr(VipsImage) flat = vips_image_copy_memory(in);
    size_t pixel = dm_image_row_size(flat) / (size_t)flat->Xsize;
    char *data = dm_image_row(flat, 0);
    for (size_t i = pixel; i < dm_image_row_size(flat) * (size_t)flat->Ysize; i++) {
        data[i] = data[i - pixel];
    }
    g_autoptr(VipsImage) out = must_apply(text, flat);
    g_autoptr(VipsImage) memory = dm_strips_to_memory(out);
    if (dm_image_wide(in) != dm_image_wide(out)) {
        return true;
    }
    const char *result = dm_image_row(memory, 0);
    for (size_t i = 0; i < dm_image_row_size(memory) * (size_t)memory->Ysize; i++) {
        if (result[i] != data[i % pixel]) {
            return false;
        }
    }
    return true;
}

static bool same_bytes(VipsImage *a, VipsImage *b) {
    g_autoptr(GBytes) bytes = bytes_of(a);
    g_autoptr(GBytes) others = bytes_of(b);
    return g_bytes_equal(bytes, others);
}

static bool twice_is_once(const char *text, VipsImage *in) {
    g_autoptr(VipsImage) once = must_apply(text, in);
    g_autoptr(VipsImage) twice = must_apply(text, once);
    return same_bytes(once, twice);
}

static bool twice_is_nothing(const char *text, VipsImage *in) {
    g_autoptr(VipsImage) once = must_apply(text, in);
    g_autoptr(VipsImage) twice = must_apply(text, once);
    return same_bytes(in, twice);
}

static bool mirrors(const char *text, VipsImage *in) {
    g_autoptr(VipsImage) mirrored = must_apply("mirror", in);
    g_autoptr(VipsImage) mirrored_first = must_apply(text, mirrored);
    g_autoptr(VipsImage) out = must_apply(text, in);
    g_autoptr(VipsImage) mirrored_last = must_apply("mirror", out);
    return same_bytes(mirrored_first, mirrored_last);
}

static void set_sample(VipsImage *image, int x, int y, int band, double share) {
    size_t at = (size_t)x * (size_t)image->Bands + (size_t)band;
    if (dm_image_wide(image)) {
        ((uint16_t *)dm_image_row(image, y))[at] = (uint16_t)(share * 65535);
    } else {
        ((uint8_t *)dm_image_row(image, y))[at] = (uint8_t)(share * 255);
    }
}

/** Where in the source the middle of the result comes from, by the picture's own numbers. */
static double share_in_middle(const char *text, VipsImage *in, bool down, double ret_place[6],
                              struct dm_box *ret_middle) {
    g_autoptr(VipsImage) ramp = vips_image_copy_memory(in);
    for (int y = 0; y < ramp->Ysize; y++) {
        for (int x = 0; x < ramp->Xsize; x++) {
            for (int band = 0; band < ramp->Bands; band++) {
                double share = down ? (y + 0.5) / ramp->Ysize : (x + 0.5) / ramp->Xsize;
                bool alpha = dm_image_alpha(ramp) && band == ramp->Bands - 1;
                set_sample(ramp, x, y, band, alpha ? 1 : share);
            }
        }
    }
    dm_placement_begin(ramp);
    g_autoptr(VipsImage) out = must_apply(text, ramp);
    g_autoptr(VipsImage) memory = dm_strips_to_memory(out);
    g_assert_true(dm_placement_of(out, out->Ysize, ret_place));
    int middle_x = out->Xsize / 2, middle_y = out->Ysize / 2;
    double x = (middle_x + 0.5) / out->Xsize, y = (middle_y + 0.5) / out->Ysize;
    *ret_middle = (struct dm_box){x, y, x, y};
    size_t at = (size_t)middle_x * (size_t)out->Bands;
    const void *row = dm_image_row(memory, middle_y);
    return dm_image_wide(out) ? ((const uint16_t *)row)[at] / 65535.0
                              : ((const uint8_t *)row)[at] / 255.0;
}

/** The matrix that the picture carries leads back to where the numbers come from. */
static bool leads_back(const char *text, VipsImage *in, bool down) {
    double m[6], back[6];
    struct dm_box middle;
    double share = share_in_middle(text, in, down, m, &middle);
    g_assert_true(dm_place_invert(m, back));
    struct dm_box point = dm_place_box(back, middle);
    double hair = 0.02 + 2.0 / MIN(in->Xsize, in->Ysize);
    return fabs((down ? point.top : point.left) - share) < hair;
}

static bool only_moves(const char *text, VipsImage *in) {
    return leads_back(text, in, false) && leads_back(text, in, true);
}

// MAKES_GRAY is part of the shape.
static const struct {
    unsigned promise;
    const char *what;
    bool (*holds)(const char *text, VipsImage *in);
} promises[] = {
    {DM_PROMISE_KEEPS_ALPHA, "keeps alpha", keeps_alpha},
    {DM_PROMISE_KEEPS_FLAT, "keeps a flat picture", keeps_flat},
    {DM_PROMISE_TWICE_IS_ONCE, "twice is once", twice_is_once},
    {DM_PROMISE_TWICE_IS_NOTHING, "twice is nothing", twice_is_nothing},
    {DM_PROMISE_MIRRORS, "mirrors", mirrors},
    {DM_PROMISE_ONLY_MOVES, "only moves", only_moves},
};

static void check_promises(const char *text, const struct kind *kind) {
    g_autoptr(VipsImage) in = new_picture(kind);
    for (size_t i = 0; i < G_N_ELEMENTS(promises); i++) {
        if ((op_of(text)->promises & promises[i].promise) && !promises[i].holds(text, in)) {
            g_error("%s of %s breaks its promise: %s", text, kind->name, promises[i].what);
        }
    }
}

static void test_promises(void) {
    for (guint s = 0; s < steps->len; s++) {
        for (size_t k = 0; k + 1 < G_N_ELEMENTS(kinds); k++) { // without the tall one
            check_promises(step_at(s), &kinds[k]);
        }
    }
}

/** A file that can only be read forward gives the same as a picture in memory. */
static void test_sequential(void) {
    g_autoptr(VipsImage) in = new_picture(&kinds[G_N_ELEMENTS(kinds) - 1]);
    void *png = NULL;
    size_t size = 0;
    g_assert_cmpint(vips_pngsave_buffer(in, &png, &size, "compression", 1, NULL), ==, 0);
    for (guint s = 0; s < steps->len; s++) {
        g_autoptr(VipsImage) file =
            vips_image_new_from_buffer(png, size, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL);
        g_test_message("%s", step_at(s));
        g_autoptr(GBytes) forward = result_of(step_at(s), file);
        g_autoptr(GBytes) memory = result_of(step_at(s), in);
        g_assert_true(g_bytes_equal(forward, memory));
    }
    g_free(png);
}

static void check_tile(const char *text, VipsRegion *region, VipsImage *whole,
                       const VipsRect *tile) {
    size_t pixel = dm_image_row_size(whole) / (size_t)whole->Xsize;
    g_assert_cmpint(vips_region_prepare(region, tile), ==, 0);
    for (int y = tile->top; y < tile->top + tile->height; y++) {
        if (memcmp(dm_region_at(region, tile->left, y),
                   (char *)dm_image_row(whole, y) + (size_t)tile->left * pixel,
                   (size_t)tile->width * pixel) != 0) {
            g_error("%s: tile at %d,%d differs in row %d", text, tile->left, tile->top, y);
        }
    }
}

/** Any region: tiles from right to left and from bottom to top are the same as strips. */
static void check_tiles(const char *text, VipsImage *in) {
    g_autoptr(VipsImage) out = apply_step(text, in, NULL);
    g_autoptr(VipsImage) whole = dm_strips_to_memory(out);
    VipsRegion *region = vips_region_new(out);
    for (int top = (out->Ysize - 1) / 13 * 13; top >= 0; top -= 13) {
        for (int left = (out->Xsize - 1) / 17 * 17; left >= 0; left -= 17) {
            VipsRect tile = {left, top, MIN(17, out->Xsize - left), MIN(13, out->Ysize - top)};
            check_tile(text, region, whole, &tile);
        }
    }
    g_object_unref(region);
}

static void test_tiles(void) {
    for (size_t k = 0; k < 4; k++) {
        g_autoptr(VipsImage) in = new_picture(&kinds[k]);
        for (guint s = 0; s < steps->len; s++) {
            check_tiles(step_at(s), in);
        }
    }
}

// ---- threads

struct job {
    pthread_t thread;
    const char *text;
    GBytes *result;
};

static void *run_job(void *data) {
    struct job *job = data;
    g_autoptr(VipsImage) in = new_picture(&kinds[2]);
    job->result = result_of(job->text, in);
    vips_thread_shutdown();
    return NULL;
}

static void check_threads(const char *text) {
    struct job jobs[4];
    g_autoptr(VipsImage) in = new_picture(&kinds[2]);
    g_autoptr(GBytes) alone = result_of(text, in);
    for (size_t i = 0; i < G_N_ELEMENTS(jobs); i++) {
        jobs[i].text = text;
        g_assert_cmpint(pthread_create(&jobs[i].thread, NULL, run_job, &jobs[i]), ==, 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(jobs); i++) {
        pthread_join(jobs[i].thread, NULL);
        g_assert_true(g_bytes_equal(alone, jobs[i].result));
        g_bytes_unref(jobs[i].result);
    }
}

static void test_threads(void) {
    for (guint s = 0; s < steps->len; s++) {
        check_threads(step_at(s));
    }
}

// ---- sizes

static const struct {
    const char *text;
    int width, height; // of the result; 0: refused
} sizes[] = {
    // of a picture of 70 x 150
    {"resize-1600", 70, 150},      {"resize-200x", 70, 150},
    {"resize-x300", 70, 150},      {"resize-300x300", 70, 150},
    {"enlarge-300", 140, 300},     {"enlarge-35x", 35, 75},
    {"enlarge-140x", 140, 300},    {"enlarge-x300", 140, 300},
    {"enlarge-300x300", 140, 300}, {"enlarge-50pct", 35, 75},
    {"resize-35x", 35, 75},        {"resize-x30", 14, 30},
    {"resize-70x30", 14, 30},      {"resize-75", 35, 75},
    {"resize-200pct", 140, 300},   {"resize-1pct", 1, 2},
    {"resize-35x1000", 35, 75},    {"resize-100", 47, 100},
    {"resize-1000", 70, 150},      {"fill-30x30", 30, 30},
    {"fill-200x100", 200, 100},    {"fill-70x150", 70, 150},
    {"crop-10x20", 10, 20},        {"crop-70x150-smart", 70, 150},
    {"crop-10x20-60-130", 10, 20}, {"crop-10x20-61-130", 0, 0},
    {"crop-71x10", 0, 0},          {"rotate-90", 150, 70},
    {"rotate-45", 156, 156},       {"rotate-45-keep", 70, 150},
    {"rotate-0", 70, 150},         {"stretch-35x20", 35, 20},
    {"stretch-700x15", 700, 15},   {"square", 70, 70},
    {"square-20", 20, 20},         {"square-200-south", 200, 200},
    {"square-smart", 70, 70},      {"pad", 110, 190},
    {"pad-3-black", 76, 156},      {"pad-100x100", 100, 150},
    {"pad-10x200", 70, 200},       {"crop-10x20-topleft", 10, 20},
    {"crop-10x20-centre", 10, 20}, {"rotate-90-keep", 70, 150},
    {"rotate-360-left", 70, 150},
};

static void test_sizes(void) {
    g_autoptr(VipsImage) in = new_picture(&kinds[2]);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VipsImage) out = apply_step(sizes[i].text, in, &error);
        g_test_message("%s", sizes[i].text);
        if (sizes[i].width == 0) {
            g_assert_error(error, DM_ERROR, DM_ERROR_INPUT);
            g_assert_nonnull(strstr(error->message, "70x150"));
            continue;
        }
        g_assert_no_error(error);
        g_assert_cmpint(out->Xsize, ==, sizes[i].width);
        g_assert_cmpint(out->Ysize, ==, sizes[i].height);
    }
}

/** A picture that the decoder shrank is reckoned from the size in its file. */
static void test_full_size(void) {
    g_autoptr(VipsImage) in = new_picture(&kinds[2]);
    vips_image_set_int(in, DM_FULL_WIDTH_FIELD, 279);
    vips_image_set_int(in, DM_FULL_HEIGHT_FIELD, 600);
    g_autoptr(VipsImage) out = apply_step("resize-10pct", in, NULL);
    g_assert_cmpint(out->Xsize, ==, 28);
    g_assert_cmpint(out->Ysize, ==, 60);
    g_assert_cmpint((int)vips_image_get_typeof(out, DM_FULL_WIDTH_FIELD), ==, 0);
}

/** What the file says is taken away at the end; what the pixels need stays on them. */
static void test_strip(void) {
    g_autoptr(VipsImage) in = new_picture(&kinds[2]);
    vips_image_set_string(in, VIPS_META_ICC_NAME, "profile");
    g_autoptr(VipsImage) out = apply_step("strip", in, NULL);
    g_assert_cmpint((int)vips_image_get_typeof(out, DM_STRIPPED_FIELD), !=, 0);
    g_assert_cmpint((int)vips_image_get_typeof(in, DM_STRIPPED_FIELD), ==, 0);
    g_assert_cmpint((int)vips_image_get_typeof(out, VIPS_META_ICC_NAME), !=, 0);
    g_autoptr(VipsImage) gray = apply_step("gray", in, NULL);
    g_assert_cmpint((int)vips_image_get_typeof(gray, VIPS_META_ICC_NAME), ==, 0);
}

static const struct {
    const char *text;
    size_t kind; // in kinds
    int bands;
    bool profile; // is kept
} profiles[] = {
    {"gray", 2, 1, false},     {"sepia", 0, 3, false}, {"sepia", 2, 3, true},
    {"tint-red", 1, 4, false}, {"warm", 6, 3, false},  {"cool", 6, 3, false},
    {"duotone", 0, 3, false},  {"warm", 3, 4, true},   {"saturate", 0, 1, true},
    {"vignette", 0, 1, true},  {"clahe", 2, 3, true},
};

/** A profile for gray does not outlive the colours that come, nor one for colours their end. */
static void test_profiles(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(profiles); i++) {
        g_autoptr(VipsImage) in = new_picture(&kinds[profiles[i].kind]);
        vips_image_set_string(in, VIPS_META_ICC_NAME, "profile");
        g_autoptr(VipsImage) out = must_apply(profiles[i].text, in);
        g_test_message("%s of %s", profiles[i].text, kinds[profiles[i].kind].name);
        g_assert_cmpint(out->Bands, ==, profiles[i].bands);
        g_assert_cmpint(vips_image_get_typeof(out, VIPS_META_ICC_NAME) != 0, ==,
                        profiles[i].profile);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    if (VIPS_INIT(argv[0]) != 0) {
        return 1;
    }
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    load_watermarks();
    catalogue = dm_ops_catalogue();
    collect_steps();
    g_test_add_func("/ops/every_kind", test_every_kind);
    g_test_add_func("/ops/promises", test_promises);
    g_test_add_func("/ops/sequential", test_sequential);
    g_test_add_func("/ops/tiles", test_tiles);
    g_test_add_func("/ops/threads", test_threads);
    g_test_add_func("/ops/sizes", test_sizes);
    g_test_add_func("/ops/full_size", test_full_size);
    g_test_add_func("/ops/strip", test_strip);
    g_test_add_func("/ops/profiles", test_profiles);
    int failed = g_test_run();
    g_ptr_array_unref(steps);
    dm_catalogue_free(catalogue);
    vips_shutdown();
    return failed;
}
