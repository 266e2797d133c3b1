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
    const struct dm_codec *codec; // NULL: not a format that we read
    struct dm_header header;
    enum dm_reason reason; // without codec: EMPTY, NOT_AN_IMAGE or UNSUPPORTED_FORMAT
    const char *seems;     // without codec: "a PDF document"; NULL: no idea
};

/** Look at a whole file. Threads: any. */
void dm_sniff(const uint8_t *data, size_t size, struct dm_sniff *ret);

/** Say why a file without codec is refused and which formats work; (transfer full). */
char *dm_sniff_refusal(const struct dm_sniff *sniff);

#endif
