// SPDX-License-Identifier: MIT
//
// The transfer curve of sRGB (IEC 61966-2-1), continued beyond 1, and its matrices to and from CIE
// XYZ with the white D65.
#ifndef DM_MPI_WORKER_KERNELS_SRGB_H
#define DM_MPI_WORKER_KERNELS_SRGB_H

/** From an encoded value, 0 to 1, to linear light, and back. */
double dm_srgb_decode(double encoded);
double dm_srgb_encode(double linear);

extern const double dm_srgb_to_xyz[3][3];
extern const double dm_xyz_to_srgb[3][3];

/** @matrix times @v. */
void dm_multiply(const double matrix[3][3], const double v[3], double ret[3]);

#endif
