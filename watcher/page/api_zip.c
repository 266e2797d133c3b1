// SPDX-License-Identifier: MIT
//
// The results of a drop as one ZIP file, made while it is sent:
//
//   next ---> opening ---> copying ---> next ...    each result, in the order of paths
//     |          | it is no longer there: remembered
//     |          +------> next
//     | no more
//     +---> problems, if there are any ---> end: the directory of the ZIP
//
// Of the drop one page of rows is in memory, of the file two pieces. A share that goes away cuts
// the connection: half a ZIP must not look like a whole one.
#include "watcher/page/answers.h"

#include "common/path.h"
#include "common/reason.h"
#include "watcher/page/download.h"
#include "watcher/page/drop_id.h"
#include "watcher/page/file_stream.h"
#include "watcher/page/zip.h"
#include "watcher/page/zip_names.h"

#include <string.h>

#define ROWS_A_PAGE 200
#define PROBLEMS_MAX 2000
#define COPY_BYTES ((size_t)64 << 10)

enum phase { NEXT, OPENING, COPYING, ENDED, BROKEN };

struct parcel {
    struct dm_page *page;
    struct dm_request *request;
    char *drop;
    struct dm_zip *zip;
    struct dm_zip_names *names;
    enum phase phase;
    // Of struct dm_row; `index` is the next one, `after` the path of the last one of the page.
    GPtrArray *rows;
    unsigned index;
    char *after;
    // Of the row at `index`.
    struct dm_file_stream *file;
    // The names of results that are no longer there: of the first of them; and how many there are.
    GPtrArray *missing;
    int64_t missing_count;
};

static void parcel_free(void *data) {
    struct parcel *parcel = data;
    dm_file_stream_free(parcel->file);
    dm_zip_free(parcel->zip);
    dm_zip_names_free(parcel->names);
    g_ptr_array_unref(parcel->rows);
    g_ptr_array_unref(parcel->missing);
    g_free(parcel->after);
    g_free(parcel->drop);
    g_free(parcel);
}

static enum phase good_or_broken(bool good, enum phase next) {
    return good ? next : BROKEN;
}

// ---- problems

static void add_missing(GString *text, const struct parcel *parcel) {
    if (parcel->missing_count == 0) {
        return;
    }
    g_string_append(text, "No longer in the outbox when this file was made:\r\n\r\n");
    for (unsigned i = 0; i < parcel->missing->len; i++) {
        g_autofree char *name = dm_path_display(parcel->missing->pdata[i]);
        g_string_append_printf(text, "  %s\r\n", name);
    }
    if (parcel->missing_count > (int64_t)parcel->missing->len) {
        g_string_append_printf(text, "  and %" G_GINT64_FORMAT " more\r\n",
                               parcel->missing_count - parcel->missing->len);
    }
    g_string_append(text, "\r\n");
}

static void add_failed(GString *text, const struct dm_row *row, const char *drop) {
    g_autofree char *name = dm_path_display(row->path + strlen(drop) + 1);
    g_autofree char *why = dm_path_display(row->message);
    g_string_append_printf(text, "%s\r\n  What:       %s\r\n", name, dm_reason_what(row->reason));
    if (*why != '\0') {
        g_string_append_printf(text, "  Why:        %s\r\n", why);
    }
    g_string_append_printf(text, "  What to do: %s\r\n\r\n", dm_reason_advice(row->reason));
}

/** For people, with the line ends that every editor knows. */
static char *problems_text(const struct parcel *parcel, struct dm_ledger *ledger) {
    GString *text = g_string_new(NULL);
    g_autoptr(GPtrArray) rows =
        dm_ledger_drop_rows(ledger, parcel->drop, 1u << DM_STATE_FAILED, "", PROBLEMS_MAX + 1);
    add_missing(text, parcel);
    if (rows->len > 0) {
        g_string_append(text, "Could not be processed; the originals are safe in the folder "
                              "'failed':\r\n\r\n");
    }
    for (unsigned i = 0; i < MIN(rows->len, PROBLEMS_MAX); i++) {
        add_failed(text, rows->pdata[i], parcel->drop);
    }
    if (rows->len > PROBLEMS_MAX) {
        g_string_append(text, "There are more: see Problems on the page.\r\n");
    }
    return g_string_free(text, FALSE);
}

static enum phase finish(struct parcel *parcel) {
    struct dm_ledger *ledger = dm_board_ledger(parcel->page->board);
    if (ledger == NULL) {
        return BROKEN;
    }
    g_autofree char *text = problems_text(parcel, ledger);
    if (*text != '\0') {
        g_autofree char *name = dm_zip_names_take_ours(parcel->names, "_Problems.txt");
        if (!dm_zip_begin(parcel->zip, name, (int64_t)strlen(text), g_get_real_time()) ||
            !dm_zip_write(parcel->zip, text, strlen(text))) {
            return BROKEN;
        }
    }
    return good_or_broken(dm_zip_finish(parcel->zip), ENDED);
}

// ---- files

/** It has no longer to be waited for. */
static void on_changed(void *data) {
    dm_request_resume(((struct parcel *)data)->request);
}

static bool load_rows(struct parcel *parcel) {
    struct dm_ledger *ledger = dm_board_ledger(parcel->page->board);
    if (ledger == NULL) {
        return false;
    }
    g_ptr_array_unref(parcel->rows);
    parcel->rows =
        dm_ledger_drop_rows(ledger, parcel->drop, 1u << DM_STATE_DONE, parcel->after, ROWS_A_PAGE);
    parcel->index = 0;
    if (parcel->rows->len > 0) {
        const struct dm_row *last = parcel->rows->pdata[parcel->rows->len - 1];
        g_free(parcel->after);
        parcel->after = g_strdup(last->path);
    }
    return true;
}

