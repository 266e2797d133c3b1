// SPDX-License-Identifier: MIT
#include "watcher/store/credentials_services.h"

#include "common/error.h"
#include "watcher/store/json_fields.h"
#include "watcher/store/s3_xml.h"
#include "watcher/store/sha256.h"
#include "watcher/store/sigv4.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM_WAIT_US (60 * INT64_C(1000000))
#define PROGRAM_MAX_BYTES (64 * 1024)
#define SERVICE_WAIT_MS 5000
// Where there is no such service the packets go nowhere.
#define MACHINE_WAIT_MS 1000

static const char *field(GHashTable *fields, const char *name) {
    const char *value = g_hash_table_lookup(fields, name);
    return value != NULL ? value : "";
}

/** Credentials out of JSON; the token is called Token by services, SessionToken by programs. */
static bool from_json(const char *text, const char *source, struct dm_credentials_set *ret,
                      GError **error) {
    g_autoptr(GHashTable) fields = dm_json_fields(text);
    if (fields == NULL || *field(fields, "AccessKeyId") == '\0' ||
        *field(fields, "SecretAccessKey") == '\0')
        return dm_fail(error, DM_ERROR_TRANSIENT, "credentials: %s did not answer with any",
                       source);
    const char *token = field(fields, "SessionToken");
    *ret = (struct dm_credentials_set){
        .access_key_id = g_strdup(field(fields, "AccessKeyId")),
        .secret_access_key = g_strdup(field(fields, "SecretAccessKey")),
        .session_token = g_strdup(*token != '\0' ? token : field(fields, "Token")),
        .expire_utc_us = dm_s3_parse_time(field(fields, "Expiration")),
        .source = source,
    };
    return true;
}

/** What comes out of @fd until its end; NULL: too late, too much, or stopped. */
static char *read_output(int fd, const atomic_bool *stop) {
    g_autoptr(GString) text = g_string_new(NULL);
    int64_t deadline_us = g_get_monotonic_time() + PROGRAM_WAIT_US;
    while (!atomic_load(stop) && g_get_monotonic_time() < deadline_us &&
           text->len < PROGRAM_MAX_BYTES) {
        struct pollfd poll_fd = {fd, POLLIN, 0};
        if (poll(&poll_fd, 1, 100) <= 0)
            continue;
        char buffer[4096];
        ssize_t n = read(fd, buffer, sizeof(buffer));
        if (n > 0)
            g_string_append_len(text, buffer, n);
        else if (n == 0 || errno != EINTR)
            return g_strdup(text->str);
    }
    return NULL;
}

bool dm_credentials_from_program(const char *command, const atomic_bool *stop,
                                 struct dm_credentials_set *ret, GError **error) {
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) failure = NULL;
    GPid pid;
    int out_fd;
    if (!g_shell_parse_argv(command, NULL, &words, &failure) ||
        !g_spawn_async_with_pipes(NULL, words, NULL,
                                  G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                                      G_SPAWN_STDERR_TO_DEV_NULL,
                                  NULL, NULL, &pid, NULL, &out_fd, NULL, &failure))
        return dm_fail(error, DM_ERROR_CONFIG, "credential_process: %s", failure->message);
    g_autofree char *text = read_output(out_fd, stop);
    close(out_fd);
    if (text == NULL)
        kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (text == NULL || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return dm_fail(error, DM_ERROR_TRANSIENT, "credential_process: '%s' %s", words[0],
                       text == NULL ? "does not come to an end" : "failed");
    bool good = from_json(text, "a credential_process", ret, error);
    dm_forget(text, strlen(text));
    return good;
}

