// SPDX-License-Identifier: MIT
//
// The formats of this build: one row each in format.c, from which the catalogue, the sniffing, the
// choice of the output and the messages follow. To add one: its row, and its scan and encode
// functions.
#ifndef DM_MPI_WORKER_CODEC_FORMAT_H
#define DM_MPI_WORKER_CODEC_FORMAT_H

#include "common/catalogue.h"
#include "common/ending.h"
#include "mpi_worker/codec/decode.h"
#include "mpi_worker/codec/encode.h"
#include "mpi_worker/codec/scan.h"
#include "mpi_worker/image/meaning.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vips/vips.h>

/** What several pictures in one file are to each other. */
enum dm_many {
    DM_MANY_NONE,   // there is only one
    DM_MANY_FRAMES, // moments of one animation, of one size, with a time each
    DM_MANY_PAGES,  // of one document, each by itself
};

/** All that the worker knows of a format. */
struct dm_codec {
    const struct dm_format *info;
    // The operation of libvips that reads it from memory.
    const char *loader;
    // (nullable) Called instead of that loader.
    dm_open_fn open;
    // (nullable) Called after it.
    dm_decode_fn decode;
    bool (*scan)(const uint8_t *data, size_t size, struct dm_header *ret);
    // Says whether its end is there.
    enum dm_ending (*ending)(struct dm_source *source);
    /** (nullable) Add a file of one page behind the pages in @file, which may have another size. */
    bool (*add_page)(GByteArray *file, const uint8_t *data, size_t size);
    // NULL: cannot be written.
    dm_encode_fn encode;
    // Of what cannot be written: the format that results get instead.
    const char *fallback;
    // Of what can be written.
    int64_t max_side_px;
    // What several pictures in one file are, where they are read and written.
    enum dm_many many;
    // They are frames, though only the first is read.
    bool moves;
    // Keeps transparency.
    bool alpha;
    // Keeps samples that are neither colour nor alpha.
    bool extras;
    // Keeps 16 bits.
    bool depth16;
    // What it can say about colours.
    struct dm_meaning_room colour;
    // Readers honour an orientation tag in it.
    bool orientation;
    // Can be decoded at 1/2, 1/4, 1/8.
    bool shrinks;
    // Is decoded row by row.
    bool streams;
    // Its decoder takes a part for the whole: the end is looked for first.
    bool forgiving;
    // Its encoder needs the whole picture at once.
    bool gathers;
    // What its encoder takes for each pixel besides.
    int encoder_bytes;
};

/** Say whether the end that the format promises is within @size bytes, or that it promises none. */
bool dm_codec_is_whole(const struct dm_codec *codec, const uint8_t *data, size_t size);

/** The formats as both programs know them. */
const struct dm_format *dm_formats(size_t *ret_count);

/** Find by name, e.g. "jpeg"; NULL when there is none. */
const struct dm_codec *dm_codec_find(const char *name);

/** The names of all that can be read, for a message: "jpeg, png, webp"; (transfer full). */
char *dm_formats_readable(void);

#endif