static enum phase open_next(struct parcel *parcel) {
    if (parcel->index == parcel->rows->len && !load_rows(parcel)) {
        return BROKEN;
    }
    if (parcel->rows->len == 0) {
        return finish(parcel);
    }
    const struct dm_row *row = parcel->rows->pdata[parcel->index];
    const struct dm_file_place place = {.room = DM_SHARE_OUTBOX, .path = row->output};
    parcel->file = dm_file_stream_new(parcel->page->share, &place, 1, on_changed, parcel);
    return OPENING;
}

static void miss(struct parcel *parcel, const struct dm_row *row) {
    parcel->missing_count++;
    if (parcel->missing->len < PROBLEMS_MAX) {
        g_ptr_array_add(parcel->missing, g_strdup(row->output));
    }
}

static enum phase leave_file(struct parcel *parcel) {
    g_clear_pointer(&parcel->file, dm_file_stream_free);
    parcel->index++;
    return NEXT;
}

static enum phase begin_file(struct parcel *parcel) {
    const struct dm_row *row = parcel->rows->pdata[parcel->index];
    switch (dm_file_stream_state(parcel->file)) {
    case DM_FILE_OPENING:
        return OPENING;
    case DM_FILE_OPEN: {
        g_autofree char *name = dm_zip_names_take(parcel->names, row->output);
        return good_or_broken(
            dm_zip_begin(parcel->zip, name, dm_file_stream_bytes(parcel->file), row->state_utc_us),
            COPYING);
    }
    case DM_FILE_AWAY:
        return BROKEN;
    case DM_FILE_GONE:
    case DM_FILE_BROKEN:
        break;
    }
    miss(parcel, row);
    return leave_file(parcel);
}

/** @ret_waits: the share has not brought more yet. */
static enum phase copy(struct parcel *parcel, bool *ret_waits) {
    static char piece[COPY_BYTES]; // the main loop's
    ssize_t count = dm_file_stream_read(parcel->file, piece, sizeof(piece));
    *ret_waits = count == DM_STREAM_WAIT;
    if (*ret_waits) {
        return COPYING;
    }
    if (count == DM_STREAM_END) {
        return leave_file(parcel);
    }
    return good_or_broken(count > 0 && dm_zip_write(parcel->zip, piece, (size_t)count), COPYING);
}

/** Go on until there is something to send, or something to wait for. */
static ssize_t read_parcel(void *data, char *buffer, size_t size) {
    struct parcel *parcel = data;
    while (true) {
        size_t count = dm_zip_take(parcel->zip, buffer, size);
        bool waits = false;
        if (count > 0) {
            return (ssize_t)count;
        }
        switch (parcel->phase) {
        case NEXT:
            parcel->phase = open_next(parcel);
            break;
        case OPENING:
            parcel->phase = begin_file(parcel);
            waits = parcel->phase == OPENING;
            break;
        case COPYING:
            parcel->phase = copy(parcel, &waits);
            break;
        case ENDED:
            return DM_STREAM_END;
        case BROKEN:
            return DM_STREAM_BROKEN;
        }
        if (waits) {
            return DM_STREAM_WAIT;
        }
    }
}

// ---- the route

static void refuse(struct dm_request *request, unsigned status, const char *code, const char *what,
                   const char *todo) {
    const struct dm_trouble trouble = {.status = status, .code = code, .what = what, .todo = todo};
    dm_request_refuse(request, &trouble);
}

static void send_parcel(struct dm_page *page, struct dm_request *request, const char *drop) {
    struct parcel *parcel = g_new0(struct parcel, 1);
    parcel->page = page;
    parcel->request = request;
    parcel->drop = g_strdup(drop);
    parcel->after = g_strdup("");
    parcel->zip = dm_zip_new();
    parcel->names = dm_zip_names_new(drop);
    parcel->rows = g_ptr_array_new_with_free_func((GDestroyNotify)dm_row_free);
    parcel->missing = g_ptr_array_new_with_free_func(g_free);
    if (parcel->zip == NULL) {
        parcel_free(parcel);
        refuse(request, 500, "zip", "The ZIP file cannot be made.", NULL);
        return;
    }
    g_autofree char *name = dm_zip_file_name(drop);
    g_autofree char *disposition = dm_download_disposition(name);
    dm_request_add_header(request, "Content-Disposition", disposition);
    dm_request_add_header(request, "X-Accel-Buffering", "no");
    const struct dm_stream stream = {
        .read = read_parcel, .end = parcel_free, .data = parcel, .bytes = -1};
    dm_request_answer_stream(request, 200, "application/zip", &stream);
}

static void answer_zip(struct dm_page *page, struct dm_request *request) {
    g_autofree char *path = dm_drop_from_id(dm_request_part(request, 0));
    const struct dm_board_drop *drop = path != NULL ? dm_board_drop(page->board, path) : NULL;
    if (drop == NULL) {
        refuse(request, 404, "not-found", "There is no such drop.", NULL);
    } else if (drop->tally.rows[DM_STATE_DONE] == 0) {
        refuse(request, 409, "nothing-done", "None of these pictures is done yet.",
               "Come back when some are.");
    } else if (!dm_share_is_online(page->share)) {
        refuse(request, 503, "away", "The share is away.", "Try again when it is back.");
    } else {
        send_parcel(page, request, path);
    }
}

void dm_answer_zip(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_zip);
}
