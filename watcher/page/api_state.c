// SPDX-License-Identifier: MIT
//
// What is going on, as JSON: what page.js listens by, and what scripts read.
#include "watcher/page/answers.h"

#include "common/path.h"
#include "common/reason.h"
#include "watcher/page/drop_id.h"
#include "watcher/page/events.h"

#include <string.h>

#define DROPS_MAX 50
#define FILES_A_PAGE 500

static void refuse(struct dm_request *request, unsigned status, const char *code,
                   const char *what) {
    const struct dm_trouble trouble = {.status = status, .code = code, .what = what};
    dm_request_refuse(request, &trouble);
}

static void write_drop(struct dm_json *json, const struct dm_board_drop *drop) {
    g_autofree char *id = dm_drop_id(drop->path);
    g_autofree char *title = dm_drop_title(drop->path);
    g_autofree char *chain = dm_drop_chain(drop->path);
    g_autofree char *folder = dm_path_display(drop->path);
    g_autofree char *outbox = g_strconcat("outbox/", folder, NULL);
    dm_json_text(json, "id", id);
    dm_json_text(json, "title", title);
    dm_json_text(json, "chain", chain);
    dm_json_text(json, "folder", folder);
    dm_json_text(json, "outbox", outbox);
    dm_json_text(json, "state", dm_page_drop_state(drop));
    dm_json_integer(json, "expected", drop->expected_files);
    dm_json_integer(json, "total", dm_board_total(drop));
    dm_json_integer(json, "done", drop->tally.rows[DM_STATE_DONE]);
    dm_json_integer(json, "failed", drop->tally.rows[DM_STATE_FAILED]);
    dm_json_integer(json, "processing", dm_board_processing(&drop->tally));
    dm_json_integer(json, "waiting", dm_board_waiting(&drop->tally));
    dm_json_integer(json, "input_bytes", drop->tally.input_bytes);
    dm_json_integer(json, "result_bytes", drop->tally.result_bytes);
    dm_json_number(json, "rate", drop->rate);
    dm_json_integer(json, "seconds_left", dm_board_seconds_left(drop));
    dm_json_integer(json, "since_utc_ms", drop->tally.first_utc_us / 1000);
    dm_json_integer(json, "changed_utc_ms", drop->tally.last_utc_us / 1000);
    dm_json_list(json, "newest");
    for (unsigned i = 0; i < drop->newest_count; i++) {
        dm_json_integer(json, NULL, drop->newest[i]);
    }
    dm_json_close(json);
}

static void write_daemon(struct dm_json *json, const struct dm_page *page) {
    struct dm_mood mood;
    dm_page_mood(page, &mood);
    dm_json_object(json, "daemon");
    dm_json_bool(json, "here", dm_board_status(page->board) != NULL);
    dm_json_text(json, "state", mood.state);
    dm_json_text(json, "words", mood.words);
    dm_json_text(json, "detail", mood.detail);
    dm_json_text(json, "version", dm_board_text(page->board, "version"));
    dm_json_close(json);
    dm_mood_clear(&mood);
}

static void write_counts(struct dm_json *json, const struct dm_page *page) {
    const int64_t *rows = dm_board_rows(page->board);
    dm_json_object(json, "counts");
    dm_json_integer(json, "waiting",
                    rows[DM_STATE_SEEN] + rows[DM_STATE_READY] + rows[DM_STATE_PARKED]);
    dm_json_integer(json, "processing",
                    rows[DM_STATE_RUNNING] + rows[DM_STATE_COMPUTED] + rows[DM_STATE_PUBLISHED]);
    dm_json_integer(json, "done_today", dm_board_done_today(page->board));
    dm_json_integer(json, "problems", dm_page_problems(page));
    dm_json_close(json);
}

static void write_log(struct dm_json *json, const struct dm_page *page) {
    const GPtrArray *lines = dm_board_log(page->board);
    dm_json_list(json, "log");
    for (unsigned i = 0; i < lines->len; i++) {
        const struct dm_history *line = lines->pdata[i];
        g_autofree char *words = dm_page_log_words(line);
        if (words != NULL) {
            dm_json_object(json, NULL);
            dm_json_integer(json, "utc_ms", line->utc_us / 1000);
            dm_json_text(json, "words", words);
            dm_json_close(json);
        }
    }
    dm_json_close(json);
}

static void write_limits(struct dm_json *json, const struct dm_page *page) {
    dm_json_object(json, "limits");
    dm_json_integer(json, "file_bytes", dm_page_max_file_bytes(page));
    dm_json_integer(json, "drop_files", page->config->page.max_drop_files);
    dm_json_integer(json, "drop_bytes", page->config->page.max_drop_bytes);
    dm_json_integer(json, "name_bytes", 200);
    dm_json_close(json);
}

