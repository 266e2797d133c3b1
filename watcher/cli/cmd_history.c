// SPDX-License-Identifier: MIT
//
// dropmill history: what happened, newest last.
#include "watcher/cli/commands.h"
#include "watcher/cli/output.h"
#include "watcher/json.h"

#include "common/path.h"

#include <stdio.h>
#include <sysexits.h>

#define LIMIT_DEFAULT 100

static gint64 limit_option = LIMIT_DEFAULT;
static const GOptionEntry options[] = {
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

static int show(const struct dm_cli *cli, struct dm_ledger *ledger, const char *path) {
    GPtrArray *lines =
        ledger != NULL
            ? dm_ledger_history(ledger, path != NULL && *path ? path : NULL, limit_option)
            : g_ptr_array_new();
    bool unknown = path != NULL && *path != '\0' && lines->len == 0;
    if (unknown) {
        dm_cli_say(EX_NOINPUT, "nothing is known of '%s'", path);
    } else if (cli->json) {
        write_lines(lines);
    } else if (!cli->quiet) {
        print_lines(lines);
    }
    g_ptr_array_unref(lines);
    return unknown ? EX_NOINPUT : EX_OK;
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    struct dm_ledger *ledger = NULL;
    if (limit_option < 1 || (arguments[0] != NULL && arguments[1] != NULL)) {
        return dm_cli_usage(&dm_cmd_history, "one path, and a limit above 0");
    }
    if (!dm_cli_ledger(cli, &ledger, &error)) {
        return dm_cli_fail(error);
    }
    g_autofree char *path = NULL;
    if (arguments[0] != NULL &&
        (path = dm_cli_room_path(cli->places, arguments[0], &error)) == NULL) {
        return dm_cli_fail(error);
    }
    dm_cli_warn_stranger(cli->places);
    return show(cli, ledger, path);
}

const struct dm_command dm_cmd_history = {
    .name = "history",
    .usage = "[--limit N] [PATH]",
    .summary = "Tell what happened to a file, or to all of them, newest last",
    .help = "",
    .options = options,
    .run = run,
};
