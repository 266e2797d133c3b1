// SPDX-License-Identifier: MIT
//
// The first directory of a TIFF: its size, whether it is a camera's raw file in disguise (DNG, NEF,
// ARW, CR2: the first directory is then a small preview, and decoding it would hand back a
// thumbnail), and all further directories, which libtiff takes for the end when they are not there.
// BigTIFF is left to its decoder.
#include "common/bytes.h"
#include "common/tiff_walk.h"
#include "mpi_worker/codec/scan.h"

#include <string.h>

enum { TAG_SUBFILE_TYPE = 254, TAG_WIDTH = 256, TAG_HEIGHT = 257, TAG_SUB_IFDS = 330 };
enum { TAG_DNG_VERSION = 50706 };

static uint32_t first_value(const struct dm_tiff *tiff, unsigned tag) {
    struct dm_tiff_values values;
    return dm_tiff_find(tiff, tag, &values) ? dm_tiff_value(tiff, &values, 0) : 0;
}

static bool is_camera_raw(const struct dm_tiff *tiff) {
    struct dm_tiff_values values;
    const uint8_t *mark = dm_source_at(tiff->source, 8, 3, NULL);
    if (mark != NULL && memcmp(mark, "CR", 2) == 0) {
        return true;
    }
    bool preview = first_value(tiff, TAG_SUBFILE_TYPE) & 1;
    return dm_tiff_find(tiff, TAG_DNG_VERSION, &values) ||
           (preview && dm_tiff_find(tiff, TAG_SUB_IFDS, &values));
}

bool dm_scan_tiff(const uint8_t *data, size_t size, struct dm_header *ret) {
    *ret = (struct dm_header){0};
    struct dm_source source = dm_source_memory(data, size);
    struct dm_tiff tiff;
    if (dm_tiff_is_big(&source)) {
        return true;
    }
    if (!dm_tiff_open(&source, &tiff)) {
        return false;
    }
    ret->width_px = first_value(&tiff, TAG_WIDTH);
    ret->height_px = first_value(&tiff, TAG_HEIGHT);
    ret->camera_raw = is_camera_raw(&tiff);
    ret->cut_short = !dm_tiff_count(tiff, &ret->pages);
    return true;
}
