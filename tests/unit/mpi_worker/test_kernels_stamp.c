// SPDX-License-Identifier: MIT
//
// "Over" against its definition in floating point: the nearest sample, or, of two that are equally
// near, either.
#include "mpi_worker/kernels/stamp.h"

#include <glib.h>
#include <math.h>

enum { WIDTH = 301 };

struct row {
    int bands, max;
    bool alpha;
    uint16_t stamp[WIDTH * 4], before[WIDTH * 4];
    uint16_t wide[WIDTH * 4]; // after
    uint8_t narrow[WIDTH * 4];
};

static double exact(const struct row *row, int x, int band) {
    int colours = row->bands - row->alpha;
    const uint16_t *stamp = row->stamp + x * (colours + 1), *below = row->before + x * row->bands;
    double weight = stamp[colours] / 65535.;
    double alpha = row->alpha ? (double)below[row->bands - 1] / row->max : 1;
    double both = weight + (1 - weight) * alpha;
    if (band == colours) {
        return both * row->max;
    }
    return both > 0 ? (weight * stamp[band] + (1 - weight) * alpha * below[band]) / both
                    : below[band];
}

static void fill(struct row *row, GRand *rand) {
    for (int i = 0; i < WIDTH * 4; i++) {
        row->stamp[i] = (uint16_t)g_rand_int_range(rand, 0, row->max + 1);
        row->before[i] = (uint16_t)g_rand_int_range(rand, 0, row->max + 1);
    }
    int colours = row->bands - row->alpha;
    for (int x = 0; x < WIDTH; x++) { // weights and alphas are often none or all
        int dice = g_rand_int_range(rand, 0, 9);
        row->stamp[x * (colours + 1) + colours] =
            (uint16_t)(dice < 3   ? 0
                       : dice < 6 ? 65535
                                  : g_rand_int_range(rand, 0, 65536));
        if (row->alpha && dice % 3 != 2) {
            row->before[x * row->bands + colours] = (uint16_t)(dice % 3 ? row->max : 0);
        }
    }
    for (int i = 0; i < WIDTH * 4; i++) {
        row->wide[i] = row->before[i];
        row->narrow[i] = (uint8_t)row->before[i];
    }
}

static void check(int bands, int max) {
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)(bands * max));
    struct row row = {.bands = bands, .max = max, .alpha = bands == 2 || bands == 4};
    fill(&row, rand);
    if (max == 255) {
        dm_stamp_u8(row.stamp, WIDTH, bands, row.alpha, row.narrow);
    } else {
        dm_stamp_u16(row.stamp, WIDTH, bands, row.alpha, row.wide);
    }
    for (int i = 0; i < WIDTH * bands; i++) {
        double got = max == 255 ? row.narrow[i] : row.wide[i];
        double want = exact(&row, i / bands, i % bands);
        if (fabs(got - want) > 0.5 + 1e-6) {
            g_error("%d bands to %d: sample %d is %g, expected %g", bands, max, i, got, want);
        }
    }
}

static void test_over(void) {
    for (int bands = 1; bands <= 4; bands++) {
        check(bands, 255);
        check(bands, 65535);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stamp/over", test_over);
    return g_test_run();
}