static void answer_state(struct dm_page *page, struct dm_request *request) {
    const GPtrArray *drops = dm_board_drops(page->board);
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    write_daemon(json, page);
    write_counts(json, page);
    dm_json_number(json, "rate", dm_board_rate(page->board));
    dm_json_list(json, "drops");
    for (unsigned i = 0; i < MIN(drops->len, DROPS_MAX); i++) {
        dm_json_object(json, NULL);
        write_drop(json, drops->pdata[i]);
        dm_json_close(json);
    }
    dm_json_close(json);
    write_log(json, page);
    write_limits(json, page);
    dm_json_text(json, "role", dm_role_name(dm_request_client(request)->role));
    dm_json_close(json);
    dm_request_answer_json(request, 200, json);
}

void dm_answer_state(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_state);
}

void dm_answer_events(struct dm_page *page, struct dm_request *request) {
    dm_events_answer(page->events, request);
}

// ---- a drop

static void answer_drop(struct dm_page *page, struct dm_request *request) {
    g_autofree char *path = dm_drop_from_id(dm_request_part(request, 0));
    const struct dm_board_drop *drop = path != NULL ? dm_board_drop(page->board, path) : NULL;
    if (drop == NULL) {
        refuse(request, 404, "not-found", "There is no such drop.");
        return;
    }
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    write_drop(json, drop);
    dm_json_close(json);
    dm_request_answer_json(request, 200, json);
}

void dm_answer_drop(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_drop);
}

/** Where its result is in the drop, as it is called now: "trip/a.webp"; "" before it is there. */
static void write_result(struct dm_json *json, const char *drop, const struct dm_row *row) {
    bool is_there = row->state == DM_STATE_DONE && row->output != NULL;
    size_t length = strlen(drop);
    bool is_below = is_there && g_str_has_prefix(row->output, drop) && row->output[length] == '/';
    g_autofree char *result = is_below   ? dm_path_display(row->output + length + 1)
                              : is_there ? dm_path_display(dm_path_base(row->output))
                                         : g_strdup("");
    dm_json_text(json, "result", result);
}

static void write_file(struct dm_json *json, const char *drop, const struct dm_row *row) {
    g_autofree char *path = dm_path_display(row->path + strlen(drop) + 1);
    bool failed = row->state == DM_STATE_FAILED;
    dm_json_object(json, NULL);
    dm_json_integer(json, "row", row->id);
    dm_json_text(json, "path", path);
    dm_json_text(json, "state", dm_state_name(row->state));
    write_result(json, drop, row);
    dm_json_integer(json, "bytes", row->bytes);
    dm_json_integer(json, "original_bytes", row->fingerprint.size_bytes);
    dm_json_integer(json, "width", row->width_px);
    dm_json_integer(json, "height", row->height_px);
    dm_json_text(json, "reason", failed ? dm_reason_name(row->reason) : "");
    dm_json_text(json, "what", failed ? dm_reason_what(row->reason) : "");
    dm_json_text(json, "why", failed ? row->message : "");
    dm_json_text(json, "todo", failed ? dm_reason_advice(row->reason) : "");
    dm_json_integer(json, "utc_ms", row->state_utc_us / 1000);
    dm_json_close(json);
}

/** The path of the row that the query names as the last one that is known; (transfer full). */
static char *after_path(struct dm_ledger *ledger, const struct dm_request *request) {
    const char *after = dm_request_query(request, "after");
    DM_AUTO_ROW struct dm_row *row =
        after != NULL ? dm_ledger_get(ledger, g_ascii_strtoll(after, NULL, 10)) : NULL;
    return g_strdup(row != NULL ? row->path : "");
}

void dm_answer_files(struct dm_page *page, struct dm_request *request) {
    g_autofree char *drop = dm_drop_from_id(dm_request_part(request, 0));
    struct dm_ledger *ledger = dm_board_ledger(page->board);
    if (drop == NULL || ledger == NULL) {
        refuse(request, 404, "not-found", "There is no such drop.");
        return;
    }
    g_autofree char *after = after_path(ledger, request);
    unsigned states = dm_page_states(dm_request_query(request, "state"));
    g_autoptr(GPtrArray) rows = dm_ledger_drop_rows(ledger, drop, states, after, FILES_A_PAGE);
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_list(json, "files");
    for (unsigned i = 0; i < rows->len; i++) {
        write_file(json, drop, rows->pdata[i]);
    }
    dm_json_close(json);
    const struct dm_row *last = rows->len == FILES_A_PAGE ? rows->pdata[rows->len - 1] : NULL;
    dm_json_integer(json, "next", last != NULL ? last->id : 0);
    dm_json_close(json);
    dm_request_answer_json(request, 200, json);
}

// ---- health

void dm_answer_health(struct dm_page *page, struct dm_request *request) {
    (void)page;
    dm_request_answer_text(request, 200, "text/plain; charset=utf-8", "ok\n");
}

static void answer_ready(struct dm_page *page, struct dm_request *request) {
    struct dm_mood mood;
    dm_page_mood(page, &mood);
    bool ready = strcmp(mood.state, "gone") != 0 && strcmp(mood.state, "offline") != 0;
    g_autofree char *text = g_strdup_printf("%s\n", ready ? "ok" : mood.words);
    dm_mood_clear(&mood);
    dm_request_answer_text(request, ready ? 200 : 503, "text/plain; charset=utf-8", text);
}

void dm_answer_ready(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_ready);
}
