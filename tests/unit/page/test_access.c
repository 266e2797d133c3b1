// SPDX-License-Identifier: MIT
//
// Who asks: tokens, cookies and their seals, names that a web server vouches for.
#include "watcher/page/access.h"

#include "common/error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define NOW 1000000
#define DAY 86400

static char *write_tokens(const char *text, int mode) {
    char *path = NULL;
    int fd = g_file_open_tmp("dropmill-test-XXXXXX", &path, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, (mode_t)mode), ==, 0);
    g_assert_true(g_close(fd, NULL));
    return path;
}

static char *line_of(const char *name, const char *role, const char *secret) {
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, secret, -1);
    return g_strdup_printf("%s:%s:%s\n", name, role, sum);
}

static const char *const nobody[] = {NULL};

static struct dm_access *open_tokens(const char *text, int mode, GError **error) {
    g_autofree char *path = write_tokens(text, mode);
    const struct dm_access_settings settings = {
        .auth = DM_AUTH_TOKEN, .token_file = path, .admins = nobody, .proxies = nobody};
    struct dm_access *access = dm_access_new(&settings, error);
    g_unlink(path);
    return access;
}

static struct dm_access *with_tokens(void) {
    g_autofree char *looks = line_of("looks", "viewer", "look");
    g_autofree char *boss = line_of("boss", "admin", "all");
    g_autofree char *text = g_strconcat("# people\n\n", looks, boss, NULL);
    struct dm_access *access = open_tokens(text, 0600, NULL);
    g_assert_nonnull(access);
    return access;
}

static enum dm_role role_of(const struct dm_access *access,
                            const struct dm_credentials *credentials, int64_t now_utc_s) {
    struct dm_client client;
    dm_access_find(access, credentials, now_utc_s, &client);
    enum dm_role role = client.role;
    g_assert_nonnull(client.name);
    g_assert_true(role != DM_ROLE_NOBODY || *client.name == '\0');
    dm_client_clear(&client);
    return role;
}

static void test_tokens(void) {
    static const struct {
        const char *authorization;
        enum dm_role role;
    } cases[] = {
        {"Bearer look", DM_ROLE_VIEWER},  {"bearer look", DM_ROLE_VIEWER},
        {"Bearer all", DM_ROLE_ADMIN},    {"Bearer", DM_ROLE_NOBODY},
        {"Bearer ", DM_ROLE_NOBODY},      {"Bearer loo", DM_ROLE_NOBODY},
        {"Bearer look ", DM_ROLE_NOBODY}, {"Basic look", DM_ROLE_NOBODY},
        {"look", DM_ROLE_NOBODY},         {NULL, DM_ROLE_NOBODY},
    };
    struct dm_access *access = with_tokens();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct dm_credentials credentials = {
            .address = "10.0.0.1", .authorization = cases[i].authorization, .remote_user = "boss"};
        g_assert_cmpint(role_of(access, &credentials, NOW), ==, cases[i].role);
    }
    dm_access_free(access);
}

