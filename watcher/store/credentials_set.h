// SPDX-License-Identifier: MIT
//
// Credentials, and what those who look for them are told.
#ifndef DM_WATCHER_STORE_CREDENTIALS_SET_H
#define DM_WATCHER_STORE_CREDENTIALS_SET_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** Who we are to the store; texts are never NULL once it is filled. */
struct dm_credentials_set {
    char *access_key_id, *secret_access_key, *session_token;
    // 0: never.
    int64_t expire_utc_us;
    // In words, a literal.
    const char *source;
    // Nobody but an administrator can get others.
    bool is_fixed;
};

/** Forgets the secrets. */
void dm_credentials_set_clear(struct dm_credentials_set *set);

/** A small request over HTTP. */
struct dm_http_request {
    const char *method, *url;
    // "Name: value", NULL-terminated; nullable.
    const char *const *headers;
    // Nullable.
    const char *body;
    int timeout_ms;
};

/** Carries one out, waiting; given up when @stop becomes true. Returns the body, (transfer full),
 * or NULL with DM_ERROR_TRANSIENT. */
typedef char *(*dm_http_fn)(const struct dm_http_request *request, const atomic_bool *stop,
                            int *ret_status, GError **error);

/** What the places are told. Owns its texts. */
struct dm_credentials_hints {
    // Configured; "" if not.
    char *access_key_id, *secret_access_key, *session_token, *profile, *region;
    // A copy of the environment.
    char **environment;
    dm_http_fn http;
};

void dm_credentials_hints_clear(struct dm_credentials_hints *hints);

/** A variable of the environment; "" if it is not set. */
const char *dm_credentials_variable(const struct dm_credentials_hints *hints, const char *name);

#endif
