// SPDX-License-Identifier: MIT
//
// POST api/drops: a drop is announced. Its folder is made at once, so that its name is its own.
#include "watcher/page/answers.h"
#include "watcher/page/drop_id.h"
#include "watcher/page/drop_names.h"

#include "common/chain.h"
#include "common/fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define TRIES 1000

struct announcement {
    struct dm_page *page;
    // NULL: the client has left.
    struct dm_request *request;
    // The folder's name, and the drop's in the try that is made.
    char *chain, *title, *drop;
    unsigned number;
    int64_t files, bytes, spare_bytes;
    // Of the try: 0, EEXIST, or why not.
    int errnum;
};

static void announcement_free(struct announcement *announcement) {
    g_free(announcement->chain);
    g_free(announcement->title);
    g_free(announcement->drop);
    g_free(announcement);
}

static void refuse(struct dm_request *request, unsigned status, const char *code, const char *what,
                   const char *why, const char *todo) {
    const struct dm_trouble trouble = {status, code, what, why, todo};
    dm_request_refuse(request, &trouble);
}

// ---- on the share's thread

static bool has_space(const struct announcement *announcement, int fd) {
    struct statvfs status;
    return fstatvfs(fd, &status) != 0 ||
           (uint64_t)status.f_bavail * status.f_frsize >=
               (uint64_t)(announcement->bytes + announcement->spare_bytes);
}

static int make_folder(const struct dm_share_dirs *dirs, void *job) {
    struct announcement *announcement = job;
    int inbox_fd = dirs->rooms[DM_SHARE_INBOX];
    if (!has_space(announcement, inbox_fd)) {
        announcement->errnum = ENOSPC;
        return 0;
    }
    int fd = dm_make_dirs_beneath(inbox_fd, announcement->chain);
    const char *name = strchr(announcement->drop, '/') + 1;
    int status = fd >= 0 ? mkdirat(fd, name, 02775) : -1;
    announcement->errnum = status == 0 ? 0 : errno;
    if (fd >= 0) {
        close(fd);
    }
    return dm_errno_is_offline(announcement->errnum) ? announcement->errnum : 0;
}

// ---- on the main loop

static void answer_drop(struct dm_request *request, unsigned status, const char *drop) {
    g_autofree char *id = dm_drop_id(drop);
    g_autofree char *title = dm_drop_title(drop);
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_text(json, "id", id);
    dm_json_text(json, "title", title);
    dm_json_text(json, "folder", drop);
    dm_json_close(json);
    dm_request_answer_json(request, status, json);
}

static bool is_known(const struct announcement *announcement) {
    struct dm_page *page = announcement->page;
    return dm_expected_find(page->expected, announcement->drop) != NULL ||
           dm_board_drop(page->board, announcement->drop) != NULL;
}

static void on_made(void *job, bool done);

/** The next name that nobody is known to have. */
static void try_next(struct announcement *announcement) {
    do {
        announcement->number++;
        g_autofree char *title = dm_drop_numbered(announcement->title, announcement->number);
        g_free(announcement->drop);
        announcement->drop = g_strconcat(announcement->chain, "/", title, NULL);
    } while (is_known(announcement) && announcement->number < TRIES);
    dm_share_push(announcement->page->share, make_folder, on_made, announcement);
}

static void answer(struct announcement *announcement, bool done) {
    struct dm_request *request = announcement->request;
    dm_request_on_gone(request, NULL, NULL);
    if (!done) {
        refuse(request, 503, "away", "The share is away.", NULL, "Send again in a while.");
    } else if (announcement->errnum == ENOSPC || announcement->errnum == EDQUOT) {
        refuse(request, 507, "no-space", "There is no room on the share for that much.", NULL,
               "Send less, or ask the administrator to make room.");
    } else if (announcement->errnum != 0) {
        refuse(request, 500, "refused", "The folder cannot be made in the inbox.",
               g_strerror(announcement->errnum), "Ask the administrator.");
    } else {
        dm_expected_set(announcement->page->expected, announcement->drop, announcement->files,
                        announcement->bytes);
        answer_drop(request, 201, announcement->drop);
    }
}

