// SPDX-License-Identifier: MIT
//
// The table against the definition in kernels/chroma.h, written out here colour by colour in
// doubles: how far they may be apart is stated below. Then what must hold exactly: grays stay, the
// order of channels stays, 16 bits agree with 8.
#include "mpi_worker/kernels/chroma.h"

#include <glib.h>
#include <math.h>
#include <string.h>

// ---- the definition

static const double white[3] = {0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290};

static double decode(double v) {
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double encode(double v) {
    return v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

static double lab_f(double t) {
    return t > pow(6.0 / 29, 3) ? cbrt(t) : t * 841 / 108 + 4.0 / 29;
}

static double lab_back(double f) {
    return f > 6.0 / 29 ? pow(f, 3) : (f - 4.0 / 29) * 108 / 841;
}

struct lch {
    double lightness, chroma, hue;
};

static struct lch to_lch(const double rgb[3]) {
    double r = decode(rgb[0]), g = decode(rgb[1]), b = decode(rgb[2]);
    double x = lab_f((0.4123908 * r + 0.3575843 * g + 0.1804808 * b) / white[0]);
    double y = lab_f(0.2126390 * r + 0.7151687 * g + 0.0721923 * b);
    double z = lab_f((0.0193308 * r + 0.1191948 * g + 0.9505322 * b) / white[2]);
    double along = 500 * (x - y), across = 200 * (y - z);
    return (struct lch){116 * y - 16, hypot(along, across), atan2(across, along)};
}

static void from_lch(struct lch lch, double rgb[3]) {
    double f = (lch.lightness + 16) / 116;
    double x = white[0] * lab_back(f + lch.chroma * cos(lch.hue) / 500);
    double y = lab_back(f);
    double z = white[2] * lab_back(f - lch.chroma * sin(lch.hue) / 200);
    rgb[0] = encode(3.2409699 * x - 1.5373832 * y - 0.4986108 * z);
    rgb[1] = encode(-0.9692436 * x + 1.8759675 * y + 0.0415551 * z);
    rgb[2] = encode(0.0556301 * x - 0.2039770 * y + 1.0569715 * z);
}

static void define(const double rgb[3], double scale, double out[3]) {
    struct lch lch = to_lch(rgb);
    lch.chroma *= scale;
    from_lch(lch, out);
}

// ---- the table

static uint64_t *new_cube(double scale, int max) {
    uint64_t *points = g_new(uint64_t, DM_CUBE_POINTS);
    dm_chroma_fill(scale, max, points);
    return points;
}

/**
 * How far results may be off, in levels of 255: on the average (0.25 is rounding), and which share
 * by more than three: those are in a channel that is nearly 0.
 */
static const struct {
    double scale, mean, far_share;
} bounds[] = {{0, 0.26, 0}, {0.7, 0.26, 0}, {1, 0.001, 0}, {1.3, 0.35, 0.01}, {2, 0.4, 0.02}};

enum { COUNT = 20000 };

/** Random colours; (transfer full). */
static uint8_t *new_colours(void) {
    uint8_t *colours = g_new(uint8_t, 3 * COUNT);
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    for (int i = 0; i < 3 * COUNT; i++) {
        colours[i] = (uint8_t)g_rand_int_range(rand, 0, 256);
    }
    return colours;
}

static void check_bound(double scale, double mean, double far_share) {
    g_autofree uint64_t *points = new_cube(scale, 255);
    g_autofree uint8_t *in = new_colours();
    g_autofree uint8_t *out = g_new(uint8_t, 3 * COUNT);
    double sum = 0;
    int far = 0;
    dm_cube_u8(in, out, COUNT, 3, points);
    for (int i = 0; i < 3 * COUNT; i += 3) {
        const double rgb[3] = {in[i] / 255.0, in[i + 1] / 255.0, in[i + 2] / 255.0};
        double want[3];
        define(rgb, scale, want);
        for (int c = 0; c < 3; c++) {
            double off = fabs(out[i + c] - CLAMP(want[c], 0, 1) * 255);
            far += off > 3;
            sum += off;
        }
    }
    sum /= 3 * COUNT;
    g_test_message("scale %g: mean %.3f, far %.5f", scale, sum, far / (3. * COUNT));
    g_assert_cmpfloat(sum, <=, mean);
    g_assert_cmpfloat(far, <=, far_share * 3 * COUNT);
}

static void test_bounds(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(bounds); i++) {
        check_bound(bounds[i].scale, bounds[i].mean, bounds[i].far_share);
    }
}

static void check_grays(double scale) {
    g_autofree uint64_t *points = new_cube(scale, 255);
    g_autofree uint64_t *wide_points = new_cube(scale, 65535);
    for (int v = 0; v < 65536; v++) {
        const uint16_t wide[4] = {(uint16_t)v, (uint16_t)v, (uint16_t)v, 77};
        const uint8_t narrow[4] = {(uint8_t)v, (uint8_t)v, (uint8_t)v, 77};
        uint16_t wide_out[4];
        uint8_t out[4];
        dm_cube_u16(wide, wide_out, 1, 4, wide_points);
        dm_cube_u8(narrow, out, 1, 4, points);
        g_assert_true(memcmp(wide, wide_out, sizeof(wide)) == 0);
        g_assert_true(memcmp(narrow, out, sizeof(narrow)) == 0);
    }
}

static void test_grays(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(bounds); i++) {
        check_grays(bounds[i].scale);
    }
}

/** A colour in 8 and 16 bits gives nearly the same: the grids do not quite coincide. */
static void test_wide(void) {
    g_autofree uint64_t *points = new_cube(1.3, 255);
    g_autofree uint64_t *wide_points = new_cube(1.3, 65535);
    g_autofree uint8_t *in = new_colours();
    g_autofree uint8_t *out = g_new(uint8_t, 3 * COUNT);
    g_autofree uint16_t *wide = g_new(uint16_t, 4 * COUNT);
    g_autofree uint16_t *wide_out = g_new(uint16_t, 4 * COUNT);
    for (int i = 0; i < 4 * COUNT; i++) {
        wide[i] = i % 4 == 3 ? (uint16_t)i : (uint16_t)(in[i / 4 * 3 + i % 4] * 257);
    }
    dm_cube_u8(in, out, COUNT, 3, points);
    dm_cube_u16(wide, wide_out, COUNT, 4, wide_points);
    for (int i = 0; i < 4 * COUNT; i++) {
        int want = i % 4 == 3 ? wide[i] : out[i / 4 * 3 + i % 4] * 257;
        g_assert_cmpint(ABS(wide_out[i] - want), <=, i % 4 == 3 ? 0 : 2 * 257);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/chroma/bounds", test_bounds);
    g_test_add_func("/kernels/chroma/grays", test_grays);
    g_test_add_func("/kernels/chroma/wide", test_wide);
    return g_test_run();
}
