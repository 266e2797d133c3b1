// SPDX-License-Identifier: MIT
//
// Operations wait for a connection (at most so many are open, and each is used again), are prepared
// and signed when one is free, and go through libcurl's multi interface:
//
//   start -> waiting -----------> running -------------> finished -> its completion
//              ^  |  credentials    |  an answer    ^
//              |  +-- there are ----|-- none -------+
//              +--------------------+
//                sent elsewhere: signed anew
//
// So a signature is never older than its attempt, and bodies take memory only while they are sent.
#include "watcher/store/store_s3.h"

#include "common/error.h"
#include "watcher/store/store_s3_private.h"

#include <string.h>

#define DEFAULT_CONNECTIONS 32
#define DEFAULT_STALL_S 30
#define DEFAULT_REGION "us-east-1"

static struct dm_s3_store *of(struct dm_store *store) {
    return (struct dm_s3_store *)store;
}

static int64_t real_time_us(void) {
    return g_get_real_time();
}

static void s3_start(struct dm_store *store, const struct dm_store_request *request,
                     dm_store_done_fn done, void *user) {
    struct dm_s3_store *s3 = of(store);
    struct dm_s3_transfer *t = g_new0(struct dm_s3_transfer, 1);
    t->s3 = s3;
    t->request = dm_store_request_copy(request);
    t->done = done;
    t->user = user;
    dm_outcome_init(&t->outcome);
    dm_s3_reply_init(&t->reply);
    store->load++;
    bool is_listing = request->verb == DM_STORE_LIST || request->verb == DM_STORE_UPLOADS ||
                      request->verb == DM_STORE_PROBE;
    size_t length = strlen(request->key);
    if (is_listing || (length > 0 && length <= DM_STORE_MAX_KEY)) {
        g_queue_push_tail(s3->waiting, t);
        return;
    }
    dm_outcome_fail(&t->outcome, DM_STORE_OBJECT, "key: '%s' has %zu bytes, expected 1 to %d",
                    request->key, length, DM_STORE_MAX_KEY);
    g_queue_push_tail(s3->finished, t);
}

/** The attempt is over: its handle can be used for another one. */
static void release(struct dm_s3_transfer *t) {
    if (t->easy != NULL) {
        curl_easy_reset(t->easy);
        g_ptr_array_add(t->s3->idle, g_steal_pointer(&t->easy));
    }
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    *t->error_text = '\0';
}

static void transfer_free(struct dm_s3_transfer *t) {
    release(t);
    dm_store_request_free(t->request);
    dm_outcome_clear(&t->outcome);
    dm_s3_reply_clear(&t->reply);
    dm_sha256_free(t->sum);
    g_free(t->owned_text);
    dm_s3_buffer_give(t->s3, t->buffer);
    g_free(t->host);
    g_free(t->region);
    g_free(t);
}

static void count(struct dm_s3_store *s3, const struct dm_s3_transfer *t) {
    enum dm_store_class class = t->outcome.result.class;
    s3->status.requests++;
    dm_store_counts_add(&s3->status.counts, dm_store_verb_method(t->request->verb),
                        t->reply.status);
    if (class != DM_STORE_OK && class != DM_STORE_MISSING)
        s3->status.failures++;
    else
        s3->status.success_utc_us = s3->now_utc_us();
}

/** Begin an attempt. Returns false if it is over already. */
static bool begin(struct dm_s3_transfer *t, const struct dm_credentials_set *set) {
    struct dm_s3_store *s3 = t->s3;
    t->easy = s3->idle->len > 0 ? g_ptr_array_steal_index_fast(s3->idle, s3->idle->len - 1)
                                : curl_easy_init();
    g_assert(t->easy != NULL);
    dm_s3_reply_clear(&t->reply);
    dm_s3_reply_init(&t->reply);
    if (!dm_s3_request_prepare(t, set))
        return false;
    g_assert(curl_multi_add_handle(s3->multi, t->easy) == CURLM_OK);
    g_ptr_array_add(s3->running, t);
    return true;
}

static void fail_for_credentials(struct dm_s3_transfer *t, const GError *error) {
    bool is_ours = g_error_matches(error, DM_ERROR, DM_ERROR_CONFIG);
    dm_outcome_fail(&t->outcome, is_ours ? DM_STORE_ENDPOINT : DM_STORE_CREDENTIALS, "%s",
                    error->message);
}

