// SPDX-License-Identifier: MIT
//
// What became of a picture on its way through the steps, as far as what it says is concerned.
#ifndef DM_MPI_WORKER_META_FACTS_H
#define DM_MPI_WORKER_META_FACTS_H

#include "mpi_worker/meta/place.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What became of a picture. */
struct dm_meta_facts {
    // The tag that the result shall have: 1, or the source's where its pixels were not turned.
    int orientation;
    // As stored.
    int64_t source_width_px, source_height_px;
    // Of a page.
    int64_t width_px, height_px;
    // From the source as stored to the result; all zero: nobody knows.
    double place[6];
    // Its colours were converted; into sRGB.
    bool recoloured, is_srgb;
    // Of the result's gain map; 0: it has none.
    size_t gain_map_bytes;
    // It is the gain map of another picture.
    bool is_gain_map;
    // Its numbers have to be in that order.
    bool little_endian;
    // Of the result: "image/jpeg".
    const char *mime;
};

#endif
