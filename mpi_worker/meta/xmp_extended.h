// SPDX-License-Identifier: MIT
//
// XMP that is too long for one segment of a JPEG lies in two packets: the standard one, which names
// the extended one by its MD5 (XMP Specification, part 3, 1.1.3.1). Here they become one, and two.
#ifndef DM_MPI_WORKER_META_XMP_EXTENDED_H
#define DM_MPI_WORKER_META_XMP_EXTENDED_H

#include <glib.h>
#include <stddef.h>

/** Which extended packet a standard one names, 32 digits; NULL: none. (transfer full) */
char *dm_xmp_extended_name(GBytes *standard);

/** Both as one packet; NULL: one of them is not understood. (transfer full) */
GBytes *dm_xmp_join(GBytes *standard, GBytes *extended);

/**
 * Split @packet so that the standard one has at most @most bytes. Returns it (transfer full), and
 * the extended one in @ret_extended (transfer full); NULL: it cannot be split.
 */
GBytes *dm_xmp_split(GBytes *packet, size_t most, GBytes **ret_extended);

#endif
