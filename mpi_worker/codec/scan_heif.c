// SPDX-License-Identifier: MIT
//
// HEIF and AVIF are boxes: length, name, content (ISO/IEC 14496-12). Sizes of pictures lie deep in
// them and are left to the decoder, which reads them before any pixel; how many frames a sequence
// has is found here, as the decoder knows only its first.
#include "common/bytes.h"
#include "mpi_worker/codec/scan.h"

#include <string.h>

enum { HEADER_BYTES = 8, LONG_HEADER_BYTES = 16, SIZES_HEAD_BYTES = 12 };

struct box {
    const uint8_t *data; // its content
    size_t size;
    size_t next; // offset behind it
    const char *name;
};

/** The box at @at. False: it does not lie within the @size bytes. */
static bool get_box(const uint8_t *data, size_t size, size_t at, struct box *ret) {
    if (at > size || size - at < HEADER_BYTES) {
        return false;
    }
    uint64_t length = dm_be32(data + at);
    size_t header = HEADER_BYTES;
    if (length == 0) { // it reaches to the end of the file, wherever that is
        length = size - at;
    } else if (length == 1 && size - at >= LONG_HEADER_BYTES) {
        header = LONG_HEADER_BYTES;
        length = (uint64_t)dm_be32(data + at + 8) << 32 | dm_be32(data + at + 12);
    }
    if (length < header || length > size - at) {
        return false;
    }
    *ret = (struct box){.data = data + at + header,
                        .size = (size_t)length - header,
                        .next = at + (size_t)length,
                        .name = (const char *)data + at + 4};
    return true;
}

/** The most samples that a track below @parent has, @path being the names of boxes on the way. */
static int64_t count_samples(const struct box *parent, const char *path) {
    struct box box;
    int64_t most = 0;
    for (size_t at = 0; get_box(parent->data, parent->size, at, &box); at = box.next) {
        if (memcmp(box.name, path, 4) != 0) {
            continue;
        }
        int64_t found = 0;
        if (path[4] != 0) {
            found = count_samples(&box, path + 4);
        } else if (box.size >= SIZES_HEAD_BYTES) {
            found = dm_be32(box.data + 8);
        }
        most = found > most ? found : most;
    }
    return most;
}

bool dm_scan_heif(const uint8_t *data, size_t size, struct dm_header *ret) {
    const struct box file = {.data = data, .size = size};
    *ret = (struct dm_header){0};
    if (size < LONG_HEADER_BYTES) {
        return false;
    }
    int64_t frames = count_samples(&file, "moovtrakmdiaminfstblstsz");
    ret->pages = frames > 1 ? frames : 0;
    return true;
}
