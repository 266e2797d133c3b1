// SPDX-License-Identifier: MIT
//
// dropmill ls: the files that the ledger knows.
#include "watcher/cli/commands.h"
#include "watcher/cli/output.h"
#include "watcher/json.h"

#include "common/path.h"
#include "watcher/ledger/uploads.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static char *state_option;
static gboolean failed_option;
static const GOptionEntry options[] = {
    {"state", 0, 0, G_OPTION_ARG_FILENAME, &state_option,
     "only seen, ready, running, computed, published, done, failed or parked", "STATE"},
    {"failed", 'f', 0, G_OPTION_ARG_NONE, &failed_option, "only those that failed", NULL},
    {0},
};

/** The states that the options ask for, as bits; 0: all. Returns false for a state that is none. */
static bool wanted_states(unsigned *ret) {
    *ret = failed_option ? 1u << DM_STATE_FAILED : 0;
    if (state_option == NULL) {
        return true;
    }
    enum dm_state state = dm_state_from_name(state_option);
    if (state == DM_STATE_COUNT) {
        return false;
    }
    *ret |= 1u << state;
    return true;
}

/** Why it is as it is: "not-an-image: ..."; (transfer full). */
static char *why_text(const struct dm_row *row) {
    g_autofree char *message = dm_path_display(row->message);
    if (row->reason == DM_REASON_NONE) {
        return g_steal_pointer(&message);
    }
    return g_strdup_printf("%s%s%s", dm_reason_name(row->reason), *message ? ": " : "", message);
}

/** What the mirror says of a row's result: "synced", "pending"; "" if there is none. A literal. */
static const char *mirrored(struct dm_ledger *ledger, const struct dm_row *row) {
    struct dm_upload *upload =
        *row->output != '\0' ? dm_ledger_find_upload(ledger, row->output) : NULL;
    const char *word = upload != NULL ? dm_upload_state_name(upload->state) : "";
    bool doubted = upload != NULL && upload->state == DM_UPLOAD_DOUBTED;
    dm_upload_free(upload);
    return doubted ? dm_upload_state_name(DM_UPLOAD_SYNCED) : word; // it is there
}

/** The column of the mirror is the last but one, and only there if there ever was a mirror. */
static void print_rows(struct dm_ledger *ledger, const GPtrArray *rows) {
    static const char *const headers[] = {"STATE", ">SIZE", "PATH", "REASON", NULL};
    static const char *const with_mirror[] = {"STATE", ">SIZE", "PATH", "MIRROR", "REASON", NULL};
    g_autoptr(GPtrArray) first =
        ledger != NULL ? dm_ledger_list_uploads(ledger, 0, 1) : g_ptr_array_new();
    bool has_mirror = first->len > 0;
    struct dm_table *table = dm_table_new(has_mirror ? with_mirror : headers);
    for (size_t i = 0; i < rows->len; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        g_autofree char *size = dm_human_bytes(row->fingerprint.size_bytes);
        g_autofree char *path = dm_path_display(row->path);
        g_autofree char *why = why_text(row);
        const char *state = dm_state_name(row->state);
        if (has_mirror) {
            const char *mirror = mirrored(ledger, row);
            dm_table_add(table, (const char *const[]){state, size, path, mirror, why});
        } else {
            dm_table_add(table, (const char *const[]){state, size, path, why});
        }
    }
    dm_table_print(table);
}

static void write_row(struct dm_json *json, struct dm_ledger *ledger, const struct dm_row *row) {
    dm_json_object(json, NULL);
    dm_json_integer(json, "id", row->id);
    dm_json_text(json, "state", dm_state_name(row->state));
    dm_json_path(json, row->path);
    dm_json_text(json, "chain", row->chain);
    dm_json_integer(json, "size_bytes", row->fingerprint.size_bytes);
    dm_json_integer(json, "generation", row->generation);
    dm_json_integer(json, "attempt", row->attempt);
    dm_json_text(json, "reason", dm_reason_name(row->reason));
    dm_json_text(json, "message", row->message);
    dm_json_text(json, "output", row->output);
    dm_json_text(json, "mirror", mirrored(ledger, row));
    dm_json_text(json, "format", row->format);
    dm_json_integer(json, "width_px", row->width_px);
    dm_json_integer(json, "height_px", row->height_px);
    dm_json_integer(json, "output_bytes", row->bytes);
    dm_json_integer(json, "elapsed_us", row->elapsed_us);
    dm_json_text(json, "host", row->host);
    dm_json_integer(json, "rank", row->rank);
    dm_json_integer(json, "seen_utc_us", row->seen_utc_us);
    dm_json_integer(json, "state_utc_us", row->state_utc_us);
    dm_json_close(json);
}

