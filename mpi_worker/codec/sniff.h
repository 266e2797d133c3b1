// SPDX-License-Identifier: MIT
//
// What is this file? Decided by its first bytes, never by its name. What is readable is a row in
// format.c; all else that people drop is recognised here just to say so.
#ifndef DM_MPI_WORKER_CODEC_SNIFF_H
#define DM_MPI_WORKER_CODEC_SNIFF_H

#include "common/reason.h"
#include "mpi_worker/codec/format.h"
#include "mpi_worker/codec/scan.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the bytes say. */
struct dm_sniff {
    // NULL: not a format that we read.
    const struct dm_codec *codec;
    struct dm_header header;
    // Without codec: EMPTY, NOT_AN_IMAGE or UNSUPPORTED_FORMAT.
    enum dm_reason reason;
    // Without codec: "a PDF document"; NULL: no idea.
    const char *seems;
};

/** Look at a whole file. Threads: any. */
void dm_sniff(const uint8_t *data, size_t size, struct dm_sniff *ret);

/** Say why a file without codec is refused and which formats work; (transfer full). */
char *dm_sniff_refusal(const struct dm_sniff *sniff);

#endif
