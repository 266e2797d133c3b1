// SPDX-License-Identifier: MIT
//
// What mpirun and its ranks wrote to stderr, as far as it matters: crash lines, how mpirun says
// that a rank ended, and the last few kB for messages. Pure: bytes in, facts out. Judged in
// health.h.
//
// A rank that crashes writes one line: `crash <SIGNAL or TIMEOUT> <task id> <attempt>`.
#ifndef DM_WATCHER_ENGINE_MPIRUN_OUTPUT_H
#define DM_WATCHER_ENGINE_MPIRUN_OUTPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One crash line. */
struct dm_crash {
    // "SIGSEGV", "TIMEOUT".
    char cause[16];
    // Of the task of the thread that crashed; 0 if it had none.
    int64_t id;
    int64_t attempt;
};

struct dm_mpirun_output {
    // Of struct dm_crash.
    GArray *crashes;
    // A rank was killed by this signal, says mpirun; 0: none.
    int rank_signal;
    // A rank ended by itself with a failure, says mpirun.
    bool rank_failed;
    // The connection to another host broke.
    bool host_lost;
    // The last, unfinished one.
    GString *line;
    // The last complete lines, without mpirun's rulers.
    GString *tail;
};

void dm_mpirun_output_init(struct dm_mpirun_output *output);
void dm_mpirun_output_clear(struct dm_mpirun_output *output);

/** Read a crash line. Something may stand before it: ranks share one stderr. */
bool dm_crash_parse(const char *line, struct dm_crash *ret);

/** Take in what was read. @on_line (nullable) sees each complete line. */
void dm_mpirun_output_feed(struct dm_mpirun_output *output, const char *data, size_t length,
                           void (*on_line)(const char *line, void *user), void *user);

/** The last lines as one line of at most 300 bytes, "" if nothing was said; (transfer full). */
char *dm_mpirun_output_summary(const struct dm_mpirun_output *output);

#endif
