// SPDX-License-Identifier: MIT
//
// What `dropmill process` tells at the end: see process_report.h.
#include "watcher/cli/process_report.h"

#include "common/path.h"
#include "watcher/cli/cli.h"
#include "watcher/json.h"

#include <stdio.h>
#include <sysexits.h>

/** The reason of a row without a result; an interrupted run leaves some that have none. */
static bool failed_for(const struct dm_row *row, enum dm_reason reason) {
    return row->state != DM_STATE_DONE && row->reason == reason;
}

static size_t count_failures(const GPtrArray *rows, enum dm_reason reason) {
    size_t count = 0;
    for (guint i = 0; i < rows->len; i++) {
        count += failed_for(g_ptr_array_index(rows, i), reason) ? 1 : 0;
    }
    return count;
}

static void report_failure(const struct dm_inputs *inputs, const struct dm_row *row) {
    const struct dm_input *input = g_hash_table_lookup(inputs->by_path, row->path);
    g_autofree char *shown = dm_path_display(input->given);
    g_autofree char *message = dm_path_display(row->message);
    dm_cli_say(EX_DATAERR, "  %s%s%s", shown, *message ? ": " : "", message);
}

/** All files that failed for one reason: what it is, which they are, what can be done. */
static void report_reason(const struct dm_inputs *inputs, const GPtrArray *rows,
                          enum dm_reason reason) {
    size_t count = count_failures(rows, reason);
    if (count == 0) {
        return;
    }
    bool known = reason != DM_REASON_NONE;
    dm_cli_say(EX_DATAERR, "%zu file%s %s: %s", count, count == 1 ? "" : "s",
               known ? "failed" : "not done", known ? dm_reason_what(reason) : "the run ended");
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        if (failed_for(row, reason)) {
            report_failure(inputs, row);
        }
    }
    if (known) {
        dm_cli_say(EX_DATAERR, "%s (%s)", dm_reason_advice(reason), dm_reason_name(reason));
    }
}

/** What is worth knowing of a result: another name than the input's, a remark of the worker. */
static void report_remark(const struct dm_inputs *inputs, const struct dm_row *row) {
    const struct dm_input *input = g_hash_table_lookup(inputs->by_path, row->path);
    g_autofree char *given = dm_path_display(input->given);
    g_autofree char *output = dm_path_display(row->output);
    if (input->renamed && input->rival != NULL) {
        g_autofree char *rival = dm_path_display(input->rival->given);
        fprintf(stderr, "%s: the result of '%s' has that name, this one is '%s'\n", given, rival,
                output);
    } else if (input->renamed) {
        fprintf(stderr, "%s: there was such a file already, the result is '%s'\n", given, output);
    }
    if (*row->message) {
        g_autofree char *message = dm_path_display(row->message);
        fprintf(stderr, "%s: %s\n", given, message);
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
        if (is_done && !options->quiet) {
            report_remark(inputs, row);
        }
    }
    for (int reason = 0; reason < DM_REASON_COUNT && !options->interrupted; reason++) {
        report_reason(inputs, rows, (enum dm_reason)reason);
    }
    if (options->json) {
        write_rows(rows, options->output_dir);
    }
    g_ptr_array_unref(rows);
    return done;
}
