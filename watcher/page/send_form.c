// SPDX-License-Identifier: MIT
//
// POST send: one picture by the form of somebody without script. Its fields may come behind the
// file: where it belongs is known when all is there.
#include "watcher/page/answers.h"
#include "watcher/page/drop_id.h"
#include "watcher/page/drop_names.h"
#include "watcher/page/inflow.h"
#include "watcher/page/upload.h"
#include "watcher/page/views.h"

#include <string.h>

struct form {
    struct dm_page *page;
    struct dm_request *request;
    struct dm_inflow *inflow;
    // Where it goes, and what it is called.
    char *folder, *name;
    bool is_whole, is_placing;
};

static void form_free(void *data) {
    struct form *form = data;
    dm_inflow_free(form->inflow);
    g_free(form->folder);
    g_free(form->name);
    g_free(form);
}

/** What is wrong, on a page: there is no script that could say it. */
static void answer_wrong(struct form *form, const char *what, const char *todo) {
    static const struct dm_view view = {"send", "Send", 0, 422};
    GString *main = g_string_new(NULL);
    dm_html_format(
        main,
        "<h1>That was not sent</h1><p class=\"lead\">%s %s</p><p><a class=\"button main\" "
        "href=\".\">Back</a></p>",
        what, todo);
    dm_view_answer(form->page, form->request, &view, main);
}

static void finish(struct form *form) {
    dm_request_on_gone(form->request, NULL, NULL);
    if (dm_inflow_end(form->inflow) == DM_INFLOW_PLACED) {
        dm_request_redirect(form->request, "now");
    } else if (dm_inflow_end(form->inflow) == DM_INFLOW_EXISTS) {
        answer_wrong(form, "A picture of this name is there already.", "Give it another name.");
    } else {
        dm_upload_refuse(form->request, form->inflow);
    }
    form_free(form);
}

static void place(struct form *form) {
    g_autofree char *path = g_strconcat(form->folder, "/", form->name, NULL);
    form->is_placing = true;
    dm_inflow_place(form->inflow, path, false);
}

static void go_on(struct form *form) {
    if (form->is_whole && dm_inflow_end(form->inflow) != DM_INFLOW_OPEN) {
        finish(form);
    } else if (form->is_whole && !form->is_placing && dm_inflow_is_ready(form->inflow)) {
        place(form);
    }
}

static void on_moved(void *data) {
    struct form *form = data;
    if (form->is_whole) {
        go_on(form);
    } else {
        dm_request_resume(form->request);
    }
}

static bool take(void *data, const char *bytes, size_t size) {
    struct form *form = data;
    if (dm_inflow_end(form->inflow) != DM_INFLOW_OPEN) {
        return true;
    }
    if (!dm_inflow_is_ready(form->inflow)) {
        return false;
    }
    dm_inflow_write(form->inflow, bytes, size);
    return true;
}

/** Where it goes: "gray/Holiday", or loose in the folder of the steps. */
static char *folder_of(struct form *form) {
    const char *chain = dm_request_field(form->request, "chain");
    const char *title = dm_request_field(form->request, "title");
    if (chain == NULL || !dm_page_understands(form->page, chain)) {
        return NULL;
    }
    if (title == NULL || *title == '\0') {
        return g_strdup(chain);
    }
    g_autofree char *folder = dm_drop_folder_title(title, g_get_real_time());
    return g_strconcat(chain, "/", folder, NULL);
}

static void whole(void *data) {
    struct form *form = data;
    form->is_whole = true;
    form->folder = folder_of(form);
    form->name = g_strdup(dm_request_file_name(form->request));
    const char *bad =
        *form->name != '\0'
            ? dm_bad_file_path(form->name, (const char *const *)form->page->config->inbox.ignore)
            : NULL;
    if (form->folder == NULL) {
        answer_wrong(form, "What is to be done is not understood.",
                     "Write a name such as resize-1600; Help has all of them.");
    } else if (*form->name == '\0' || strchr(form->name, '/') != NULL) {
        answer_wrong(form, "No picture was chosen.", "Choose one.");
    } else if (bad != NULL) {
        answer_wrong(form, "A picture cannot be called so:", bad);
    } else {
        dm_request_on_gone(form->request, form_free, form);
        go_on(form);
        return;
    }
    form_free(form);
}

void dm_answer_form(struct dm_page *page, struct dm_request *request) {
    struct form *form = g_new0(struct form, 1);
    form->page = page;
    form->request = request;
    form->inflow = dm_inflow_new(page->share, dm_request_length(request),
                                 page->config->page.min_free_bytes, on_moved, form);
    const struct dm_sink sink = {.take = take, .whole = whole, .broken = form_free, .data = form};
    dm_request_form_sink(request, &sink);
}
