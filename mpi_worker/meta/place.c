// SPDX-License-Identifier: MIT
//
// See place.h.
#include "mpi_worker/meta/place.h"

#include <glib.h>
#include <math.h>
#include <string.h>

static const double hair = 1e-9;

const double dm_place_nowhere[6] = {1, 0, 0, 0, 1, 0};

bool dm_place_stays(const double m[6]) {
    for (int i = 0; i < 6; i++) {
        if (fabs(m[i] - dm_place_nowhere[i]) > hair) {
            return false;
        }
    }
    return true;
}

bool dm_place_swaps(const double m[6]) {
    return fabs(m[0]) < hair && fabs(m[4]) < hair;
}

bool dm_place_is_upright(const double m[6]) {
    return dm_place_swaps(m) || (fabs(m[1]) < hair && fabs(m[3]) < hair);
}

struct dm_box dm_place_box(const double m[6], struct dm_box box) {
    const double x[] = {box.left, box.right}, y[] = {box.top, box.bottom};
    struct dm_box out = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int i = 0; i < 4; i++) {
        double to_x = m[0] * x[i & 1] + m[1] * y[i >> 1] + m[2];
        double to_y = m[3] * x[i & 1] + m[4] * y[i >> 1] + m[5];
        out.left = MIN(out.left, to_x);
        out.top = MIN(out.top, to_y);
        out.right = MAX(out.right, to_x);
        out.bottom = MAX(out.bottom, to_y);
    }
    return out;
}

bool dm_place_shows_all(const double m[6]) {
    struct dm_box box = dm_place_box(m, (struct dm_box){0, 0, 1, 1});
    return box.left > -hair && box.top > -hair && box.right < 1 + hair && box.bottom < 1 + hair;
}

int dm_place_orientation(const double m[6]) {
    if (dm_place_swaps(m)) {
        return m[1] > 0 ? (m[3] > 0 ? 5 : 8) : (m[3] > 0 ? 6 : 7);
    }
    return m[0] > 0 ? (m[4] > 0 ? 1 : 4) : (m[4] > 0 ? 2 : 3);
}

void dm_place_of_orientation(int orientation, double ret[6]) {
    static const double turns[][6] = {
        {1, 0, 0, 0, 1, 0}, {-1, 0, 1, 0, 1, 0}, {-1, 0, 1, 0, -1, 1}, {1, 0, 0, 0, -1, 1},
        {0, 1, 0, 1, 0, 0}, {0, -1, 1, 1, 0, 0}, {0, -1, 1, -1, 0, 1}, {0, 1, 0, -1, 0, 1},
    };
    int index = orientation >= 1 && orientation <= 8 ? orientation - 1 : 0;
    memcpy(ret, turns[index], sizeof(turns[index]));
}

void dm_place_join(const double first[6], const double second[6], double ret[6]) {
    const double joined[6] = {
        second[0] * first[0] + second[1] * first[3],
        second[0] * first[1] + second[1] * first[4],
        second[0] * first[2] + second[1] * first[5] + second[2],
        second[3] * first[0] + second[4] * first[3],
        second[3] * first[1] + second[4] * first[4],
        second[3] * first[2] + second[4] * first[5] + second[5],
    };
    memcpy(ret, joined, sizeof(joined));
}

bool dm_place_invert(const double m[6], double ret[6]) {
    double det = m[0] * m[4] - m[1] * m[3];
    if (fabs(det) < hair * hair) {
        return false;
    }
    const double back[6] = {m[4] / det,  -m[1] / det, (m[1] * m[5] - m[4] * m[2]) / det,
                            -m[3] / det, m[0] / det,  (m[3] * m[2] - m[0] * m[5]) / det};
    memcpy(ret, back, sizeof(back));
    return true;
}
