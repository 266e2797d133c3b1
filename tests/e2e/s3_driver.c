// SPDX-License-Identifier: MIT
//
// A store of S3 at the command line, for tests:
//
//   s3_driver NAME=VALUE... COMMAND [ARGUMENT...]
//
//   endpoint= bucket= region= addressing= key= secret= token= profile= ca= connections=
//   clock=SECONDS    our clock is off by so much
//   stall=SECONDS    a connection on which nothing moves is given up
//   again=N          what is to be done again at once (clock, credentials) is, at most so often
//
//   probe | head KEY | etag KEY | get KEY | put KEY TEXT | remove KEY | copy KEY TO
//   list PREFIX [MAX] | list-all PREFIX | count PREFIX | uploads PREFIX
//   put-twice KEY TEXT | put-bytes KEY COUNT | upload KEY BYTES | complete KEY ID ETAG
//   put-file KEY FILE | put-copies PREFIX COUNT FILE SUFFIX
//   many COUNT BYTES IN_FLIGHT    puts, each until it is there; says how many attempts it took
//   contract | keys               tests/unit/watcher/support/store_contract.h, as TAP does it
//
// An operation prints its class, the code, the status, "unknown" or "known", then what it brought
// or the reason; what was asked of the store by then is at the end, as "requests N", and
// a line "METHOD CODE N" for each kind of them.
#include "tests/unit/watcher/support/store_answer.h"
#include "tests/unit/watcher/support/store_contract.h"
#include "watcher/store/store_s3.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LIST 1000

static int64_t clock_error_us;
static int again_max;

static int64_t wrong_clock_us(void) {
    return g_get_real_time() + clock_error_us;
}

/** The members that are texts, by the names of the command line. */
static char **text_of(struct dm_store_settings *s, const char *name) {
    const struct {
        const char *name;
        char **text;
    } texts[] = {
        {"endpoint", &s->endpoint},   {"bucket", &s->bucket},
        {"region", &s->region},       {"addressing", &s->addressing},
        {"key", &s->access_key_id},   {"secret", &s->secret_access_key},
        {"token", &s->session_token}, {"profile", &s->profile},
        {"ca", &s->ca_file},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (strcmp(texts[i].name, name) == 0)
            return texts[i].text;
    }
    return NULL;
}

static void set(struct dm_store_settings *settings, struct dm_store_s3_options *options,
                const char *name, char *value) {
    char **text = text_of(settings, name);
    if (text != NULL)
        *text = value;
    else if (strcmp(name, "connections") == 0)
        settings->connections = atoi(value);
    else if (strcmp(name, "clock") == 0)
        clock_error_us = (int64_t)atoi(value) * G_USEC_PER_SEC;
    else if (strcmp(name, "stall") == 0)
        options->stall_s = atoi(value);
    else if (strcmp(name, "again") == 0)
        again_max = atoi(value);
    else
        g_error("no such setting: %s", name);
}

static void print(const struct answer *a) {
    const struct dm_store_result *r = &a->result;
    printf("%s %s %d %s", dm_store_class_name(r->class), *r->code != '\0' ? r->code : "-",
           r->http_status, r->is_unknown ? "unknown" : "known");
    if (r->retry_after_us > 0)
        printf(" after=%" PRId64, r->retry_after_us / G_USEC_PER_SEC);
    if (*r->reason != '\0')
        printf(" %s", r->reason);
    else if (r->bytes != NULL)
        printf(" %s", (const char *)r->bytes);
    else if (r->size >= 0)
        printf(" size=%" PRId64 " etag=%s", r->size, r->etag);
    putchar('\n');
    for (guint i = 0; i < a->keys->len; i++)
        printf("  %s\n", (const char *)a->keys->pdata[i]);
    if (r->next != NULL)
        printf("  goes on\n");
}

/** Parts of 5 MiB, one after the other, then the whole. */
static void upload(struct dm_store *store, const char *key, size_t length, struct answer *ret) {
    enum { PART = 5 * 1024 * 1024 };
    g_autofree char *bytes = g_malloc(length);
    memset(bytes, 'u', length);
    struct dm_store_attributes attributes = {.mtime_ns = 1};
    dm_store_create_upload(store, key, &attributes, answer_done, ret);
    answer_wait(store, ret);
    if (ret->result.class != DM_STORE_OK)
        return;
    g_autofree char *id = g_strdup(ret->result.upload_id);
    struct dm_store_part parts[100] = {0};
    size_t count = 0;
    for (size_t at = 0; at < length; at += PART, count++) {
        struct dm_store_body body = {.bytes = bytes + at,
                                     .length = (int64_t)MIN(PART, length - at)};
        answer_clear(ret);
        dm_store_put_part(store, key, id, (int)count + 1, &body, answer_done, ret);
        answer_wait(store, ret);
        if (ret->result.class != DM_STORE_OK)
            return;
        parts[count] =
            (struct dm_store_part){(int)count + 1, body.length, g_strdup(ret->result.etag)};
    }
    answer_clear(ret);
    dm_store_complete_upload(store, key, id, parts, count, answer_done, ret);
    answer_wait(store, ret);
    for (size_t i = 0; i < count; i++)
        g_free(parts[i].etag);
}

