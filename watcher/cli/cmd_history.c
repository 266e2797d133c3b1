// SPDX-License-Identifier: MIT
//
// dropmill history: what happened, newest last.
#include "watcher/cli/commands.h"
#include "watcher/cli/output.h"
#include "watcher/json.h"

#include "common/path.h"
#include "common/suggest.h"
#include "watcher/cli/when.h"
#include "watcher/ledger/history.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define LIMIT_DEFAULT 100

static gint64 limit_option = LIMIT_DEFAULT;
static char *since_option, *until_option, *event_option, *state_option, *reason_option;
static const GOptionEntry options[] = {
    {"since", 0, 0, G_OPTION_ARG_STRING, &since_option,
     "from then on: 2h or 3d ago, 2026-11-28, \"2026-11-28 14:00\", 14:00", "TIME"},
    {"until", 0, 0, G_OPTION_ARG_STRING, &until_option, "before then", "TIME"},
    {"event", 0, 0, G_OPTION_ARG_STRING, &event_option, "only refused, or retired, ...", "EVENT"},
    {"state", 0, 0, G_OPTION_ARG_STRING, &state_option, "only what led to this state", "STATE"},
    {"reason", 0, 0, G_OPTION_ARG_STRING, &reason_option, "only with this reason", "REASON"},
    {"limit", 'n', 0, G_OPTION_ARG_INT64, &limit_option, "at most so many lines (100)", "N"},
    {0},
};

static void print_lines(const GPtrArray *lines) {
    static const char *const headers[] = {"TIME", "EVENT", "STATE", "PATH", "REASON", NULL};
    struct dm_table *table = dm_table_new(headers);
    for (size_t i = lines->len; i-- > 0;) {
        const struct dm_history *line = g_ptr_array_index(lines, i);
        g_autofree char *time = dm_human_time(line->utc_us);
        g_autofree char *path = dm_path_display(line->path);
        g_autofree char *message = dm_path_display(line->message);
        // A line whose row was deleted has no state any more.
        const char *state = line->state < DM_STATE_COUNT ? dm_state_name(line->state) : "-";
        const char *reason = line->reason == DM_REASON_NONE ? "" : dm_reason_name(line->reason);
        g_autofree char *why =
            g_strdup_printf("%s%s%s", reason, *reason && *message ? ": " : "", message);
        dm_table_add(table, (const char *const[]){time, line->fact, state, path, why});
    }
    dm_table_print(table);
}

static void write_lines(const GPtrArray *lines) {
    struct dm_json *json = dm_json_new_list("events");
    for (size_t i = lines->len; i-- > 0;) {
        const struct dm_history *line = g_ptr_array_index(lines, i);
        dm_json_object(json, NULL);
        dm_json_integer(json, "utc_us", line->utc_us);
        dm_json_text(json, "event", line->fact);
        if (line->state < DM_STATE_COUNT) {
            dm_json_text(json, "state", dm_state_name(line->state));
        }
        dm_json_path(json, line->path);
        dm_json_text(json, "reason", dm_reason_name(line->reason));
        dm_json_text(json, "message", line->message);
        dm_json_close(json);
    }
    dm_json_finish(json);
}

// ---- what is asked for

/** A word that must be one of @names: its number, or -1 when it is said what else was meant. */
static int find_word(const char *option, const char *word, const GPtrArray *names) {
    for (guint i = 0; i < names->len; i++) {
        if (strcmp(word, names->pdata[i]) == 0) {
            return (int)i;
        }
    }
    const char *near = dm_nearest(word, (const char *const *)names->pdata, names->len);
    if (near != NULL) {
        dm_cli_say(EX_USAGE, "--%s: there is no '%s'; did you mean '%s'?", option, word, near);
        return -1;
    }
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < names->len; i++) {
        g_string_append_printf(all, "%s%s", i > 0 ? ", " : "", (const char *)names->pdata[i]);
    }
    dm_cli_say(EX_USAGE, "--%s: there is no '%s', expected one of %s", option, word, all->str);
    return -1;
}

static bool read_event(struct dm_history_query *query) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (size_t i = 0; dm_history_event(i) != NULL; i++) {
        g_ptr_array_add(names, (void *)dm_history_event(i));
    }
    query->event = event_option;
    return event_option == NULL || find_word("event", event_option, names) >= 0;
}

