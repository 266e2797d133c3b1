// SPDX-License-Identifier: MIT
//
// What `dropmill process` tells at the end: see process_report.h.
#include "watcher/cli/process_report.h"

#include "common/path.h"
#include "watcher/cli/cli.h"
#include "watcher/cli/json.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/** Why there is no result. A row that was never done has no reason of its own. */
static void report_failure(const struct dm_inputs *inputs, const struct dm_row *row) {
    const struct dm_input *input = g_hash_table_lookup(inputs->by_path, row->path);
    g_autofree char *shown = dm_path_display(input->given);
    g_autofree char *message = dm_path_display(row->message);
    if (row->reason == DM_REASON_NONE) {
        dm_cli_say(EX_DATAERR, "%s: not done", shown);
    } else {
        dm_cli_say(EX_DATAERR, "%s: %s %s (%s%s%s)", shown, dm_reason_what(row->reason),
                   dm_reason_advice(row->reason), dm_reason_name(row->reason), *message ? ": " : "",
                   message);
    }
}

/** What is worth knowing of a result: another name than the input's, a remark of the worker. */
static void report_remark(const struct dm_inputs *inputs, const struct dm_row *row) {
    const struct dm_input *input = g_hash_table_lookup(inputs->by_path, row->path);
    g_autofree char *stem = dm_name_stem(dm_path_base(row->path));
    g_autofree char *output_stem = dm_name_stem(row->output);
    g_autofree char *given = dm_path_display(input->given);
    g_autofree char *output = dm_path_display(row->output);
    if (strcmp(stem, output_stem) != 0) {
        fprintf(stderr, "%s: there was such a file already, the result is '%s'\n", given, output);
    }
    if (*row->message) {
        fprintf(stderr, "%s: %s\n", given, row->message);
    }
}

static void write_row(struct dm_json *json, const char *output_dir, const struct dm_row *row) {
    g_autofree char *path = g_strconcat("/", row->path, NULL);
    g_autofree char *output =
        *row->output ? g_build_filename(output_dir, row->output, NULL) : g_strdup("");
    dm_json_object(json, NULL);
    dm_json_path(json, path);
    dm_json_bool(json, "done", row->state == DM_STATE_DONE);
    dm_json_text(json, "output", output);
    dm_json_text(json, "reason", dm_reason_name(row->reason));
    dm_json_text(json, "message", row->message);
    dm_json_text(json, "format", row->format);
    dm_json_integer(json, "width_px", row->width_px);
    dm_json_integer(json, "height_px", row->height_px);
    dm_json_integer(json, "output_bytes", row->bytes);
    dm_json_integer(json, "elapsed_us", row->elapsed_us);
    dm_json_close(json);
}

static void write_rows(const GPtrArray *rows, const char *output_dir) {
    struct dm_json *json = dm_json_new();
    dm_json_list(json, NULL);
    for (guint i = 0; i < rows->len; i++) {
        write_row(json, output_dir, g_ptr_array_index(rows, i));
    }
    dm_json_close(json);
    dm_json_print(json);
}

size_t dm_report_results(struct dm_ledger *ledger, const struct dm_inputs *inputs,
                         const struct dm_report_options *options) {
    static const struct dm_query all = {0};
    size_t done = 0;
    GPtrArray *rows = dm_ledger_list(ledger, &all);
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        bool is_done = row->state == DM_STATE_DONE;
        done += is_done ? 1 : 0;
        if (!is_done && !options->interrupted) {
            report_failure(inputs, row);
        } else if (is_done && !options->quiet) {
            report_remark(inputs, row);
        }
    }
    if (options->json) {
        write_rows(rows, options->output_dir);
    }
    g_ptr_array_unref(rows);
    return done;
}
