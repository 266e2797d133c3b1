// SPDX-License-Identifier: MIT
//
// dropmill status: what is in the ledger, and what the daemon, if it runs, says of itself.
#include "watcher/cli/commands.h"
#include "watcher/cli/output.h"
#include "watcher/json.h"

#include "common/path.h"
#include "watcher/ledger/uploads.h"
#include "watcher/status.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define PARKED_SHOWN 10
#define ALIKE_SHOWN 3      // of these, for one reason
#define WAITING_ASKED 1000 // of files that are not complete

static gboolean man_option;

static const GOptionEntry options[] = {
    {"man", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &man_option,
     "print what JSON has of the daemon as mdoc source, for dropmill-json(5)", NULL},
    {0},
};

static const char *const state_meanings[DM_STATE_COUNT] = {
    [DM_STATE_SEEN] = "noticed, not yet complete",
    [DM_STATE_READY] = "complete, waiting for their turn",
    [DM_STATE_RUNNING] = "being processed",
    [DM_STATE_COMPUTED] = "processed, about to appear in the outbox",
    [DM_STATE_PUBLISHED] = "in the outbox, original about to be put away",
    [DM_STATE_DONE] = "the result is in the outbox",
    [DM_STATE_FAILED] = "failed, see 'dropmill ls --failed'",
    [DM_STATE_PARKED] = "held up, tried again by and by",
};

/** All that is shown. */
struct status {
    const struct dm_places *places;
    // (nullable) The daemon's answer, see status.h.
    GHashTable *live;
    // (nullable) Else the user whose daemon it is that does not answer us.
    char *stranger;
    int64_t stranger_pid;
    int64_t counts[DM_STATE_COUNT];
    // Of struct dm_row.
    GPtrArray *parked;
    // Of struct dm_row: not complete for a while; they say what they wait for.
    GPtrArray *waiting;
    // Of struct dm_folder_problem.
    GPtrArray *problems;
    // Of struct dm_upload: what the mirror cannot send, the first of them.
    GPtrArray *uploads;
};

/** Say whether the ledger that we see is that of the daemon, if one runs. */
static bool is_ours(const struct status *status) {
    return status->stranger == NULL || strcmp(status->stranger, g_get_user_name()) == 0;
}

static void print_problem(const char *text) {
    g_autofree char *shown = dm_path_display(text);
    if (*shown) {
        printf("         %s%s%s\n", dm_paint(stdout, DM_PAINT_RED), shown,
               dm_paint(stdout, DM_PAINT_OFF));
    }
}

/** The group of an item, as status writes it at the beginning of its line; (transfer full). */
static char *group_of(const struct dm_status_item *item) {
    char *group = dm_status_group(item);
    return *group != '\0' ? group : (g_free(group), g_strdup("daemon"));
}

static const struct dm_status_times times = {dm_human_duration, dm_human_time};

/** Take the items of the group that begins at *@index; moves *@index behind it. */
static void gather_group(const struct status *status, const char *group, size_t *index,
                         GPtrArray *words, GPtrArray *problems) {
    for (; *index < dm_status_item_count; ++*index) {
        const struct dm_status_item *item = &dm_status_items[*index];
        g_autofree char *its_group = group_of(item);
        char *value = g_hash_table_lookup(status->live, item->name);
        if (strcmp(its_group, group) != 0) {
            break;
        }
        if (value != NULL && *value != '\0' && item->type == DM_STATUS_PROBLEM) {
            g_ptr_array_add(problems, value);
        }
        char *text = value != NULL ? dm_status_words(item, value, &times) : NULL;
        if (text != NULL) {
            g_ptr_array_add(words, text);
        }
    }
}

/** The line of the group that begins at *@index, its problems below it; moves *@index behind it. */
static void print_group(const struct status *status, size_t *index) {
    g_autofree char *group = group_of(&dm_status_items[*index]);
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) problems = g_ptr_array_new();
    if (*index == 0) { // the daemon's own: it answers, so
        g_ptr_array_add(words, g_strconcat(dm_paint(stdout, DM_PAINT_GREEN), "running",
                                           dm_paint(stdout, DM_PAINT_OFF), NULL));
    }
    gather_group(status, group, index, words, problems);
    if (words->len == 0 && problems->len == 0) {
        return; // what is off needs no line
    }
    g_ptr_array_add(words, NULL);
    g_autofree char *line = g_strjoinv(", ", (char **)words->pdata);
    printf("%-8s %s\n", group, line);
    for (guint i = 0; i < problems->len; i++) {
        print_problem(g_ptr_array_index(problems, i));
    }
}

