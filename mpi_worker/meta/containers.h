// SPDX-License-Identifier: MIT
//
// The table of containers. To add one: its file, and its row in containers.c.
#ifndef DM_MPI_WORKER_META_CONTAINERS_H
#define DM_MPI_WORKER_META_CONTAINERS_H

#include "mpi_worker/meta/container.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/** Find by a format's name; NULL: that says nothing about itself. */
const struct dm_meta_container *dm_meta_container(const char *format);

/** What a kind is called, for people: "EXIF". */
const char *dm_meta_kind_name(enum dm_meta_kind kind);

/** Take out of @meta what @format cannot hold, with a remark for each kind. */
void dm_meta_fit(struct dm_meta *meta, const char *format);

/** @file, of pixels alone, with what @meta says; NULL: not understood. (transfer full) */
GByteArray *dm_meta_write(const struct dm_meta *meta, const char *format, const uint8_t *file,
                          size_t size);

/**
 * Read what @data, a file of the format @container ("jpeg" ...), says about itself. Whatever cannot
 * be read is left out, with a remark; never NULL. @page: of a TIFF, from 0.
 */
struct dm_meta *dm_meta_read(const char *container, const uint8_t *data, size_t size, int page);

#endif