static void put_bytes(struct dm_store *store, const char *key, size_t length, struct answer *ret) {
    g_autofree char *bytes = g_malloc(length + 1);
    memset(bytes, 'b', length);
    answer_put(store, key, bytes, length, 0, ret);
}

static void put_file(struct dm_store *store, const char *key, const char *path,
                     struct answer *ret) {
    g_autofree char *bytes = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &bytes, &length, NULL))
        g_error("cannot read %s", path);
    answer_put(store, key, bytes, length, 0, ret);
}

/** As PREFIX0000, PREFIX0001, ...; the first that fails is the answer. */
static void put_copies(struct dm_store *store, char **arguments, struct answer *ret) {
    for (int i = 0; i < atoi(arguments[2]); i++) {
        g_autofree char *key = g_strdup_printf("%s%04d%s", arguments[1], i, arguments[4]);
        answer_clear(ret);
        put_file(store, key, arguments[3], ret);
        if (ret->result.class != DM_STORE_OK)
            return;
    }
}

static void complete(struct dm_store *store, char **arguments, struct answer *ret) {
    struct dm_store_part part = {1, 0, arguments[3]};
    dm_store_complete_upload(store, arguments[1], arguments[2], &part, 1, answer_done, ret);
    answer_wait(store, ret);
}

/** All pages; the last one is the answer, and how many keys there were is said. */
static void list_all(struct dm_store *store, const char *prefix, bool says_count,
                     struct answer *ret) {
    g_autofree char *from = NULL;
    guint count = 0;
    do {
        answer_list(store, prefix, from, MAX_LIST, ret);
        count += ret->keys->len;
        g_free(from);
        from = g_strdup(ret->result.next);
    } while (from != NULL);
    if (says_count)
        printf("keys %u\n", count);
}

static void operate(struct dm_store *store, char **arguments, struct answer *ret) {
    const char *command = arguments[0];
    const char *key = arguments[1] != NULL ? arguments[1] : "";
    answer_clear(ret);
    if (strcmp(command, "probe") == 0) {
        dm_store_probe(store, answer_done, ret);
        answer_wait(store, ret);
    } else if (strcmp(command, "head") == 0) {
        answer_head(store, key, ret);
    } else if (strcmp(command, "etag") == 0) {
        answer_head(store, key, ret);
        printf("%s\n", ret->result.etag);
    } else if (strcmp(command, "copy") == 0) {
        dm_store_copy(store, key, NULL, arguments[2], answer_done, ret);
        answer_wait(store, ret);
    } else if (strcmp(command, "get") == 0) {
        answer_get(store, key, ret);
    } else if (strcmp(command, "put") == 0) {
        answer_put(store, key, arguments[2], strlen(arguments[2]), 0, ret);
    } else if (strcmp(command, "put-twice") == 0) {
        answer_put(store, key, arguments[2], strlen(arguments[2]), 0, ret);
        answer_put(store, key, arguments[2], strlen(arguments[2]), 0, ret);
    } else if (strcmp(command, "put-bytes") == 0) {
        put_bytes(store, key, (size_t)atol(arguments[2]), ret);
    } else if (strcmp(command, "put-file") == 0) {
        put_file(store, key, arguments[2], ret);
    } else if (strcmp(command, "put-copies") == 0) {
        put_copies(store, arguments, ret);
    } else if (strcmp(command, "remove") == 0) {
        answer_remove(store, key, ret);
    } else if (strcmp(command, "list") == 0) {
        answer_list(store, key, NULL, arguments[2] != NULL ? atoi(arguments[2]) : MAX_LIST, ret);
    } else if (strcmp(command, "list-all") == 0) {
        list_all(store, key, false, ret);
    } else if (strcmp(command, "count") == 0) {
        list_all(store, key, true, ret);
    } else if (strcmp(command, "uploads") == 0) {
        dm_store_list_uploads(store, key, NULL, answer_done, ret);
        answer_wait(store, ret);
    } else if (strcmp(command, "upload") == 0) {
        upload(store, key, (size_t)atol(arguments[2]), ret);
    } else if (strcmp(command, "complete") == 0) {
        complete(store, arguments, ret);
    } else {
        g_error("no such command: %s", command);
    }
}

