// SPDX-License-Identifier: MIT
//
// A notice as the body of a POST: http and https alone, certificates are checked, no redirection is
// followed, and what is asked has a time.
#ifndef DM_WATCHER_NOTICES_WEBHOOK_H
#define DM_WATCHER_NOTICES_WEBHOOK_H

#include "watcher/notices/verdict.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Say whether @url may be one. It is a secret: no message names it. Errors: DM_ERROR_CONFIG. */
bool dm_webhook_judge(const char *url, GError **error);

struct dm_webhook {
    const struct dm_http_calls *calls;
    const char *url;
    // "": the system's.
    const char *ca_file;
    int64_t timeout_us;
    // Readable when we are to stop.
    int stop_fd;
};

/** Load what speaks HTTP. Errors: DM_ERROR_SYSTEM. */
const struct dm_http_calls *dm_webhook_load(GError **error);

/**
 * Post @text, and wait for the answer.
 *
 * @ret_why  unless it is DELIVERED: a sentence without its full stop; (transfer full).
 * Threads: one that may wait.
 */
enum dm_verdict dm_webhook_post(const struct dm_webhook *webhook, const char *text, char **ret_why);

#endif
