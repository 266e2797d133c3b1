// SPDX-License-Identifier: MIT
//
// EXIF made true again after a picture was changed: orientation, dimensions, no thumbnail of what
// it once looked like. Everything else (camera, GPS, maker notes) stays as it was.
#ifndef DM_MPI_WORKER_CODEC_EXIF_H
#define DM_MPI_WORKER_CODEC_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the EXIF shall say of the picture. */
struct dm_exif_facts {
    // 1 to 8.
    int orientation;
    int64_t width_px;
    int64_t height_px;
};

/**
 * Rewrite @data (with or without the "Exif\0\0" in front; NULL: make new ones when there is an
 * orientation to tell). Returns (transfer full, free()) with "Exif\0\0" in front, or NULL when
 * nothing is left to write.
 */
uint8_t *dm_exif_rewrite(const uint8_t *data, size_t size, const struct dm_exif_facts *facts,
                         size_t *ret_size);

/**
 * The block that a TIFF file's directories amount to: what describes the picture, without the
 * TIFF's own strips and sizes. Returns (transfer full, free()) as above, or NULL when there is
 * nothing of the kind.
 */
uint8_t *dm_exif_from_tiff(const uint8_t *data, size_t size, size_t *ret_size);

/** A block with its numbers in little-endian order, to be free()d; NULL: nothing in it. */
uint8_t *dm_exif_little_endian(const uint8_t *data, size_t size, size_t *ret_size);

/**
 * Say whether the EXIF block @data, with its prefix, is worth reading: its directories
 * are few, and so are their entries, when each is read as often as others point to it. One that
 * points at itself is read until libexif is tired, 170 times. See exif_guard.c.
 */
bool dm_exif_is_sane(const uint8_t *data, size_t size);

#endif
