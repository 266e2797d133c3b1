// SPDX-License-Identifier: MIT
//
// Requests: see requests.h.
#include "watcher/requests.h"

#include "common/error.h"
#include "common/escape.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/daemon_metrics.h"
#include "watcher/daemon_status.h"
#include "watcher/inbox_folders.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

struct dm_requests {
    struct dm_daemon *daemon;
    struct dm_control *control;
    // Of struct answer: they go when what they say is committed.
    GArray *answers;
};

struct answer {
    uint64_t ticket;
    char *text;
};

/** Whom a room has something to bring back for. */
struct waiting {
    struct dm_requests *requests;
    uint64_t ticket;
    // (nullable) What is refused, if it is.
    char *what;
};

// ---- answers

static void clear_answer(void *data) {
    struct answer *answer = data;
    g_free(answer->text);
}

/** Answer after the next commit. @text (transfer full). */
static void answer_later(struct dm_requests *requests, uint64_t ticket, char *text) {
    const struct answer answer = {ticket, text};
    g_array_append_val(requests->answers, answer);
    dm_wake(&requests->daemon->wake);
}

static char *done_text(int64_t count) {
    return g_strdup_printf("%" PRId64 "\n", count);
}

static char *refused_text(const char *what, const char *why) {
    g_autofree char *escaped = dm_escape(what);
    g_autofree char *reason = dm_escape(why);
    return g_strdup_printf("0\nrefused\t%s\t%s\n", escaped, reason);
}

static struct waiting *waiting_new(struct dm_requests *requests, const struct dm_asked *asked,
                                   const char *what) {
    struct waiting *waiting = g_new(struct waiting, 1);
    *waiting = (struct waiting){requests, asked->ticket, g_strdup(what)};
    return waiting;
}

static void waiting_free(struct waiting *waiting) {
    g_free(waiting->what);
    g_free(waiting);
}

// ---- what is there

static char *status(struct dm_requests *requests, const struct dm_asked *asked,
                    char *const *arguments, GError **error) {
    (void)asked, (void)arguments, (void)error;
    return dm_daemon_status(requests->daemon);
}

static char *help(struct dm_requests *requests, const struct dm_asked *asked,
                  char *const *arguments, GError **error) {
    (void)requests, (void)asked, (void)arguments, (void)error;
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < dm_request_kind_count; i++) {
        const struct dm_request_kind *kind = &dm_request_kinds[i];
        g_string_append_printf(text, "%s%s%s\t%s\n", kind->verb, *kind->arguments ? " " : "",
                               kind->arguments, kind->help);
    }
    return g_string_free(text, FALSE);
}

static char *metrics(struct dm_requests *requests, const struct dm_asked *asked,
                     char *const *arguments, GError **error) {
    (void)asked, (void)arguments, (void)error;
    return dm_daemon_metrics(requests->daemon);
}

static char *sweep(struct dm_requests *requests, const struct dm_asked *asked,
                   char *const *arguments, GError **error) {
    (void)asked, (void)arguments, (void)error;
    dm_inbox_sweep(requests->daemon->inbox);
    if (requests->daemon->s3_inbox != NULL) {
        dm_s3_inbox_hurry(requests->daemon->s3_inbox);
    }
    return g_strdup("ok\n");
}

// ---- the mirror

static bool has_mirror(const struct dm_requests *requests, GError **error) {
    return requests->daemon->mirror != NULL ||
           dm_fail(error, DM_ERROR_INPUT, "there is no mirror: no bucket is configured");
}

static char *mirror_retry(struct dm_requests *requests, const struct dm_asked *asked,
                          char *const *arguments, GError **error) {
    (void)asked;
    return has_mirror(requests, error)
               ? done_text(dm_mirror_retry(requests->daemon->mirror, arguments[0]))
               : NULL;
}

static char *mirror_queue(struct dm_requests *requests, const struct dm_asked *asked,
                          char *const *arguments, GError **error) {
    (void)asked;
    if (!has_mirror(requests, error)) {
        return NULL;
    }
    dm_mirror_queue(requests->daemon->mirror, arguments[0]);
    return g_strdup("ok\n");
}

// ---- many files at once