/** Where the images are made, if that is more than one machine. */
static void print_hosts(const struct status *status) {
    g_autoptr(GPtrArray) hosts = dm_status_hosts(status->live);
    for (guint i = 0; hosts->len > 1 && i < hosts->len; i++) {
        const struct dm_status_host *host = hosts->pdata[i];
        printf("%-8s %s, %s, %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " threads busy\n",
               i == 0 ? "hosts" : "", host->name, host->state, host->busy, host->threads);
    }
}

/** The daemon of another user, or our own with another configuration. */
static void print_stranger(const struct status *status) {
    printf("daemon   %srunning%s", dm_paint(stdout, DM_PAINT_YELLOW),
           dm_paint(stdout, DM_PAINT_OFF));
    if (!*status->stranger) {
        puts("; it does not answer, and does not say who it is");
    } else if (is_ours(status)) {
        printf(" (process %" G_GINT64_FORMAT "); it does not answer: it is starting, or has "
               "another configuration\n",
               status->stranger_pid);
    } else {
        printf(" as user %s (process %" G_GINT64_FORMAT "); its ledger is not yours to see: ask "
               "as that user\n",
               status->stranger, status->stranger_pid);
    }
}

static void print_live(const struct status *status) {
    if (status->stranger != NULL) {
        print_stranger(status);
        return;
    }
    if (status->live == NULL) {
        printf("daemon   %snot running%s\n", dm_paint(stdout, DM_PAINT_YELLOW),
               dm_paint(stdout, DM_PAINT_OFF));
        return;
    }
    for (size_t i = 0; i < dm_status_item_count;) {
        print_group(status, &i);
    }
    print_hosts(status);
}

static void print_counts(const struct status *status) {
    static const char *const headers[] = {">FILES", "STATE", "", NULL};
    struct dm_table *table = dm_table_new(headers);
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        g_autofree char *count = g_strdup_printf("%" G_GINT64_FORMAT, status->counts[state]);
        if (status->counts[state]) {
            dm_table_add(table, (const char *const[]){count, dm_state_name((enum dm_state)state),
                                                      state_meanings[state]});
        }
    }
    putchar('\n');
    dm_table_print(table);
}

static const char *why_parked(const struct dm_row *row) {
    return *row->message ? row->message : dm_reason_what(row->reason);
}

/** What has the same reason stands together. */
static int compare_parked(const void *a, const void *b) {
    const struct dm_row *const *left = a;
    const struct dm_row *const *right = b;
    int order = strcmp(why_parked(*left), why_parked(*right));
    return order != 0 ? order : strcmp((*left)->path, (*right)->path);
}

/** @headers: what the files are, and WHY; @state: where the others are found. */
static void print_held_up(const GPtrArray *rows, const char *const *headers, const char *state) {
    if (!rows->len) {
        return;
    }
    struct dm_table *table = dm_table_new(headers);
    const char *above = "";
    guint shown = 0, alike = 0;
    for (guint i = 0; i < rows->len && shown < PARKED_SHOWN; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        g_autofree char *path = dm_path_display(row->path);
        g_autofree char *why = dm_path_display(why_parked(row));
        alike = strcmp(why_parked(row), above) == 0 ? alike + 1 : 0;
        above = why_parked(row);
        if (alike < ALIKE_SHOWN) {
            dm_table_add(table, (const char *const[]){path, alike > 0 ? "the same" : why});
            shown++;
        }
    }
    putchar('\n');
    dm_table_print(table);
    if (rows->len > shown) {
        printf("... and %u more, see 'dropmill ls --state %s'\n", rows->len - shown, state);
    }
}

static void print_parked_uploads(const struct status *status) {
    static const char *const headers[] = {"NOT MIRRORED", "WHY", NULL};
    struct dm_table *table = dm_table_new(headers);
    for (guint i = 0; i < status->uploads->len; i++) {
        const struct dm_upload *upload = g_ptr_array_index(status->uploads, i);
        g_autofree char *path = dm_path_display(upload->path);
        g_autofree char *why = dm_path_display(upload->message);
        dm_table_add(table, (const char *const[]){path, why});
    }
    if (status->uploads->len > 0) {
        putchar('\n');
    }
    dm_table_print(table);
}

static void print_problems(const struct status *status) {
    static const char *const headers[] = {"FOLDER", "PROBLEM", "RENAME IT TO", NULL};
    if (!status->problems->len) {
        return;
    }
    struct dm_table *table = dm_table_new(headers);
    for (guint i = 0; i < status->problems->len; i++) {
        const struct dm_folder_problem *problem = g_ptr_array_index(status->problems, i);
        g_autofree char *path = dm_path_join(DM_DIR_INBOX, problem->folder);
        g_autofree char *shown = dm_path_display(*problem->folder ? path : DM_DIR_INBOX);
        g_autofree char *message = dm_path_display(problem->message);
        g_autofree char *suggestion = dm_path_display(problem->suggestion);
        dm_table_add(table, (const char *const[]){shown, message, suggestion});
    }
    putchar('\n');
    dm_table_print(table);
}