/** Give the waiting ones the connections that are free. */
static void begin_waiting(struct dm_s3_store *s3) {
    while (s3->running->len < s3->store.connections && !g_queue_is_empty(s3->waiting)) {
        const struct dm_credentials_set *set;
        const GError *error;
        unsigned generation;
        enum dm_credentials_state state = dm_credentials_get(
            s3->credentials, s3->now_utc_us() + s3->clock_offset_us, &set, &generation, &error);
        if (state == DM_CREDENTIALS_PENDING)
            return;
        struct dm_s3_transfer *t = g_queue_pop_head(s3->waiting);
        if (state == DM_CREDENTIALS_FAILED)
            fail_for_credentials(t, error);
        t->credentials_generation = generation;
        if (state == DM_CREDENTIALS_FAILED || !begin(t, set))
            g_queue_push_tail(s3->finished, t);
    }
}

static void end_attempt(struct dm_s3_transfer *t, CURLcode code) {
    struct dm_s3_store *s3 = t->s3;
    curl_multi_remove_handle(s3->multi, t->easy);
    g_ptr_array_remove_fast(s3->running, t);
    s3->status.sent_bytes += t->sent;
    bool again = dm_s3_answer(t, code);
    count(s3, t);
    release(t);
    if (again) {
        t->hops++;
        g_queue_push_head(s3->waiting, t);
        return;
    }
    if (t->outcome.result.class == DM_STORE_OK)
        s3->has_worked[t->request->verb] = true;
    g_queue_push_tail(s3->finished, t);
}

static void collect(struct dm_s3_store *s3) {
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(s3->multi, &left)) != NULL;) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct dm_s3_transfer *t;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        end_attempt(t, message->data.result);
    }
}

static size_t complete_finished(struct dm_s3_store *s3) {
    guint due = g_queue_get_length(s3->finished);
    for (guint i = 0; i < due; i++) {
        struct dm_s3_transfer *t = g_queue_pop_head(s3->finished);
        // Unless its own completion has cancelled all.
        if (t == NULL)
            return i;
        s3->store.load--;
        t->done(&t->outcome.result, t->user);
        transfer_free(t);
    }
    return due;
}

static size_t step(struct dm_s3_store *s3) {
    int running;
    begin_waiting(s3);
    curl_multi_perform(s3->multi, &running);
    collect(s3);
    return complete_finished(s3);
}

static size_t s3_turn(struct dm_store *store, int max_wait_ms) {
    struct dm_s3_store *s3 = of(store);
    size_t done = step(s3);
    if (store->load == 0)
        g_ptr_array_set_size(s3->buffers, 0);
    if (done > 0 || max_wait_ms == 0)
        return done;
    curl_multi_poll(s3->multi, NULL, 0, max_wait_ms, NULL);
    return step(s3);
}

static void s3_wake(struct dm_store *store) {
    curl_multi_wakeup(of(store)->multi);
}

static void wake_store(void *user) {
    s3_wake(user);
}

static void cancel(struct dm_s3_transfer *t) {
    dm_outcome_fail(&t->outcome, DM_STORE_CANCELLED, "stopped");
    t->outcome.result.is_unknown = t->sent > 0;
    g_queue_push_tail(t->s3->finished, t);
}

static void s3_cancel_all(struct dm_store *store) {
    struct dm_s3_store *s3 = of(store);
    while (store->load > 0) {
        while (s3->running->len > 0) {
            struct dm_s3_transfer *t = s3->running->pdata[s3->running->len - 1];
            curl_multi_remove_handle(s3->multi, t->easy);
            g_ptr_array_set_size(s3->running, (gint)s3->running->len - 1);
            release(t);
            cancel(t);
        }
        for (struct dm_s3_transfer *t; (t = g_queue_pop_head(s3->waiting)) != NULL;)
            cancel(t);
        complete_finished(s3);
    }
}

static void s3_status(const struct dm_store *store, struct dm_store_status *ret) {
    const struct dm_s3_store *s3 = (const struct dm_s3_store *)store;
    *ret = s3->status;
    ret->clock_offset_us = s3->clock_offset_us;
    dm_credentials_status(s3->credentials, &ret->credentials_expire_utc_us,
                          &ret->credentials_source);
}

