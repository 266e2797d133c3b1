// SPDX-License-Identifier: MIT
//
// See send_http.h: the way as a whole. A file's way there: send_http_put.c; back: send_http_get.c.
#include "watcher/cli/send_http.h"

#include "common/error.h"
#include "common/path.h"
#include "watcher/cli/send_http_get.h"
#include "watcher/cli/send_http_put.h"
#include "watcher/json.h"
#include "watcher/store/json_fields.h"

#include <string.h>

#define PUTS_AT_ONCE 3
#define TURN_MS 200
#define MAX_TOKEN_BYTES 4096

// ---- asking, one thing after the other, before anything is sent

/** What came of something that is waited for. */
struct asked {
    bool is_over;
    int status;
    char *trouble;
    // (nullable) What was answered.
    GHashTable *fields;
};

static void asked_clear(struct asked *asked) {
    g_free(asked->trouble);
    if (asked->fields != NULL) {
        g_hash_table_unref(asked->fields);
    }
    *asked = (struct asked){0};
}

static void end_ask(struct dm_send_call *call, const struct dm_http_answer *answer) {
    struct asked *asked = call->user;
    asked->is_over = true;
    if (answer != NULL) {
        asked->status = answer->status;
        asked->trouble = dm_send_call_trouble(answer);
        asked->fields = answer->status != 0 ? dm_json_fields(answer->text) : NULL;
    }
}

/** Errors: as dm_send_calls_turn(); DM_ERROR_REMOTE at once if nobody answers. */
static bool ask(struct dm_send_call *call, struct asked *asked, GError **error) {
    struct dm_send_page *page = call->page;
    call->end = end_ask;
    call->user = asked;
    dm_send_call_push(call);
    while (!asked->is_over && page->silence == NULL) {
        if (!dm_send_calls_turn(page, TURN_MS, error)) {
            return false;
        }
    }
    return asked->is_over ||
           dm_fail(error, DM_ERROR_REMOTE, "no page answers at '%s': %s", page->url, page->silence);
}

static const char *text_of(const struct asked *asked, const char *name) {
    const char *text = asked->fields != NULL ? g_hash_table_lookup(asked->fields, name) : NULL;
    return text != NULL ? text : "";
}

/** What the page calls the steps, (transfer full); NULL: it is none, or does not know them. */
static char *ask_chain(struct dm_send_page *page, GError **error) {
    const char *chain = page->send->chain;
    struct asked asked = {0};
    char *canonical = NULL;
    g_autofree char *name = g_uri_escape_string(chain, NULL, FALSE);
    if (ask(dm_send_call_new(page, "GET", g_strconcat("api/explain?name=", name, NULL)), &asked,
            error)) {
        const char *suggestion = text_of(&asked, "suggestion");
        if (*text_of(&asked, "understood") == '\0') {
            dm_fail(error, DM_ERROR_REMOTE, "there is no dropmill-page at '%s': %s", page->url,
                    asked.trouble);
        } else if (strcmp(text_of(&asked, "understood"), "true") != 0) {
            dm_fail(error, DM_ERROR_INPUT, "'%s' is not understood there: %s%s%s%s", chain,
                    text_of(&asked, "why"), *suggestion != '\0' ? "; a name that works: '" : "",
                    suggestion, *suggestion != '\0' ? "'" : "");
        } else {
            canonical = g_strdup(text_of(&asked, "canonical"));
        }
    }
    asked_clear(&asked);
    return canonical;
}

/** What a drop is called in addresses; (transfer full). */
static char *id_of(const char *chain, const char *name) {
    g_autofree char *drop = g_strconcat(chain, "/", name, NULL);
    char *id = g_base64_encode((const guchar *)drop, strlen(drop));
    g_strdelimit(id, "+", '-');
    g_strdelimit(id, "/", '_');
    id[strcspn(id, "=")] = '\0';
    return id;
}

static char *announcement(const struct dm_send_page *page, const char *id, bool is_final) {
    const struct dm_send *send = page->send;
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_text(json, "chain", page->chain);
    dm_json_text(json, "title", send->name);
    dm_json_integer(json, "files", send->files->len);
    dm_json_integer(json, "bytes", send->bytes);
    if (id != NULL) {
        dm_json_text(json, "resume", id);
    }
    if (is_final) {
        dm_json_text(json, "final", "1");
    }
    dm_json_close(json);
    return dm_json_end(json);
}

/** The page has the last word about the drop's name: it may be somebody's. */
static bool take_drop(struct dm_send_page *page, const struct asked *asked, GError **error) {
    const char *id = text_of(asked, "id"), *title = text_of(asked, "title");
    bool is_good = (asked->status == 200 || asked->status == 201) && *id != '\0' && *title != '\0';
    if (!is_good) {
        return dm_fail(error, asked->status == 422 ? DM_ERROR_INPUT : DM_ERROR_REMOTE, "'%s': %s",
                       page->url, asked->trouble);
    }
    page->id = g_uri_escape_string(id, NULL, FALSE);
    g_free(page->send->name);
    page->send->name = g_strdup(title);
    return true;
}

