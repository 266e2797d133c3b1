// SPDX-License-Identifier: MIT
//
// See send_http_put.h.
#include "watcher/cli/send_http_put.h"

#include "common/path.h"
#include "watcher/store/json_fields.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/** A file on its way. */
struct put {
    struct dm_send_page *page;
    struct dm_send_file *file;
    int fd;
    int64_t bytes;
    struct timespec mtime;
    bool replaces;
};

static void put_free(struct put *put) {
    if (put->fd >= 0) {
        close(put->fd);
    }
    put->page->puts--;
    g_free(put);
}

static void send_it(struct put *put);

// ---- ends

static bool is_unchanged(const struct put *put) {
    struct stat status;
    return fstat(put->fd, &status) == 0 && status.st_size == put->bytes &&
           status.st_mtim.tv_sec == put->mtime.tv_sec &&
           status.st_mtim.tv_nsec == put->mtime.tv_nsec;
}

/** It is there. */
static void succeed(struct put *put) {
    g_clear_pointer(&put->page->figures, g_free); // what they told came too early for this one
    if (is_unchanged(put)) {
        dm_send_move(put->page->send, put->file, DM_SEND_SENT);
    } else {
        dm_send_fail(put->page->send, put->file, "changed", "it changed while it was sent");
    }
}

/** Something of that name was there before. If it has failed and lies there still, nobody knows
 * whether it will be looked at again: ours will be. */
static void meet_another(struct put *put, const struct dm_http_answer *answer) {
    g_autoptr(GHashTable) fields = dm_json_fields(answer->text);
    const char *bytes = fields != NULL ? g_hash_table_lookup(fields, "bytes") : NULL;
    bool is_same = bytes != NULL && g_ascii_strtoll(bytes, NULL, 10) == put->bytes;
    g_autofree char *name = dm_path_display(put->file->name);
    const char *old = g_hash_table_lookup(put->page->old, name);
    bool has_failed = old != NULL && g_str_has_prefix(old, DM_SEND_OLD_FAILED);
    if (is_same && (!has_failed || put->replaces)) {
        g_hash_table_remove(put->page->old, name); // what became of it is what becomes of ours
        succeed(put);
        put_free(put);
    } else if ((is_same || put->page->send->replace) && !put->replaces) {
        put->replaces = true;
        send_it(put);
    } else {
        dm_send_fail(put->page->send, put->file, "taken",
                     "another input of that name is there: --replace puts this one over it, or "
                     "choose another --name");
        put_free(put);
    }
}

/** A word for what a page says by its status. */
static const char *reason_of(const struct dm_http_answer *answer) {
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{0, "unreadable"}, {400, "name"}, {413, "too-large"}, {507, "no-space"}};
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if (reasons[i].status == answer->status) {
            return reasons[i].reason;
        }
    }
    return "refused";
}

static void end_put(struct dm_send_call *call, const struct dm_http_answer *answer) {
    struct put *put = call->user;
    if (answer == NULL) {
        put_free(put);
    } else if (answer->status == 409) {
        meet_another(put, answer);
    } else if (answer->status == 200 || answer->status == 201) {
        succeed(put);
        put_free(put);
    } else {
        bool is_ours = answer->status == 0 && answer->errnum != 0;
        g_autofree char *trouble = dm_send_call_trouble(answer);
        dm_send_fail(put->page->send, put->file,
                     answer->status == 0 && !is_ours ? "not-sent" : reason_of(answer), "%s%s",
                     is_ours ? "cannot be read: " : "", trouble);
        put_free(put);
    }
}

// ---- beginnings

static void send_it(struct put *put) {
    g_autofree char *name = g_uri_escape_string(put->file->name, "/", FALSE);
    struct dm_send_call *call =
        dm_send_call_new(put->page, "PUT",
                         g_strconcat("api/drops/", put->page->id, "/files/", name,
                                     put->replaces ? "?replace=1" : NULL, NULL));
    call->body_fd = put->fd;
    call->body_bytes = put->bytes;
    call->end = end_put;
    call->user = put;
    dm_send_call_push(call);
}

/** Open it. Returns false after it has failed. */
static bool open_file(struct put *put) {
    struct stat status;
    struct dm_send *send = put->page->send;
    put->fd = open(put->file->path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (put->fd < 0 || fstat(put->fd, &status) != 0) {
        dm_send_fail(send, put->file, "unreadable", "cannot be read: %s", g_strerror(errno));
        return false;
    }
    if (!S_ISREG(status.st_mode) || status.st_size == 0) {
        dm_send_fail(send, put->file, "changed", "it is no file with anything in it any more");
        return false;
    }
    send->bytes += status.st_size - put->file->bytes;
    put->bytes = put->file->bytes = status.st_size;
    put->mtime = status.st_mtim;
    return true;
}

void dm_send_http_put(struct dm_send_page *page, struct dm_send_file *file) {
    struct put *put = g_new0(struct put, 1);
    *put = (struct put){.page = page, .file = file, .fd = -1};
    page->puts++;
    dm_send_move(page->send, file, DM_SEND_SENDING);
    if (open_file(put)) {
        send_it(put);
    } else {
        put_free(put);
    }
}
