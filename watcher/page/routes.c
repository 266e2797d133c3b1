// SPDX-License-Identifier: MIT
#include "watcher/page/routes.h"

#include "watcher/page/answers.h"
#include "watcher/page/request.h"
#include "watcher/page/request_private.h"

#include <string.h>

/** Adding a route: a row here, its function in answers.h. */
static const struct route {
    const char *method;
    const char *pattern;
    enum dm_role role;
    enum dm_body body;
    void (*answer)(struct dm_page *page, struct dm_request *request);
} routes[] = {
    {"GET", "", DM_ROLE_VIEWER, DM_BODY_NONE, dm_view_send},
    {"GET", "now", DM_ROLE_VIEWER, DM_BODY_NONE, dm_view_now},
    {"GET", "drop/*", DM_ROLE_VIEWER, DM_BODY_NONE, dm_view_drop},
    {"GET", "problems", DM_ROLE_VIEWER, DM_BODY_NONE, dm_view_problems},
    {"GET", "folders", DM_ROLE_VIEWER, DM_BODY_NONE, dm_view_folders},
    {"GET", "help", DM_ROLE_VIEWER, DM_BODY_NONE, dm_view_help},
    {"GET", "a/**", DM_ROLE_NOBODY, DM_BODY_NONE, dm_answer_asset},
    {"GET", "api/state", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_state},
    {"GET", "api/catalogue", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_catalogue},
    {"GET", "api/explain", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_explain},
    {"GET", "api/drops/*", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_drop},
    {"GET", "api/drops/*/files", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_files},
    {"GET", "api/drops/*/zip", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_zip},
    {"GET", "api/result/*", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_result},
    {"GET", "api/original/*", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_original},
    {"GET", "api/events", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_events},
    {"GET", "metrics", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_metrics},
    {"GET", "api/thumb/*", DM_ROLE_VIEWER, DM_BODY_NONE, dm_answer_thumb},
    {"POST", "api/preview", DM_ROLE_SENDER, DM_BODY_KEEP_PICTURE, dm_answer_preview},
    {"POST", "send", DM_ROLE_SENDER, DM_BODY_SINK, dm_answer_form},
    {"POST", "api/drops", DM_ROLE_SENDER, DM_BODY_KEEP, dm_answer_announce},
    {"PUT", "api/drops/*/files/**", DM_ROLE_SENDER, DM_BODY_SINK, dm_answer_upload},
    {"POST", "api/retry", DM_ROLE_SENDER, DM_BODY_KEEP, dm_answer_action},
    {"POST", "api/stop", DM_ROLE_SENDER, DM_BODY_KEEP, dm_answer_action},
    {"POST", "api/folders", DM_ROLE_SENDER, DM_BODY_KEEP, dm_answer_action},
    {"POST", "api/folders/rename", DM_ROLE_SENDER, DM_BODY_KEEP, dm_answer_action},
    {"POST", "api/pause", DM_ROLE_ADMIN, DM_BODY_KEEP, dm_answer_action},
    {"POST", "api/resume", DM_ROLE_ADMIN, DM_BODY_KEEP, dm_answer_action},
    {"POST", "retry", DM_ROLE_SENDER, DM_BODY_KEEP, dm_answer_action},
    {"POST", "stop", DM_ROLE_SENDER, DM_BODY_KEEP, dm_answer_action},
    {"POST", "make-folder", DM_ROLE_SENDER, DM_BODY_KEEP, dm_answer_action},
    {"POST", "rename", DM_ROLE_SENDER, DM_BODY_KEEP, dm_answer_action},
    {"POST", "pause", DM_ROLE_ADMIN, DM_BODY_KEEP, dm_answer_action},
    {"POST", "resume", DM_ROLE_ADMIN, DM_BODY_KEEP, dm_answer_action},
    {"POST", "api/sign-in", DM_ROLE_NOBODY, DM_BODY_KEEP, dm_answer_sign_in},
    {"POST", "sign-in", DM_ROLE_NOBODY, DM_BODY_KEEP, dm_answer_sign_in},
    {"GET", "healthz", DM_ROLE_NOBODY, DM_BODY_NONE, dm_answer_health},
    {"GET", "readyz", DM_ROLE_NOBODY, DM_BODY_NONE, dm_answer_ready},
};

bool dm_route_match(const char *pattern, const char *path, GPtrArray *parts) {
    while (true) {
        if (strcmp(pattern, "**") == 0) {
            g_ptr_array_add(parts, g_strdup(path));
            return *path != '\0';
        }
        size_t pattern_length = strcspn(pattern, "/"), length = strcspn(path, "/");
        if (*pattern == '*') {
            g_ptr_array_add(parts, g_strndup(path, length));
        } else if (pattern_length != length || strncmp(pattern, path, length) != 0) {
            return false;
        }
        pattern += pattern_length;
        path += length;
        if (*pattern == '\0' || *path == '\0') {
            return *pattern == *path;
        }
        pattern++;
        path++;
    }
}

/** NULL: there is none; @ret_other: of another method there is. */
static const struct route *find(struct dm_request *request, bool *ret_other) {
    *ret_other = false;
    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
        g_ptr_array_set_size(request->parts, 0);
        if (!dm_route_match(routes[i].pattern, request->target.path, request->parts)) {
            continue;
        }
        if (strcmp(routes[i].method, request->method) == 0) {
            return &routes[i];
        }
        *ret_other = true;
    }
    return NULL;
}

static bool is_view(const struct dm_request *request) {
    return strcmp(request->method, "GET") == 0 && !g_str_has_prefix(request->target.path, "api/");
}

static void refuse_client(struct dm_page *page, struct dm_request *request) {
    bool is_known = request->client.role != DM_ROLE_NOBODY;
    if (!is_known && is_view(request) && dm_access_has_sign_in(page->access)) {
        dm_view_sign_in(page, request);
        return;
    }
    const struct dm_trouble trouble = {
        .status = is_known ? 403 : 401,
        .code = is_known ? "role" : "sign-in",
        .what = is_known ? "You may not do this." : "Sign in first.",
        .why = is_known ? "It takes more rights than your name has here." : NULL,
        .todo = is_known ? "Ask the administrator."
                         : "Open the page in a browser, or send the header 'Authorization: Bearer "
                           "SECRET'."};
    dm_request_refuse(request, &trouble);
}

static void refuse_route(struct dm_request *request, bool other_method) {
    const struct dm_trouble trouble = {
        .status = other_method ? 405 : 404,
        .code = other_method ? "method" : "not-found",
        .what = other_method ? "This address is asked in another way." : "There is nothing here."};
    dm_request_refuse(request, &trouble);
}

/** The route of a request that its head has named. */
static const struct route *route_of(struct dm_request *request) {
    bool other;
    return find(request, &other);
}

enum dm_body dm_routes_head(struct dm_request *request, void *data) {
    struct dm_page *page = data;
    bool other_method;
    const struct route *route = find(request, &other_method);
    if (route == NULL) {
        refuse_route(request, other_method);
        return DM_BODY_NONE;
    }
    if (request->client.role < route->role) {
        refuse_client(page, request);
        return DM_BODY_NONE;
    }
    if (route->body == DM_BODY_SINK) {
        route->answer(page, request);
    }
    return route->body;
}

void dm_routes_whole(struct dm_request *request, void *data) {
    route_of(request)->answer(data, request);
}