static void order_done(const struct dm_order_result *result, void *data) {
    struct waiting *waiting = data;
    answer_later(waiting->requests, waiting->ticket,
                 g_strdup_printf("%" PRId64 "\n%s%s", result->count, result->refused,
                                 result->goes_on ? "goes on\n" : ""));
    waiting_free(waiting);
}

static char *give(struct dm_requests *requests, const struct dm_asked *asked,
                  enum dm_order_kind kind, const char *path, GError **error) {
    bool loose = g_str_has_suffix(path, "/");
    g_autofree char *plain = g_strndup(path, strlen(path) - loose);
    if (*path != '\0' && !dm_path_is_plain(plain)) {
        g_autofree char *shown = dm_path_display(path);
        dm_fail(error, DM_ERROR_INPUT, "'%s' is no path below the inbox", shown);
        return NULL;
    }
    dm_orders_give(requests->daemon->orders, kind, path, order_done,
                   waiting_new(requests, asked, NULL));
    return NULL;
}

static char *stop(struct dm_requests *requests, const struct dm_asked *asked,
                  char *const *arguments, GError **error) {
    return give(requests, asked, DM_ORDER_STOP, arguments[0], error);
}

static char *retry_under(struct dm_requests *requests, const struct dm_asked *asked,
                         char *const *arguments, GError **error) {
    return give(requests, asked, DM_ORDER_RETRY, arguments[0], error);
}

static char *retry_all(struct dm_requests *requests, const struct dm_asked *asked,
                       char *const *arguments, GError **error) {
    (void)arguments;
    return give(requests, asked, DM_ORDER_RETRY, "", error);
}

static bool read_number(const char *text, int64_t *ret, GError **error) {
    char *end;
    int64_t number = g_ascii_strtoll(text, &end, 10);
    if (!g_ascii_isdigit(*text) || *end != '\0' || number <= 0) {
        g_autofree char *shown = dm_path_display(text);
        return dm_fail(error, DM_ERROR_INPUT, "'%s' is no number, expected one above 0", shown);
    }
    *ret = number;
    return true;
}

static char *retry(struct dm_requests *requests, const struct dm_asked *asked,
                   char *const *arguments, GError **error) {
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (size_t i = 0; arguments[i] != NULL; i++) {
        int64_t id;
        if (!read_number(arguments[i], &id, error)) {
            return NULL;
        }
        g_array_append_val(ids, id);
    }
    dm_orders_retry_rows(requests->daemon->orders, ids, order_done,
                         waiting_new(requests, asked, NULL));
    return NULL;
}

// ---- folders

static void folder_done(bool changed, const char *why, void *data) {
    struct waiting *waiting = data;
    answer_later(waiting->requests, waiting->ticket,
                 why != NULL ? refused_text(waiting->what, why) : done_text(changed));
    waiting_free(waiting);
}

/** Why no folder may be called so; (transfer full), NULL: it may. */
static char *name_objection(const struct dm_requests *requests, const char *name) {
    if (!dm_inbox_folder_is_name(name)) {
        return g_strdup("this is no name of a folder");
    }
    g_autofree char *path = dm_path_join(name, "picture.jpg");
    return dm_inbox_objection(requests->daemon->inbox, path);
}

static bool has_problem(const struct dm_requests *requests, const char *name) {
    g_autoptr(GPtrArray) problems = dm_ledger_folder_problems(requests->daemon->ledger);
    for (guint i = 0; i < problems->len; i++) {
        const struct dm_folder_problem *problem = problems->pdata[i];
        if (*name != '\0' && strcmp(problem->folder, name) == 0) {
            return true;
        }
    }
    return false;
}

static char *rename_folder(struct dm_requests *requests, const struct dm_asked *asked,
                           char *const *arguments, GError **error) {
    (void)error;
    const char *from = arguments[0], *to = arguments[1];
    g_autofree char *objection = name_objection(requests, to);
    if (objection != NULL) {
        return refused_text(to, objection);
    }
    if (!dm_inbox_folder_is_name(from) || !has_problem(requests, from)) {
        return refused_text(from, "only a folder whose name is not understood can be renamed here");
    }
    dm_inbox_folder_rename(requests->daemon->share, from, to, folder_done,
                           waiting_new(requests, asked, from));
    return NULL;
}

