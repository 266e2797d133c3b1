// SPDX-License-Identifier: MIT
//
// The line that tells how far it is: "12 of 40, 3.1/s, 9 s left". On stderr: rewritten on a
// terminal, else a line whenever it is news, or every so often.
#ifndef DM_WATCHER_CLI_PROGRESS_H
#define DM_WATCHER_CLI_PROGRESS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm_progress {
    bool wanted;
    // Rewrite the line.
    bool terminal;
    // Where it is not rewritten: no sooner than so long after the last one; 0: at once.
    int64_t every_us;
    // When the last one was written, monotonic; before the first: when it began.
    int64_t written_us;
    // Of the first file, monotonic.
    int64_t start_us;
    // How many were done, or moves made, when the line was last written.
    size_t shown;
    // There is a line to wipe.
    bool visible;
};

/** What the line says after @elapsed_us; (transfer full). Pure. */
char *dm_progress_text(size_t done, size_t total, int64_t elapsed_us);

/** Show it when anything has changed. */
void dm_progress_show(struct dm_progress *progress, size_t done, size_t total, int64_t now_us);

/** Show @text: on a terminal whenever it is called, else if @moves is another number than before.
 */
void dm_progress_write(struct dm_progress *progress, size_t moves, const char *text);

/** Take the line away, before anything else is written. */
void dm_progress_wipe(struct dm_progress *progress);

#endif