/** GET, PUT or POST; anything but 200 is an error that names @what. (transfer full) */
static char *ask(const struct dm_credentials_hints *hints, const struct dm_http_request *request,
                 const atomic_bool *stop, const char *what, GError **error) {
    int status = 0;
    char *text = hints->http(request, stop, &status, error);
    if (text == NULL)
        g_prefix_error(error, "%s: ", what);
    else if (status != 200)
        dm_fail(error, DM_ERROR_TRANSIENT, "%s: answers with status %d", what, status);
    if (text != NULL && status != 200)
        g_clear_pointer(&text, g_free);
    // cppcheck-suppress returnDanglingLifetime // it is no pointer to the status
    return text;
}

/** Where the token service is. (transfer full) */
static char *token_service(const struct dm_credentials_hints *hints) {
    const char *url = dm_credentials_variable(hints, "AWS_ENDPOINT_URL_STS");
    if (*url != '\0')
        return g_strdup(url);
    const char *region = *hints->region != '\0' ? hints->region : "us-east-1";
    const char *suffix = g_str_has_prefix(region, "cn-") ? ".cn" : "";
    return g_strdup_printf("https://sts.%s.amazonaws.com%s/", region, suffix);
}

bool dm_credentials_from_web_identity(const struct dm_credentials_hints *hints,
                                      const char *token_file, const char *role_arn,
                                      const atomic_bool *stop, struct dm_credentials_set *ret,
                                      GError **error) {
    static const char source[] = "a web identity";
    g_autofree char *token = NULL;
    g_autoptr(GError) failure = NULL;
    if (!g_file_get_contents(token_file, &token, NULL, &failure))
        return dm_fail(error, DM_ERROR_TRANSIENT, "token of the web identity: %s",
                       failure->message);
    const char *name = dm_credentials_variable(hints, "AWS_ROLE_SESSION_NAME");
    const struct dm_sigv4_pair form[] = {
        {"Action", "AssumeRoleWithWebIdentity"},
        {"Version", "2011-06-15"},
        {"RoleArn", role_arn},
        {"RoleSessionName", *name != '\0' ? name : "dropmill"},
        {"WebIdentityToken", g_strstrip(token)},
    };
    g_autofree char *body = dm_sigv4_encode_query(form, G_N_ELEMENTS(form));
    g_autofree char *url = token_service(hints);
    const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
    struct dm_http_request request = {"POST", url, headers, body, SERVICE_WAIT_MS};
    g_autofree char *text = ask(hints, &request, stop, "token service of the web identity", error);
    dm_forget(token, strlen(token));
    dm_forget(body, strlen(body));
    struct dm_s3_xml *xml = text != NULL ? dm_s3_xml_parse(text, strlen(text), error) : NULL;
    if (xml == NULL)
        return false;
    *ret = (struct dm_credentials_set){
        .access_key_id = g_strdup(dm_s3_xml_field(xml, "AccessKeyId")),
        .secret_access_key = g_strdup(dm_s3_xml_field(xml, "SecretAccessKey")),
        .session_token = g_strdup(dm_s3_xml_field(xml, "SessionToken")),
        .expire_utc_us = dm_s3_parse_time(dm_s3_xml_field(xml, "Expiration")),
        .source = source,
    };
    dm_s3_xml_free(xml);
    if (*ret->access_key_id != '\0' && *ret->secret_access_key != '\0')
        return true;
    dm_credentials_set_clear(ret);
    return dm_fail(error, DM_ERROR_TRANSIENT, "credentials: %s did not answer with any", source);
}

