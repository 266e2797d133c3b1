// SPDX-License-Identifier: MIT
//
// Credentials: the places in their order, each against a file, a program or a service of our own;
// fetched early, fetched once, fetched anew when they are refused.
#include "watcher/store/credentials.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "watcher/store/json_fields.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MINUTE_US (60 * INT64_C(1000000))
#define NOON_US INT64_C(1369396800000000) // 2013-05-24T12:00:00Z

/** A service that answers by the end of the URL; what was asked is kept. */
struct said {
    const char *method, *url, *answer;
};

static const struct said *service;
static size_t service_count;
static GString *asked;
static atomic_int asked_count;

static char *answer(const struct dm_http_request *request, const atomic_bool *stop, int *ret_status,
                    GError **error) {
    (void)stop;
    atomic_fetch_add(&asked_count, 1);
    g_string_append_printf(asked, "%s %s", request->method, request->url);
    for (const char *const *h = request->headers; h != NULL && *h != NULL; h++)
        g_string_append_printf(asked, " [%s]", *h);
    if (request->body != NULL && *request->body != '\0')
        g_string_append_printf(asked, " {%s}", request->body);
    g_string_append_c(asked, '\n');
    for (size_t i = 0; i < service_count; i++) {
        if (strcmp(service[i].method, request->method) == 0 &&
            strcmp(service[i].url, request->url) == 0) {
            *ret_status = 200;
            return g_strdup(service[i].answer);
        }
    }
    dm_fail(error, DM_ERROR_TRANSIENT, "nobody is there");
    return NULL;
}

struct rig {
    char *home;
    struct dm_credentials_hints hints;
};

static void set_up(struct rig *rig) {
    rig->home = g_dir_make_tmp("dm-credentials-XXXXXX", NULL);
    rig->hints = (struct dm_credentials_hints){
        .access_key_id = g_strdup(""),
        .secret_access_key = g_strdup(""),
        .session_token = g_strdup(""),
        .profile = g_strdup(""),
        .region = g_strdup("eu-west-1"),
        .environment = g_environ_setenv(NULL, "HOME", rig->home, TRUE),
        .http = answer,
    };
    service = NULL;
    service_count = 0;
    asked = g_string_new(NULL);
    atomic_store(&asked_count, 0);
}

static void tear_down(struct rig *rig) {
    dm_credentials_hints_clear(&rig->hints);
    dm_remove_tree(rig->home);
    g_free(rig->home);
    g_string_free(asked, TRUE);
}

static void set_variable(struct rig *rig, const char *name, const char *value) {
    rig->hints.environment = g_environ_setenv(rig->hints.environment, name, value, TRUE);
}

