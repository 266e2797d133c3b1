// SPDX-License-Identifier: MIT
//
// See chroma.h. Made anew for each picture, so it must be quick: the work in one point is three
// cube roots; the way back from Lab has none, and encoding is a table.
#include "mpi_worker/kernels/chroma.h"

#include "mpi_worker/kernels/srgb.h"

#include <math.h>

enum { ENCODING_STEPS = 8192, ENCODING_TOP = 4 }; // beyond any colour of twice the chroma

struct filling {
    double scale;
    double full;                           // dm_cube_full()
    double decoded[DM_CUBE_SIDE];          // the grid's values in linear light
    double encoded[ENCODING_STEPS + 2];    // in the grid's units, for 0 to ENCODING_TOP
    double linear_to_x[3], linear_to_z[3]; // rows of the matrix to XYZ, white being 1
    double from_xyz[3][3];                 // and back
};

/** The f of CIE Lab, and its inverse. */
static double to_f(double t) {
    return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

static double from_f(double f) {
    return f > 6.0 / 29 ? f * f * f : (116 * f - 16) * 27 / 24389;
}

static double dot(const double weights[3], const double linear[3]) {
    return weights[0] * linear[0] + weights[1] * linear[1] + weights[2] * linear[2];
}

/** Of the three f of Lab the second is lightness, the others' distance from it chroma and hue. */
static void rescale(const struct filling *filling, double linear[3]) {
    double fx = to_f(dot(filling->linear_to_x, linear));
    double fy = to_f(dot(dm_srgb_to_xyz[1], linear));
    double fz = to_f(dot(filling->linear_to_z, linear));
    const double xyz[3] = {from_f(fy + (fx - fy) * filling->scale), from_f(fy),
                           from_f(fy + (fz - fy) * filling->scale)};
    dm_multiply(filling->from_xyz, xyz, linear);
}

/** In the grid's units; what is below 0 mirrors what is above. */
static int64_t encode(const struct filling *filling, double linear) {
    double at = fmin(fabs(linear) / ENCODING_TOP, 1) * ENCODING_STEPS;
    int before = (int)at;
    const double *pair = filling->encoded + before;
    double encoded = pair[0] + (pair[1] - pair[0]) * (at - before);
    double limit = linear < 0 ? 65536 : 131071; // of a point; twice the chroma stays well within
    return (int64_t)floor(copysign(fmin(encoded, limit), linear) + 0.5);
}

static uint64_t point_at(const struct filling *filling, int red, int green, int blue) {
    double linear[3] = {filling->decoded[red], filling->decoded[green], filling->decoded[blue]};
    int64_t gray = (int64_t)red * DM_CUBE_STEP;
    if (red == green && green == blue) { // to the last bit
        return dm_cube_point(gray, gray, gray);
    }
    rescale(filling, linear);
    return dm_cube_point(encode(filling, linear[0]), encode(filling, linear[1]),
                         encode(filling, linear[2]));
}

static struct filling prepare(double scale, int max) {
    struct filling filling = {.scale = scale, .full = dm_cube_full(max)};
    for (int i = 0; i < DM_CUBE_SIDE; i++) {
        filling.decoded[i] = dm_srgb_decode(i * DM_CUBE_STEP / filling.full);
    }
    for (int i = 0; i < ENCODING_STEPS + 2; i++) {
        double linear = (double)ENCODING_TOP * i / ENCODING_STEPS;
        filling.encoded[i] = dm_srgb_encode(linear) * filling.full;
    }
    const double one[3] = {1, 1, 1};
    double white[3];
    dm_multiply(dm_srgb_to_xyz, one, white);
    for (int i = 0; i < 3; i++) {
        filling.linear_to_x[i] = dm_srgb_to_xyz[0][i] / white[0];
        filling.linear_to_z[i] = dm_srgb_to_xyz[2][i] / white[2];
        for (int j = 0; j < 3; j++) {
            filling.from_xyz[i][j] = dm_xyz_to_srgb[i][j] * white[j];
        }
    }
    return filling;
}

void dm_chroma_fill(double scale, int max, uint64_t *points) {
    const struct filling filling = prepare(scale, max);
    for (int red = 0; red < DM_CUBE_SIDE; red++) {
        for (int green = 0; green < DM_CUBE_SIDE; green++) {
            for (int blue = 0; blue < DM_CUBE_SIDE; blue++) {
                points[dm_cube_index(red, green, blue)] = point_at(&filling, red, green, blue);
            }
        }
    }
}