bool dm_credentials_is_in_container(const struct dm_credentials_hints *hints) {
    return *dm_credentials_variable(hints, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != '\0' ||
           *dm_credentials_variable(hints, "AWS_CONTAINER_CREDENTIALS_FULL_URI") != '\0';
}

/** Plain http is for the machine itself and for the two addresses of AWS only. */
static bool may_carry_secrets(const char *url) {
    static const char *const hosts[] = {"127.0.0.1",     "localhost",      "[::1]",
                                        "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
    if (g_str_has_prefix(url, "https://"))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_autofree char *start = g_strconcat("http://", hosts[i], NULL);
        if (g_str_has_prefix(url, start) && strchr(":/", url[strlen(start)]) != NULL)
            return true;
    }
    return false;
}

/** The token that the service wants to see, out of a file or the environment; "" for none. */
static char *container_token(const struct dm_credentials_hints *hints) {
    const char *path = dm_credentials_variable(hints, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    char *text = NULL;
    if (*path != '\0' && g_file_get_contents(path, &text, NULL, NULL))
        return g_strstrip(text);
    return g_strdup(dm_credentials_variable(hints, "AWS_CONTAINER_AUTHORIZATION_TOKEN"));
}

bool dm_credentials_from_container(const struct dm_credentials_hints *hints,
                                   const atomic_bool *stop, struct dm_credentials_set *ret,
                                   GError **error) {
    const char *relative = dm_credentials_variable(hints, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    g_autofree char *url =
        *relative != '\0'
            ? g_strconcat("http://169.254.170.2", relative, NULL)
            : g_strdup(dm_credentials_variable(hints, "AWS_CONTAINER_CREDENTIALS_FULL_URI"));
    if (!may_carry_secrets(url))
        return dm_fail(error, DM_ERROR_CONFIG,
                       "AWS_CONTAINER_CREDENTIALS_FULL_URI: '%s' is neither https nor of this "
                       "machine",
                       url);
    g_autofree char *token = container_token(hints);
    g_autofree char *header = g_strconcat("Authorization: ", token, NULL);
    const char *const headers[] = {*token != '\0' ? header : NULL, NULL};
    struct dm_http_request request = {"GET", url, headers, NULL, SERVICE_WAIT_MS};
    g_autofree char *text = ask(hints, &request, stop, "service of the container", error);
    return text != NULL && from_json(text, "the container's service", ret, error);
}

bool dm_credentials_from_machine(const struct dm_credentials_hints *hints, const atomic_bool *stop,
                                 struct dm_credentials_set *ret, GError **error) {
    static const char what[] = "metadata service of the machine";
    static const char path[] = "/latest/meta-data/iam/security-credentials/";
    if (strcmp(dm_credentials_variable(hints, "AWS_EC2_METADATA_DISABLED"), "true") == 0)
        return dm_fail(error, DM_ERROR_CONFIG, "%s: is switched off", what);
    const char *named = dm_credentials_variable(hints, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    g_autofree char *base = g_strdup(*named != '\0' ? named : "http://169.254.169.254");
    if (g_str_has_suffix(base, "/"))
        base[strlen(base) - 1] = '\0';
    g_autofree char *token_url = g_strconcat(base, "/latest/api/token", NULL);
    const char *const lifetime[] = {"X-aws-ec2-metadata-token-ttl-seconds: 21600", NULL};
    struct dm_http_request request = {"PUT", token_url, lifetime, "", MACHINE_WAIT_MS};
    g_autofree char *token = ask(hints, &request, stop, what, error);
    if (token == NULL)
        return false;
    g_autofree char *header = g_strconcat("X-aws-ec2-metadata-token: ", g_strstrip(token), NULL);
    const char *const headers[] = {header, NULL};
    g_autofree char *list_url = g_strconcat(base, path, NULL);
    request = (struct dm_http_request){"GET", list_url, headers, NULL, SERVICE_WAIT_MS};
    g_autofree char *roles = ask(hints, &request, stop, what, error);
    if (roles == NULL)
        return false;
    g_auto(GStrv) role = g_strsplit(g_strstrip(roles), "\n", 2);
    g_autofree char *name = dm_sigv4_encode_path(role[0] != NULL ? g_strstrip(role[0]) : "");
    g_autofree char *role_url = g_strconcat(list_url, name, NULL);
    request.url = role_url;
    g_autofree char *text = ask(hints, &request, stop, what, error);
    return text != NULL && from_json(text, what, ret, error);
}
