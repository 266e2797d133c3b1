// SPDX-License-Identifier: MIT
//
// Otsu's threshold. See otsu.h.
#include "mpi_worker/kernels/otsu.h"

#include <float.h>

int dm_otsu(const uint32_t histogram[256], uint64_t total) {
    double scale = 1. / (double)total;
    double mean = 0;
    for (int v = 0; v < 256; v++) {
        mean += v * (double)histogram[v];
    }
    mean *= scale;

    double below = 0; // share of samples <= v
    double below_mean = 0;
    double best_variance = 0;
    int best = 0;
    for (int v = 0; v < 256; v++) {
        double share = histogram[v] * scale;
        below_mean *= below;
        below += share;
        double above = 1. - below;
        if (below < (double)FLT_EPSILON || above < (double)FLT_EPSILON) {
            continue;
        }
        below_mean = (below_mean + v * share) / below;
        double above_mean = (mean - below * below_mean) / above;
        double variance = below * above * (below_mean - above_mean) * (below_mean - above_mean);
        if (variance > best_variance) {
            best_variance = variance;
            best = v;
        }
    }
    return best;
}
