// SPDX-License-Identifier: MIT
//
// What people do about what is there: try again, stop, make and rename folders, pause. The daemon
// does it; this asks. Each is there twice: at api/NAME it answers JSON, at NAME it is the form of
// somebody without script, and leads back to a view.
#include "watcher/page/answers.h"

#include "common/escape.h"
#include "watcher/page/ask.h"
#include "watcher/page/drop_id.h"

#include <string.h>

/** Writes the request to the daemon, or NULL: a field is missing; (transfer full). */
typedef char *(*build_fn)(struct dm_request *request);

static char *build_retry(struct dm_request *request) {
    const char *id = dm_request_field(request, "drop");
    g_autofree char *drop = id != NULL ? dm_drop_from_id(id) : NULL;
    if (drop != NULL) {
        g_autofree char *escaped = dm_escape(drop);
        return g_strconcat("retry-under ", escaped, NULL);
    }
    if (dm_request_field(request, "all") != NULL) {
        return g_strdup("retry-all");
    }
    GString *text = g_string_new("retry");
    for (const char *const *row = dm_request_fields(request, "rows"); *row != NULL; row++) {
        g_string_append_printf(text, " %" G_GINT64_FORMAT, g_ascii_strtoll(*row, NULL, 10));
    }
    bool has_rows = strchr(text->str, ' ') != NULL;
    return g_string_free(text, !has_rows);
}

static char *build_stop(struct dm_request *request) {
    const char *id = dm_request_field(request, "drop");
    g_autofree char *drop = id != NULL ? dm_drop_from_id(id) : NULL;
    g_autofree char *escaped = drop != NULL ? dm_escape(drop) : NULL;
    return escaped != NULL ? g_strconcat("stop ", escaped, NULL) : NULL;
}

static char *build_folder(struct dm_request *request) {
    const char *name = dm_request_field(request, "chain");
    g_autofree char *escaped = name != NULL ? dm_escape(name) : NULL;
    return escaped != NULL ? g_strconcat("make-folder ", escaped, NULL) : NULL;
}

static char *build_rename(struct dm_request *request) {
    const char *from = dm_request_field(request, "from"), *to = dm_request_field(request, "to");
    if (from == NULL || to == NULL) {
        return NULL;
    }
    g_autofree char *from_escaped = dm_escape(from);
    g_autofree char *to_escaped = dm_escape(to);
    return g_strdup_printf("rename %s\t%s", from_escaped, to_escaped);
}

/** "2h", "30m", "90s" from now on; without it until somebody says so. */
static char *build_pause(struct dm_request *request) {
    const char *text = dm_request_field(request, "for");
    char *unit = NULL;
    int64_t count = text != NULL ? g_ascii_strtoll(text, &unit, 10) : 0;
    if (count <= 0) {
        return g_strdup("pause");
    }
    int64_t unit_s = *unit == 'h' ? 3600 : *unit == 'm' ? 60 : 1;
    int64_t until_s = g_get_real_time() / G_USEC_PER_SEC + MIN(count, 10000) * unit_s;
    return g_strdup_printf("pause %" G_GINT64_FORMAT, until_s);
}

static char *build_resume(struct dm_request *request) {
    (void)request;
    return g_strdup("resume");
}

/** Adding an action: a row here, two in routes.c. */
static const struct action {
    const char *name;
    // Where a form leads.
    const char *view;
    build_fn build;
} actions[] = {
    {"retry", "problems", build_retry},
    {"stop", "now", build_stop},
    {"folders", "folders", build_folder},
    {"make-folder", "folders", build_folder},
    {"folders/rename", "problems", build_rename},
    {"rename", "problems", build_rename},
    {"pause", "now", build_pause},
    {"resume", "now", build_resume},
};

struct asking {
    // NULL: the client has left.
    struct dm_request *request;
    const struct action *action;
};

static bool is_form(const struct dm_request *request) {
    return !g_str_has_prefix(dm_request_path(request), "api/");
}

static void add_refused(struct dm_json *json, const char *line) {
    g_auto(GStrv) parts = g_strsplit(line, "\t", 3);
    if (g_strv_length(parts) != 3 || strcmp(parts[0], "refused") != 0) {
        return;
    }
    g_autofree char *what = dm_unescape(parts[1], strlen(parts[1]));
    g_autofree char *why = dm_unescape(parts[2], strlen(parts[2]));
    dm_json_object(json, NULL);
    dm_json_text(json, "what", what != NULL ? what : "");
    dm_json_text(json, "why", why != NULL ? why : "");
    dm_json_close(json);
}

