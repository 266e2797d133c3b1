// SPDX-License-Identifier: MIT
#include "watcher/page/access.h"

#include "common/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define COOKIE "dropmill"
#define COOKIE_DAYS 30
#define SHA256_HEX 64

struct token {
    char *name;
    enum dm_role role;
    // Of the secret, in lower case.
    char *sha256;
};

struct dm_access {
    enum dm_auth auth;
    // Of struct token.
    GPtrArray *tokens;
    char **admins, **proxies;
};

static const char *const role_names[] = {
    [DM_ROLE_NOBODY] = "nobody",
    [DM_ROLE_VIEWER] = "viewer",
    [DM_ROLE_SENDER] = "sender",
    [DM_ROLE_ADMIN] = "admin",
};

const char *dm_role_name(enum dm_role role) {
    return role_names[role];
}

void dm_client_clear(struct dm_client *client) {
    g_clear_pointer(&client->name, g_free);
    g_clear_pointer(&client->address, g_free);
}

static void token_free(void *data) {
    struct token *token = data;
    g_free(token->name);
    g_free(token->sha256);
    g_free(token);
}

/** In a time that tells nothing of where they differ. */
static bool equal_secrets(const char *a, const char *b) {
    size_t length = strlen(a);
    if (strlen(b) != length) {
        return false;
    }
    volatile unsigned char difference = 0;
    for (size_t i = 0; i < length; i++) {
        difference |= (unsigned char)(a[i] ^ b[i]);
    }
    return difference == 0;
}

// ---- the file of tokens

static bool is_hex(const char *text) {
    return strlen(text) == SHA256_HEX && strspn(text, "0123456789abcdef") == SHA256_HEX;
}

static enum dm_role read_role(const char *text) {
    for (enum dm_role role = DM_ROLE_VIEWER; role <= DM_ROLE_ADMIN; role++) {
        if (strcmp(text, role_names[role]) == 0) {
            return role;
        }
    }
    return DM_ROLE_NOBODY;
}

static bool read_token(struct dm_access *access, const char *line) {
    g_auto(GStrv) parts = g_strsplit(line, ":", -1);
    if (g_strv_length(parts) != 3 || *parts[0] == '\0' || !is_hex(parts[2]) ||
        read_role(parts[1]) == DM_ROLE_NOBODY || strpbrk(parts[0], ". ;") != NULL) {
        return false;
    }
    struct token *token = g_new(struct token, 1);
    *token = (struct token){
        .name = g_strdup(parts[0]),
        .role = read_role(parts[1]),
        .sha256 = g_strdup(parts[2]),
    };
    g_ptr_array_add(access->tokens, token);
    return true;
}

static bool is_private(const char *path, GError **error) {
    struct stat status;
    if (stat(path, &status) != 0) {
        return dm_fail_errno(error, errno, "page.token_file: cannot look at '%s'", path);
    }
    return (status.st_mode & S_IRWXO) == 0 ||
           dm_fail(error, DM_ERROR_CONFIG,
                   "page.token_file: '%s' can be read by everybody (mode %04o), expected 0640 or "
                   "less",
                   path, status.st_mode & 07777);
}

static bool read_tokens(struct dm_access *access, const char *path, GError **error) {
    g_autofree char *text = NULL;
    if (!is_private(path, error)) {
        return false;
    }
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return dm_fail(error, DM_ERROR_CONFIG, "page.token_file: cannot read '%s'", path);
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (int i = 0; lines[i] != NULL; i++) {
        g_strstrip(lines[i]);
        if (*lines[i] != '\0' && *lines[i] != '#' && !read_token(access, lines[i])) {
            return dm_fail(error, DM_ERROR_CONFIG,
                           "%s:%d: this is no token, expected NAME:viewer|sender|admin:SHA256 (64 "
                           "digits, by: printf %%s SECRET | sha256sum)",
                           path, i + 1);
        }
    }
    return true;
}

struct dm_access *dm_access_new(const struct dm_access_settings *settings, GError **error) {
    struct dm_access *access = g_new0(struct dm_access, 1);
    access->auth = settings->auth;
    access->tokens = g_ptr_array_new_with_free_func(token_free);
    access->admins = g_strdupv((char **)settings->admins);
    access->proxies = g_strdupv((char **)settings->proxies);
    if (settings->auth == DM_AUTH_TOKEN && !read_tokens(access, settings->token_file, error)) {
        dm_access_free(access);
        return NULL;
    }
    return access;
}

void dm_access_free(struct dm_access *access) {
    if (access == NULL) {
        return;
    }
    g_ptr_array_unref(access->tokens);
    g_strfreev(access->admins);
    g_strfreev(access->proxies);
    g_free(access);
}

