// SPDX-License-Identifier: MIT
//
// See send_http_get.h. Asking: first the figures of the drop; if they are others than last time,
// what is done and what has failed, page by page.
#include "watcher/cli/send_http_get.h"

#include "common/path.h"
#include "watcher/cli/send_keep.h"
#include "watcher/cli/send_sums.h"
#include "watcher/cli/send_talk.h"
#include "watcher/store/json_fields.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define GETS_AT_ONCE 3
#define FIRST_DELAY_US (INT64_C(250) * 1000)
#define LAST_DELAY_US (INT64_C(3) * G_USEC_PER_SEC)
// Asking may take this part of the time.
#define ASKING_SHARE 4

// ---- results

/** A result to be got. */
struct fetch {
    struct dm_send_page *page;
    struct dm_send_file *file;
    char *row;
    // Below the directory of --get.
    char *path;
    struct dm_send_half half;
};

static void fetch_free(struct fetch *fetch) {
    dm_send_keep_drop(&fetch->half);
    g_free(fetch->row);
    g_free(fetch->path);
    g_free(fetch);
}

/** A result is whole: it gets its name. */
static void keep(struct fetch *fetch) {
    struct dm_send *send = fetch->page->send;
    g_autoptr(GError) error = NULL;
    struct dm_send_sums sums = {0};
    struct stat status;
    char *path = NULL;
    if (fstat(fetch->half.fd, &status) != 0 ||
        !dm_send_sum(fetch->half.fd, status.st_size, 0, &sums)) {
        dm_send_fail(send, fetch->file, "cannot-write", "its result cannot be read again: %s",
                     g_strerror(errno));
    } else if (!dm_send_keep_end(send, &fetch->half, sums.sha256, &path, &error)) {
        dm_send_fail(send, fetch->file, "cannot-write", "%s", error->message);
    } else {
        g_ptr_array_add(fetch->file->kept, path);
        dm_send_move(send, fetch->file, DM_SEND_GOT);
    }
    dm_send_sums_clear(&sums);
}

static void end_fetch(struct dm_send_call *call, const struct dm_http_answer *answer) {
    struct fetch *fetch = call->user;
    fetch->page->gets--;
    if (answer != NULL && answer->status == 200) {
        keep(fetch);
    } else if (answer != NULL) {
        g_autofree char *trouble = dm_send_call_trouble(answer);
        dm_send_fail(fetch->page->send, fetch->file,
                     answer->errnum != 0 ? "cannot-write" : "no-result",
                     "its result cannot be got: %s", trouble);
    }
    fetch_free(fetch);
}

static void begin_fetch(struct fetch *fetch) {
    g_autoptr(GError) error = NULL;
    if (!dm_send_keep_begin(fetch->page->send, fetch->path, &fetch->half, &error)) {
        dm_send_fail(fetch->page->send, fetch->file, "cannot-write", "%s", error->message);
        fetch_free(fetch);
        return;
    }
    struct dm_send_call *call =
        dm_send_call_new(fetch->page, "GET", g_strconcat("api/result/", fetch->row, NULL));
    call->answer_fd = fetch->half.fd;
    call->end = end_fetch;
    call->user = fetch;
    fetch->page->gets++;
    dm_send_call_push(call);
}

void dm_send_http_get(struct dm_send_page *page) {
    while (page->gets < GETS_AT_ONCE && !g_queue_is_empty(&page->results)) {
        begin_fetch(g_queue_pop_head(&page->results));
    }
}

void dm_send_http_get_stop(struct dm_send_page *page) {
    for (struct fetch *fetch; (fetch = g_queue_pop_head(&page->results)) != NULL;) {
        fetch_free(fetch);
    }
}

// ---- what became of a file

static const char *text_of(GHashTable *fields, const char *name) {
    const char *text = g_hash_table_lookup(fields, name);
    return text != NULL ? text : "";
}

static void take_done(struct dm_send_page *page, struct dm_send_file *file, GHashTable *fields) {
    struct dm_send *send = page->send;
    const char *result = text_of(fields, "result"), *row = text_of(fields, "row");
    g_ptr_array_add(file->results, g_strdup(result));
    dm_send_move(send, file, DM_SEND_DONE);
    if (send->get_fd < 0) {
        return;
    }
    char *path = *result != '\0' ? dm_send_path_of("", result) : NULL;
    if (path == NULL || strspn(row, "0123456789") != strlen(row)) {
        dm_send_fail(send, file, "no-result",
                     "its result '%s' has no name, or one that would lead out of '%s'", result,
                     send->get_dir);
        g_free(path);
        return;
    }
    struct fetch *fetch = g_new0(struct fetch, 1);
    *fetch = (struct fetch){
        .page = page,
        .file = file,
        .row = g_strdup(row),
        .path = path,
        .half = {.dir_fd = -1, .fd = -1},
    };
    g_queue_push_tail(&page->results, fetch);
}

