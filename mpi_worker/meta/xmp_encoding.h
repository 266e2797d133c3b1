// SPDX-License-Identifier: MIT
//
// XMP may come in UTF-16 and UTF-32 (XMP Specification, part 1, 7.1). Most containers have it in
// UTF-8 alone, and so has this room.
#ifndef DM_MPI_WORKER_META_XMP_ENCODING_H
#define DM_MPI_WORKER_META_XMP_ENCODING_H

#include <glib.h>

/** @packet (transfer full) in UTF-8; as it is, when it is so already or is damaged. */
GBytes *dm_xmp_to_utf8(GBytes *packet);

#endif
