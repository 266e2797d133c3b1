// SPDX-License-Identifier: MIT
//
// An animation as one tall picture: GIF and PNG store what changes from one frame to the next, and
// say what becomes of it; here each frame is drawn whole, below the one before it, when its rows
// are asked for. Who reads the files: gif.c, apng.c.
#ifndef DM_MPI_WORKER_CODEC_FRAMES_H
#define DM_MPI_WORKER_CODEC_FRAMES_H

#include "mpi_worker/codec/decode.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vips/vips.h>

/** What becomes of a frame when its time is over. */
enum dm_dispose {
    DM_DISPOSE_NOT,     // it stays
    DM_DISPOSE_CLEAR,   // its place becomes transparent
    DM_DISPOSE_RESTORE, // its place becomes what it was before
};

struct dm_frame {
    // On the canvas, wholly; perhaps empty.
    int left, top, width, height;
    int delay_ms;
    enum dm_dispose dispose;
    // Its transparency shows what is below; else it takes its place.
    bool over;
    // Where the format's own reader finds it.
    size_t at;
    // GIF: the index that is transparent; -1: none is.
    int transparent;
};

struct dm_frames {
    int width, height;
    // How often it is shown; 0: for ever.
    int loops;
    // Of struct dm_frame; owned.
    GArray *list;
    // What the picture made of it has: else three colours, and no transparency.
    bool gray, alpha;
    // Borrowed; outlives the picture.
    const struct dm_bytes *bytes;
    /** Decode @frame into @ret_rgba: its width x height pixels of four bytes. False: damaged. */
    bool (*decode)(const struct dm_frames *frames, const struct dm_frame *frame, uint8_t *ret_rgba);
};

/** Accepts NULL. */
void dm_frames_free(struct dm_frames *frames);

/**
 * The picture of @frames (transfer full): all of them, or the first alone; its number of pages,
 * delays and rounds are set in any case. @header (nullable): whose metadata it gets. Returns NULL
 * when libvips refuses.
 */
VipsImage *dm_frames_open(struct dm_frames *frames, VipsImage *header, bool all);

#endif
