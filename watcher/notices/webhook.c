// SPDX-License-Identifier: MIT
//
// See webhook.h.
#include "watcher/notices/webhook.h"

#include "common/error.h"
#include "common/escape.h"
#include "watcher/http/http.h"

#include <poll.h>
#include <string.h>

// How soon it is seen that we are to stop.
#define LOOK_MS 50
// So much of an answer is told.
#define TOLD_BYTES 200

static bool is_plain(const char *url) {
    while (g_ascii_isgraph(*url)) {
        url++;
    }
    return *url == '\0';
}

bool dm_webhook_judge(const char *url, GError **error) {
    static const char *const schemes[] = {"http", "https", NULL};
    g_autoptr(GUri) parsed = is_plain(url) ? g_uri_parse(url, G_URI_FLAGS_NONE, NULL) : NULL;
    const char *host = parsed != NULL ? g_uri_get_host(parsed) : NULL;
    if (host != NULL && *host != '\0' && g_strv_contains(schemes, g_uri_get_scheme(parsed))) {
        return true;
    }
    return dm_fail(error, DM_ERROR_CONFIG,
                   "hooks.webhook: the text is no address, expected https://HOST/PATH or "
                   "http://HOST/PATH");
}

const struct dm_http_calls *dm_webhook_load(GError **error) {
    return dm_http_open(error);
}

/** What has come of the request. */
struct post {
    bool is_over;
    int status;
    char *text;
};

static void on_done(const struct dm_http_answer *answer, void *user) {
    struct post *post = user;
    post->is_over = true;
    post->status = answer->status;
    post->text = g_strdup(answer->text);
}

static bool is_readable(int fd) {
    struct pollfd event = {.fd = fd, .events = POLLIN};
    return poll(&event, 1, 0) > 0;
}

/** `: "no such channel"`, or ""; (transfer full). */
static char *first_words(const char *text) {
    g_autofree char *line = g_strndup(text, MIN(strcspn(text, "\r\n"), TOLD_BYTES));
    g_autofree char *shown = dm_escape_for_people(g_strstrip(line));
    return *shown != '\0' ? g_strdup_printf(": \"%s\"", shown) : g_strdup("");
}

static char *why_not(const struct post *post) {
    if (post->status == 0) {
        return dm_escape_for_people(post->text);
    }
    bool is_elsewhere = post->status >= 300 && post->status <= 399;
    g_autofree char *words =
        is_elsewhere ? g_strdup(", and redirections are not followed") : first_words(post->text);
    return g_strdup_printf("the answer was %d%s", post->status, words);
}

enum dm_verdict dm_webhook_post(const struct dm_webhook *webhook, const char *text,
                                char **ret_why) {
    const struct dm_http_calls *calls = webhook->calls;
    struct post post = {0};
    const struct dm_http_request request = {
        .method = "POST",
        .url = webhook->url,
        .text = text,
        .body_fd = -1,
        .answer_fd = -1,
        .max_us = webhook->timeout_us,
        .done = on_done,
        .user = &post,
    };
    struct dm_http *http = calls->make(NULL, *webhook->ca_file != '\0' ? webhook->ca_file : NULL);
    bool stopped = false;
    calls->ask(http, &request);
    while (!post.is_over && !stopped) {
        calls->turn(http, LOOK_MS);
        stopped = is_readable(webhook->stop_fd);
    }
    bool was_over = post.is_over;
    calls->free(http); // ends it, too
    enum dm_verdict verdict = was_over ? dm_verdict_of_status(post.status) : DM_VERDICT_STOPPED;
    if (verdict != DM_VERDICT_DELIVERED) {
        *ret_why = why_not(&post);
    }
    g_free(post.text);
    return verdict;
}