static void on_made(void *job, bool done) {
    struct announcement *announcement = job;
    if (announcement->request == NULL) {
        announcement_free(announcement);
        return;
    }
    if (done && announcement->errnum == EEXIST && announcement->number < TRIES) {
        try_next(announcement);
        return;
    }
    answer(announcement, done);
    announcement_free(announcement);
}

static void on_gone(void *data) {
    ((struct announcement *)data)->request = NULL;
}

/** The folder that the name stands for; NULL: it is not understood, and that was answered. */
static char *chain_folder(struct dm_page *page, struct dm_request *request) {
    const char *name = dm_request_field(request, "chain");
    struct dm_chain *chain = NULL;
    g_autofree char *suggestion = NULL;
    g_autoptr(GError) error = NULL;
    if (name == NULL || !g_utf8_validate(name, -1, NULL)) {
        refuse(request, 422, "chain", "What is to be done with the pictures?", NULL,
               "Name the steps, such as resize-1600.");
        return NULL;
    }
    if (dm_chain_parse(page->catalogue, page->config->recipes, name, &chain, &suggestion, &error)) {
        char *written = g_strdup(chain->written);
        dm_chain_free(chain);
        return written;
    }
    g_autofree char *todo =
        suggestion != NULL ? g_strdup_printf("Did you mean %s?", suggestion) : NULL;
    refuse(request, 422, "chain", "The steps are not understood.", error->message, todo);
    return NULL;
}

static int64_t field_number(struct dm_request *request, const char *name) {
    const char *text = dm_request_field(request, name);
    guint64 number = 0;
    return text != NULL && g_ascii_string_to_unsigned(text, 10, 0, INT64_MAX, &number, NULL)
               ? (int64_t)number
               : 0;
}

static bool within_limits(struct dm_page *page, struct dm_request *request, int64_t files,
                          int64_t bytes) {
    const struct dm_page_settings *settings = &page->config->page;
    if (files <= settings->max_drop_files && bytes <= settings->max_drop_bytes) {
        return true;
    }
    g_autofree char *why =
        g_strdup_printf("It has %" G_GINT64_FORMAT " files and %" G_GINT64_FORMAT
                        " bytes; %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " are allowed.",
                        files, bytes, settings->max_drop_files, settings->max_drop_bytes);
    refuse(request, 413, "too-large", "That is more than one drop may have.", why,
           "Send it in parts.");
    return false;
}

/** The drop that is to be gone on with: of the same steps, and known; NULL: none. */
static char *resumed_drop(struct dm_page *page, struct dm_request *request, const char *chain) {
    const char *id = dm_request_field(request, "resume");
    g_autofree char *drop = id != NULL ? dm_drop_from_id(id) : NULL;
    size_t length = strlen(chain);
    if (drop == NULL || strncmp(drop, chain, length) != 0 || drop[length] != '/') {
        return NULL;
    }
    bool known =
        dm_expected_find(page->expected, drop) != NULL || dm_board_drop(page->board, drop) != NULL;
    return known ? g_steal_pointer(&drop) : NULL;
}

void dm_answer_announce(struct dm_page *page, struct dm_request *request) {
    g_autofree char *chain = chain_folder(page, request);
    int64_t files = field_number(request, "files"), bytes = field_number(request, "bytes");
    if (chain == NULL || !within_limits(page, request, files, bytes)) {
        return;
    }
    g_autofree char *resumed = resumed_drop(page, request, chain);
    if (resumed != NULL) {
        if (dm_request_field(request, "final") != NULL) {
            dm_expected_forget(page->expected, resumed); // no more will come
        } else {
            dm_expected_set(page->expected, resumed, files, bytes);
        }
        answer_drop(request, 201, resumed);
        return;
    }
    const char *title = dm_request_field(request, "title");
    struct announcement *announcement = g_new0(struct announcement, 1);
    announcement->page = page;
    announcement->request = request;
    announcement->chain = g_steal_pointer(&chain);
    announcement->title = dm_drop_folder_title(title != NULL ? title : "", g_get_real_time());
    announcement->files = files;
    announcement->bytes = bytes;
    announcement->spare_bytes = page->config->page.min_free_bytes;
    dm_request_on_gone(request, on_gone, announcement);
    try_next(announcement);
}
