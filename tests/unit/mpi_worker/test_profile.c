// SPDX-License-Identifier: MIT
//
// Profiles with a table for one intent, for all, and for none.
#include "mpi_worker/image/profile.h"
#include "tests/unit/mpi_worker/bench.h"

static VipsImage *ink(void) {
    VipsImage *rgb = paint(40, 30, 3, false), *cmyk = NULL;
    g_assert_cmpint(vips_icc_transform(rgb, &cmyk, "cmyk", "input_profile", "srgb", NULL), ==, 0);
    g_object_unref(rgb);
    return cmyk;
}

/** @image with the tag @name of its profile renamed, so that nobody finds it. */
static VipsImage *without_tag(VipsImage *image, const char *name) {
    const void *data = NULL;
    size_t size = 0;
    VipsImage *out = NULL;
    g_assert_cmpint(vips_image_get_blob(image, VIPS_META_ICC_NAME, &data, &size), ==, 0);
    g_autofree char *profile = g_memdup2(data, size);
    char *tag = memmem(profile + 128, size - 128, name, 4);
    g_assert_nonnull(tag);
    memcpy(tag, "none", 4);
    vips_copy(image, &out, NULL);
    vips_image_set_blob_copy(out, VIPS_META_ICC_NAME, profile, size);
    g_object_unref(image);
    return out;
}

static VipsImage *by_vips(VipsImage *image, VipsIntent intent) {
    VipsImage *out = NULL;
    g_assert_cmpint(vips_icc_transform(image, &out, "srgb", "embedded", TRUE, "intent", intent,
                                       "black_point_compensation", TRUE, NULL),
                    ==, 0);
    return out;
}

static void expect_intent(VipsImage *image, VipsIntent intent) {
    VipsImage *ours = NULL, *theirs = by_vips(image, intent);
    g_assert_cmpint(dm_profile_to_srgb(image, NULL, &ours), ==, 0);
    g_assert_cmpfloat(difference(ours, theirs), ==, 0);
    g_object_unref(ours);
    g_object_unref(theirs);
    g_object_unref(image);
}

static void test_intents(void) {
    expect_intent(ink(), VIPS_INTENT_RELATIVE);
    expect_intent(without_tag(ink(), "A2B1"), VIPS_INTENT_PERCEPTUAL);
    expect_intent(without_tag(ink(), "A2B0"), VIPS_INTENT_RELATIVE);
}

/** Nothing that can be used: the fallback. */
static void test_useless(void) {
    for (size_t size = 1; size < 300; size = size * 2 + 1) {
        VipsImage *image = ink(), *plain = NULL, *good = NULL, *out = NULL;
        g_autofree void *ones = g_malloc(size);
        memset(ones, 0xFF, size);
        vips_copy(image, &plain, NULL);
        vips_image_set_blob_copy(plain, VIPS_META_ICC_NAME, ones, size);
        g_assert_cmpint(dm_profile_to_srgb(plain, "cmyk", &out), ==, 0);
        g_assert_cmpint(dm_profile_to_srgb(image, NULL, &good), ==, 0);
        g_assert_cmpfloat(difference(out, good), ==, 0);
        g_object_unref(image);
        g_object_unref(plain);
        g_object_unref(good);
        g_object_unref(out);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_open();
    g_test_add_func("/profile/intents", test_intents);
    g_test_add_func("/profile/useless", test_useless);
    int failed = g_test_run();
    bench_close();
    return failed;
}
