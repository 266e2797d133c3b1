// SPDX-License-Identifier: MIT
//
// See temperature.h. Photographers count filters in mired, a million by the temperature, since
// equal steps of it look alike at any temperature: a Wratten 81A is 18 mired, which is 20 percent
// here, an 81EF 52, an 85 112.
//
// The colours of daylight are those of CIE 15 (the D illuminants, 4000 to 25000 K). In linear light
// each channel is multiplied by what the new light has of it against the old one (von Kries in the
// primaries of sRGB), all three by a common factor such that gray keeps its luminance; black stays
// black. Where a factor g is above 1 the curve is g x / (1 + (g - 1) x) instead, which begins with
// that slope and ends at 1: no channel is cut off, so that bright skies keep their gradation, and
// white its brightest channel, at the cost of some luminance up there.
#include "mpi_worker/ops/temperature.h"

#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/srgb.h"
#include "mpi_worker/kernels/table.h"

static const double day_k = 6504;
static const double mired_at_100 = 90;

/** What linear sRGB channels a light of daylight's colour at @kelvin has, at luminance 1. */
static void light_of_day(double kelvin, double ret_rgb[3]) {
    double t = 1e3 / kelvin;
    double x = kelvin <= 7000 ? ((-4.6070 * t + 2.9678) * t + 0.09911) * t + 0.244063
                              : ((-2.0064 * t + 1.9018) * t + 0.24748) * t + 0.237040;
    double y = (-3 * x + 2.87) * x - 0.275;
    const double xyz[3] = {x / y, 1, (1 - x - y) / y};
    dm_multiply(dm_xyz_to_srgb, xyz, ret_rgb);
}

/** The factor of each channel. */
static void find_gains(double mired, double ret_gains[3]) {
    double old[3], new[3], xyz[3];
    light_of_day(day_k, old);
    light_of_day(1e6 / (1e6 / day_k + mired), new);
    for (int i = 0; i < 3; i++) {
        ret_gains[i] = new[i] / old[i];
    }
    dm_multiply(dm_srgb_to_xyz, ret_gains, xyz);
    for (int i = 0; i < 3; i++) {
        ret_gains[i] /= xyz[1];
    }
}

static void fill_table(double gain, int max, uint16_t *table) {
    for (int v = 0; v <= max; v++) {
        double light = dm_srgb_decode((double)v / max);
        double shoulder = gain > 1 ? 1 + (gain - 1) * light : 1;
        table[v] = dm_table_entry(dm_srgb_encode(gain * light / shoulder) * max, max);
    }
}

bool dm_shift_temperature(VipsImage *in, double percent, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) colour = NULL;
    if (!dm_node_colour(in, &colour, error)) {
        return false;
    }
    int max = dm_image_max(colour);
    size_t size = (size_t)max + 1;
    g_autofree uint16_t *tables = g_new(uint16_t, 3 * size);
    double gains[3];
    find_gains(percent / 100 * mired_at_100, gains);
    for (size_t i = 0; i < 3; i++) {
        fill_table(gains[i], max, tables + i * size);
    }
    return dm_node_table_rgb(colour, tables, ret_out, error);
}