static void s3_free(struct dm_store *store) {
    struct dm_s3_store *s3 = of(store);
    dm_credentials_free(s3->credentials);
    for (guint i = 0; i < s3->idle->len; i++)
        curl_easy_cleanup(s3->idle->pdata[i]);
    g_ptr_array_unref(s3->idle);
    g_ptr_array_unref(s3->buffers);
    g_ptr_array_unref(s3->running);
    g_queue_free(s3->waiting);
    g_queue_free(s3->finished);
    curl_multi_cleanup(s3->multi);
    dm_s3_place_clear(&s3->place);
    g_free(s3->region);
    g_free(s3->ca_file);
    g_free(store->name);
    g_free(s3);
}

/** The first of @names that is set in the environment; NULL: none is. */
static const char *variable(const char *const *names) {
    for (; *names != NULL; names++) {
        const char *value = g_getenv(*names);
        if (value != NULL && *value != '\0')
            return value;
    }
    return NULL;
}

/** What is not set, and the environment says as AWS's tools understand it. @ret: borrows. */
static void settle_settings(const struct dm_store_settings *settings,
                            struct dm_store_settings *ret) {
    static const char *const regions[] = {"AWS_REGION", "AWS_DEFAULT_REGION", NULL};
    static const char *const endpoints[] = {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", NULL};
    const char *region = variable(regions), *endpoint = variable(endpoints);
    *ret = *settings;
    if (*ret->region == '\0')
        ret->region = (char *)(region != NULL ? region : DEFAULT_REGION);
    if (*ret->endpoint == '\0' && endpoint != NULL)
        ret->endpoint = (char *)endpoint;
}

static struct dm_credentials *make_credentials(struct dm_s3_store *s3,
                                               const struct dm_store_settings *settings) {
    struct dm_credentials_hints hints = {
        .access_key_id = g_strdup(settings->access_key_id),
        .secret_access_key = g_strdup(settings->secret_access_key),
        .session_token = g_strdup(settings->session_token),
        .profile = g_strdup(settings->profile),
        .region = g_strdup(s3->region),
        .environment = g_get_environ(),
        .http = dm_s3_http,
    };
    return dm_credentials_new(&hints, wake_store, &s3->store);
}

static CURLM *make_multi(guint connections) {
    CURLM *multi = curl_multi_init();
    g_assert(multi != NULL);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections);
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    return multi;
}

struct dm_store *dm_store_s3_new(const struct dm_store_settings *settings,
                                 const struct dm_store_s3_options *options, GError **error) {
    static const struct dm_store_backend backend = {
        .start = s3_start,
        .turn = s3_turn,
        .wake = s3_wake,
        .cancel_all = s3_cancel_all,
        .status = s3_status,
        .free = s3_free,
    };
    static const struct dm_store_s3_options usual;
    if (options == NULL)
        options = &usual;
    struct dm_s3_place place;
    struct dm_store_settings settled;
    settle_settings(settings, &settled);
    if (!dm_s3_place_init(&place, &settled, settled.region, error))
        return NULL;
    g_assert(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    struct dm_s3_store *s3 = g_new0(struct dm_s3_store, 1);
    s3->store.backend = &backend;
    s3->store.name =
        g_strdup_printf("bucket '%s' at %s://%s", place.bucket, place.scheme, place.host);
    s3->place = place;
    s3->region = g_strdup(settled.region);
    s3->ca_file = g_strdup(settings->ca_file);
    s3->stall_s = options->stall_s > 0 ? options->stall_s : DEFAULT_STALL_S;
    s3->now_utc_us = options->now_utc_us != NULL ? options->now_utc_us : real_time_us;
    s3->store.connections =
        settings->connections > 0 ? (unsigned)settings->connections : DEFAULT_CONNECTIONS;
    s3->multi = make_multi(s3->store.connections);
    s3->waiting = g_queue_new();
    s3->finished = g_queue_new();
    s3->running = g_ptr_array_new();
    s3->idle = g_ptr_array_new();
    s3->buffers = g_ptr_array_new_with_free_func((GDestroyNotify)dm_s3_buffer_free);
    s3->status.credentials_source = "";
    s3->credentials = make_credentials(s3, settings);
    return &s3->store;
}
