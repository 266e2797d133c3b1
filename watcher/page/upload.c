// SPDX-License-Identifier: MIT
//
// PUT api/drops/ID/files/PATH: a file of a drop, on its way into the inbox.
#include "watcher/page/upload.h"
#include "watcher/page/answers.h"
#include "watcher/page/drop_id.h"
#include "watcher/page/drop_names.h"
#include "watcher/page/inflow.h"

#include <glib.h>
#include <string.h>

struct upload {
    struct dm_page *page;
    struct dm_request *request;
    struct dm_inflow *inflow;
    char *drop;
    // Relative to the inbox.
    char *path;
    bool replace, is_whole, is_placing;
};

static void upload_free(struct upload *upload) {
    dm_inflow_free(upload->inflow);
    g_free(upload->drop);
    g_free(upload->path);
    g_free(upload);
}

// ---- answers

static void answer_bytes(struct dm_request *request, unsigned status, const char *code,
                         int64_t bytes) {
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    if (code != NULL) {
        dm_json_text(json, "error", code);
        dm_json_text(json, "what", "This file is here already.");
    }
    dm_json_integer(json, "bytes", bytes);
    dm_json_close(json);
    dm_request_answer_json(request, status, json);
}

void dm_upload_refuse(struct dm_request *request, const struct dm_inflow *inflow) {
    struct dm_trouble trouble = {.status = 507};
    switch (dm_inflow_end(inflow)) {
    case DM_INFLOW_NO_SPACE:
        trouble.code = "no-space";
        trouble.what = "There is no room on the share for more.";
        trouble.todo = "Ask the administrator to make room, then send again.";
        break;
    case DM_INFLOW_AWAY:
        trouble.status = 503;
        trouble.code = "away";
        trouble.what = "The share is away.";
        trouble.todo = "Send again in a while.";
        break;
    default:
        trouble.status = 500;
        trouble.code = "refused";
        trouble.what = "The file cannot be written into the inbox.";
        trouble.why = g_strerror(dm_inflow_errnum(inflow));
        trouble.todo = "Ask the administrator.";
    }
    dm_request_refuse(request, &trouble);
}

static void finish(struct upload *upload) {
    struct dm_request *request = upload->request;
    enum dm_inflow_end end = dm_inflow_end(upload->inflow);
    dm_request_on_gone(request, NULL, NULL);
    if (end == DM_INFLOW_PLACED) {
        dm_expected_touch(upload->page->expected, upload->drop);
        answer_bytes(request, 201, NULL, dm_inflow_bytes(upload->inflow));
    } else if (end == DM_INFLOW_EXISTS) {
        answer_bytes(request, 409, "exists", dm_inflow_there_bytes(upload->inflow));
    } else {
        dm_upload_refuse(request, upload->inflow);
    }
    upload_free(upload);
}

// ---- the body

static void go_on(struct upload *upload) {
    if (upload->is_whole && !upload->is_placing && dm_inflow_is_ready(upload->inflow)) {
        upload->is_placing = true;
        dm_inflow_place(upload->inflow, upload->path, upload->replace);
    }
}

/** A step is done. */
static void on_moved(void *data) {
    struct upload *upload = data;
    if (upload->is_whole && dm_inflow_end(upload->inflow) != DM_INFLOW_OPEN) {
        finish(upload);
        return;
    }
    go_on(upload);
    dm_request_resume(upload->request);
}

/** What comes after the end is read over: it is told when all is read. */
static bool take(void *data, const char *bytes, size_t size) {
    struct upload *upload = data;
    if (dm_inflow_end(upload->inflow) != DM_INFLOW_OPEN) {
        return true;
    }
    if (!dm_inflow_is_ready(upload->inflow)) {
        return false;
    }
    dm_inflow_write(upload->inflow, bytes, size);
    return true;
}

static void on_gone(void *data) {
    upload_free(data);
}

static void whole(void *data) {
    struct upload *upload = data;
    upload->is_whole = true;
    if (dm_inflow_end(upload->inflow) != DM_INFLOW_OPEN) {
        finish(upload);
        return;
    }
    dm_request_on_gone(upload->request, on_gone, upload);
    go_on(upload);
}

// ---- the head

static void refuse(struct dm_request *request, unsigned status, const char *code, const char *what,
                   const char *why, const char *todo) {
    const struct dm_trouble trouble = {status, code, what, why, todo};
    dm_request_refuse(request, &trouble);
}

/** What is in work or done is not sent again; what failed is. Returns its size, or -1. */
static int64_t known_bytes(struct dm_page *page, const char *path) {
    struct dm_ledger *ledger = dm_board_ledger(page->board);
    DM_AUTO_ROW struct dm_row *row = ledger != NULL ? dm_ledger_find(ledger, path) : NULL;
    return row != NULL && row->state != DM_STATE_FAILED ? row->fingerprint.size_bytes : -1;
}

/** The drop that is meant, if a file may be sent to it so; else it is refused. */
static char *check(struct dm_page *page, struct dm_request *request) {
    g_autofree char *drop = dm_drop_from_id(dm_request_part(request, 0));
    const char *bad = dm_bad_file_path(dm_request_part(request, 1),
                                       (const char *const *)page->config->inbox.ignore);
    g_autofree char *chain = drop != NULL ? g_strndup(drop, strcspn(drop, "/")) : NULL;
    if (drop == NULL || !dm_page_understands(page, chain)) {
        refuse(request, 404, "drop", "There is no such drop.", NULL, "Announce it first.");
    } else if (bad != NULL) {
        refuse(request, 400, "name", "A file cannot be called so.", bad, "Give it another name.");
    } else if (dm_request_length(request) < 0) {
        refuse(request, 411, "length", "The request must say how long the file is.", NULL,
               "Send Content-Length.");
    } else {
        return g_steal_pointer(&drop);
    }
    return NULL;
}

void dm_answer_upload(struct dm_page *page, struct dm_request *request) {
    g_autofree char *drop = check(page, request);
    if (drop == NULL) {
        return;
    }
    g_autofree char *path = g_strconcat(drop, "/", dm_request_part(request, 1), NULL);
    const char *replace = dm_request_query(request, "replace");
    bool replaces = replace != NULL && strcmp(replace, "0") != 0;
    int64_t there_bytes = replaces ? -1 : known_bytes(page, path);
    if (there_bytes >= 0) {
        answer_bytes(request, 409, "exists", there_bytes);
        return;
    }
    struct upload *upload = g_new0(struct upload, 1);
    upload->page = page;
    upload->request = request;
    upload->drop = g_steal_pointer(&drop);
    upload->path = g_steal_pointer(&path);
    upload->replace = replaces;
    upload->inflow = dm_inflow_new(page->share, dm_request_length(request),
                                   page->config->page.min_free_bytes, on_moved, upload);
    const struct dm_sink sink = {.take = take, .whole = whole, .broken = on_gone, .data = upload};
    dm_request_sink(request, &sink);
}
