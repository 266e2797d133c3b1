// SPDX-License-Identifier: MIT
//
// The name of a result. Pure but for asking who owns a name: used by the outbox and by `dropmill
// process`.
#ifndef DM_WATCHER_OUTBOX_OUTPUT_NAME_H
#define DM_WATCHER_OUTBOX_OUTPUT_NAME_H

#include "common/catalogue.h"

#include <stdbool.h>

/** Says whether the output @name may be used by the input that is being published. */
typedef bool (*dm_name_free_fn)(const char *name, void *data);

/**
 * Give the result of the input @path (relative) its name in the same relative directory: the
 * input's own name when its extension fits @format, else stem + the format's extension; when that
 * is not free "a (png).webp", then "a (png 2).webp", ... Never longer than a file name may be;
 * (transfer full).
 */
char *dm_output_name(const char *path, const struct dm_format *format, dm_name_free_fn is_free,
                     void *data);

#endif
