// SPDX-License-Identifier: MIT
//
// Numbers with units as people write them in the configuration and on the command line: "1.5s",
// "14d", "200MB", "250MP". One parser and one printer for each; what is printed is read back as the
// same.
#ifndef DM_WATCHER_UNITS_H
#define DM_WATCHER_UNITS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define DM_DURATION_FOREVER INT64_MAX
// A word that a setting takes instead of a duration.
#define DM_DURATION_WORD INT64_C(-1)

/**
 * "1.5s", "14d", "forever" -> us; "200MB" -> bytes; "250MP" -> pixels. A bare "0" needs no unit.
 * Errors: DM_ERROR_CONFIG with what is expected.
 */
bool dm_parse_duration(const char *text, int64_t *ret_us, GError **error);
/** The same for what may be endless: offers "forever" when it does not understand. */
bool dm_parse_endless_duration(const char *text, int64_t *ret_us, GError **error);
bool dm_parse_bytes(const char *text, int64_t *ret_bytes, GError **error);
bool dm_parse_pixels(const char *text, int64_t *ret_px, GError **error);

/** The shortest text that is read back as exactly this value; (transfer full). */
char *dm_format_duration(int64_t us);
char *dm_format_bytes(int64_t bytes);
char *dm_format_pixels(int64_t px);

#endif