static char *make_folder(struct dm_requests *requests, const struct dm_asked *asked,
                         char *const *arguments, GError **error) {
    (void)error;
    g_autofree char *objection = name_objection(requests, arguments[0]);
    if (objection != NULL) {
        return refused_text(arguments[0], objection);
    }
    dm_inbox_folder_make(requests->daemon->share, arguments[0], folder_done,
                         waiting_new(requests, asked, arguments[0]));
    return NULL;
}

// ---- pause

static char *pause_work(struct dm_requests *requests, const struct dm_asked *asked,
                        char *const *arguments, GError **error) {
    int64_t until_s = INT64_MAX / G_USEC_PER_SEC;
    if (arguments[0] != NULL && !read_number(arguments[0], &until_s, error)) {
        return NULL;
    }
    bool endless = until_s >= INT64_MAX / G_USEC_PER_SEC;
    int64_t until_us = endless ? INT64_MAX : until_s * G_USEC_PER_SEC;
    if (until_us <= dm_ledger_utc_us(requests->daemon->ledger)) {
        return refused_text(arguments[0], "that time is over already");
    }
    dm_gate_pause(requests->daemon->gate, until_us, asked->uid);
    answer_later(requests, asked->ticket, done_text(1));
    return NULL;
}

static char *resume_work(struct dm_requests *requests, const struct dm_asked *asked,
                         char *const *arguments, GError **error) {
    (void)arguments, (void)error;
    bool was_paused = dm_gate_resume(requests->daemon->gate, asked->uid);
    answer_later(requests, asked->ticket, done_text(was_paused));
    return NULL;
}

// ---- the table

#define MANY 4000

// Adding a request: its function above, and a row here.
const struct dm_request_kind dm_request_kinds[] = {
    {.verb = "status",
     .arguments = "",
     .help = "Tell what the daemon does: a line an item, as status.h says",
     .answer = status},
    {.verb = "metrics",
     .arguments = "",
     .help = "Tell what was counted, as Prometheus reads it",
     .answer = metrics},
    {.verb = "help", .arguments = "", .help = "List what can be asked", .answer = help},
    {.verb = "sweep", .arguments = "", .help = "Look into every folder now", .answer = sweep},
    {.verb = "retry-under",
     .arguments = "PATH",
     .min = 1,
     .max = 1,
     .changes = true,
     .help = "Try again what failed below PATH, a folder or file of the inbox; DIR/: in it alone",
     .answer = retry_under},
    {.verb = "retry-all",
     .arguments = "",
     .changes = true,
     .help = "Try again all that failed",
     .answer = retry_all},
    {.verb = "retry",
     .arguments = "ROW...",
     .min = 1,
     .max = MANY,
     .numbers = true,
     .changes = true,
     .help = "Try these files again, by their numbers in the ledger",
     .answer = retry},
    {.verb = "stop",
     .arguments = "PATH",
     .min = 1,
     .max = 1,
     .changes = true,
     .help = "Do not make what still waits below PATH (DIR/: in it alone): it goes to failed",
     .answer = stop},
    {.verb = "rename",
     .arguments = "FROM TO",
     .min = 2,
     .max = 2,
     .changes = true,
     .help = "Give a folder of the inbox whose name is not understood another name",
     .answer = rename_folder},
    {.verb = "make-folder",
     .arguments = "NAME",
     .min = 1,
     .max = 1,
     .changes = true,
     .help = "Make a folder in the inbox",
     .answer = make_folder},
    {.verb = "pause",
     .arguments = "[UNTIL_UTC_S]",
     .max = 1,
     .changes = true,
     .help = "Let files wait, until a time (seconds since 1970) or until resumed",
     .answer = pause_work},
    {.verb = "resume",
     .arguments = "",
     .changes = true,
     .help = "Hand out work again",
     .answer = resume_work},
    {.verb = "mirror retry",
     .arguments = "[PATH]",
     .max = 1,
     .changes = true,
     .help = "Send parked results again",
     .answer = mirror_retry},
    {.verb = "mirror queue",
     .arguments = "PATH",
     .min = 1,
     .max = 1,
     .changes = true,
     .help = "Send a result of the outbox, whether or not it was sent",
     .answer = mirror_queue},
};

const size_t dm_request_kind_count = G_N_ELEMENTS(dm_request_kinds);

// ---- a request is read