static void take_failed(struct dm_send_page *page, struct dm_send_file *file, GHashTable *fields) {
    const char *why = text_of(fields, "why"), *todo = text_of(fields, "todo");
    const char *reason = text_of(fields, "reason");
    dm_send_fail(page->send, file, *reason != '\0' ? reason : "failed", "%s%s%s%s%s",
                 text_of(fields, "what"), *why != '\0' ? ": " : "", why, *todo != '\0' ? "; " : "",
                 todo);
}

/** Before anything is sent it is only remembered; later what is as old is no answer. */
static void take_file(struct dm_send_page *page, GHashTable *fields, bool is_done) {
    const char *name = text_of(fields, "path");
    g_autofree char *outcome =
        g_strconcat(is_done ? "done " : DM_SEND_OLD_FAILED, text_of(fields, "utc_ms"), NULL);
    struct dm_send_file *file = g_hash_table_lookup(page->files, name);
    if (!page->is_looked) {
        g_hash_table_replace(page->old, g_strdup(name), g_steal_pointer(&outcome));
        return;
    }
    if (file == NULL || file->state != DM_SEND_SENT ||
        g_strcmp0(g_hash_table_lookup(page->old, name), outcome) == 0) {
        return;
    }
    page->ask_delay_us = FIRST_DELAY_US;
    if (is_done) {
        take_done(page, file, fields);
    } else {
        take_failed(page, file, fields);
    }
}

// ---- asking

static void ask_files(struct dm_send_page *page, bool is_done, const char *after);

/** The next time is due after a while; the longer asking takes, the later. */
static void end_asking(struct dm_send_page *page) {
    int64_t now_us = g_get_monotonic_time();
    page->is_asking = false;
    page->ask_us = now_us + MAX(page->ask_delay_us, ASKING_SHARE * (now_us - page->asked_us));
    page->ask_delay_us = MIN(page->ask_delay_us * 3 / 2, LAST_DELAY_US);
}

static void end_files(struct dm_send_call *call, const struct dm_http_answer *answer) {
    struct dm_send_page *page = call->page;
    bool is_done = GPOINTER_TO_INT(call->user) != 0;
    bool is_good = answer != NULL && answer->status == 200;
    g_autoptr(GHashTable) fields = is_good ? dm_json_fields(answer->text) : NULL;
    g_autoptr(GPtrArray) files = is_good ? dm_json_objects(answer->text, "files") : NULL;
    if (fields == NULL || files == NULL) { // the next time tells
        g_clear_pointer(&page->figures, g_free);
        end_asking(page);
        return;
    }
    for (guint i = 0; i < files->len; i++) {
        take_file(page, files->pdata[i], is_done);
    }
    const char *next = text_of(fields, "next");
    if (*next != '\0' && strcmp(next, "0") != 0) {
        ask_files(page, is_done, next);
    } else if (is_done) {
        ask_files(page, false, NULL);
    } else {
        end_asking(page);
    }
}

static void ask_files(struct dm_send_page *page, bool is_done, const char *after) {
    struct dm_send_call *call = dm_send_call_new(
        page, "GET",
        g_strconcat("api/drops/", page->id, "/files?state=", is_done ? "done" : "failed",
                    after != NULL ? "&after=" : NULL, after, NULL));
    call->end = end_files;
    call->user = GINT_TO_POINTER(is_done);
    dm_send_call_push(call);
}

static void end_figures(struct dm_send_call *call, const struct dm_http_answer *answer) {
    struct dm_send_page *page = call->page;
    bool is_good = answer != NULL && answer->status == 200;
    g_autoptr(GHashTable) fields = is_good ? dm_json_fields(answer->text) : NULL;
    if (fields == NULL) {
        end_asking(page);
        return;
    }
    char *figures = g_strdup_printf("%s %s %s", text_of(fields, "done"), text_of(fields, "failed"),
                                    text_of(fields, "changed_utc_ms"));
    if (g_strcmp0(figures, page->figures) == 0) {
        g_free(figures);
        end_asking(page);
        return;
    }
    g_free(page->figures);
    page->figures = figures;
    ask_files(page, true, NULL);
}

static void begin_asking(struct dm_send_page *page) {
    page->is_asking = true;
    page->asked_us = g_get_monotonic_time();
}

void dm_send_http_look_around(struct dm_send_page *page) {
    page->ask_delay_us = FIRST_DELAY_US;
    begin_asking(page);
    ask_files(page, true, NULL);
}

int64_t dm_send_http_look(struct dm_send_page *page, int64_t now_us) {
    bool is_awaited = page->send->waits && page->send->counts[DM_SEND_SENT] > 0;
    if (page->is_asking || !is_awaited) {
        return INT64_MAX;
    }
    if (now_us < page->ask_us) {
        return page->ask_us;
    }
    begin_asking(page);
    struct dm_send_call *call =
        dm_send_call_new(page, "GET", g_strconcat("api/drops/", page->id, NULL));
    call->end = end_figures;
    dm_send_call_push(call);
    return INT64_MAX;
}
