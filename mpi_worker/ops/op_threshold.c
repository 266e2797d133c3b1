// SPDX-License-Identifier: MIT
//
// threshold: gray, then white above the level and black up to it: cv2.threshold BINARY, or OTSU
// when no level is given. 16 bits stay: the level is scaled by 257, Otsu looks at the upper 8.
// Alpha kept.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/otsu.h"
#include "mpi_worker/ops/decision.h"
#include "mpi_worker/ops/gray.h"
#include "mpi_worker/ops/histogram.h"
#include "mpi_worker/ops/op.h"

struct threshold {
    int level;
    int method; // one word: otsu
};

static const struct dm_param params_table[] = {
    {
        .name = "level",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 0,
        .max = 255,
        .unit = "",
        .doc = "brightness up to which a pixel becomes black",
        .says = "takes a level of",
        .offset = offsetof(struct threshold, level),
    },
    {
        .name = "method",
        .type = DM_PARAM_WORD,
        .forms = "otsu",
        .default_text = "otsu",
        .unit = "",
        .doc = "how the level is found when none is given",
        .offset = offsetof(struct threshold, method),
    },
};

/** Otsu's level, as the largest sample that becomes black. */
static int otsu_limit(const struct dm_counts *counts, int max) {
    uint32_t upper[256] = {0};
    for (int v = 0; v <= max; v++) {
        upper[max == 255 ? v : v >> 8] += counts->bins[v];
    }
    int level = dm_otsu(upper, counts->total);
    return max == 255 ? level : level * 256 + 255;
}

static bool cut_at(VipsImage *gray, int limit, VipsImage **ret_out, GError **error) {
    int max = dm_image_max(gray);
    g_autofree uint16_t *table = g_new(uint16_t, (size_t)max + 1);
    for (int v = 0; v <= max; v++) {
        table[v] = (uint16_t)(v > limit ? max : 0);
    }
    return dm_node_table(gray, table, ret_out, error);
}

static bool looks(const void *params) {
    return ((const struct threshold *)params)->level == DM_UNSET_INT;
}

static void *look(VipsImage *in, const void *params, void *decision) {
    (void)params;
    g_autoptr(VipsImage) gray = NULL;
    g_autoptr(VipsImage) memory = NULL;
    if (!dm_gray(in, &gray, NULL) || !dm_node_memory(gray, &memory, NULL)) {
        return decision != NULL ? decision : dm_counts_new(in);
    }
    return dm_image_count(memory, decision);
}

/** At the level that was given, or at the one of @decision. */
static bool apply_decided(VipsImage *in, const void *params, const void *decision,
                          VipsImage **ret_out, GError **error) {
    const struct threshold *p = params;
    int max = dm_image_max(in);
    int limit = looks(params) ? max : p->level * (max == 255 ? 1 : 257);
    g_autoptr(VipsImage) gray = NULL;
    if (decision != NULL) {
        limit = otsu_limit(decision, max);
    }
    return dm_gray(in, &gray, error) && cut_at(gray, limit, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) gray = NULL;
    if (!looks(params)) {
        return apply_decided(in, params, NULL, ret_out, error);
    }
    return dm_gray(in, &gray, error) &&
           dm_decide_alone(look, apply_decided, gray, params, ret_out, error);
}

const struct dm_op dm_op_threshold = {
    .info =
        {
            .name = "threshold",
            .aliases = "thresholding",
            .summary = "Makes the picture pure black and white",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_FINE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "tone",
            .example = "threshold-128",
        },
    .params_size = sizeof(struct threshold),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MAKES_GRAY | DM_PROMISE_MIRRORS,
    .samples = "threshold threshold-128",
    .apply = apply,
    .look = look,
    .apply_decided = apply_decided,
    .looks = looks,
};