static void print_status(const struct status *status) {
    printf("share    %s\n", status->places->share);
    print_problem(status->places->away != NULL ? status->places->away : "");
    print_live(status);
    if (!is_ours(status)) {
        return;
    }
    print_counts(status);
    print_held_up(status->waiting, (const char *const[]){"NOT COMPLETE", "WHY", NULL}, "seen");
    print_held_up(status->parked, (const char *const[]){"HELD UP", "WHY", NULL}, "parked");
    print_parked_uploads(status);
    print_problems(status);
}

static void write_item(struct dm_json *json, const struct dm_status_item *item, const char *value) {
    const char *member = dm_status_member(item);
    switch (item->type) {
    case DM_STATUS_TEXT:
    case DM_STATUS_PROBLEM:
        dm_json_text(json, member, value);
        break;
    case DM_STATUS_SWITCH:
        dm_json_bool(json, member, strcmp(value, "0") != 0);
        break;
    case DM_STATUS_GAUGE:
    case DM_STATUS_COUNTER:
        dm_json_integer(json, member, g_ascii_strtoll(value, NULL, 10));
        break;
    }
}

/** The group that begins at *@index, as an object of its own unless it is the daemon's; moves
 * *@index behind it. */
static void write_group(struct dm_json *json, GHashTable *live, size_t *index) {
    g_autofree char *group = dm_status_group(&dm_status_items[*index]);
    if (*group != '\0') {
        dm_json_object(json, group);
    }
    for (; *index < dm_status_item_count; ++*index) {
        const struct dm_status_item *item = &dm_status_items[*index];
        g_autofree char *its_group = dm_status_group(item);
        const char *value = g_hash_table_lookup(live, item->name);
        if (strcmp(its_group, group) != 0) {
            break;
        }
        if (value != NULL) { // an older daemon does not tell everything
            write_item(json, item, value);
        }
    }
    if (*group != '\0') {
        dm_json_close(json);
    }
}

static void write_hosts(struct dm_json *json, GHashTable *live) {
    g_autoptr(GPtrArray) hosts = dm_status_hosts(live);
    dm_json_list(json, "hosts");
    for (guint i = 0; i < hosts->len; i++) {
        const struct dm_status_host *host = hosts->pdata[i];
        dm_json_object(json, NULL);
        dm_json_text(json, "name", host->name);
        dm_json_text(json, "state", host->state);
        dm_json_integer(json, "busy", host->busy);
        dm_json_integer(json, "threads", host->threads);
        dm_json_close(json);
    }
    dm_json_close(json);
}

static void write_live(struct dm_json *json, const struct status *status) {
    dm_json_object(json, "daemon");
    dm_json_bool(json, "running", status->live != NULL || status->stranger != NULL);
    dm_json_bool(json, "answers", status->live != NULL);
    if (status->stranger != NULL) {
        dm_json_text(json, "user", status->stranger);
        dm_json_integer(json, "pid", status->stranger_pid);
    }
    for (size_t i = 0; status->live != NULL && i < dm_status_item_count;) {
        write_group(json, status->live, &i);
    }
    if (status->live != NULL) {
        write_hosts(json, status->live);
    }
    dm_json_close(json);
}

static void write_attention(struct dm_json *json, const struct status *status) {
    dm_json_list(json, "waiting");
    for (guint i = 0; i < status->waiting->len; i++) {
        const struct dm_row *row = g_ptr_array_index(status->waiting, i);
        dm_json_object(json, NULL);
        dm_json_path(json, row->path);
        dm_json_text(json, "message", row->message);
        dm_json_integer(json, "seen_utc_us", row->seen_utc_us);
        dm_json_close(json);
    }
    dm_json_close(json);
    dm_json_list(json, "parked");
    for (guint i = 0; i < status->parked->len; i++) {
        const struct dm_row *row = g_ptr_array_index(status->parked, i);
        dm_json_object(json, NULL);
        dm_json_path(json, row->path);
        dm_json_text(json, "reason", dm_reason_name(row->reason));
        dm_json_text(json, "message", row->message);
        dm_json_integer(json, "not_before_utc_us", row->not_before_utc_us);
        dm_json_close(json);
    }
    dm_json_close(json);
    dm_json_list(json, "not_mirrored");
    for (guint i = 0; i < status->uploads->len; i++) {
        const struct dm_upload *upload = g_ptr_array_index(status->uploads, i);
        dm_json_object(json, NULL);
        dm_json_path(json, upload->path);
        dm_json_text(json, "reason", upload->reason);
        dm_json_text(json, "message", upload->message);
        dm_json_close(json);
    }
    dm_json_close(json);
    dm_json_list(json, "folder_problems");
    for (guint i = 0; i < status->problems->len; i++) {
        const struct dm_folder_problem *problem = g_ptr_array_index(status->problems, i);
        dm_json_object(json, NULL);
        dm_json_path(json, problem->folder);
        dm_json_text(json, "message", problem->message);
        dm_json_text(json, "suggestion", problem->suggestion);
        dm_json_close(json);
    }
    dm_json_close(json);
}

