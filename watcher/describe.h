// SPDX-License-Identifier: MIT
//
// The catalogue in words: what `dropmill ops`, the man page and the page in the share say alike.
#ifndef DM_WATCHER_DESCRIBE_H
#define DM_WATCHER_DESCRIBE_H

#include "common/chain.h"

/** "a number from 0.3 to 100, in px"; (transfer full). */
char *dm_describe_values(const struct dm_param *param);

/** The same with the default: "a number from 0.3 to 100, in px; without it 2"; (transfer full). */
char *dm_describe_param(const struct dm_param *param);

/** Other names of an operation as people write them: "grayscale, black and white"; (transfer full).
 */
char *dm_describe_aliases(const struct dm_operation *operation);

/** How a colour is written, and the names there are: a sentence; (transfer full). */
char *dm_describe_colours(void);

/** The formats that are read, or written: "jpeg, png, webp"; (transfer full). */
char *dm_describe_formats_read(const struct dm_catalogue *catalogue);
char *dm_describe_formats_written(const struct dm_catalogue *catalogue);

/**
 * What a chain does, with the values that were given: "Makes the picture smaller or larger: 1600
 * px; takes the colour away; writes JPEG: quality 85"; (transfer full).
 */
char *dm_describe_chain(const struct dm_chain *chain);

/**
 * The heading above the operation @index, "Tone", when it is the first of its group; NULL when it
 * is not; (transfer full).
 */
char *dm_describe_heading(const struct dm_catalogue *catalogue, size_t index);

/** What a size of @operation comes to: "longest side at most 1600 px, smaller pictures stay";
 * (transfer full). */
char *dm_describe_size(const struct dm_operation *operation, const struct dm_size *size);

#endif
