// SPDX-License-Identifier: MIT
//
// Colours as people write them in a folder name: by name, or as six hexadecimal digits. Pure.
#ifndef DM_COMMON_COLOUR_H
#define DM_COMMON_COLOUR_H

#include "common/catalogue.h"

#include <stdbool.h>

/** Read "ff8800" (RRGGBB, sRGB, lower case). */
bool dm_colour_from_hex(const char *text, struct dm_colour *ret);

/** Read "orange". */
bool dm_colour_from_name(const char *text, struct dm_colour *ret);

/** The shortest canonical spelling: its name if it has one, else its digits; (transfer full). */
char *dm_colour_print(struct dm_colour colour);

/** All names: "black, white, ..."; (transfer full). */
char *dm_colour_names(void);

#endif
