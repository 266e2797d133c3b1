// SPDX-License-Identifier: MIT
//
// See histogram.h. Counting goes into four histograms in turn where they are small: neighbours are
// often equal, and one counter would have to wait for itself.
#include "mpi_worker/kernels/histogram.h"

#include <math.h>
#include <string.h>

#define LANES 4

void dm_histogram_u8(const uint8_t *samples, size_t count, size_t step, uint32_t *bins) {
    uint32_t lanes[LANES][256];
    memset(lanes, 0, sizeof(lanes));
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
            lanes[lane][samples[(i + lane) * step]]++;
        }
    }
    for (; i < count; i++) {
        lanes[0][samples[i * step]]++;
    }
    for (int v = 0; v < 256; v++) {
        bins[v] += lanes[0][v] + lanes[1][v] + lanes[2][v] + lanes[3][v];
    }
}

void dm_histogram_u16(const uint16_t *samples, size_t count, size_t step, uint32_t *bins) {
    for (size_t i = 0; i < count; i++) {
        bins[samples[i * step]]++;
    }
}

void dm_histogram_tails(const uint32_t *bins, int max, uint64_t total, double share, int *ret_low,
                        int *ret_high) {
    double spared = share * (double)total;
    int low = 0;
    int high = max;
    uint64_t below = bins[low];
    uint64_t above = bins[high];
    while (low < max && (double)below <= spared) {
        below += bins[++low];
    }
    while (high > 0 && (double)above <= spared) {
        above += bins[--high];
    }
    *ret_low = low;
    *ret_high = high;
}

void dm_histogram_equalize(const uint32_t *bins, int max, uint64_t total, uint16_t *table) {
    int first = 0;
    while (first < max && bins[first] == 0) {
        first++;
    }
    memset(table, 0, ((size_t)max + 1) * sizeof(*table));
    if (bins[first] == total) {
        table[first] = (uint16_t)first;
        return;
    }
    float scale = (float)max / (float)(total - bins[first]);
    uint64_t sum = 0;
    for (int v = first + 1; v <= max; v++) {
        sum += bins[v];
        float level = rintf((float)sum * scale);
        table[v] = (uint16_t)(level < (float)max ? level : (float)max);
    }
}
