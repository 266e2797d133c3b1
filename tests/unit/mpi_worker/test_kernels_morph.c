// SPDX-License-Identifier: MIT
//
// Structuring elements against cv2.getStructuringElement's, written out; erosion and dilation
// against the plain minimum and maximum over the element.
#include "mpi_worker/kernels/morph.h"

#include "tests/unit/mpi_worker/kernel_case.h"

static const struct {
    enum dm_element_shape shape;
    int size;
    const char *rows[7];
} known[] = {
    {DM_ELEMENT_SQUARE, 2, {"11", "11"}},
    {DM_ELEMENT_CROSS, 3, {"010", "111", "010"}},
    {DM_ELEMENT_CROSS, 4, {"0010", "0010", "1111", "0010"}},
    {DM_ELEMENT_ELLIPSE, 3, {"010", "111", "010"}},
    {DM_ELEMENT_ELLIPSE, 4, {"0010", "1111", "1111", "1111"}},
    {DM_ELEMENT_ELLIPSE, 5, {"00100", "11111", "11111", "11111", "00100"}},
    {DM_ELEMENT_ELLIPSE,
     7,
     {"0001000", "0111110", "1111111", "1111111", "1111111", "0111110", "0001000"}},
};

static bool contains(const struct dm_element *element, int row, int column) {
    const struct dm_element_run *run = &element->runs[row];
    return column >= run->first && column < run->first + run->length;
}

static void test_elements(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        struct dm_element element;
        dm_element_init(&element, known[i].shape, known[i].size);
        for (int row = 0; row < known[i].size; row++) {
            for (int column = 0; column < known[i].size; column++) {
                g_assert_cmpint(contains(&element, row, column), ==,
                                known[i].rows[row][column] == '1');
            }
        }
    }
}

static int extreme(const struct picture *picture, int x, int y, int band,
                   const struct dm_element *element, bool largest) {
    int anchor = element->size / 2;
    int best = largest ? 0 : picture->max;
    for (int row = 0; row < element->size; row++) {
        for (int column = 0; column < element->size; column++) {
            int v = picture_at(picture, largest ? LOWEST : HIGHEST, x + column - anchor,
                               y + row - anchor, band);
            if (contains(element, row, column) && (largest ? v > best : v < best)) {
                best = v;
            }
        }
    }
    return best;
}

static int smallest(const struct picture *picture, int x, int y, int band, const void *params) {
    return extreme(picture, x, y, band, params, false);
}

static int largest(const struct picture *picture, int x, int y, int band, const void *params) {
    return extreme(picture, x, y, band, params, true);
}

static void check_element(const struct dm_element *element) {
    struct kernel_case erode = {.run = dm_erode_u8,
                                .scratch = dm_morph_scratch,
                                .params = element,
                                .radius = element->size / 2,
                                .border = REPLICATE,
                                .expected = smallest};
    struct kernel_case dilate = erode;
    dilate.run = dm_dilate_u8;
    dilate.expected = largest;
    check_shapes(&erode, 1, 255, 256);
    check_shapes(&dilate, 3, 255, 256);
    erode.run = dm_erode_u16;
    dilate.run = dm_dilate_u16;
    check_shapes(&erode, 3, 65535, 50000);
    check_shapes(&dilate, 1, 65535, 50000);
}

static void test_extremes(void) {
    static const int sizes[] = {1, 2, 3, 4, 5, 8, 15, 16, 67};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        for (int shape = DM_ELEMENT_SQUARE; shape <= DM_ELEMENT_ELLIPSE; shape++) {
            struct dm_element element;
            dm_element_init(&element, (enum dm_element_shape)shape, sizes[i]);
            check_element(&element);
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/morph/elements", test_elements);
    g_test_add_func("/kernels/morph/extremes", test_extremes);
    return g_test_run();
}
