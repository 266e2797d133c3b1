// SPDX-License-Identifier: MIT
//
// See allowance.h.
#include "mpi_worker/task/allowance.h"

#include <glib.h>

enum { START_MS = 20000, UNIT_MS = 1000 };
enum { UNIT_BYTES = 10000000, UNIT_PIXELS = 1000000 };
enum { FIRST_BYTES = 48 << 20 };                          // more than a small picture streaming
enum { SLACK_BYTES = 512 << 20, THREAD_BYTES = 9 << 20 }; // heap in reserve; a stack
enum { PIXEL_BYTES = 4 * 2, HEAD_BYTES = 64 << 20 };      // RGBA of 16 bits; profile, EXIF
static const int64_t most_bytes = INT64_MAX / 4;          // of anything, so that sums fit

int64_t dm_allowance_memory(int64_t file_bytes) {
    return FIRST_BYTES + CLAMP(file_bytes, 0, most_bytes);
}

int64_t dm_allowance_ms(int64_t file_bytes, int64_t pixels, int64_t most_ms) {
    int64_t file_ms = CLAMP(file_bytes, 0, most_bytes) / UNIT_BYTES * UNIT_MS;
    int64_t pixel_ms = CLAMP(pixels, 0, most_bytes) / UNIT_PIXELS * UNIT_MS;
    int64_t all_ms = START_MS + file_ms + pixel_ms;
    return most_ms > 0 ? MIN(all_ms, most_ms) : all_ms;
}

int64_t dm_allowance_address_space(int64_t base_bytes, int64_t memory_bytes, int cores) {
    return base_bytes + 2 * MIN(memory_bytes, most_bytes) + SLACK_BYTES +
           (int64_t)cores * THREAD_BYTES;
}

int64_t dm_allowance_file(int64_t max_pixels) {
    return max_pixels > 0 && max_pixels < most_bytes / PIXEL_BYTES
               ? max_pixels * PIXEL_BYTES + max_pixels / 2 + HEAD_BYTES
               : INT64_MAX;
}
