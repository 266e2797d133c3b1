// SPDX-License-Identifier: MIT
//
// Thumbnails of results, and previews before anything is sent: pictures.c over HTTP.
#include "watcher/page/answers.h"

#include "watcher/page/pictures.h"

#include <inttypes.h>
#include <string.h>

/** A request that waits for its picture. */
struct visit {
    struct dm_request *request;
    struct dm_pictures *pictures;
    struct dm_picture_request *wish;
    bool thumb;
};

// ---- answers

static const struct {
    unsigned status;
    const char *code, *what, *todo;
} troubles[] = {
    [DM_PICTURE_CHAIN] = {422, "chain", "This name is not understood.", NULL},
    [DM_PICTURE_BUSY] = {503, "busy", "Too many pictures are being made.",
                         "Try again in a moment."},
    [DM_PICTURE_SUPERSEDED] = {409, "superseded", "A newer preview was asked for.", NULL},
    [DM_PICTURE_TROUBLE] = {503, "no-pictures", "No picture can be made now.",
                            "Tell the administrator."},
};

/** The status of a picture that cannot be made. */
static unsigned status_of(enum dm_reason reason, bool thumb) {
    switch (reason) {
    case DM_REASON_CHANGED:
    case DM_REASON_UNREADABLE:
        return thumb ? 410 : 422;
    case DM_REASON_TOO_LARGE:
        return 413;
    case DM_REASON_NOT_AN_IMAGE:
    case DM_REASON_UNSUPPORTED_FORMAT:
        return 415;
    default:
        return 422;
    }
}

static void refuse(const struct visit *visit, const struct dm_picture_answer *answer) {
    g_autofree char *meant =
        answer->suggestion != NULL ? g_strdup_printf("Did you mean %s?", answer->suggestion) : NULL;
    struct dm_trouble trouble = {.why = *answer->message != '\0' ? answer->message : NULL};
    if (answer->outcome == DM_PICTURE_FAILED) {
        trouble.status = status_of(answer->reason, visit->thumb);
        trouble.code = dm_reason_name(answer->reason);
        trouble.what = dm_reason_what(answer->reason);
    } else {
        trouble.status = troubles[answer->outcome].status;
        trouble.code = troubles[answer->outcome].code;
        trouble.what = troubles[answer->outcome].what;
        trouble.todo = meant != NULL ? meant : troubles[answer->outcome].todo;
    }
    dm_request_refuse(visit->request, &trouble);
}

static void add_number(struct dm_request *request, const char *name, double number) {
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    dm_request_add_header(request, name, g_ascii_formatd(buffer, sizeof(buffer), "%.10g", number));
}

/** What is known of the result besides how it looks. */
static void describe(struct dm_request *request, const struct dm_picture_answer *answer) {
    if (answer->result.width > 0) {
        g_autofree char *size =
            g_strdup_printf("%dx%d", answer->result.width, answer->result.height);
        dm_request_add_header(request, "X-Result-Size", size);
        dm_request_add_header(request, "X-Result-Size-Exact", answer->exact ? "1" : "0");
    }
    if (answer->bytes > 0) {
        add_number(request, "X-Result-Bytes", (double)answer->bytes);
    }
    add_number(request, "X-Result-Ratio", answer->ratio);
    if (answer->rough) {
        dm_request_add_header(request, "X-Preview-Rough", "1");
    }
}

static void on_picture(void *data, const struct dm_picture_answer *answer) {
    g_autofree struct visit *visit = data;
    dm_request_on_gone(visit->request, NULL, NULL);
    if (answer->outcome != DM_PICTURE_MADE) {
        refuse(visit, answer);
        return;
    }
    if (!visit->thumb) {
        describe(visit->request, answer);
    }
    dm_request_answer(visit->request, 200, "image/jpeg", g_bytes_ref(answer->jpeg));
}

static void on_gone(void *data) {
    g_autofree struct visit *visit = data;
    dm_pictures_cancel(visit->pictures, visit->wish);
}

/** Not where it was answered already: then the visit is over. */
static void wait_for(struct visit *visit, struct dm_picture_request *wish) {
    if (wish != NULL) {
        visit->wish = wish;
        dm_request_on_gone(visit->request, on_gone, visit);
    }
}

