// SPDX-License-Identifier: MIT
//
// See extras.h.
#include "mpi_worker/task/extras.h"

#include "mpi_worker/image/pixels.h"

enum { MOST_EXTRAS = 16, RGB = 3 };

bool dm_extras_can_go(const struct dm_plan *plan, VipsImage *page) {
    int colours = dm_image_field(page, DM_COLOUR_BANDS_FIELD);
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct dm_plan_step *step = &plan->steps[i];
        if (!(step->op->info.flags & DM_OP_GEOMETRY) || dm_step_looks(step)) {
            return false;
        }
    }
    bool plain = page->BandFmt == VIPS_FORMAT_UCHAR || page->BandFmt == VIPS_FORMAT_USHORT;
    return plain && (colours == 1 || colours == RGB) && page->Bands - colours <= MOST_EXTRAS;
}

VipsImage *dm_extras_without(VipsImage *memory) {
    int colours = dm_image_field(memory, DM_COLOUR_BANDS_FIELD);
    int alpha = dm_image_field(memory, DM_ALPHA_BAND_FIELD);
    g_autoptr(VipsImage) front = NULL;
    g_autoptr(VipsImage) back = NULL;
    VipsImage *out = NULL;
    if (vips_extract_band(memory, &front, 0, "n", colours, NULL) != 0 ||
        (alpha > 0 ? vips_extract_band(memory, &back, alpha, NULL) ||
                         vips_bandjoin2(front, back, &out, NULL)
                   : vips_copy(front, &out, NULL)) != 0) {
        return NULL;
    }
    vips_image_remove(out, DM_COLOUR_BANDS_FIELD);
    return out;
}

/** Band @band of @memory as a gray picture through the steps. */
static VipsImage *make_plane(const struct dm_plan *plan, const struct dm_apply *how,
                             VipsImage *memory, int band) {
    g_autoptr(VipsImage) cut = NULL;
    g_autoptr(VipsImage) plane = NULL;
    g_autoptr(VipsImage) made = NULL;
    VipsImage *out = NULL;
    enum dm_reason reason;
    VipsInterpretation gray =
        dm_image_wide(memory) ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
    if (vips_extract_band(memory, &cut, band, NULL) != 0 ||
        vips_copy(cut, &plane, "interpretation", gray, NULL) != 0) {
        return NULL;
    }
    vips_image_remove(plane, VIPS_META_ICC_NAME);
    if (!dm_apply(plan, how, plane, &made, &reason, NULL) ||
        vips_extract_band(made, &out, 0, NULL) != 0) { // steps may have added alpha
        return NULL;
    }
    return out;
}

bool dm_extras_join(const struct dm_plan *plan, const struct dm_apply *how, VipsImage *memory,
                    VipsImage *done, VipsImage **ret_out) {
    int colours = dm_image_field(memory, DM_COLOUR_BANDS_FIELD);
    int alpha = dm_image_field(memory, DM_ALPHA_BAND_FIELD), extras = 0;
    VipsImage *all = NULL;
    if (vips_copy(done, &all, NULL) != 0) {
        return false;
    }
    for (int band = colours; band < memory->Bands; band++) {
        VipsImage *next = NULL;
        if (band == alpha) {
            continue;
        }
        g_autoptr(VipsImage) plane = make_plane(plan, how, memory, band);
        int status = plane == NULL ? -1 : vips_bandjoin2(all, plane, &next, NULL);
        g_object_unref(all);
        if (status != 0) {
            return false;
        }
        all = next;
        extras++;
    }
    vips_image_set_int(all, DM_EXTRA_BANDS_FIELD, extras);
    *ret_out = all;
    return true;
}
