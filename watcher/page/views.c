// SPDX-License-Identifier: MIT
#include "watcher/page/views.h"

#include "watcher/config_keys.h"
#include "watcher/page/answers.h"
#include "watcher/page/assets.h"

#include <string.h>

/** Add @text, with each @WORD@ of @words (names and values in turn) filled in. */
static void fill(GString *out, const char *text, const char *const *words) {
    const char *at;
    while ((at = strchr(text, '@')) != NULL) {
        g_string_append_len(out, text, at - text);
        const char *end = strchr(at + 1, '@');
        const char *const *word = words;
        size_t length = end != NULL ? (size_t)(end - at - 1) : 0;
        while (*word != NULL && (strlen(*word) != length || strncmp(*word, at + 1, length) != 0)) {
            word += 2;
        }
        if (end != NULL && *word != NULL) {
            g_string_append(out, word[1]);
            text = end + 1;
        } else {
            g_string_append_c(out, '@');
            text = at + 1;
        }
    }
    g_string_append(out, text);
}

/** An asset without its comments, which are for us; (transfer full). */
static char *asset_text(const char *name) {
    size_t size;
    const char *data = g_bytes_get_data(dm_asset(name), &size);
    GString *text = g_string_new_len(data, (gssize)size);
    const char *begin, *end;
    while ((begin = strstr(text->str, "<!--")) != NULL && (end = strstr(begin, "-->\n")) != NULL) {
        g_string_erase(text, begin - text->str, end + strlen("-->\n") - begin);
    }
    return g_string_free(text, FALSE);
}

static char *problems_badge(const struct dm_page *page) {
    int64_t count = dm_page_problems(page);
    g_autofree char *number = dm_html_number(count);
    return count > 0 ? g_strdup_printf("<span class=\"count\">%s</span>", number) : g_strdup("");
}

static char *live_text(const struct dm_page *page) {
    struct dm_mood mood;
    dm_page_mood(page, &mood);
    char *text = g_markup_printf_escaped("<b role=\"status\">%s</b><span>%s</span>", mood.words,
                                         mood.detail);
    dm_mood_clear(&mood);
    return text;
}

static const char *mark(const struct dm_view *view, const char *name) {
    return strcmp(view->name, name) == 0 ? "aria-current=\"page\"" : "";
}

void dm_view_answer(struct dm_page *page, struct dm_request *request, const struct dm_view *view,
                    GString *main) {
    g_autofree char *shell = asset_text("shell.html");
    g_autofree char *badge = problems_badge(page);
    g_autofree char *live = live_text(page);
    g_autofree char *title = g_markup_escape_text(view->title, -1);
    g_autofree char *assets = g_strconcat("a/", dm_assets_sum(), NULL);
    struct dm_mood mood;
    dm_page_mood(page, &mood);
    const char *const words[] = {
        "TITLE",        title,
        "ROOT",         view->depth > 0 ? "../" : "",
        "ASSETS",       assets,
        "VIEW",         view->name,
        "ROLE",         dm_role_name(dm_request_client(request)->role),
        "PROBLEMS",     badge,
        "LIVE",         live,
        "STATE",        mood.state,
        "NAV:send",     mark(view, "send"),
        "NAV:now",      mark(view, "now"),
        "NAV:problems", mark(view, "problems"),
        "NAV:folders",  mark(view, "folders"),
        "NAV:help",     mark(view, "help"),
        "MAIN",         main->str,
        NULL,
    };
    GString *html = g_string_new(NULL);
    fill(html, shell, words);
    g_string_free(main, TRUE);
    dm_mood_clear(&mood);
    dm_request_answer(request, view->status, "text/html; charset=utf-8",
                      g_string_free_to_bytes(html));
}

void dm_view_button(GString *html, const char *root, const char *action, const char *label,
                    const char *classes, const char *const *fields) {
    dm_html_format(html, "<form class=\"in\" method=\"post\" action=\"%s%s\">", root, action);
    for (; *fields != NULL; fields += 2) {
        dm_html_format(html, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", fields[0],
                       fields[1]);
    }
    dm_html_format(html, "<button class=\"%s\" data-action=\"%s\">%s</button></form>", classes,
                   action, label);
}

// ---- views of little to write

/** As people write it; (transfer full). */
static char *format_name(const char *name) {
    static const struct { const char *name, *words; } own[] = {{"webp", "WebP"}, {"heif", "HEIC"}};
    for (size_t i = 0; i < G_N_ELEMENTS(own); i++) {
        if (strcmp(name, own[i].name) == 0) {
            return g_strdup(own[i].words);
        }
    }
    return g_ascii_strup(name, -1);
}

