// SPDX-License-Identifier: MIT
//
// Results and originals, one at a time: as files to be kept, from where they were cut off if need
// be.
#include "watcher/page/answers.h"

#include "common/path.h"
#include "watcher/page/download.h"
#include "watcher/page/file_stream.h"

#include <string.h>

/** A file that is asked for, while it is opened and sent. */
struct visit {
    // NULL: its answer has begun.
    struct dm_request *request;
    struct dm_file_stream *stream;
    char *name, *tag;
    const char *type;
};

static void visit_free(void *data) {
    struct visit *visit = data;
    dm_file_stream_free(visit->stream);
    g_free(visit->name);
    g_free(visit->tag);
    g_free(visit);
}

static void refuse(struct dm_request *request, unsigned status, const char *code, const char *what,
                   const char *why) {
    const struct dm_trouble trouble = {.status = status, .code = code, .what = what, .why = why};
    dm_request_refuse(request, &trouble);
}

static void refuse_away(struct dm_request *request) {
    const struct dm_trouble trouble = {.status = 503,
                                       .code = "away",
                                       .what = "The share is away.",
                                       .todo = "Try again when it is back."};
    dm_request_refuse(request, &trouble);
}

static bool has_extension(const struct dm_format *format, const char *extension) {
    g_auto(GStrv) known = g_strsplit(format->extensions, " ", -1);
    for (char **one = known; *one != NULL; one++) {
        if (g_ascii_strcasecmp(*one, extension) == 0) {
            return true;
        }
    }
    return false;
}

/** By its name: what is inside nobody here has looked at. */
static const char *type_of(const struct dm_catalogue *catalogue, const char *name) {
    const char *extension = dm_name_extension(name);
    for (size_t i = 0; i < dm_catalogue_format_count(catalogue); i++) {
        const struct dm_format *format = dm_catalogue_format(catalogue, i);
        if (*extension != '\0' && has_extension(format, extension)) {
            return format->mime;
        }
    }
    return "application/octet-stream";
}

// ---- what was opened

static ssize_t read_file(void *data, char *buffer, size_t size) {
    return dm_file_stream_read(((struct visit *)data)->stream, buffer, size);
}

static void on_more(void *data) {
    dm_request_resume(((struct visit *)data)->request);
}

static void add_range(struct dm_request *request, int64_t from, int64_t count, int64_t bytes) {
    g_autofree char *range =
        g_strdup_printf("bytes %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, from,
                        from + count - 1, bytes);
    dm_request_add_header(request, "Content-Range", range);
}

/** A range is of the file that its reader has begun with, or there is none. */
static const char *range_of(const struct visit *visit) {
    const char *only_if = dm_request_header(visit->request, "If-Range");
    return only_if == NULL || strcmp(only_if, visit->tag) == 0
               ? dm_request_header(visit->request, "Range")
               : NULL;
}

static void send_file(struct visit *visit) {
    struct dm_request *request = visit->request;
    int64_t bytes = dm_file_stream_bytes(visit->stream), from = 0, count = bytes;
    enum dm_range range = dm_download_range(range_of(visit), bytes, &from, &count);
    if (range == DM_RANGE_BEYOND) {
        g_autofree char *size = g_strdup_printf("bytes */%" G_GINT64_FORMAT, bytes);
        dm_request_add_header(request, "Content-Range", size);
        refuse(request, 416, "range", "The file has no such part.", NULL);
        visit_free(visit);
        return;
    }
    g_autofree char *disposition = dm_download_disposition(visit->name);
    dm_request_add_header(request, "Content-Disposition", disposition);
    dm_request_add_header(request, "ETag", visit->tag);
    dm_request_add_header(request, "Cache-Control", "private, no-cache");
    dm_request_add_header(request, "Accept-Ranges", "bytes");
    if (range == DM_RANGE_PART) {
        add_range(request, from, count, bytes);
    }
    dm_file_stream_limit(visit->stream, from, count);
    dm_file_stream_listen(visit->stream, on_more, visit);
    const struct dm_stream stream = {
        .read = read_file, .end = visit_free, .data = visit, .bytes = count};
    dm_request_answer_stream(request, range == DM_RANGE_PART ? 206 : 200, visit->type, &stream);
}