static void write_rows(struct dm_ledger *ledger, const GPtrArray *rows) {
    struct dm_json *json = dm_json_new_list("files");
    for (size_t i = 0; i < rows->len; i++) {
        write_row(json, ledger, g_ptr_array_index(rows, i));
    }
    dm_json_finish(json);
}

static void free_row(void *row) {
    dm_row_free(row);
}

/** The rows below @path (nullable), or the one that it is itself. */
static GPtrArray *find_rows(struct dm_ledger *ledger, unsigned states, const char *path) {
    struct dm_row *one = path != NULL && *path ? dm_ledger_find(ledger, path) : NULL;
    if (one == NULL) {
        const struct dm_query query = {.states = states,
                                       .under = path != NULL && *path ? path : NULL};
        return dm_ledger_list(ledger, &query);
    }
    GPtrArray *rows = g_ptr_array_new_with_free_func(free_row);
    if (!states || (states & 1u << one->state)) {
        g_ptr_array_add(rows, one);
    } else {
        dm_row_free(one);
    }
    return rows;
}

static int compare_paths(const void *a, const void *b) {
    const struct dm_row *const *left = a;
    const struct dm_row *const *right = b;
    return strcmp((*left)->path, (*right)->path);
}

/** Say whether nothing at or below @path was ever seen, whatever state is asked for. */
static bool is_unknown(struct dm_ledger *ledger, const char *path) {
    if (path == NULL || *path == '\0') {
        return false;
    }
    g_autoptr(GPtrArray) any = ledger != NULL ? find_rows(ledger, 0, path) : NULL;
    return any == NULL || any->len == 0;
}

static int list(struct dm_cli *cli, struct dm_ledger *ledger, unsigned states, const char *path) {
    if (is_unknown(ledger, path)) {
        return dm_cli_say(EX_NOINPUT, "nothing is known of '%s'", path);
    }
    GPtrArray *rows =
        ledger != NULL ? find_rows(ledger, states, path) : g_ptr_array_new_with_free_func(free_row);
    g_ptr_array_sort(rows, compare_paths);
    if (cli->json) {
        write_rows(ledger, rows);
    } else if (!cli->quiet) {
        print_rows(ledger, rows);
    }
    g_ptr_array_unref(rows);
    return EX_OK;
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    struct dm_ledger *ledger = NULL;
    unsigned states = 0;
    if (!wanted_states(&states)) {
        return dm_cli_usage(&dm_cmd_ls,
                            "'%s' is no state, expected one of seen, ready, running, computed, "
                            "published, done, failed, parked",
                            state_option);
    }
    if (arguments[0] != NULL && arguments[1] != NULL) {
        return dm_cli_usage(&dm_cmd_ls, "one path at a time");
    }
    if (!dm_cli_ledger(cli, &ledger, &error)) {
        return dm_cli_fail(error);
    }
    g_autofree char *path = NULL;
    if (arguments[0] != NULL &&
        (path = dm_cli_room_path(cli->places, arguments[0], &error)) == NULL) {
        return dm_cli_fail(error);
    }
    if (dm_cli_warn_stranger(cli->places) && ledger == NULL) {
        return EX_NOPERM;
    }
    return list(cli, ledger, states, path);
}

const struct dm_command dm_cmd_ls = {
    .name = "ls",
    .usage = "[--state STATE] [--failed] [PATH]",
    .summary = "List the files that dropmill knows, and what became of them",
    .help = "PATH is a file or folder of the share: only what is in it.\n",
    .options = options,
    .run = run,
};