/** The extensions that may be chosen, ".jpg,.png", and the formats' names, "JPEG, PNG". */
static void list_formats(const struct dm_catalogue *catalogue, GString *accept, GString *names) {
    for (size_t i = 0; i < dm_catalogue_format_count(catalogue); i++) {
        const struct dm_format *format = dm_catalogue_format(catalogue, i);
        g_auto(GStrv) extensions = g_strsplit(format->extensions, " ", -1);
        g_autofree char *name = format_name(format->name);
        if (!format->reads) {
            continue;
        }
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", name);
        for (char **extension = extensions; *extension != NULL; extension++) {
            g_string_append_printf(accept, "%s.%s", accept->len > 0 ? "," : "", *extension);
        }
    }
}

static char *chain_options(const struct dm_page *page) {
    g_autofree const char **names = dm_key_map_names(page->config->recipes);
    GString *html = g_string_new(NULL);
    for (const char **name = names; *name != NULL; name++) {
        dm_html_format(html, "<option value=\"%s\">", *name);
    }
    for (size_t i = 0; i < dm_catalogue_operation_count(page->catalogue); i++) {
        dm_html_format(html, "<option value=\"%s\">",
                       dm_catalogue_operation(page->catalogue, i)->example);
    }
    return g_string_free(html, FALSE);
}

char *dm_view_keep_words(const struct dm_page *page) {
    int64_t keep_us = page->config->outbox.keep_us;
    if (keep_us == DM_KEEP_LEAVE) {
        return g_strdup("Originals stay where they are.");
    }
    if (keep_us == INT64_MAX) {
        return g_strdup("Originals are kept for good.");
    }
    g_autofree char *time = dm_html_duration(keep_us / G_USEC_PER_SEC);
    return g_strdup_printf("Originals are kept for %s.", time);
}

static void answer_send(struct dm_page *page, struct dm_request *request) {
    static const struct dm_view view = {"send", "Send", 0, 200};
    g_autofree char *text = asset_text("send.html");
    g_autofree char *bytes = dm_html_bytes(dm_page_max_file_bytes(page));
    g_autofree char *operations =
        dm_html_number((int64_t)dm_catalogue_operation_count(page->catalogue));
    g_autofree char *chains = chain_options(page);
    g_autofree char *keep = dm_view_keep_words(page);
    g_autoptr(GString) accept = g_string_new(NULL);
    g_autoptr(GString) formats = g_string_new(NULL);
    list_formats(page->catalogue, accept, formats);
    const char *const words[] = {
        "FILE_LIMIT", bytes,    "OPERATIONS", operations, "CHAINS",     chains, "KEEP",
        keep,         "ACCEPT", accept->str,  "FORMATS",  formats->str, NULL,
    };
    GString *main = g_string_new(NULL);
    fill(main, text, words);
    dm_view_answer(page, request, &view, main);
}

void dm_view_send(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_send);
}

void dm_view_sign_in(struct dm_page *page, struct dm_request *request) {
    const bool is_deep = strchr(dm_request_path(request), '/') != NULL;
    const struct dm_view view = {"sign-in", "Sign in", is_deep ? 1 : 0, 401};
    g_autofree char *text = asset_text("sign-in.html");
    const char *const words[] = {"ROOT", is_deep ? "../" : "", NULL};
    GString *main = g_string_new(NULL);
    fill(main, text, words);
    dm_view_answer(page, request, &view, main);
}

static char *operations_list(const struct dm_page *page) {
    GString *html = g_string_new(NULL);
    for (size_t i = 0; i < dm_catalogue_operation_count(page->catalogue); i++) {
        const struct dm_operation *operation = dm_catalogue_operation(page->catalogue, i);
        dm_html_format(html, "<div><code>%s</code> %s</div>", operation->example,
                       operation->summary);
    }
    return g_string_free(html, FALSE);
}

static void answer_help(struct dm_page *page, struct dm_request *request) {
    static const struct dm_view view = {"help", "Help", 0, 200};
    g_autofree char *text = asset_text("help.html");
    g_autofree char *operations = operations_list(page);
    g_autofree char *keep = dm_view_keep_words(page);
    const char *const words[] = {
        "OPERATIONS", operations,        "KEEP", keep, "VERSION", DM_VERSION,
        "HOST",       g_get_host_name(), NULL,
    };
    GString *main = g_string_new(NULL);
    fill(main, text, words);
    dm_view_answer(page, request, &view, main);
}

void dm_view_help(struct dm_page *page, struct dm_request *request) {
    dm_page_fresh(page, request, answer_help);
}