static bool read_state(struct dm_history_query *query) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        g_ptr_array_add(names, (void *)dm_state_name((enum dm_state)state));
    }
    int found = state_option != NULL ? find_word("state", state_option, names) : 0;
    query->states = state_option != NULL && found >= 0 ? 1u << found : 0;
    return found >= 0;
}

static bool read_reason(struct dm_history_query *query) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (int reason = DM_REASON_NONE + 1; reason < DM_REASON_COUNT; reason++) {
        g_ptr_array_add(names, (void *)dm_reason_name((enum dm_reason)reason));
    }
    int found = reason_option != NULL ? find_word("reason", reason_option, names) : -1;
    query->reason = found >= 0 ? (enum dm_reason)(found + 1) : DM_REASON_NONE;
    return reason_option == NULL || found >= 0;
}

static bool read_time(const char *option, const char *text, int64_t *ret_utc_us) {
    g_autoptr(GError) error = NULL;
    if (text != NULL && !dm_parse_when(text, g_get_real_time(), ret_utc_us, &error)) {
        dm_cli_say(EX_USAGE, "--%s: %s", option, error->message);
        return false;
    }
    return true;
}

static bool read_options(struct dm_history_query *query) {
    bool good = read_time("since", since_option, &query->since_utc_us) &&
                read_time("until", until_option, &query->until_utc_us) && read_event(query) &&
                read_state(query) && read_reason(query);
    if (good && since_option != NULL && until_option != NULL &&
        query->since_utc_us >= query->until_utc_us) {
        dm_cli_say(EX_USAGE, "--until: '%s' is not after '%s'", until_option, since_option);
        return false;
    }
    return good;
}

/** Whether less is asked for than all. */
static bool is_filtered(void) {
    return since_option != NULL || until_option != NULL || event_option != NULL ||
           state_option != NULL || reason_option != NULL;
}

// ---- what is shown

/** One line too many was asked for: that there are more is said. */
static void cut(const struct dm_cli *cli, GPtrArray *lines) {
    if ((gint64)lines->len > limit_option) {
        g_ptr_array_set_size(lines, (int)limit_option);
        if (is_filtered() && !cli->quiet) {
            dm_cli_say(EX_OK, "the newest %" G_GINT64_FORMAT " of more: see --limit", limit_option);
        }
    }
}

static int show(const struct dm_cli *cli, struct dm_ledger *ledger,
                const struct dm_history_query *query) {
    GPtrArray *lines = ledger != NULL ? dm_ledger_find_history(ledger, query) : g_ptr_array_new();
    bool unknown = query->path != NULL && lines->len == 0 && !is_filtered();
    cut(cli, lines);
    if (unknown) {
        dm_cli_say(EX_NOINPUT, "nothing is known of '%s'", query->path);
    } else if (cli->json) {
        write_lines(lines);
    } else if (!cli->quiet && lines->len == 0) {
        dm_cli_say(EX_OK, "nothing of that has happened");
    } else if (!cli->quiet) {
        print_lines(lines);
    }
    g_ptr_array_unref(lines);
    return unknown ? EX_NOINPUT : EX_OK;
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    struct dm_ledger *ledger = NULL;
    struct dm_history_query query = {.limit = MIN(limit_option, G_MAXINT64 - 1) + 1};
    if (limit_option < 1 || (arguments[0] != NULL && arguments[1] != NULL)) {
        return dm_cli_usage(&dm_cmd_history, "one path, and a limit above 0");
    }
    if (!read_options(&query)) {
        return EX_USAGE;
    }
    if (!dm_cli_ledger(cli, &ledger, &error)) {
        return dm_cli_fail(error);
    }
    g_autofree char *path = NULL;
    if (arguments[0] != NULL &&
        (path = dm_cli_room_path(cli->places, arguments[0], &error)) == NULL) {
        return dm_cli_fail(error);
    }
    query.path = path != NULL && *path != '\0' ? path : NULL;
    if (dm_cli_warn_stranger(cli->places) && ledger == NULL) {
        return EX_NOPERM;
    }
    return show(cli, ledger, &query);
}

const struct dm_command dm_cmd_history = {
    .name = "history",
    .usage =
        "[--since TIME] [--until TIME] [--event E] [--state S] [--reason R] [--limit N] [PATH]",
    .summary = "Tell what happened to a file, or to all of them, newest last",
    .help =
        "TIME is how long ago (2h, 3d), a date (its beginning), a date and a time, or a time of\n"
        "today, by this machine's clock. All that is given must hold.\n",
    .options = options,
    .run = run,
};