static void write_counts(struct dm_json *json, const struct status *status) {
    dm_json_object(json, "files");
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        dm_json_integer(json, dm_state_name((enum dm_state)state), status->counts[state]);
    }
    dm_json_close(json);
}

static void write_status(const struct status *status) {
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_text(json, "share", status->places->share);
    dm_json_text(json, "share_id", status->places->share_id);
    g_autofree char *problem = dm_cli_share_problem(status->places, status->live);
    dm_json_text(json, "share_problem", problem != NULL ? problem : "");
    write_live(json, status);
    if (is_ours(status)) {
        write_counts(json, status);
        write_attention(json, status);
    }
    dm_json_close(json);
    dm_json_print(json);
}

/** Files that have said for a moment what they wait for: the oldest. */
static GPtrArray *list_waiting(struct dm_ledger *ledger) {
    const struct dm_query seen = {.states = 1u << DM_STATE_SEEN, .limit = WAITING_ASKED};
    GPtrArray *rows = dm_ledger_list(ledger, &seen);
    for (guint i = rows->len; i > 0; i--) {
        const struct dm_row *row = g_ptr_array_index(rows, i - 1);
        if (*row->message == '\0') {
            g_ptr_array_remove_index(rows, i - 1);
        }
    }
    g_ptr_array_sort(rows, compare_parked);
    return rows;
}

static void read_ledger(struct status *status, struct dm_ledger *ledger) {
    static const struct dm_query parked = {.states = 1u << DM_STATE_PARKED};
    status->parked = ledger != NULL ? dm_ledger_list(ledger, &parked) : g_ptr_array_new();
    status->waiting = ledger != NULL ? list_waiting(ledger) : g_ptr_array_new();
    status->problems = ledger != NULL ? dm_ledger_folder_problems(ledger) : g_ptr_array_new();
    status->uploads =
        ledger != NULL ? dm_ledger_parked_uploads(ledger, PARKED_SHOWN) : g_ptr_array_new();
    g_ptr_array_sort(status->parked, compare_parked);
    if (ledger != NULL) {
        dm_ledger_count(ledger, status->counts);
    }
}

static void show(struct status *status, struct dm_ledger *ledger, bool as_json) {
    read_ledger(status, ledger);
    if (as_json) {
        write_status(status);
    } else {
        print_status(status);
    }
    g_ptr_array_unref(status->parked);
    g_ptr_array_unref(status->waiting);
    g_ptr_array_unref(status->problems);
    g_ptr_array_unref(status->uploads);
}

/** A row of the table, as dropmill-json(5) has it. */
static void print_man(void) {
    static const char *const types[] = {
        [DM_STATUS_TEXT] = "text",      [DM_STATUS_PROBLEM] = "text",
        [DM_STATUS_SWITCH] = "boolean", [DM_STATUS_GAUGE] = "number",
        [DM_STATUS_COUNTER] = "number",
    };
    for (size_t i = 0; i < dm_status_item_count; i++) {
        const struct dm_status_item *item = &dm_status_items[i];
        printf(".It Va daemon.%s , Em %s\n%s.\n", item->name, types[item->type], item->help);
    }
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    struct dm_ledger *ledger = NULL;
    if (arguments[0] != NULL) {
        return dm_cli_usage(&dm_cmd_status, "takes no arguments");
    }
    if (man_option) {
        print_man();
        return EX_OK;
    }
    if (!dm_cli_ledger(cli, &ledger, &error)) {
        return dm_cli_fail(error);
    }
    struct status status = {.places = cli->places, .live = dm_cli_ask_daemon(cli->places)};
    if (status.live == NULL) {
        status.stranger = dm_cli_stranger(cli->places, &status.stranger_pid);
    }
    int exit_code =
        cli->quiet && status.live == NULL && status.stranger == NULL ? EX_UNAVAILABLE : EX_OK;
    if (!cli->quiet) {
        show(&status, ledger, cli->json);
    }
    g_clear_pointer(&status.live, g_hash_table_unref);
    g_free(status.stranger);
    return exit_code;
}

const struct dm_command dm_cmd_status = {
    .name = "status",
    .usage = "[--quiet]",
    .summary = "Show how many files are where, what needs attention, and the daemon",
    .help = "With --quiet nothing is printed: status 0 if the daemon runs, 69 if not.\n",
    .options = options,
    .run = run,
};
