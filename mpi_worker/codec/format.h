// SPDX-License-Identifier: MIT
//
// The formats of this build: one row each in format.c, from which the catalogue, the sniffing, the
// choice of the output and the messages follow. To add one: its row, and its scan and encode
// functions.
#ifndef DM_MPI_WORKER_CODEC_FORMAT_H
#define DM_MPI_WORKER_CODEC_FORMAT_H

#include "common/catalogue.h"
#include "mpi_worker/codec/decode.h"
#include "mpi_worker/codec/encode.h"
#include "mpi_worker/codec/scan.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vips/vips.h>

/** All that the worker knows of a format. */
struct dm_codec {
    const struct dm_format *info;
    const char *loader;  // libvips' operation that reads it from memory
    dm_decode_fn decode; // (nullable) after that loader
    bool (*scan)(const uint8_t *data, size_t size, struct dm_header *ret);
    bool (*whole)(const uint8_t *data, size_t size);
    /** (nullable) Add a file of one page behind the pages in @file, which may have another size. */
    bool (*add_page)(GByteArray *file, const uint8_t *data, size_t size);
    dm_encode_fn encode;  // NULL: cannot be written
    const char *fallback; // of what cannot be written: the format that results get instead
    int64_t max_side_px;  // of what can be written
    bool pages;           // several pictures in one file, read and written
    bool alpha;           // keeps transparency
    bool depth16;         // keeps 16 bits
    bool exif;            // keeps EXIF
    bool orientation;     // readers honour an orientation tag in it
    bool shrinks;         // can be decoded at 1/2, 1/4, 1/8
    bool streams;         // is decoded row by row
    bool forgiving;       // its decoder takes a part for the whole: the end is looked for first
    bool gathers;         // its encoder needs the whole picture at once
    int encoder_bytes;    // that its encoder takes for each pixel besides
};

/** The formats as both programs know them. */
const struct dm_format *dm_formats(size_t *ret_count);

/** Find by name, e.g. "jpeg"; NULL when there is none. */
const struct dm_codec *dm_codec_find(const char *name);

/** The names of all that can be read, for a message: "jpeg, png, webp"; (transfer full). */
char *dm_formats_readable(void);

#endif