static struct visit *visit_new(struct dm_page *page, struct dm_request *request, bool thumb) {
    struct visit *visit = g_new0(struct visit, 1);
    *visit = (struct visit){.request = request, .pictures = page->pictures, .thumb = thumb};
    return visit;
}

static void refuse_plainly(struct dm_request *request, unsigned status, const char *code,
                           const char *what) {
    const struct dm_trouble trouble = {.status = status, .code = code, .what = what};
    dm_request_refuse(request, &trouble);
}

// ---- thumbnails

static void answer_thumb(struct dm_page *page, struct dm_request *request) {
    struct dm_ledger *ledger = dm_board_ledger(page->board);
    int64_t id;
    bool is_id =
        g_ascii_string_to_signed(dm_request_part(request, 0), 10, 1, G_MAXINT64, &id, NULL);
    DM_AUTO_ROW struct dm_row *row = ledger != NULL && is_id ? dm_ledger_get(ledger, id) : NULL;
    if (row == NULL || row->state != DM_STATE_DONE || row->output == NULL) {
        refuse_plainly(request, 404, "no-result", "There is no such result.");
        return;
    }
    g_autofree char *root =
        g_build_filename(dm_share_path(page->share), dm_share_room_name(DM_SHARE_OUTBOX), NULL);
    const struct dm_picture_row facts = {
        .row = row->id,
        .generation = row->generation,
        .root = root,
        .mark = dm_share_room_mark(page->share, DM_SHARE_OUTBOX),
        .path = row->output,
    };
    struct visit *visit = visit_new(page, request, true);
    wait_for(visit, dm_pictures_thumb(page->pictures, &facts, on_picture, visit));
}

/** The ledger is there from the first look on, and then it is asked itself. */
void dm_answer_thumb(struct dm_page *page, struct dm_request *request) {
    if (!dm_share_is_online(page->share)) { // the worker would hang in it, and previews behind
        refuse_plainly(request, 503, "offline", "The share is away.");
    } else if (dm_board_ledger(page->board) != NULL) {
        answer_thumb(page, request);
    } else {
        dm_page_fresh(page, request, answer_thumb);
    }
}

// ---- previews

static int number_of(const struct dm_request *request, const char *name) {
    const char *text = dm_request_query(request, name);
    int64_t number;
    bool good = text != NULL && g_ascii_string_to_signed(text, 10, 1, G_MAXINT32, &number, NULL);
    return good ? (int)number : 0;
}

/** Who does not say which browser it is has no older preview that could be superseded: it hangs up
 * when it wants another. */
static char *client_of(const struct dm_request *request) {
    static int64_t count;
    const struct dm_client *client = dm_request_client(request);
    const char *browser = dm_request_query(request, "browser");
    return browser != NULL ? g_strjoin(" ", client->address, client->name, browser, NULL)
                           : g_strdup_printf("%" PRId64, ++count);
}

/** As the browser asks: without a size it is the file itself. */
static bool read_preview(const struct dm_request *request, struct dm_picture_preview *ret) {
    const char *mode = dm_request_query(request, "mode");
    ret->of_jpeg = g_strcmp0(dm_request_query(request, "type"), "image/jpeg") == 0;
    ret->chain = dm_request_query(request, "chain");
    ret->original = (struct dm_extent){number_of(request, "width"), number_of(request, "height")};
    if (ret->chain == NULL ||
        !dm_preview_mode_from_name(mode != NULL ? mode : "whole", &ret->mode)) {
        return false;
    }
    if (ret->mode == DM_PREVIEW_WHOLE && dm_request_query(request, "width") == NULL) {
        ret->mode = DM_PREVIEW_FILE;
    }
    return true;
}

void dm_answer_preview(struct dm_page *page, struct dm_request *request) {
    GBytes *body = dm_request_body(request);
    struct dm_picture_preview preview = {.bytes = body};
    if (body == NULL || g_bytes_get_size(body) == 0 || !read_preview(request, &preview)) {
        refuse_plainly(request, 422, "preview",
                       "A preview needs a chain, a mode (whole or detail) and a picture.");
        return;
    }
    g_autofree char *client = client_of(request);
    preview.client = client;
    struct visit *visit = visit_new(page, request, false);
    wait_for(visit, dm_pictures_preview(page->pictures, &preview, on_picture, visit));
}
