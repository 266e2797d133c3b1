// SPDX-License-Identifier: MIT
//
// See tiff_tags.h.
#include "mpi_worker/meta/tiff_tags.h"

#include <glib.h>
#include <stddef.h>

enum { REDUCED = 1, MASK = 4, OLD_REDUCED = 2 };

bool dm_tag_is_structure(unsigned tag) {
    static const struct {
        unsigned first, last;
    } ranges[] = {
        {254, 266},     {273, 273},     {277, 281},     {284, 284},     {288, 293},
        {296, 296},     {301, 301},     {317, 317},     {320, 330},     {332, 348},
        {400, 435},     {512, 521},     {529, 532},     {559, 559},     {700, 700},
        {32995, 32998}, {33723, 33723}, {34377, 34377}, {34675, 34675}, {37724, 37724},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
        if (tag >= ranges[i].first && tag <= ranges[i].last) {
            return true;
        }
    }
    return tag == DM_TAG_X_RESOLUTION || tag == DM_TAG_Y_RESOLUTION;
}

bool dm_tiff_is_copy(uint64_t type, uint64_t old_type) {
    return type != 0 ? (type & (REDUCED | MASK)) != 0 : old_type == OLD_REDUCED;
}
