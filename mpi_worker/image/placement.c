// SPDX-License-Identifier: MIT
//
// See placement.h.
#include "mpi_worker/image/placement.h"

#define FIELD "dropmill-placement"

enum { NUMBERS = 6 };

static void set(VipsImage *image, const double m[NUMBERS]) {
    vips_image_set_array_double(image, FIELD, m, NUMBERS);
}

/** What lies upon @image. False: nothing does. */
static bool get(VipsImage *image, double ret[NUMBERS]) {
    double *numbers = NULL;
    int count = 0;
    if (vips_image_get_typeof(image, FIELD) == 0 ||
        vips_image_get_array_double(image, FIELD, &numbers, &count) != 0 || count != NUMBERS) {
        return false;
    }
    for (int i = 0; i < NUMBERS; i++) {
        ret[i] = numbers[i];
    }
    return true;
}

void dm_placement_begin(VipsImage *image) {
    set(image, (const double[]){image->Xsize, 0, 0, 0, image->Ysize, 0});
}

void dm_placement_move(VipsImage *image, const double m[NUMBERS]) {
    double old[NUMBERS];
    if (!get(image, old)) {
        return;
    }
    set(image, (const double[]){
                   m[0] * old[0] + m[1] * old[3],
                   m[0] * old[1] + m[1] * old[4],
                   m[0] * old[2] + m[1] * old[5] + m[2],
                   m[3] * old[0] + m[4] * old[3],
                   m[3] * old[1] + m[4] * old[4],
                   m[3] * old[2] + m[4] * old[5] + m[5],
               });
}

void dm_placement_cut(VipsImage *image, int left, int top) {
    dm_placement_move(image, (const double[]){1, 0, -left, 0, 1, -top});
}

void dm_placement_scale(VipsImage *image, double across, double down) {
    dm_placement_move(image, (const double[]){across, 0, 0, 0, down, 0});
}

void dm_placement_turn(VipsImage *image, int orientation, int width, int height) {
    const double turns[][NUMBERS] = {
        {1, 0, 0, 0, 1, 0},
        {-1, 0, width, 0, 1, 0},
        {-1, 0, width, 0, -1, height},
        {1, 0, 0, 0, -1, height},
        {0, 1, 0, 1, 0, 0},
        {0, -1, height, 1, 0, 0},
        {0, -1, height, -1, 0, width},
        {0, 1, 0, -1, 0, width},
    };
    if (orientation >= 1 && orientation <= (int)G_N_ELEMENTS(turns)) {
        dm_placement_move(image, turns[orientation - 1]);
    }
}

void dm_placement_forget(VipsImage *image) {
    vips_image_remove(image, FIELD);
}

bool dm_placement_of(VipsImage *image, int page_height_px, double ret[NUMBERS]) {
    if (!get(image, ret)) {
        return false;
    }
    for (int i = 0; i < NUMBERS; i++) {
        ret[i] /= i < 3 ? image->Xsize : page_height_px;
    }
    return true;
}
