// SPDX-License-Identifier: MIT
//
// Width and height as the head of a JPEG or PNG says: of the copies and pieces that browsers make
// (canvas.toBlob). Nothing is decoded here. Pure; the bytes are a stranger's.
#ifndef DM_WATCHER_PAGE_PICTURE_SIZE_H
#define DM_WATCHER_PAGE_PICTURE_SIZE_H

#include "common/extent.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Read it, as stored, from the @size bytes at @data. False: they are neither, or say nothing. */
bool dm_picture_size(const uint8_t *data, size_t size, struct dm_extent *ret);

#endif
