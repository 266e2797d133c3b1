// SPDX-License-Identifier: MIT
//
// dropmill send: files go to a dropmill somewhere else, and their results come back. What is sent,
// how far each file is, and the ways that there are.
//
//   state      what is known                                 next
//   ---------  --------------------------------------------  -------------------
//   FOUND      it is here                                    SENDING, FAILED
//   SENDING    it is on its way                              SENT, FAILED
//   SENT       it is there, whole                            DONE, FAILED; FOUND: it was another
//   DONE       the other side has results of it              GOT, FAILED
//   GOT        all of them are here                          -
//   FAILED     there is a reason, and a sentence             -
//
// A file is over at SENT if nobody waits, at DONE if nothing is to be got, else at GOT; or FAILED.
//
//   cmd_send      the options, the loop, how it ends
//   send          this: the records, and moving a file from state to state
//   send_files    which files, and what they are called in the send
//   send_report   progress, a line of JSON for each file, what is said at the end
//   send_keep     a result gets its name in the directory of --get
//   send_s3       the way by a bucket: what is there already, who takes it, clearing up;
//                 send_s3_put: a file goes there; send_s3_get: answers and results come back;
//                 send_talk: what the other side says (pure); send_sums: is it the same file?
//   errands       operations of a store, each tried until it is done
//   send_share    the way by a share that is mounted here
//   send_http     the way over HTTP to a dropmill-page; send_http_put: a file goes there;
//                 send_http_get: what became of them, and results; send_http_call: calls, each
//                 tried until it is answered
#ifndef DM_WATCHER_CLI_SEND_H
#define DM_WATCHER_CLI_SEND_H

#include "watcher/cli/cli.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dm_send_state {
    DM_SEND_FOUND,
    DM_SEND_SENDING,
    DM_SEND_SENT,
    DM_SEND_DONE,
    DM_SEND_GOT,
    DM_SEND_FAILED,
    DM_SEND_STATE_COUNT,
};

/** A file. Texts are owned. */
struct dm_send_file {
    // As it was found; below the folder of the send, as in "trip/a.jpg".
    char *path;
    char *name;
    // When it was found.
    int64_t bytes;
    uint64_t dev, ino;
    enum dm_send_state state;
    // FAILED: a word, and a sentence; else NULL.
    char *reason;
    char *message;
    // DONE: what the other side calls its results; GOT: where they are. Of char *.
    GPtrArray *results;
    GPtrArray *kept;
    // The way's own: which version of it is there (nullable).
    char *version;
    // SENT is concluded and not seen: the answer must be of this version.
    bool is_guess;
};

struct dm_send;

/** A way for files to go. To add one: a row in cmd_send.c. */
struct dm_send_way {
    // The option that chooses it.
    const char *name;
    // Reach the other side at send->where, see that somebody takes files there and what of the
    // send is there already. Errors: DM_ERROR_CONFIG, DM_ERROR_REMOTE.
    bool (*open)(struct dm_send *send, GError **error);
    // Do what is due, waiting at most @max_wait_ms for something to happen, and move files on.
    // Errors: there is no use in going on.
    bool (*turn)(struct dm_send *send, int max_wait_ms, GError **error);
    // Every file is over: leave nothing behind that nobody needs.
    void (*clear_up)(struct dm_send *send);
    // Also after a failure, or when it was interrupted. Accepts what was not opened.
    void (*close)(struct dm_send *send);
};

/** One run. */
struct dm_send {
    struct dm_cli *cli;
    const struct dm_send_way *way;
    // The way's own.
    void *road;
    // What the command line says: BUCKET/PREFIX, or a page's address; how a bucket is reached, who
    // signs certificates, where the secret for a page is (nullable).
    const char *where, *endpoint, *region, *ca_file, *token_file;

    // The folder that says what to do, and the one in it that is this send's.
    const char *chain;
    char *name;
    // It is not to be gone on with one of that name.
    bool is_new;
    bool waits;
    // --get: -1 if not. Absolute.
    int get_fd;
    char *get_dir;
    // Replace what is in that directory; put over another input that is there.
    bool force, replace;

    // Of struct dm_send_file.
    GPtrArray *files;
    // Arguments that were no good.
    size_t problems;
    // How many files are in each state; how many are over.
    size_t counts[DM_SEND_STATE_COUNT];
    size_t over;
    // How many are there, or were.
    size_t sent;
    // Of all files; of those that are there; over the wire.
    int64_t bytes, sent_bytes, wire_bytes;
    // When something last happened, monotonic.
    int64_t moved_us;
    // A file is over.
    void (*on_over)(const struct dm_send *send, const struct dm_send_file *file);
};

/** A new file, FOUND. Texts are copied. */
struct dm_send_file *dm_send_file_new(const char *path, const char *name, int64_t bytes);
void dm_send_file_free(void *file);

/** The word for a state, as in "sent". Pure. */
const char *dm_send_state_name(enum dm_send_state state);

/** Move @file on to @state, which is not FAILED. */
void dm_send_move(struct dm_send *send, struct dm_send_file *file, enum dm_send_state state);

/** It has failed: for @reason, a word; the sentence follows. */
void dm_send_fail(struct dm_send *send, struct dm_send_file *file, const char *reason,
                  const char *format, ...) G_GNUC_PRINTF(4, 5);

#endif
