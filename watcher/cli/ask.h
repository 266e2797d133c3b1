// SPDX-License-Identifier: MIT
//
// Asking the daemon to do something (watcher/requests.h), and telling people what came of it.
#ifndef DM_WATCHER_CLI_ASK_H
#define DM_WATCHER_CLI_ASK_H

#include "watcher/cli/cli.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** What came of one request or of several. */
struct dm_answer {
    int64_t done;
    // Of struct dm_refusal; never NULL.
    GPtrArray *refused;
    // It goes on.
    bool goes_on;
};

struct dm_refusal {
    char *what, *why;
};

void dm_answer_init(struct dm_answer *answer);
void dm_answer_clear(struct dm_answer *answer);
void dm_answer_refuse(struct dm_answer *answer, const char *what, const char *why);

/**
 * Ask for @verb with @arguments (NULL-terminated, not escaped), and add what came of it to @answer.
 * Errors: those of dm_control_ask(); that nobody is there is DM_ERROR_REMOTE.
 */
bool dm_cli_request(const struct dm_places *places, const char *verb, const char *const *arguments,
                    struct dm_answer *answer, GError **error);

/**
 * Say what was refused, and @text with the number for its "%s" unless that or we are to be quiet
 * (NULL: nothing). In @text "(s)" is an s unless it is one, and "(is)" is or are: "%s file(s) (is)
 * stopped". Returns an exit code.
 */
int dm_cli_tell(const struct dm_cli *cli, const struct dm_answer *answer, const char *text);

/** All of it for one request. Returns an exit code. */
int dm_cli_ask(struct dm_cli *cli, const char *verb, const char *const *arguments,
               const char *text);

#endif
