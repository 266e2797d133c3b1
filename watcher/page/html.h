// SPDX-License-Identifier: MIT
//
// Writing HTML: whatever comes from outside is escaped.
#ifndef DM_WATCHER_PAGE_HTML_H
#define DM_WATCHER_PAGE_HTML_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Add text of ours, as it is. */
#define dm_html(html, literal) g_string_append(html, "" literal)

/** Add a format of ours; texts (%s) among the arguments are escaped, for content and for attributes
 * in double quotes. They must be UTF-8: dm_path_display(). */
void dm_html_format(GString *html, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** What people read; all (transfer full): "1,087", "3.4 MB", "2 minutes", "14:03" or "3 May,
 * 14:03".
 */
char *dm_html_number(int64_t number);
char *dm_html_bytes(int64_t bytes);
char *dm_html_duration(int64_t seconds);
char *dm_html_time(int64_t utc_us);
/** "1 picture", "1,087 pictures". */
char *dm_html_count(int64_t number, const char *one, const char *many);

#endif
