// SPDX-License-Identifier: MIT
//
// What the files of the way over HTTP share (see send_http.h): the page, and calls to it, each
// tried until it is answered or there is no use.
#ifndef DM_WATCHER_CLI_SEND_HTTP_CALL_H
#define DM_WATCHER_CLI_SEND_HTTP_CALL_H

#include "watcher/cli/send.h"
#include "watcher/http/http.h"

// How what is remembered of a file that had failed begins.
#define DM_SEND_OLD_FAILED "failed "

/** The page, and how far we are there. */
struct dm_send_page {
    struct dm_send *send;
    const struct dm_http_calls *calls;
    struct dm_http *http;
    // Ends with a slash.
    char *url;
    // What the page calls the steps; the drop's name in addresses.
    char *chain, *id;
    // By what the page calls them: struct dm_send_file.
    GHashTable *files;
    // By the same: what is known of them from before, as "failed TIME"; all of that is here.
    GHashTable *old;
    bool is_looked;
    // The next of send->files to begin with; how many are on their way there.
    guint next, puts;
    // Of struct fetch (send_http_get.c): results to be got; how many are on their way.
    GQueue results;
    guint gets;

    // Asking what became of them: when the next time is due, how long after that.
    bool is_asking;
    int64_t ask_us, ask_delay_us, asked_us;
    // The figures that were answered last.
    char *figures;

    // Of struct dm_send_call: to be tried again.
    GPtrArray *later;
    // When the page was last heard of; what has been said since (nullable).
    int64_t heard_us;
    char *silence;
    // There is no use in going on (nullable).
    GError *error;
    bool is_closing;
};

/** A call. Texts are owned; set by who makes it, but for what is theirs. */
struct dm_send_call {
    const char *method;
    // Below the page's address.
    char *path;
    // (nullable) JSON.
    char *text;
    // A file that goes there; one that takes the answer. -1: none.
    int body_fd, answer_fd;
    int64_t body_bytes;
    // It is over, once. @answer NULL: it is stopped, only free what is yours.
    void (*end)(struct dm_send_call *call, const struct dm_http_answer *answer);
    void *user;
    struct dm_send_page *page;

    // ---- theirs
    unsigned attempts;
    int64_t due_us;
};

/** A new one, for @path (transfer full). */
struct dm_send_call *dm_send_call_new(struct dm_send_page *page, const char *method, char *path);

/** Begin with it; (transfer full), freed behind its end. */
void dm_send_call_push(struct dm_send_call *call);

/** Go on with all, waiting at most @max_wait_ms. Errors: DM_ERROR_CONFIG: we may not;
 * DM_ERROR_REMOTE: nobody has answered for a while. */
bool dm_send_calls_turn(struct dm_send_page *page, int max_wait_ms, GError **error);

/** End those that wait to be tried again. */
void dm_send_calls_stop(struct dm_send_page *page);

/** What is the matter, in sentences of the page's own if it has said any; (transfer full). */
char *dm_send_call_trouble(const struct dm_http_answer *answer);

#endif
