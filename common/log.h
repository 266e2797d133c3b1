// SPDX-License-Identifier: MIT
//
// Logging by consequence. The edge of a program logs; library code returns GError.
//
//   error    the program stops because of it            (exit follows)
//   warning  one file failed, or the service is degraded
//   message  the life of the service: started, share back, engine up
//   info     one line a file
//   debug    anything else
//
// Non-fatal messages end with what happens next: ", will retry in 8 s".
#ifndef DM_COMMON_LOG_H
#define DM_COMMON_LOG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum dm_log_level { DM_LOG_ERROR, DM_LOG_WARNING, DM_LOG_MESSAGE, DM_LOG_INFO, DM_LOG_DEBUG };

/**
 * Send everything that this program and its libraries log to stderr: to the journal with fields
 * when stderr is the journal, as coloured lines on a terminal (without NO_COLOR), plain lines
 * elsewhere.
 *
 * @program  short name before each line; borrowed for ever (a literal).
 * @level    the least important level that is shown.
 * Threads: before the first thread; again to change program or level. dm_log(): any thread.
 */
void dm_log_init(const char *program, enum dm_log_level level);

/** Put date and time before each line that does not go to the journal. Threads: before the first.
 */
void dm_log_with_times(void);

/** Parse "error" .. "debug". Returns false, @ret_level untouched, for any other text. */
bool dm_log_level_parse(const char *text, enum dm_log_level *ret_level);

/** Log one line (no newline at its end). */
void dm_log(enum dm_log_level level, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * What a line is about, for the journal: what is NULL, "" or 0 is left out. Texts go there as they
 * are, whatever bytes they are of. All borrowed, for the call.
 */
struct dm_log_subject {
    // Relative to the inbox, or the outbox for the mirror; a key of the bucket.
    const char *file;
    // Expanded and canonical.
    const char *chain;
    // As in reason.h, or the class of a store.
    const char *reason;
    int64_t job;
    // NULL: none; rank 0 is one.
    const int64_t *rank;
    int64_t duration_us;
};

/**
 * Log one line about something: the journal gets DROPMILL_FILE, _CHAIN, _REASON, _JOB, _RANK and
 * _DURATION_USEC beside it; the line itself says what people need.
 *
 * @id  (nullable) one of log_event.h.
 */
void dm_log_about(const struct dm_log_subject *subject, const char *id, enum dm_log_level level,
                  const char *format, ...) G_GNUC_PRINTF(4, 5);

#define dm_log_of_file(path, id, level, ...)                                                       \
    dm_log_about(&(struct dm_log_subject){.file = (path)}, id, level, __VA_ARGS__)
#define dm_log_of_job(number, id, level, ...)                                                      \
    dm_log_about(&(struct dm_log_subject){.job = (number)}, id, level, __VA_ARGS__)

/**
 * Log one line that the journal is to know by @id, one of log_event.h.
 */
void dm_log_event(const char *id, enum dm_log_level level, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

#define dm_log_error(...) dm_log(DM_LOG_ERROR, __VA_ARGS__)
#define dm_log_warning(...) dm_log(DM_LOG_WARNING, __VA_ARGS__)
#define dm_log_message(...) dm_log(DM_LOG_MESSAGE, __VA_ARGS__)
#define dm_log_info(...) dm_log(DM_LOG_INFO, __VA_ARGS__)
#define dm_log_debug(...) dm_log(DM_LOG_DEBUG, __VA_ARGS__)

#endif
