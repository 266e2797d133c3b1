// SPDX-License-Identifier: MIT
//
// The nouns that travel between watcher and worker, and the lines they travel in.
//
// A line is `verb TAB key=value TAB key=value ... LF`; values are C-escaped, so that a line is
// printable ASCII and a transcript of a session can be read and replayed. One table a record in
// wire.c drives both directions. Unknown keys are ignored (an older side reads a newer one); an
// unknown verb, or a hello of another version, is an error that names both versions.
//
//   worker -> watcher   hello    once, by rank 0, when every rank is up
//   watcher -> worker   task     one image to make
//   worker -> watcher   event    kind=start: a pool thread took this task up (kill -9 suspects)
//   worker -> watcher   result   one image made, failed, changed or blocked
//   either way          bye      no more will come; the worker finishes what it has and ends
#ifndef DM_COMMON_WIRE_H
#define DM_COMMON_WIRE_H

#include "common/escape.h"
#include "common/reason.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define DM_WIRE_VERSION 1

/** What tells one state of one file from another. Taken by fsutil.h, compared by one function. */
struct dm_fingerprint {
    // For people only: it differs between the NFS clients that look at one file.
    uint64_t dev;
    uint64_t ino;
    // 0 where the file system has none.
    int64_t btime_ns;
    int64_t size_bytes;
    int64_t mtime_ns;
    // Of a file with several names it says nothing: whoever makes or removes one of them changes
    // it.
    int64_t ctime_ns;
    // 0: nobody has counted.
    int64_t links;
};

/** One file or directory, as it is told from others. */
struct dm_mark {
    // 0, as known: it is not compared, for each machine has its own.
    uint64_t dev;
    // 0, as known: nothing is known.
    uint64_t ino;
    // 0 where the file system keeps none.
    int64_t btime_ns;
};

/** Say whether @found may be the file that is @known. */
bool dm_mark_fits(const struct dm_mark *known, const struct dm_mark *found);

/** Say whether @a and @b are the same state of the same file: everything but dev, and ctime if it
 * has or had several names. */
bool dm_fingerprint_equal(const struct dm_fingerprint *a, const struct dm_fingerprint *b);

/** Say whether @a and @b are states of one file, however far it has been written. */
bool dm_fingerprint_is_same_file(const struct dm_fingerprint *a, const struct dm_fingerprint *b);

// Records of the wire. Their strings are borrowed where a record is written, and owned by it where
// it was parsed, or filled by dm_record_take(): then the like-named _clear frees them.

/** One image to make: all that a worker needs. */
struct dm_task {
    // The ledger's row.
    int64_t id;
    // 1 for the first; a result of another attempt is ignored.
    int64_t attempt;
    // Canonical, recipes expanded.
    const char *chain;
    const char *input_root;
    // Of input_root and of output_root as the watcher saw them: nothing is done in others.
    struct dm_mark input_mark, output_mark;
    // Relative to input_root; opened beneath it, no symlinks.
    const char *input;
    const char *output_root;
    // Relative to output_root: where the result goes, in the directory of its final name.
    const char *temp;
    // Of the input as the watcher accepted it.
    struct dm_fingerprint fingerprint;
    // Of the input file.
    int64_t max_bytes;
    // Width x height x pages, before and after any step.
    int64_t max_pixels;
    // Of the input; 0: no such limit.
    int64_t max_pages;
    // The most that one of two tries may take.
    int64_t deadline_ms;
    // Fsync the temporary before reporting (network file systems).
    bool sync;
    // Of the temporary; the input may allow less. 0: what the umask leaves.
    int64_t mode;
};

enum dm_status {
    DM_STATUS_DONE,    // the temporary is whole
    DM_STATUS_FAILED,  // the image's own fault: reason and message say why
    DM_STATUS_CHANGED, // the input is not what the watcher accepted: let it settle again
    DM_STATUS_BLOCKED, // the world refuses (cannot write): try later
    DM_STATUS_COUNT,
};

/** What became of a task. */
struct dm_result {
    int64_t id;
    int64_t attempt;
    enum dm_status status;
    // NONE when done.
    enum dm_reason reason;
    // What failed, for the administrator; when done: a remark, or "".
    const char *message;
    // Name of the output format in the catalogue, e.g. "jpeg".
    const char *format;
    int64_t width_px;
    int64_t height_px;
    // Of the temporary.
    int64_t bytes;
    int64_t elapsed_us;
    // By which a read or a write was refused; 0: by none.
    int64_t errnum;
    // Processes that worked on it and died, or had to be killed.
    int64_t deaths;
    const char *host;
    int64_t rank;
};

/** Who answers: sent once when every rank is up. */
struct dm_hello {
    int64_t version;
    // "dropmill-worker 0.1.0".
    const char *program;
    // Of rank 0.
    int64_t pid;
    int64_t ranks;
    // Of all ranks together.
    int64_t threads;
    const char *host;
    // (nullable) what an administrator should know, such as a jail that is not shut.
    const char *remark;
    // (nullable) Of a job: where each rank is and how many threads it has, in their order:
    // "box:4 box:4 attic:8".
    const char *seats;
};

/** Something that happened inside the job. */
struct dm_event {
    // "start".
    const char *kind;
    int64_t id;
    int64_t attempt;
    int64_t rank;
};

/** Write a record as a line with its LF. Returns: (transfer full). Threads: any. */
char *dm_task_line(const struct dm_task *task);
char *dm_result_line(const struct dm_result *result);
char *dm_hello_line(const struct dm_hello *hello);
char *dm_event_line(const struct dm_event *event);

/** The verb of a line, e.g. "task", as a pointer and length into it. */
bool dm_line_has_verb(const char *line, const char *verb);

/**
 * Read a line (with or without its LF) into @ret, which the caller clears with the like-named
 * _clear. Errors: DM_ERROR_REMOTE for another verb, a malformed value, a missing required key,
 * another version (hello). Threads: any.
 */
bool dm_task_parse(const char *line, struct dm_task *ret, GError **error);
bool dm_result_parse(const char *line, struct dm_result *ret, GError **error);
bool dm_hello_parse(const char *line, struct dm_hello *ret, GError **error);
bool dm_event_parse(const char *line, struct dm_event *ret, GError **error);

/** Let a record own @value (transfer full) in place of what it owned there. */
void dm_record_take(const char **field, char *value);

/** Free what the record owns and zero it. Accepts NULL. */
void dm_task_clear(struct dm_task *task);
void dm_result_clear(struct dm_result *result);
void dm_hello_clear(struct dm_hello *hello);
void dm_event_clear(struct dm_event *event);

/** "done", "failed", "changed", "blocked". */
const char *dm_status_name(enum dm_status status);

#endif
