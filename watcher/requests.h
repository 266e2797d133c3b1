// SPDX-License-Identifier: MIT
//
// What can be asked of the daemon over its control socket: one table, a row a request. Asking is
// one line, a verb and its arguments:
//
//   VERB                      what stands in a row's `verb`: "status", "mirror queue"
//   VERB ARGUMENT             behind one blank or tab
//   VERB ARGUMENT<TAB>...     arguments are told apart by tabs; each is escaped by dm_escape()
//   retry 12 13 14            numbers by blanks, too
//
// What comes back says how much was done, in the first line, and what was refused:
//
//   N
//   refused<TAB>WHAT<TAB>WHY  both escaped; WHY is a sentence for people
//   goes on                   it takes longer than people wait; that was so far, the log has the rest
//
// What is told was committed before. (`status` and `help` have answers of their own.) A request
// that is none, or has other arguments than it should, is an error of the socket.
#ifndef DM_WATCHER_REQUESTS_H
#define DM_WATCHER_REQUESTS_H

#include "watcher/control.h"
#include "watcher/daemon.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct dm_requests;

/** A row. */
struct dm_request_kind {
    const char *verb;
    // As people read it: "FROM TO", "[UNTIL_UTC_S]", "" for none.
    const char *arguments;
    // How many there may be.
    guint min, max;
    // Arguments are told apart by blanks, too.
    bool numbers;
    // It changes something: the log says who asked.
    bool changes;
    // A sentence without its full stop.
    const char *help;
    /**
     * @arguments: unescaped, NULL-terminated, as many as there should be. Returns the answer
     * (transfer full); NULL with @error: it cannot be; NULL without: it comes later.
     */
    char *(*answer)(struct dm_requests *requests, const struct dm_asked *asked,
                    char *const *arguments, GError **error);
};

extern const struct dm_request_kind dm_request_kinds[];
extern const size_t dm_request_kind_count;

/**
 * Which row @text asks for, and with what: @ret_arguments (transfer full). NULL: none; Errors:
 * DM_ERROR_INPUT, naming how it should be written. Pure.
 */
const struct dm_request_kind *dm_request_find(const char *text, char ***ret_arguments,
                                              GError **error);

/** Listen: all rooms stand. @daemon is borrowed. Errors: DM_ERROR_SYSTEM. */
struct dm_requests *dm_requests_new(struct dm_daemon *daemon, GError **error);

/** Take no more, answer none. Accepts NULL. */
void dm_requests_shut(struct dm_requests *requests);

/** Behind the rooms, which still bring back what they were asked for. Accepts NULL. */
void dm_requests_free(struct dm_requests *requests);

#endif