/** What stands behind the verb of @kind, if @text begins with it; else NULL. */
static const char *behind_verb(const struct dm_request_kind *kind, const char *text) {
    size_t length = strlen(kind->verb);
    bool is_it = strncmp(text, kind->verb, length) == 0 && strchr(" \t", text[length]) != NULL;
    return is_it ? text + length + (text[length] != '\0') : NULL;
}

/** NULL: an argument is escaped in a way that is none. */
static char **read_arguments(const struct dm_request_kind *kind, const char *text) {
    g_auto(GStrv) parts = g_strsplit_set(text, kind->numbers ? " \t" : "\t", -1);
    for (char **part = parts; *part != NULL; part++) {
        char *plain = dm_unescape(*part, strlen(*part));
        if (plain == NULL) {
            return NULL;
        }
        g_free(*part);
        *part = plain;
    }
    return g_steal_pointer(&parts);
}

const struct dm_request_kind *dm_request_find(const char *text, char ***ret_arguments,
                                              GError **error) {
    for (size_t i = 0; i < dm_request_kind_count; i++) {
        const struct dm_request_kind *kind = &dm_request_kinds[i];
        const char *rest = behind_verb(kind, text);
        if (rest == NULL) {
            continue;
        }
        g_auto(GStrv) arguments = read_arguments(kind, rest);
        guint count = arguments != NULL ? g_strv_length(arguments) : 0;
        if (arguments == NULL || count < kind->min || count > kind->max) {
            dm_fail(error, DM_ERROR_INPUT, "wrong arguments: '%.64s', expected '%s%s%s'", text,
                    kind->verb, *kind->arguments ? " " : "", kind->arguments);
            return NULL;
        }
        *ret_arguments = g_steal_pointer(&arguments);
        return kind;
    }
    dm_fail(error, DM_ERROR_INPUT, "unknown request: '%.64s'", text);
    return NULL;
}

static char *answer(const struct dm_asked *asked, void *data, GError **error) {
    struct dm_requests *requests = data;
    g_auto(GStrv) arguments = NULL;
    const struct dm_request_kind *kind = dm_request_find(asked->text, &arguments, error);
    if (kind == NULL) {
        return NULL;
    }
    if (kind->changes) {
        g_autofree char *user = dm_gate_user(asked->uid);
        g_autofree char *shown = dm_path_display(asked->text);
        dm_log_info("%s asks: %.200s", user, shown);
    }
    return kind->answer(requests, asked, arguments, error);
}

// ---- made and freed

static int64_t turn(void *requests, int64_t now_us) {
    (void)requests, (void)now_us;
    return INT64_MAX;
}

static void committed(void *data) {
    struct dm_requests *requests = data;
    for (guint i = 0; i < requests->answers->len; i++) {
        const struct answer *one = &g_array_index(requests->answers, struct answer, i);
        dm_control_answer(requests->control, one->ticket, one->text);
    }
    g_array_set_size(requests->answers, 0);
}

/** Who may read the ledger may ask: the group of the directory that it stands in. */
static gid_t group_of(const char *ledger) {
    struct stat found;
    g_autofree char *dir = g_path_get_dirname(ledger);
    return stat(dir, &found) == 0 ? found.st_gid : (gid_t)-1;
}

struct dm_requests *dm_requests_new(struct dm_daemon *daemon, GError **error) {
    struct dm_requests *requests = g_new0(struct dm_requests, 1);
    requests->daemon = daemon;
    requests->answers = g_array_new(FALSE, FALSE, sizeof(struct answer));
    g_array_set_clear_func(requests->answers, clear_answer);
    requests->control = dm_control_new(daemon->places->control, group_of(daemon->places->ledger),
                                       answer, requests, error);
    if (requests->control == NULL) {
        dm_requests_free(requests);
        return NULL;
    }
    const struct dm_turns_room room = {
        .name = "requests", .turn = turn, .committed = committed, .room = requests};
    dm_turns_add(daemon->turns, &room);
    return requests;
}

void dm_requests_shut(struct dm_requests *requests) {
    if (requests != NULL) {
        g_clear_pointer(&requests->control, dm_control_free);
    }
}

void dm_requests_free(struct dm_requests *requests) {
    if (requests != NULL) {
        dm_requests_shut(requests);
        g_array_unref(requests->answers);
        g_free(requests);
    }
}
