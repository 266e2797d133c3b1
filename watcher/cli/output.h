// SPDX-License-Identifier: MIT
//
// Output for people: colour where it is wanted, sizes and times in short words, columns.
#ifndef DM_WATCHER_CLI_OUTPUT_H
#define DM_WATCHER_CLI_OUTPUT_H

#include <glib.h>
#include <stdint.h>
#include <stdio.h>

enum dm_paint {
    DM_PAINT_OFF,
    DM_PAINT_BOLD,
    DM_PAINT_DIM,
    DM_PAINT_RED,
    DM_PAINT_GREEN,
    DM_PAINT_YELLOW
};

/** The escape sequence, or "" when @stream is no terminal or NO_COLOR is set; a literal. */
const char *dm_paint(FILE *stream, enum dm_paint paint);

/** "812 B", "3.4 MB"; (transfer full). */
char *dm_human_bytes(int64_t bytes);

/** "8 s", "5 min", "3 h", "12 d"; (transfer full). */
char *dm_human_duration(int64_t us);

/** "2024-05-31 16:04:10" on this machine's clock; (transfer full). */
char *dm_human_time(int64_t utc_us);

/** A table of texts. A header that begins with '>' makes its column stand to the right. */
struct dm_table;

/** @headers: NULL-terminated, borrowed. */
struct dm_table *dm_table_new(const char *const *headers);

/** Add a row: as many texts as there are headers; copied. */
void dm_table_add(struct dm_table *table, const char *const *texts);

/** Print it on stdout, with the headers if it has any rows, and free it. */
void dm_table_print(struct dm_table *table);

#endif
