// SPDX-License-Identifier: MIT
//
// The progress line: see progress.h.
#include "watcher/cli/progress.h"

#include "watcher/cli/output.h"

#include <stdio.h>

char *dm_progress_text(size_t done, size_t total, int64_t elapsed_us) {
    if (!done || elapsed_us <= 0) {
        return g_strdup_printf("%zu of %zu", done, total);
    }
    double rate = (double)done * G_USEC_PER_SEC / (double)elapsed_us;
    int64_t left_us = (int64_t)((double)(total - done) / rate * G_USEC_PER_SEC);
    g_autofree char *left = dm_human_duration(left_us);
    return g_strdup_printf("%zu of %zu, %.*f/s, %s left", done, total, rate < 10 ? 1 : 0, rate,
                           left);
}

static void write_line(struct dm_progress *progress, size_t shown, const char *text) {
    // Back to the start of the line, and clear what a longer text left behind it.
    fprintf(stderr, progress->terminal ? "\r%s\033[K" : "%s\n", text);
    fflush(stderr);
    progress->shown = shown;
    progress->visible = true;
}

void dm_progress_show(struct dm_progress *progress, size_t done, size_t total, int64_t now_us) {
    bool is_old = progress->visible && progress->shown == done;
    bool is_soon = !progress->terminal && now_us < progress->written_us + progress->every_us;
    if (!progress->wanted || is_old || is_soon) {
        return;
    }
    progress->written_us = now_us;
    g_autofree char *text = dm_progress_text(done, total, now_us - progress->start_us);
    write_line(progress, done, text);
}

void dm_progress_write(struct dm_progress *progress, size_t moves, const char *text) {
    bool is_news = !progress->visible || progress->shown != moves;
    if (progress->wanted && (progress->terminal || is_news)) {
        write_line(progress, moves, text);
    }
}

void dm_progress_wipe(struct dm_progress *progress) {
    if (progress->visible && progress->terminal) {
        fputs("\r\033[K", stderr);
    }
    progress->visible = false;
}
