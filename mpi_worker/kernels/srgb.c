// SPDX-License-Identifier: MIT
//
// See srgb.h. The matrices follow from the primaries and the white of the standard (x, y): red .64
// .33, green .30 .60, blue .15 .06, white .3127 .3290.
#include "mpi_worker/kernels/srgb.h"

#include <math.h>

double dm_srgb_decode(double encoded) {
    return encoded <= 0.04045 ? encoded / 12.92 : pow((encoded + 0.055) / 1.055, 2.4);
}

double dm_srgb_encode(double linear) {
    return linear <= 0.0031308 ? linear * 12.92 : 1.055 * pow(linear, 1 / 2.4) - 0.055;
}

const double dm_srgb_to_xyz[3][3] = {
    {0.412390799266, 0.357584339384, 0.180480788402},
    {0.212639005872, 0.715168678768, 0.072192315361},
    {0.019330818716, 0.119194779795, 0.950532152250},
};

const double dm_xyz_to_srgb[3][3] = {
    {3.240969941905, -1.537383177570, -0.498610760293},
    {-0.969243636281, 1.875967501508, 0.041555057407},
    {0.055630079697, -0.203976958889, 1.056971514243},
};

void dm_multiply(const double matrix[3][3], const double v[3], double ret[3]) {
    for (int row = 0; row < 3; row++) {
        ret[row] = matrix[row][0] * v[0] + matrix[row][1] * v[1] + matrix[row][2] * v[2];
    }
}
