// SPDX-License-Identifier: MIT
//
// Table look-up on rows, and the linear table. See table.h.
#include "mpi_worker/kernels/table.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)

typedef uint8_t block __attribute__((vector_size(64)));
typedef int8_t signed_block __attribute__((vector_size(64)));

/**
 * Look up blocks of 64 samples in two halves of the table, each held in two registers. Returns how
 * many samples are done. Some CPUs have an instruction for it (AVX-512 VBMI): see dm_table_u8().
 */
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static int
look_up_blocks(const uint8_t *in, uint8_t *out, int samples, const uint8_t table[256]) {
    block quarters[4];
    memcpy(quarters, table, sizeof(quarters));
    int i = 0;
    for (; i + (int)sizeof(block) <= samples; i += (int)sizeof(block)) {
        block v;
        memcpy(&v, in + i, sizeof(v));
        block low = __builtin_shuffle(quarters[0], quarters[1], v);
        block high = __builtin_shuffle(quarters[2], quarters[3], v);
        block upper = (block)((signed_block)v < 0);
        block result = (high & upper) | (low & ~upper);
        memcpy(out + i, &result, sizeof(result));
    }
    return i;
}

static bool has_blocks(void) {
    return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw");
}

#else

static int look_up_blocks(const uint8_t *in, uint8_t *out, int samples, const uint8_t table[256]) {
    (void)in, (void)out, (void)samples, (void)table;
    return 0;
}

static bool has_blocks(void) {
    return false;
}

#endif

void dm_table_u8(const uint8_t *in, uint8_t *out, int width, int bands, bool alpha,
                 const uint16_t *table) {
    int samples = width * bands;
    int i = 0;

    if (has_blocks() && samples > 1024) { // else not worth the narrow table
        uint8_t narrow[256];
        for (int v = 0; v < 256; v++) {
            narrow[v] = (uint8_t)table[v];
        }
        i = look_up_blocks(in, out, samples, narrow);
    }
    for (; i < samples; i++) {
        out[i] = (uint8_t)table[in[i]];
    }
    if (alpha) {
        for (i = bands - 1; i < samples; i += bands) {
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