static void answer_done(struct dm_request *request, const char *answer) {
    g_auto(GStrv) lines = g_strsplit(answer, "\n", -1);
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_integer(json, "done", g_ascii_strtoll(answer, NULL, 10));
    dm_json_list(json, "refused");
    for (char **line = lines; *line != NULL; line++) {
        add_refused(json, *line);
    }
    dm_json_close(json);
    dm_json_bool(json, "goes_on", strstr(answer, "\ngoes on") != NULL);
    dm_json_close(json);
    dm_request_answer_json(request, 200, json);
}

static void answer_silent(struct dm_request *request, const GError *why) {
    const struct dm_trouble trouble = {
        .status = 503,
        .code = "daemon",
        .what = "dropmill does not answer.",
        .why = why->message,
        .todo = "Try again in a while; if that does not help, ask the administrator."};
    dm_request_refuse(request, &trouble);
}

static void on_answer(const char *answer, const GError *why, void *data) {
    g_autofree struct asking *asking = data;
    if (asking->request == NULL) {
        return;
    }
    dm_request_on_gone(asking->request, NULL, NULL);
    if (answer == NULL) {
        answer_silent(asking->request, why);
    } else if (is_form(asking->request)) {
        dm_request_redirect(asking->request, asking->action->view);
    } else {
        answer_done(asking->request, answer);
    }
}

static void on_gone(void *data) {
    ((struct asking *)data)->request = NULL;
}

void dm_answer_action(struct dm_page *page, struct dm_request *request) {
    const char *name = dm_request_path(request) + (is_form(request) ? 0 : strlen("api/"));
    const struct action *action = actions;
    while (strcmp(action->name, name) != 0) {
        action++; // every route that leads here stands in the table
    }
    g_autofree char *text = action->build(request);
    if (text == NULL) {
        const struct dm_trouble trouble = {
            .status = 400, .code = "field", .what = "The request does not say of what."};
        dm_request_refuse(request, &trouble);
        return;
    }
    if (action->build == build_stop) {
        g_autofree char *drop = dm_drop_from_id(dm_request_field(request, "drop"));
        dm_expected_forget(page->expected, drop); // no more of it will come
    }
    struct asking *asking = g_new(struct asking, 1);
    *asking = (struct asking){request, action};
    dm_request_on_gone(request, on_gone, asking);
    dm_ask(page->places->control, text, on_answer, asking);
}

// ---- signing in

struct refusal {
    // NULL: the client has left.
    struct dm_request *request;
    guint timer;
};

/** Who guesses waits. */
static gboolean refuse_late(void *data) {
    struct refusal *refusal = data;
    const struct dm_trouble trouble = {
        .status = 401, .code = "sign-in", .what = "Nobody has this secret."};
    dm_request_on_gone(refusal->request, NULL, NULL);
    dm_request_refuse(refusal->request, &trouble);
    g_free(refusal);
    return G_SOURCE_REMOVE;
}

static void on_guesser_gone(void *data) {
    struct refusal *refusal = data;
    g_source_remove(refusal->timer);
    g_free(refusal);
}

void dm_answer_sign_in(struct dm_page *page, struct dm_request *request) {
    const char *secret = dm_request_field(request, "token");
    const char *scheme = dm_request_header(request, "X-Forwarded-Proto");
    bool is_https = scheme != NULL && strcmp(scheme, "https") == 0;
    g_autofree char *cookie = secret != NULL ? dm_access_sign_in(page->access, secret, is_https,
                                                                 g_get_real_time() / G_USEC_PER_SEC)
                                             : NULL;
    if (cookie == NULL) {
        struct refusal *refusal = g_new0(struct refusal, 1);
        refusal->request = request;
        refusal->timer = g_timeout_add(1000, refuse_late, refusal);
        dm_request_on_gone(request, on_guesser_gone, refusal);
        return;
    }
    dm_request_add_header(request, "Set-Cookie", cookie);
    if (is_form(request)) {
        dm_request_redirect(request, ".");
    } else {
        dm_request_answer_text(request, 200, "application/json", "{\"done\": 1}");
    }
}
