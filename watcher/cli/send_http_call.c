// SPDX-License-Identifier: MIT
//
// See send_http_call.h.
#include "watcher/cli/send_http_call.h"

#include "common/error.h"
#include "watcher/store/json_fields.h"

#include <unistd.h>

#define MAX_ATTEMPTS 20
#define FIRST_DELAY_US (INT64_C(200) * 1000)
#define LAST_DELAY_US (INT64_C(5) * G_USEC_PER_SEC)
// Nobody has answered for so long: there is no use.
#define SILENCE_US (INT64_C(60) * G_USEC_PER_SEC)

struct dm_send_call *dm_send_call_new(struct dm_send_page *page, const char *method, char *path) {
    struct dm_send_call *call = g_new0(struct dm_send_call, 1);
    *call = (struct dm_send_call){
        .method = method, .path = path, .body_fd = -1, .answer_fd = -1, .page = page};
    return call;
}

static void call_end(struct dm_send_call *call, const struct dm_http_answer *answer) {
    call->end(call, answer);
    g_free(call->path);
    g_free(call->text);
    g_free(call);
}

char *dm_send_call_trouble(const struct dm_http_answer *answer) {
    static const char *const parts[] = {"what", "why", "todo"};
    if (answer->errnum != 0) {
        return g_strdup(g_strerror(answer->errnum));
    }
    if (answer->status == 0) {
        return g_strdup(answer->text);
    }
    g_autoptr(GString) words = g_string_new(NULL);
    g_autoptr(GHashTable) fields = dm_json_fields(answer->text);
    for (size_t i = 0; fields != NULL && i < G_N_ELEMENTS(parts); i++) {
        const char *part = g_hash_table_lookup(fields, parts[i]);
        if (part != NULL && *part != '\0') {
            g_string_append_printf(words, "%s%s", words->len > 0 ? " " : "", part);
        }
    }
    return words->len > 0 ? g_strdup(words->str)
                          : g_strdup_printf("it is answered with status %d", answer->status);
}

// ---- trying

static bool is_for_later(const struct dm_http_answer *answer) {
    static const int passing[] = {408, 429, 502, 503, 504};
    bool is = answer->status == 0 && answer->errnum == 0;
    for (size_t i = 0; i < G_N_ELEMENTS(passing); i++) {
        is = is || answer->status == passing[i];
    }
    return is;
}

static void try_later(struct dm_send_call *call) {
    int64_t delay_us = FIRST_DELAY_US << MIN(call->attempts, 5);
    call->attempts++;
    call->due_us = g_get_monotonic_time() + MIN(delay_us, LAST_DELAY_US);
    g_ptr_array_add(call->page->later, call);
}

/** Who asks is not known there, or has too few rights: it is no use to ask for more. */
static void meet_refusal(struct dm_send_page *page, const struct dm_http_answer *answer) {
    if (page->error == NULL && answer->status == 401) {
        dm_fail(&page->error, DM_ERROR_CONFIG,
                "'%s' asks who you are: give a secret of its token file in DROPMILL_TOKEN, or by "
                "--token-file",
                page->url);
    } else if (page->error == NULL) {
        g_autofree char *trouble = dm_send_call_trouble(answer);
        dm_fail(&page->error, DM_ERROR_CONFIG, "'%s': %s", page->url, trouble);
    }
}

static void on_done(const struct dm_http_answer *answer, void *user) {
    struct dm_send_call *call = user;
    struct dm_send_page *page = call->page;
    if (page->is_closing) {
        call_end(call, NULL);
        return;
    }
    if (answer->status != 0) {
        page->heard_us = g_get_monotonic_time();
        g_clear_pointer(&page->silence, g_free);
    } else if (answer->errnum == 0) {
        g_free(page->silence);
        page->silence = g_strdup(answer->text);
    }
    if (answer->status == 401 || answer->status == 403) {
        meet_refusal(page, answer);
        call_end(call, NULL);
    } else if (is_for_later(answer) && call->attempts < MAX_ATTEMPTS) {
        try_later(call);
    } else {
        call_end(call, answer);
    }
}

static void begin(struct dm_send_call *call) {
    struct dm_send_page *page = call->page;
    if (call->answer_fd >= 0 && ftruncate(call->answer_fd, 0) != 0) {
        const struct dm_http_answer answer = {.text = "", .errnum = EIO};
        call_end(call, &answer);
        return;
    }
    g_autofree char *url = g_strconcat(page->url, call->path, NULL);
    const struct dm_http_request request = {
        .method = call->method,
        .url = url,
        .text = call->text,
        .body_fd = call->body_fd,
        .body_bytes = call->body_bytes,
        .answer_fd = call->answer_fd,
        .done = on_done,
        .user = call,
    };
    page->calls->ask(page->http, &request);
}

void dm_send_call_push(struct dm_send_call *call) {
    begin(call);
}

/** Begin again with what is due; returns how long the next one has to wait, at most @max_us. */
static int64_t begin_again(struct dm_send_page *page, int64_t max_us) {
    int64_t now_us = g_get_monotonic_time();
    for (guint i = page->later->len; i-- > 0;) {
        struct dm_send_call *call = page->later->pdata[i];
        if (call->due_us <= now_us) {
            g_ptr_array_remove_index_fast(page->later, i);
            begin(call);
        } else {
            max_us = MIN(max_us, call->due_us - now_us);
        }
    }
    return max_us;
}

bool dm_send_calls_turn(struct dm_send_page *page, int max_wait_ms, GError **error) {
    int64_t wait_us = begin_again(page, (int64_t)max_wait_ms * 1000);
    page->calls->turn(page->http, (int)(wait_us / 1000) + 1);
    page->send->wire_bytes = page->calls->sent_bytes(page->http);
    if (page->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&page->error));
        return false;
    }
    if (page->silence != NULL && g_get_monotonic_time() - page->heard_us > SILENCE_US) {
        return dm_fail(error, DM_ERROR_REMOTE, "'%s' does not answer any more: %s", page->url,
                       page->silence);
    }
    return true;
}

void dm_send_calls_stop(struct dm_send_page *page) {
    for (guint i = 0; i < page->later->len; i++) {
        call_end(page->later->pdata[i], NULL);
    }
    g_ptr_array_set_size(page->later, 0);
}