static void on_opened(void *data) {
    struct visit *visit = data;
    struct dm_request *request = visit->request;
    enum dm_file_state state = dm_file_stream_state(visit->stream);
    dm_request_on_gone(request, NULL, NULL);
    if (state == DM_FILE_OPEN) {
        send_file(visit);
        return;
    }
    if (state == DM_FILE_GONE) {
        refuse(request, 410, "gone", "This file is no longer there.",
               "Somebody has moved or deleted it, or the time for which it was kept is over.");
    } else if (state == DM_FILE_AWAY) {
        refuse_away(request);
    } else {
        refuse(request, 500, "unreadable", "The file cannot be read.",
               "The page has no right to read it, or the disk refuses.");
    }
    visit_free(visit);
}

static void on_gone(void *data) {
    visit_free(data);
}

// ---- which file

/** @name: as people know it; the places of the file are @count at @places. */
static void open_file(struct dm_page *page, struct dm_request *request, const struct dm_row *row,
                      const char *path, const struct dm_file_place *places, size_t count) {
    if (!dm_share_is_online(page->share)) { // it may hang: nobody waits for it
        refuse_away(request);
        return;
    }
    struct visit *visit = g_new0(struct visit, 1);
    visit->request = request;
    visit->name = dm_path_display(dm_path_base(path));
    visit->type = type_of(page->catalogue, dm_path_base(path));
    visit->tag =
        g_strdup_printf("\"%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "\"", row->id, row->generation);
    visit->stream = dm_file_stream_new(page->share, places, count, on_opened, visit);
    dm_request_on_gone(request, on_gone, visit);
}

/** The reader has it already: say so, and do not touch the disk. */
static bool has_it(struct dm_request *request, const struct dm_row *row) {
    const char *known = dm_request_header(request, "If-None-Match");
    g_autofree char *tag =
        g_strdup_printf("\"%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "\"", row->id, row->generation);
    if (known == NULL || !dm_download_names_tag(known, tag)) {
        return false;
    }
    dm_request_add_header(request, "ETag", tag);
    dm_request_add_header(request, "Cache-Control", "private, no-cache");
    dm_request_answer(request, 304, NULL, g_bytes_new_static("", 0));
    return true;
}

/** The row that the address names; NULL: there is none, which has been said. */
static struct dm_row *find_row(struct dm_page *page, struct dm_request *request) {
    struct dm_ledger *ledger = dm_board_ledger(page->board);
    const char *text = dm_request_part(request, 0);
    guint64 id;
    struct dm_row *row = NULL;
    if (ledger != NULL && g_ascii_string_to_unsigned(text, 10, 1, INT64_MAX, &id, NULL)) {
        row = dm_ledger_get(ledger, (int64_t)id);
    }
    if (row == NULL) {
        refuse(request, 404, "not-found", "There is no such picture.", NULL);
    }
    return row;
}

static void answer_result(struct dm_page *page, struct dm_request *request) {
    DM_AUTO_ROW struct dm_row *row = find_row(page, request);
    if (row == NULL) {
        return;
    }
    if (row->state != DM_STATE_DONE && row->state != DM_STATE_PUBLISHED) {
        refuse(request, 404, "not-done", "There is no result of this picture.",
               row->state == DM_STATE_FAILED ? "It could not be processed."
                                             : "It is not done yet.");
        return;
    }
    const struct dm_file_place place = {.room = DM_SHARE_OUTBOX, .path = row->output};
    if (!has_it(request, row)) {
        open_file(page, request, row, row->output, &place, 1);
    }
}

/** Out of the inbox it is where it was moved to, perhaps under a numbered name. */
static void answer_original(struct dm_page *page, struct dm_request *request) {
    DM_AUTO_ROW struct dm_row *row = find_row(page, request);
    if (row == NULL || has_it(request, row)) {
        return;
    }
    bool may_be_moved = row->state == DM_STATE_FAILED || row->state == DM_STATE_DONE;
    const struct dm_file_place in_inbox = {
        .room = DM_SHARE_INBOX,
        .path = row->path,
        .fingerprint = may_be_moved ? &row->fingerprint : NULL, // what is there may be a new one
    };
    const struct dm_file_place moved = {
        .room = row->state == DM_STATE_FAILED ? DM_SHARE_FAILED : DM_SHARE_ORIGINALS,
        .path = row->path,
        .fingerprint = &row->fingerprint,
    };
    const struct dm_file_place places[DM_FILE_PLACES_MAX] = {moved, in_inbox};
    open_file(page, request, row, row->path, may_be_moved ? places : &in_inbox,
              may_be_moved ? DM_FILE_PLACES_MAX : 1);
}

void dm_answer_result(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_result);
}

void dm_answer_original(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_original);
}
