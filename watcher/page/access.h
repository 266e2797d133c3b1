// SPDX-License-Identifier: MIT
//
// Who asks, and what they may. Three ways, by page.auth:
//
//   none    everybody may everything: where only this machine can come in
//   token   a secret, as "Authorization: Bearer SECRET" or by the cookie that signing in sets; they
//           stand in a file, one a line: NAME:ROLE:SHA256-OF-THE-SECRET
//   proxy   a web server before us has asked: X-Remote-User, believed from the socket and from
//           page.proxies alone
//
// Pure but for the file of tokens.
#ifndef DM_WATCHER_PAGE_ACCESS_H
#define DM_WATCHER_PAGE_ACCESS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Each may what the one before it may. */
enum dm_role {
    // Nothing: signs in first.
    DM_ROLE_NOBODY,
    // See and fetch.
    DM_ROLE_VIEWER,
    // And send, try again, stop.
    DM_ROLE_SENDER,
    // And pause the whole.
    DM_ROLE_ADMIN,
};
const char *dm_role_name(enum dm_role role);

enum dm_auth {
    DM_AUTH_NONE,
    DM_AUTH_TOKEN,
    DM_AUTH_PROXY,
};

/** Who asks. */
struct dm_client {
    enum dm_role role;
    // "" if that is not known.
    char *name;
    // The address, or "socket".
    char *address;
};
void dm_client_clear(struct dm_client *client);

struct dm_access_settings {
    enum dm_auth auth;
    // Of `token`.
    const char *token_file;
    // Of `proxy`: those who may do everything; all others are senders. NULL-terminated.
    const char *const *admins;
    // Addresses of web servers that are believed; NULL-terminated.
    const char *const *proxies;
};

struct dm_access;

/** Errors: DM_ERROR_CONFIG: the file of tokens cannot be read, line N is none, others may read it.
 */
struct dm_access *dm_access_new(const struct dm_access_settings *settings, GError **error);
void dm_access_free(struct dm_access *access);

/** What a request says of who sends it; all (nullable). */
struct dm_credentials {
    // "127.0.0.1"; NULL: it came by the socket.
    const char *address;
    const char *authorization, *cookie, *remote_user;
};

/** Say who it is: @ret is cleared by the caller; its role is NOBODY if that cannot be said. */
void dm_access_find(const struct dm_access *access, const struct dm_credentials *credentials,
                    int64_t now_utc_s, struct dm_client *ret);

/** The value of Set-Cookie for who knows @secret; NULL: nobody does; (transfer full). */
char *dm_access_sign_in(const struct dm_access *access, const char *secret, bool is_https,
                        int64_t now_utc_s);

/** Say whether people sign in on a page of ours. */
bool dm_access_has_sign_in(const struct dm_access *access);

/** Say whether the web server at @address (NULL: the socket) is believed. */
bool dm_access_believes(const struct dm_access *access, const char *address);

#endif
