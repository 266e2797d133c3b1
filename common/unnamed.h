// SPDX-License-Identifier: MIT
//
// Folders that have no name yet: desktops create first, and let people name after.
#ifndef DM_COMMON_UNNAMED_H
#define DM_COMMON_UNNAMED_H

#include <stdbool.h>

/** Say whether @name (any bytes) is what a desktop calls a new folder, in any language we know. */
bool dm_name_is_unnamed(const char *name);

#endif