static char *write_file(const struct rig *rig, const char *name, const char *text) {
    char *path = g_build_filename(rig->home, name, NULL);
    g_autofree char *dir = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(dir, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static void look(const struct rig *rig, struct dm_credentials_set *ret) {
    static const atomic_bool stop;
    g_autoptr(GError) error = NULL;
    *ret = (struct dm_credentials_set){0};
    if (!dm_credentials_look_fixed(&rig->hints, ret) &&
        !dm_credentials_look(&rig->hints, &stop, ret, &error)) {
        g_assert_nonnull(error);
        ret->session_token = g_strdup(error->message);
    }
}

static void expect(const struct rig *rig, const char *id, const char *secret, const char *token,
                   const char *source) {
    struct dm_credentials_set set;
    look(rig, &set);
    g_assert_cmpstr(set.access_key_id, ==, id);
    g_assert_cmpstr(set.secret_access_key, ==, secret);
    g_assert_cmpstr(set.session_token, ==, token);
    g_assert_cmpstr(set.source, ==, source);
    dm_credentials_set_clear(&set);
}

static void expect_failure(const struct rig *rig, const char *part) {
    struct dm_credentials_set set;
    look(rig, &set);
    g_assert_null(set.access_key_id);
    g_test_message("%s", set.session_token);
    g_assert_nonnull(strstr(set.session_token, part));
    dm_credentials_set_clear(&set);
}

/** Each place that is filled is before those that were filled first. */
static void test_order(void) {
    struct rig rig;
    set_up(&rig);
    set_variable(&rig, "AWS_EC2_METADATA_DISABLED", "true");
    expect_failure(&rig, "s3.access_key_id");
    g_autofree char *config = write_file(&rig, ".aws/config",
                                         "[profile default]\nregion = x\n[default]\n"
                                         "aws_access_key_id = C\naws_secret_access_key = CS\n");
    expect(&rig, "C", "CS", "", "a profile");
    g_autofree char *credentials =
        write_file(&rig, ".aws/credentials",
                   "# mine\n[default]\naws_access_key_id=F\naws_secret_access_key = FS  \n"
                   "aws_session_token = FT\ns3 =\n  aws_access_key_id = not this\n[other]\n"
                   "aws_access_key_id = O\naws_secret_access_key = OS\n");
    expect(&rig, "F", "FS", "FT", "a profile");
    set_variable(&rig, "AWS_PROFILE", "other");
    expect(&rig, "O", "OS", "", "a profile");
    set_variable(&rig, "AWS_ACCESS_KEY_ID", "E");
    set_variable(&rig, "AWS_SECRET_ACCESS_KEY", "ES");
    set_variable(&rig, "AWS_SESSION_TOKEN", "ET");
    expect(&rig, "E", "ES", "ET", "the environment");
    g_free(rig.hints.profile);
    rig.hints.profile = g_strdup("other");
    expect(&rig, "O", "OS", "", "a profile");
    g_free(rig.hints.profile);
    rig.hints.profile = g_strdup("nobody");
    expect_failure(&rig, "'nobody'");
    g_free(rig.hints.access_key_id);
    g_free(rig.hints.secret_access_key);
    rig.hints.access_key_id = g_strdup("K");
    rig.hints.secret_access_key = g_strdup("KS");
    expect(&rig, "K", "KS", "", "the configuration");
    g_assert_cmpint(atomic_load(&asked_count), ==, 0);
    tear_down(&rig);
}

static void test_program(void) {
    struct rig rig;
    set_up(&rig);
    set_variable(&rig, "AWS_EC2_METADATA_DISABLED", "true");
    g_autofree char *good = write_file(
        &rig, "good",
        "#!/bin/sh\nprintf '{\"Version\": 1, \"AccessKeyId\": \"P\", \"SecretAccessKey\": "
        "\"%s\", \"SessionToken\": \"T\\\\u0041\", \"Expiration\": \"2013-05-24T12:00:00Z\", "
        "\"More\": [1, {\"a\": null}]}' \"$1\"\n");
    chmod(good, 0700);
    g_autofree char *config =
        g_strdup_printf("[default]\ncredential_process = %s 'two words'\n", good);
    g_free(write_file(&rig, ".aws/config", config));
    struct dm_credentials_set set;
    look(&rig, &set);
    g_assert_cmpint(set.expire_utc_us, ==, NOON_US);
    dm_credentials_set_clear(&set);
    expect(&rig, "P", "two words", "TA", "a credential_process");
    g_free(write_file(&rig, ".aws/config", "[default]\ncredential_process = /bin/false\n"));
    expect_failure(&rig, "failed");
    g_free(write_file(&rig, ".aws/config", "[default]\ncredential_process = /bin/echo s3cret\n"));
    expect_failure(&rig, "did not answer");
    g_free(write_file(&rig, ".aws/config", "[default]\ncredential_process = /no/such/program\n"));
    expect_failure(&rig, "credential_process");
    g_free(write_file(&rig, ".aws/config", "[default]\nrole_arn = r\nsource_profile = x\n"));
    expect_failure(&rig, "source_profile");
    tear_down(&rig);
}

#define USE(...)                                                                                   \
    static const struct said answers[] = {__VA_ARGS__};                                            \
    service = answers;                                                                             \
    service_count = G_N_ELEMENTS(answers)

static void test_web_identity(void) {
    struct rig rig;
    set_up(&rig);
    g_autofree char *token = write_file(&rig, "token", "web+token\n");
    set_variable(&rig, "AWS_WEB_IDENTITY_TOKEN_FILE", token);
    set_variable(&rig, "AWS_ROLE_ARN", "arn:aws:iam::1:role/r");
    USE({"POST", "https://sts.eu-west-1.amazonaws.com/",
         "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
         "<AccessKeyId>W</AccessKeyId><SecretAccessKey>WS</SecretAccessKey><SessionToken>WT"
         "</SessionToken><Expiration>2013-05-24T12:00:00Z</Expiration></Credentials>"
         "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"});
    expect(&rig, "W", "WS", "WT", "a web identity");
    g_assert_nonnull(strstr(asked->str, "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"));
    g_assert_nonnull(strstr(asked->str, "WebIdentityToken=web%2Btoken}"));
    unlink(token);
    expect_failure(&rig, "token of the web identity");
    tear_down(&rig);
}

#define JSON                                                                                       \
    "{\"AccessKeyId\":\"J\",\"SecretAccessKey\":\"JS\",\"Token\":\"JT\","                          \
    "\"Expiration\":\"2013-05-24T12:00:00Z\"}"

static void test_container(void) {
    struct rig rig;
    set_up(&rig);
    USE({"GET", "http://169.254.170.2/v2/x", JSON}, {"GET", "http://127.0.0.1:1/y", JSON});
    set_variable(&rig, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/y");
    g_autofree char *token = write_file(&rig, "token", "let me in\n");
    set_variable(&rig, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token);
    expect(&rig, "J", "JS", "JT", "the container's service");
    g_assert_nonnull(strstr(asked->str, "[Authorization: let me in]"));
    set_variable(&rig, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1.example.net/y");
    expect_failure(&rig, "neither https nor of this machine");
    set_variable(&rig, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x");
    expect(&rig, "J", "JS", "JT", "the container's service");
    tear_down(&rig);
}

static void test_machine(void) {
    struct rig rig;
    set_up(&rig);
    USE({"PUT", "http://[::1]:9/latest/api/token", "TOKEN"},
        {"GET", "http://[::1]:9/latest/meta-data/iam/security-credentials/", "my role\n"},
        {"GET", "http://[::1]:9/latest/meta-data/iam/security-credentials/my%20role", JSON});
    expect_failure(&rig, "no credentials"); // the usual address is not ours
    set_variable(&rig, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[::1]:9/");
    expect(&rig, "J", "JS", "JT", "metadata service of the machine");
    g_assert_nonnull(strstr(asked->str, "my%20role [X-aws-ec2-metadata-token: TOKEN]"));
    g_assert_nonnull(strstr(asked->str, "token-ttl-seconds: 21600]"));
    set_variable(&rig, "AWS_EC2_METADATA_DISABLED", "true");
    expect_failure(&rig, "no credentials");
    tear_down(&rig);
}

static atomic_int wakes;

static void wake(void *user) {
    (void)user;
    atomic_fetch_add(&wakes, 1);
}

/** Ask until the search is over. */
static enum dm_credentials_state get(struct dm_credentials *c, int64_t now_us, unsigned *ret_at) {
    const struct dm_credentials_set *set;
    const GError *error;
    enum dm_credentials_state state;
    do {
        state = dm_credentials_get(c, now_us, &set, ret_at, &error);
        g_thread_yield();
    } while (state == DM_CREDENTIALS_PENDING);
    return state;
}

static void wait_wakes(int count) {
    while (atomic_load(&wakes) < count)
        g_thread_yield();
}

static void test_renewal(void) {
    struct rig rig;
    set_up(&rig);
    USE({"GET", "http://127.0.0.1:1/y", JSON});
    set_variable(&rig, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/y");
    atomic_store(&wakes, 0);
    struct dm_credentials *c = dm_credentials_new(&rig.hints, wake, NULL);
    unsigned generation = 0;
    g_assert_cmpint(get(c, NOON_US - 60 * MINUTE_US, &generation), ==, DM_CREDENTIALS_READY);
    g_assert_cmpint(atomic_load(&asked_count), ==, 1);
    g_assert_cmpint(get(c, NOON_US - 11 * MINUTE_US, &generation), ==, DM_CREDENTIALS_READY);
    g_assert_cmpint(atomic_load(&wakes), ==, 1);
    // Ten minutes before the end: the old ones are good while others are fetched.
    g_assert_cmpint(get(c, NOON_US - 9 * MINUTE_US, &generation), ==, DM_CREDENTIALS_READY);
    wait_wakes(2);
    g_assert_cmpint(get(c, NOON_US - 9 * MINUTE_US, &generation), ==, DM_CREDENTIALS_READY);
    g_assert_cmpint(atomic_load(&asked_count), ==, 2);

    // Refused: fetched once, however many say so.
    unsigned before = generation;
    g_assert_true(dm_credentials_refuse(c, before));
    g_assert_true(dm_credentials_refuse(c, before));
    g_assert_cmpint(get(c, NOON_US - 9 * MINUTE_US, &generation), ==, DM_CREDENTIALS_READY);
    g_assert_cmpuint(generation, ==, before + 1);
    g_assert_true(dm_credentials_refuse(c, before)); // a late one
    g_assert_cmpint(get(c, NOON_US - 9 * MINUTE_US, &generation), ==, DM_CREDENTIALS_READY);
    g_assert_cmpuint(generation, ==, before + 1);
    g_assert_cmpint(atomic_load(&asked_count), ==, 3);

    int64_t expire_us;
    const char *source;
    dm_credentials_status(c, &expire_us, &source);
    g_assert_cmpint(expire_us, ==, NOON_US);
    dm_credentials_free(c);
    tear_down(&rig);
}

static void test_failure_and_fixed(void) {
    struct rig rig;
    set_up(&rig);
    struct dm_credentials *c = dm_credentials_new(&rig.hints, wake, NULL);
    unsigned generation = 0;
    g_assert_cmpint(get(c, NOON_US, &generation), ==, DM_CREDENTIALS_FAILED);
    int asked_so_far = atomic_load(&asked_count);
    g_assert_cmpint(get(c, NOON_US, &generation), ==, DM_CREDENTIALS_FAILED);
    g_assert_cmpint(atomic_load(&asked_count), ==, asked_so_far); // not again at once
    dm_credentials_free(c);
    tear_down(&rig);

    set_up(&rig);
    set_variable(&rig, "AWS_ACCESS_KEY_ID", "E");
    set_variable(&rig, "AWS_SECRET_ACCESS_KEY", "ES");
    c = dm_credentials_new(&rig.hints, wake, NULL);
    g_assert_cmpint(get(c, NOON_US, &generation), ==, DM_CREDENTIALS_READY);
    g_assert_false(dm_credentials_refuse(c, generation));
    dm_credentials_free(c);
    dm_credentials_free(NULL);
    tear_down(&rig);
}

static void test_json(void) {
    static const char *const bad[] = {
        "",         "[]",          "{",         "{\"a\"}",         "{\"a\":}",
        "{\"a\":1", "{\"a\":1} x", "{\"a\":\"", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_null(dm_json_fields(bad[i]));
    g_autoptr(GString) deep = g_string_new("{\"a\":");
    for (int i = 0; i < 1000; i++)
        g_string_append_c(deep, '[');
    g_assert_null(dm_json_fields(deep->str));
    g_autoptr(GHashTable) fields =
        dm_json_fields(" { \"a\" : \"\\\"\\n\\u20ac\" , \"b\":[],\"n\":null, \"c\" : 7 } ");
    g_assert_nonnull(fields);
    g_assert_cmpstr(g_hash_table_lookup(fields, "a"), ==, "\"\n€");
    g_assert_cmpstr(g_hash_table_lookup(fields, "c"), ==, "7");
    g_assert_false(g_hash_table_contains(fields, "n"));
}

static void test_json_texts(void) {
    const char *text =
        "{\"a\":[\"x\"],\"r\" : [ \"\\ud83d\\ude00.jpg\" , \"\\ud83d\", \"\\u00e9\" ], \"z\":{}}";
    g_auto(GStrv) texts = dm_json_texts(text, "r");
    g_assert_nonnull(texts);
    g_assert_cmpuint(g_strv_length(texts), ==, 3);
    g_assert_cmpstr(texts[0], ==, "😀.jpg");
    g_assert_cmpstr(texts[1], ==, "?");
    g_assert_cmpstr(texts[2], ==, "é");
    g_auto(GStrv) none = dm_json_texts("{\"a\":1}", "r");
    g_assert_nonnull(none);
    g_assert_cmpuint(g_strv_length(none), ==, 0);
    g_assert_null(dm_json_texts("{\"r\":[1]}", "r"));
    g_assert_null(dm_json_texts("{\"r\":[\"a\"", "r"));
    g_assert_null(dm_json_texts("[]", "r"));
}

static void test_json_objects(void) {
    const char *text =
        "{\"a\":[{\"x\":1}],\"f\":[ {\"p\":\"a\",\"n\":7,\"l\":[{}]} , {} ],\"z\":\"y\"}";
    g_autoptr(GPtrArray) objects = dm_json_objects(text, "f");
    g_assert_nonnull(objects);
    g_assert_cmpuint(objects->len, ==, 2);
    g_assert_cmpstr(g_hash_table_lookup(objects->pdata[0], "p"), ==, "a");
    g_assert_cmpstr(g_hash_table_lookup(objects->pdata[0], "n"), ==, "7");
    g_assert_cmpuint(g_hash_table_size(objects->pdata[1]), ==, 0);
    g_autoptr(GPtrArray) none = dm_json_objects("{\"f\":\"text\"}", "f");
    g_assert_nonnull(none);
    g_assert_cmpuint(none->len, ==, 0);
    static const char *const bad[] = {"[]", "{\"f\":[1]}", "{\"f\":[{]}", "{\"f\":[{}",
                                      "{\"f\":[{},]}"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_null(dm_json_objects(bad[i], "f"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/credentials/order", test_order);
    g_test_add_func("/credentials/program", test_program);
    g_test_add_func("/credentials/web identity", test_web_identity);
    g_test_add_func("/credentials/container", test_container);
    g_test_add_func("/credentials/machine", test_machine);
    g_test_add_func("/credentials/renewal", test_renewal);
    g_test_add_func("/credentials/failure and fixed", test_failure_and_fixed);
    g_test_add_func("/credentials/json", test_json);
    g_test_add_func("/credentials/json texts", test_json_texts);
    g_test_add_func("/credentials/json objects", test_json_objects);
    return g_test_run();
}
