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

void dm_table_rgb_u8(const uint8_t *in, uint8_t *out, int width, int bands,
                     const uint16_t *tables) {
    for (int x = 0; x < width; x++, in += bands, out += bands) {
        out[0] = (uint8_t)tables[in[0]];
        out[1] = (uint8_t)tables[256 + in[1]];
        out[2] = (uint8_t)tables[512 + in[2]];
        out[bands - 1] = bands == 4 ? in[3] : out[bands - 1];
    }
}

void dm_table_rgb_u16(const uint16_t *in, uint16_t *out, int width, int bands,
                      const uint16_t *tables) {
    for (int x = 0; x < width; x++, in += bands, out += bands) {
        out[0] = tables[in[0]];
        out[1] = tables[65536 + in[1]];
        out[2] = tables[131072 + in[2]];
        out[bands - 1] = bands == 4 ? in[3] : out[bands - 1];
    }
}

uint16_t dm_table_entry(double exact, int max) {
    return (uint16_t)rint(exact < 0 ? 0 : exact > max ? max : exact);
}

void dm_table_scale(uint16_t *table, int max, double alpha, double beta) {
    for (int v = 0; v <= max; v++) {
        float exact = fabsf(fmaf((float)v, (float)alpha, (float)beta));
        float rounded = rintf(exact);
        table[v] = rounded > (float)max ? (uint16_t)max : (uint16_t)rounded;
    }
}