/** Many puts at once. */
struct crowd {
    struct dm_store *store;
    char *bytes;
    int64_t length;
    int next, count, attempts, bad;
};

struct member {
    struct crowd *crowd;
    int number;
};

static void put_member(struct member *m);

static void member_done(const struct dm_store_result *result, void *user) {
    struct member *m = user;
    struct crowd *crowd = m->crowd;
    crowd->attempts++;
    bool again = result->class == DM_STORE_THROTTLE || result->class == DM_STORE_TRANSPORT ||
                 result->class == DM_STORE_SERVER;
    crowd->bad += result->class != DM_STORE_OK && !again;
    if (!again)
        m->number = crowd->next++;
    put_member(m);
}

static void put_member(struct member *m) {
    if (m->number >= m->crowd->count) {
        g_free(m);
        return;
    }
    g_autofree char *key = g_strdup_printf("many/%06d.png", m->number);
    struct dm_store_body body = {.bytes = m->crowd->bytes, .length = m->crowd->length};
    struct dm_store_attributes attributes = {.content_type = "image/png", .mtime_ns = 1};
    dm_store_put(m->crowd->store, key, &body, &attributes, member_done, m);
}

static void many(struct dm_store *store, int count, size_t length, int in_flight) {
    struct crowd crowd = {.store = store, .length = (int64_t)length, .count = count};
    crowd.bytes = g_malloc(length);
    memset(crowd.bytes, 'm', length);
    int64_t start_us = g_get_monotonic_time();
    for (int i = 0; i < in_flight; i++) {
        struct member *m = g_new0(struct member, 1);
        *m = (struct member){&crowd, crowd.next++};
        put_member(m);
    }
    while (dm_store_load(store) > 0)
        dm_store_turn(store, 1000);
    double seconds = (double)(g_get_monotonic_time() - start_us) / G_USEC_PER_SEC;
    printf("%d objects, %d bad, %d attempts\n", count, crowd.bad, crowd.attempts);
    fprintf(stderr, "# %.2f s\n", seconds);
    g_free(crowd.bytes);
}

static void print_count(const char *method, const char *code, int64_t count, void *data) {
    (void)data;
    printf("%s %s %" PRId64 "\n", method, code, count);
}

static void run(struct dm_store *store, char **arguments) {
    ANSWER a = {0};
    if (strcmp(arguments[0], "contract") == 0) {
        store_contract(store, &(struct store_traits){.has_flat_keys = true,
                                                     .keeps_sums = true,
                                                     .ignores_copy_conditions = true});
        puts("ok");
    } else if (strcmp(arguments[0], "keys") == 0) {
        store_contract_keys(store);
        puts("ok");
    } else if (strcmp(arguments[0], "many") == 0) {
        many(store, atoi(arguments[1]), (size_t)atol(arguments[2]), atoi(arguments[3]));
    } else {
        for (int i = 0;; i++) {
            operate(store, arguments, &a);
            bool is_over =
                a.result.class != DM_STORE_CLOCK && a.result.class != DM_STORE_CREDENTIALS;
            if (is_over || i >= again_max)
                break;
        }
        print(&a);
    }
    struct dm_store_status status;
    dm_store_status(store, &status);
    printf("requests %" PRId64 "\n", status.requests);
    dm_store_counts_each(&status.counts, print_count, NULL);
    printf("%s succeeded\n", status.success_utc_us > 0 ? "one" : "none");
}

int main(int argc, char **argv) {
    static char empty[] = "";
    static char bucket[] = "bucket";
    static char addressing[] = "auto";
    struct dm_store_settings settings = {
        .bucket = bucket,
        .endpoint = empty,
        .region = empty,
        .addressing = addressing,
        .access_key_id = empty,
        .secret_access_key = empty,
        .session_token = empty,
        .profile = empty,
        .ca_file = empty,
    };
    struct dm_store_s3_options options = {.now_utc_us = wrong_clock_us};
    int i = 1;
    for (char *equals; i < argc && (equals = strchr(argv[i], '=')) != NULL; i++) {
        g_autofree char *name = g_strndup(argv[i], (gsize)(equals - argv[i]));
        set(&settings, &options, name, equals + 1);
    }
    g_assert_cmpint(i, <, argc);
    g_autoptr(GError) error = NULL;
    struct dm_store *store = dm_store_s3_new(&settings, &options, &error);
    if (store == NULL) {
        printf("refused %s\n", error->message);
        return 0;
    }
    run(store, argv + i);
    dm_store_free(store);
    return 0;
}