static bool announce(struct dm_send_page *page, GError **error) {
    struct dm_send *send = page->send;
    struct asked asked = {0};
    g_autofree char *id = send->is_new ? NULL : id_of(page->chain, send->name);
    struct dm_send_call *call = dm_send_call_new(page, "POST", g_strdup("api/drops"));
    call->text = announcement(page, id, false);
    bool good = ask(call, &asked, error) && take_drop(page, &asked, error);
    asked_clear(&asked);
    return good;
}

/** Wait until what is known there is remembered. */
static bool look_around(struct dm_send_page *page, GError **error) {
    dm_send_http_look_around(page);
    while (page->is_asking) {
        if (!dm_send_calls_turn(page, TURN_MS, error)) {
            return false;
        }
    }
    page->is_looked = true;
    return true;
}

// ---- opening

/** The secret to say; where nobody signs in any word is one. (transfer full) */
static char *find_token(const struct dm_send *send, GError **error) {
    g_autofree char *text = NULL;
    g_autoptr(GError) trouble = NULL;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables here
    const char *variable = g_getenv("DROPMILL_TOKEN");
    if (send->token_file != NULL && !g_file_get_contents(send->token_file, &text, NULL, &trouble)) {
        dm_fail(error, DM_ERROR_CONFIG, "--token-file: %s", trouble->message);
        return NULL;
    }
    if (text == NULL) {
        text = g_strdup(variable != NULL && *variable != '\0' ? variable : "nobody");
    }
    g_strstrip(text);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c == 127 || c - text > MAX_TOKEN_BYTES) {
            dm_fail(error, DM_ERROR_CONFIG, "the token is no single word");
            return NULL;
        }
    }
    return g_steal_pointer(&text);
}

static bool set_url(struct dm_send_page *page, GError **error) {
    const char *where = page->send->where;
    g_autoptr(GUri) uri = g_uri_parse(where, G_URI_FLAGS_NONE, NULL);
    const char *scheme = uri != NULL ? g_uri_get_scheme(uri) : "";
    bool is_web = strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
    if (!is_web || g_uri_get_query(uri) != NULL || g_uri_get_fragment(uri) != NULL) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "--to '%s' is no address of a page, such as http://mill.example.org:8642",
                       where);
    }
    page->url = g_strconcat(where, g_str_has_suffix(where, "/") ? "" : "/", NULL);
    return true;
}

static struct dm_send_page *page_new(struct dm_send *send) {
    struct dm_send_page *page = g_new0(struct dm_send_page, 1);
    page->send = send;
    page->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    page->old = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    page->later = g_ptr_array_new();
    page->heard_us = g_get_monotonic_time();
    g_queue_init(&page->results);
    for (guint i = 0; i < send->files->len; i++) {
        struct dm_send_file *file = send->files->pdata[i];
        g_hash_table_insert(page->files, dm_path_display(file->name), file);
    }
    return page;
}

static bool open_page(struct dm_send *send, GError **error) {
    struct dm_send_page *page = send->road = page_new(send);
    g_autofree char *token = find_token(send, error);
    if (token == NULL || !set_url(page, error) || (page->calls = dm_http_open(error)) == NULL) {
        return false;
    }
    page->http = page->calls->make(token, send->ca_file);
    page->chain = ask_chain(page, error);
    return page->chain != NULL && announce(page, error) && look_around(page, error);
}

// ---- going

static bool turn(struct dm_send *send, int max_wait_ms, GError **error) {
    struct dm_send_page *page = send->road;
    while (page->puts < PUTS_AT_ONCE && page->next < send->files->len) {
        dm_send_http_put(page, send->files->pdata[page->next++]);
    }
    dm_send_http_get(page);
    int64_t now_us = g_get_monotonic_time();
    int64_t due_us = dm_send_http_look(page, now_us);
    int64_t wait_ms = due_us == INT64_MAX ? max_wait_ms : (due_us - now_us) / 1000;
    return dm_send_calls_turn(page, (int)CLAMP(wait_ms, 0, max_wait_ms), error);
}

/** Files that were not sent will not come: nobody is to wait for them. */
static void clear_up(struct dm_send *send) {
    struct dm_send_page *page = send->road;
    if (send->sent >= send->files->len) {
        return;
    }
    struct asked asked = {0};
    struct dm_send_call *call = dm_send_call_new(page, "POST", g_strdup("api/drops"));
    call->text = announcement(page, page->id, true);
    ask(call, &asked, NULL); // else it is forgotten there in a day
    asked_clear(&asked);
}

static void close_page(struct dm_send *send) {
    struct dm_send_page *page = send->road;
    if (page == NULL) {
        return;
    }
    page->is_closing = true;
    dm_send_calls_stop(page);
    dm_send_http_get_stop(page);
    if (page->calls != NULL) {
        page->calls->free(page->http);
    }
    g_ptr_array_unref(page->later);
    g_hash_table_unref(page->files);
    g_hash_table_unref(page->old);
    g_clear_error(&page->error);
    g_free(page->url);
    g_free(page->chain);
    g_free(page->id);
    g_free(page->figures);
    g_free(page->silence);
    g_free(page);
    send->road = NULL;
}

const struct dm_send_way dm_send_way_http = {
    .name = "to",
    .open = open_page,
    .turn = turn,
    .clear_up = clear_up,
    .close = close_page,
};