static void test_bad_files(void) {
    static const char sum[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const char *const forms[] = {"%s",          "a:%s",         "a:nobody:%s",
                                 "a:boss:%s",   ":admin:%s",    "a:admin:%sx",
                                 "a:admin:x%s", "a.b:admin:%s", "a:admin:%s:more"};
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) parts = g_strsplit(forms[i], "%s", 2);
        g_autofree char *text = g_strconcat("# one\n", parts[0], sum, parts[1], "\n", NULL);
        g_assert_null(open_tokens(text, 0600, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_assert_nonnull(strstr(error->message, ":2:")); // the line is named
        g_assert_null(strstr(error->message, sum));      // and nothing secret
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(open_tokens("", 0644, &error));
    g_assert_nonnull(strstr(error->message, "0644"));
}

/** "dropmill=NAME.UNTIL.SEAL", without what stands behind it. */
static char *cookie_of(const struct dm_access *access, const char *secret) {
    g_autofree char *header = dm_access_sign_in(access, secret, false, NOW);
    g_assert_nonnull(header);
    return g_strndup(header, strcspn(header, ";"));
}

static enum dm_role role_of_cookie(const struct dm_access *access, const char *cookie,
                                   int64_t now_utc_s) {
    const struct dm_credentials credentials = {.address = "10.0.0.1", .cookie = cookie};
    return role_of(access, &credentials, now_utc_s);
}

static void test_cookie(void) {
    struct dm_access *access = with_tokens();
    g_autofree char *cookie = cookie_of(access, "look");
    g_autofree char *among = g_strconcat("a=b; ", cookie, "; dropmill2=x", NULL);
    g_assert_cmpint(role_of_cookie(access, cookie, NOW), ==, DM_ROLE_VIEWER);
    g_assert_cmpint(role_of_cookie(access, among, NOW), ==, DM_ROLE_VIEWER);
    g_assert_cmpint(role_of_cookie(access, cookie, NOW + 29 * DAY), ==, DM_ROLE_VIEWER);
    g_assert_cmpint(role_of_cookie(access, cookie, NOW + 31 * DAY), ==, DM_ROLE_NOBODY);
    g_assert_null(dm_access_sign_in(access, "wrong", false, NOW));
    g_assert_null(dm_access_sign_in(access, "", false, NOW));
    dm_access_free(access);
}

/** A cookie of which anything else is said than was sealed is none. */
static void test_forged(void) {
    struct dm_access *access = with_tokens();
    g_autofree char *cookie = cookie_of(access, "look");
    for (size_t i = strlen("dropmill="); cookie[i] != '\0'; i++) {
        g_autofree char *forged = g_strdup(cookie);
        forged[i] = forged[i] == '1' ? '2' : '1';
        g_assert_cmpint(role_of_cookie(access, forged, NOW), ==, DM_ROLE_NOBODY);
        forged[i] = '\0';
        g_assert_cmpint(role_of_cookie(access, forged, NOW), ==, DM_ROLE_NOBODY);
    }
    g_auto(GStrv) parts = g_strsplit(cookie, ".", 3);
    g_autofree char *boss = g_strdup_printf("dropmill=boss.%s.%s", parts[1], parts[2]);
    g_assert_cmpint(role_of_cookie(access, boss, NOW), ==, DM_ROLE_NOBODY);
    dm_access_free(access);
}

/** Whose token is changed is signed out. */
static void test_changed_token(void) {
    struct dm_access *access = with_tokens();
    g_autofree char *cookie = cookie_of(access, "look");
    dm_access_free(access);
    g_autofree char *other = line_of("looks", "viewer", "another");
    access = open_tokens(other, 0600, NULL);
    g_assert_cmpint(role_of_cookie(access, cookie, NOW), ==, DM_ROLE_NOBODY);
    dm_access_free(access);
}

static void test_cookie_attributes(void) {
    struct dm_access *access = with_tokens();
    g_autofree char *plain = dm_access_sign_in(access, "all", false, NOW);
    g_autofree char *tls = dm_access_sign_in(access, "all", true, NOW);
    g_assert_nonnull(strstr(plain, "; HttpOnly"));
    g_assert_nonnull(strstr(plain, "; SameSite=Strict"));
    g_assert_null(strstr(plain, "; Secure"));
    g_assert_nonnull(strstr(tls, "; Secure"));
    dm_access_free(access);
}

static void test_proxy(void) {
    static const char *const admins[] = {"boss", NULL};
    static const char *const proxies[] = {"10.0.0.9", NULL};
    const struct dm_access_settings settings = {
        .auth = DM_AUTH_PROXY, .token_file = "", .admins = admins, .proxies = proxies};
    static const struct {
        const char *address, *user;
        enum dm_role role;
    } cases[] = {
        {NULL, "anna", DM_ROLE_SENDER},
        {NULL, "boss", DM_ROLE_ADMIN},
        {NULL, "", DM_ROLE_NOBODY},
        {NULL, NULL, DM_ROLE_NOBODY},
        {"10.0.0.9", "anna", DM_ROLE_SENDER},
        {"10.0.0.8", "boss", DM_ROLE_NOBODY},
        {"10.0.0.99", "boss", DM_ROLE_NOBODY},
    };
    struct dm_access *access = dm_access_new(&settings, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct dm_credentials credentials = {
            .address = cases[i].address, .remote_user = cases[i].user, .authorization = "Bearer x"};
        g_assert_cmpint(role_of(access, &credentials, NOW), ==, cases[i].role);
    }
    g_assert_false(dm_access_has_sign_in(access));
    dm_access_free(access);
}

static void test_none(void) {
    const struct dm_access_settings settings = {
        .auth = DM_AUTH_NONE, .token_file = "", .admins = nobody, .proxies = nobody};
    struct dm_access *access = dm_access_new(&settings, NULL);
    const struct dm_credentials credentials = {.address = "127.0.0.1", .remote_user = "x"};
    struct dm_client client;
    dm_access_find(access, &credentials, NOW, &client);
    g_assert_cmpint(client.role, ==, DM_ROLE_ADMIN);
    g_assert_cmpstr(client.name, ==, ""); // nobody has asked
    dm_client_clear(&client);
    dm_access_free(access);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/access/tokens", test_tokens);
    g_test_add_func("/access/bad-files", test_bad_files);
    g_test_add_func("/access/cookie", test_cookie);
    g_test_add_func("/access/forged", test_forged);
    g_test_add_func("/access/changed-token", test_changed_token);
    g_test_add_func("/access/cookie-attributes", test_cookie_attributes);
    g_test_add_func("/access/proxy", test_proxy);
    g_test_add_func("/access/none", test_none);
    return g_test_run();
}
