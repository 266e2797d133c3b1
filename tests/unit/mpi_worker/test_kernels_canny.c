// SPDX-License-Identifier: MIT
//
// Marks against a definition that looks everything up anew for each pixel; the following of edges
// on drawn cases.
#include "mpi_worker/kernels/canny.h"

#include "tests/unit/mpi_worker/kernel_case.h"

#include <stdlib.h>

struct gradient {
    int dx, dy, magnitude;
};

static struct gradient sobel_at(const struct picture *picture, int x, int y, int band) {
    static const int weights[3] = {1, 2, 1};
    struct gradient g = {0};
    for (int i = 0; i < 3; i++) {
        g.dx += weights[i] * (picture_at(picture, REPLICATE, x + 1, y + i - 1, band) -
                              picture_at(picture, REPLICATE, x - 1, y + i - 1, band));
        g.dy += weights[i] * (picture_at(picture, REPLICATE, x + i - 1, y + 1, band) -
                              picture_at(picture, REPLICATE, x + i - 1, y - 1, band));
    }
    g.magnitude = abs(g.dx) + abs(g.dy);
    return g;
}

/** Of the strongest channel, the last one of equals in the order R G B. */
static struct gradient gradient_at(const struct picture *picture, int x, int y) {
    int colours = picture->bands < 3 ? 1 : 3;
    struct gradient best = {0};
    if (x < 0 || y < 0 || x >= picture->width || y >= picture->height) {
        return best;
    }
    for (int band = 0; band < colours; band++) {
        struct gradient g = sobel_at(picture, x, y, band);
        if (band == 0 || g.magnitude >= best.magnitude) {
            best = g;
        }
    }
    return best;
}

static int mark_at(const struct picture *picture, int x, int y, int band, const void *params) {
    (void)band;
    const struct dm_canny *canny = params;
    struct gradient g = gradient_at(picture, x, y);
    if (g.magnitude <= canny->low) {
        return DM_CANNY_NONE;
    }

    // One neighbour has to be weaker, the other not stronger (diagonally: weaker, too).
    int u, v, diagonal = 0;
    int64_t steep = (int64_t)abs(g.dy) << 15, flat = (int64_t)abs(g.dx) * 13573;
    if (steep < flat) {
        u = -1, v = 0;
    } else if (steep > flat + ((int64_t)abs(g.dx) << 16)) {
        u = 0, v = -1;
    } else {
        u = (g.dx < 0) == (g.dy < 0) ? -1 : 1, v = -1, diagonal = 1;
    }
    int before = gradient_at(picture, x + u, y + v).magnitude;
    int after = gradient_at(picture, x - u, y - v).magnitude;
    if (g.magnitude <= before || g.magnitude < after + diagonal) {
        return DM_CANNY_NONE;
    }
    return g.magnitude > canny->high ? DM_CANNY_EDGE : DM_CANNY_WEAK;
}

static void test_marks(void) {
    static const struct { int low, high; } limits[] = {{100, 200}, {0, 0}, {400, 900}};
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        struct dm_canny canny = {limits[i].low, limits[i].high};
        struct kernel_case test = {.run = dm_canny_marks_u8,
                                   .scratch = dm_canny_scratch,
                                   .params = &canny,
                                   .radius = 2,
                                   .border = REPLICATE,
                                   .bands_out = 1,
                                   .expected = mark_at};
        check_shapes(&test, 1, 255, 256);
        check_shapes(&test, 2, 255, 3);
        check_shapes(&test, 3, 255, 3);
        check_shapes(&test, 4, 255, 256);
    }
}

// w: weak, E: edge, blank: none.
static const struct {
    const char *before, *after;
    int width, height;
} drawings[] = {
    {"w", " ", 1, 1},
    {"E", "E", 1, 1},
    {"wwEw ww", "EEEE   ", 7, 1},
    {"w w"
     " E "
     "w w",
     "E E"
     " E "
     "E E",
     3, 3},
    {"Ewwww"
     "    w"
     "wwwww"
     "w    "
     "wwww ",
     "EEEEE"
     "    E"
     "EEEEE"
     "E    "
     "EEEE ",
     5, 5},
    {"w   E" // no edge goes round from one side to the other
     "    w",
     "    E"
     "    E",
     5, 2},
};

static uint8_t mark_of(char c) {
    return c == 'E' ? DM_CANNY_EDGE : c == 'w' ? DM_CANNY_WEAK : DM_CANNY_NONE;
}

static void test_connect(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(drawings); i++) {
        uint8_t marks[25];
        int count = drawings[i].width * drawings[i].height;
        for (int at = 0; at < count; at++) {
            marks[at] = mark_of(drawings[i].before[at]);
        }
        g_assert_true(dm_canny_connect(marks, drawings[i].width, drawings[i].height));
        for (int at = 0; at < count; at++) {
            g_assert_cmpint(marks[at], ==, mark_of(drawings[i].after[at]));
        }
    }
}

/** As many marks as there can be: the stack has to grow. */
static void test_connect_all(void) {
    int side = 500;
    g_autofree uint8_t *marks = g_malloc((size_t)(side * side));
    memset(marks, DM_CANNY_WEAK, (size_t)(side * side));
    marks[side * side / 2] = DM_CANNY_EDGE;
    g_assert_true(dm_canny_connect(marks, side, side));
    for (int i = 0; i < side * side; i++) {
        g_assert_cmpint(marks[i], ==, DM_CANNY_EDGE);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/canny/marks", test_marks);
    g_test_add_func("/kernels/canny/connect", test_connect);
    g_test_add_func("/kernels/canny/connect_all", test_connect_all);
    return g_test_run();
}