bool dm_access_has_sign_in(const struct dm_access *access) {
    return access->auth == DM_AUTH_TOKEN;
}

bool dm_access_believes(const struct dm_access *access, const char *address) {
    return address == NULL || g_strv_contains((const char *const *)access->proxies, address);
}

// ---- tokens

/** All of them are looked at, found or not. */
static const struct token *token_of_secret(const struct dm_access *access, const char *secret) {
    g_autofree char *sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, secret, -1);
    const struct token *found = NULL;
    for (unsigned i = 0; i < access->tokens->len; i++) {
        const struct token *token = access->tokens->pdata[i];
        found = equal_secrets(token->sha256, sha256) ? token : found;
    }
    return found;
}

/** What proves that we have set a cookie: it dies with its token. */
static char *seal(const struct token *token, const char *until) {
    g_autofree char *text = g_strdup_printf("%s.%s", token->name, until);
    return g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)token->sha256,
                                     strlen(token->sha256), text, -1);
}

/** @value: "NAME.UNTIL.SEAL". */
static const struct token *token_of_cookie(const struct dm_access *access, const char *value,
                                           int64_t now_utc_s) {
    g_auto(GStrv) parts = g_strsplit(value, ".", -1);
    guint64 until;
    if (g_strv_length(parts) != 3 ||
        !g_ascii_string_to_unsigned(parts[1], 10, 0, INT64_MAX, &until, NULL) ||
        (int64_t)until < now_utc_s) {
        return NULL;
    }
    for (unsigned i = 0; i < access->tokens->len; i++) {
        const struct token *token = access->tokens->pdata[i];
        g_autofree char *expected = seal(token, parts[1]);
        if (strcmp(token->name, parts[0]) == 0 && equal_secrets(expected, parts[2])) {
            return token;
        }
    }
    return NULL;
}

/** The value of our cookie among those of the header; (transfer full). */
static char *our_cookie(const char *header) {
    g_auto(GStrv) cookies = g_strsplit(header, ";", -1);
    for (char **cookie = cookies; *cookie != NULL; cookie++) {
        g_strstrip(*cookie);
        if (g_str_has_prefix(*cookie, COOKIE "=")) {
            return g_strdup(*cookie + strlen(COOKIE "="));
        }
    }
    return NULL;
}

static const struct token *find_token(const struct dm_access *access,
                                      const struct dm_credentials *credentials, int64_t now_utc_s) {
    static const char bearer[] = "Bearer ";
    const char *authorization = credentials->authorization;
    if (authorization != NULL && g_ascii_strncasecmp(authorization, bearer, strlen(bearer)) == 0) {
        return token_of_secret(access, authorization + strlen(bearer));
    }
    g_autofree char *cookie = credentials->cookie != NULL ? our_cookie(credentials->cookie) : NULL;
    return cookie != NULL ? token_of_cookie(access, cookie, now_utc_s) : NULL;
}

char *dm_access_sign_in(const struct dm_access *access, const char *secret, bool is_https,
                        int64_t now_utc_s) {
    const struct token *token = token_of_secret(access, secret);
    if (token == NULL) {
        return NULL;
    }
    int64_t age_s = INT64_C(86400) * COOKIE_DAYS;
    g_autofree char *until = g_strdup_printf("%" G_GINT64_FORMAT, now_utc_s + age_s);
    g_autofree char *sealed = seal(token, until);
    return g_strdup_printf(COOKIE "=%s.%s.%s; Max-Age=%" G_GINT64_FORMAT
                                  "; Path=/; HttpOnly; SameSite=Strict%s",
                           token->name, until, sealed, age_s, is_https ? "; Secure" : "");
}

// ---- everybody

static void take(struct dm_client *ret, const char *name, enum dm_role role) {
    g_free(ret->name);
    ret->name = g_strdup(name);
    ret->role = role;
}

void dm_access_find(const struct dm_access *access, const struct dm_credentials *credentials,
                    int64_t now_utc_s, struct dm_client *ret) {
    const char *address = credentials->address;
    *ret = (struct dm_client){.name = g_strdup(""),
                              .address = g_strdup(address != NULL ? address : "socket")};
    if (access->auth == DM_AUTH_NONE) {
        ret->role = DM_ROLE_ADMIN;
    } else if (access->auth == DM_AUTH_TOKEN) {
        const struct token *token = find_token(access, credentials, now_utc_s);
        if (token != NULL) {
            take(ret, token->name, token->role);
        }
    } else if (credentials->remote_user != NULL && *credentials->remote_user != '\0' &&
               dm_access_believes(access, address)) {
        bool is_admin =
            g_strv_contains((const char *const *)access->admins, credentials->remote_user);
        take(ret, credentials->remote_user, is_admin ? DM_ROLE_ADMIN : DM_ROLE_SENDER);
    }
}
