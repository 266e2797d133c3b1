// SPDX-License-Identifier: MIT
//
// Table look-up on rows, and the linear table. See table.h.
#include "mpi_worker/kernels/table.h"

#include <math.h>

void dm_table_u8(const uint8_t *in, uint8_t *out, int width, int bands, bool alpha,
                 const uint16_t *table) {
    int samples = width * bands;

    for (int i = 0; i < samples; i++) {
        out[i] = (uint8_t)table[in[i]];
    }
    if (alpha) {
        for (int i = bands - 1; i < samples; i += bands) {
            out[i] = in[i];
        }
    }
}

void dm_table_u16(const uint16_t *in, uint16_t *out, int width, int bands, bool alpha,
                  const uint16_t *table) {
    int samples = width * bands;

    for (int i = 0; i < samples; i++) {
        out[i] = table[in[i]];
    }
    if (alpha) {
        for (int i = bands - 1; i < samples; i += bands) {
            out[i] = in[i];
        }
    }
}

void dm_table_scale(uint16_t *table, int max, double alpha, double beta) {
    for (int v = 0; v <= max; v++) {
        float exact = fabsf(fmaf((float)v, (float)alpha, (float)beta));
        float rounded = rintf(exact);
        table[v] = rounded > (float)max ? (uint16_t)max : (uint16_t)rounded;
    }
}
