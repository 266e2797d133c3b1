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
static void report_reason(const struct dm_report *report, const GPtrArray *rows,
                          enum dm_reason reason) {
    size_t count = count_failures(rows, reason);
    if (count == 0 || (reason == DM_REASON_NONE && report->ended != NULL)) {
        return; // what an interrupted run has left is not told one by one
    }
    bool known = reason != DM_REASON_NONE;
    dm_cli_say(EX_DATAERR, "%zu file%s %s: %s", count, count == 1 ? "" : "s",
               known ? "failed" : "not done",
               known ? dm_reason_command_what(reason) : "the run ended");
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        if (failed_for(row, reason)) {
            report_failure(report->inputs, row);
        }
    }
    if (known) {
        dm_cli_say(EX_DATAERR, "%s (%s)", dm_reason_command_advice(reason), dm_reason_name(reason));
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

// ---- as JSON

static void write_path(struct dm_json *json, const char *path, bool done, const char *output) {
    dm_json_object(json, NULL);
    dm_json_path(json, path);
    dm_json_bool(json, "done", done);
    dm_json_text(json, "output", output);
}

static void write_why(struct dm_json *json, const char *reason, const char *message) {
    dm_json_text(json, "reason", reason);
    dm_json_text(json, "message", message);
}

/** Whole lines, at once: somebody may wait for them. */
static void end_line(struct dm_json *json) {
    dm_json_close(json);
    dm_json_print(json);
    fflush(stdout);
}

void dm_report_problems(const struct dm_report *report) {
    for (guint i = 0; report->json && i < report->inputs->problems->len; i++) {
        const struct dm_no_input *no_input = g_ptr_array_index(report->inputs->problems, i);
        struct dm_json *json = dm_json_new_line();
        write_path(json, no_input->given, false, "");
        write_why(json, "no-input", no_input->why);
        end_line(json);
    }
}

void dm_report_up_to_date(const struct dm_report *report, const struct dm_input *input) {
    if (report->json) {
        g_autofree char *path = g_strconcat("/", input->path, NULL);
        struct dm_json *json = dm_json_new_line();
        write_path(json, path, true, "");
        write_why(json, "up-to-date", "");
        end_line(json);
    }
}

static void write_row(const struct dm_report *report, const struct dm_row *row, const char *reason,
                      const char *message) {
    g_autofree char *path = g_strconcat("/", row->path, NULL);
    g_autofree char *output =
        *row->output ? g_build_filename(report->output_dir, row->output, NULL) : g_strdup("");
    struct dm_json *json = dm_json_new_line();
    write_path(json, path, row->state == DM_STATE_DONE, output);
    write_why(json, reason, message);
    dm_json_text(json, "format", row->format);
    dm_json_integer(json, "width_px", row->width_px);
    dm_json_integer(json, "height_px", row->height_px);
    dm_json_integer(json, "output_bytes", row->bytes);
    dm_json_integer(json, "elapsed_us", row->elapsed_us);
    end_line(json);
}

void dm_report_row(const struct dm_report *report, const struct dm_row *row) {
    if (report->json) {
        write_row(report, row, dm_reason_name(row->reason), row->message);
    }
}

// ---- the end

/** What had not come to its end when the run did. */
static void report_unfinished(const struct dm_report *report, const GPtrArray *rows) {
    for (guint i = 0; report->json && i < rows->len; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        const struct dm_input *input = g_hash_table_lookup(report->inputs->by_path, row->path);
        if (!input->finished) {
            write_row(report, row, "interrupted", report->ended != NULL ? report->ended : "");
        }
    }
}

size_t dm_report_results(const struct dm_report *report, struct dm_ledger *ledger) {
    static const struct dm_query all = {0};
    size_t done = 0;
    GPtrArray *rows = dm_ledger_list(ledger, &all);
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        bool is_done = row->state == DM_STATE_DONE;
        done += is_done ? 1 : 0;
        if (is_done && !report->quiet) {
            report_remark(report->inputs, row);
        }
    }
    for (int reason = 0; reason < DM_REASON_COUNT; reason++) {
        report_reason(report, rows, (enum dm_reason)reason);
    }
    report_unfinished(report, rows);
    g_ptr_array_unref(rows);
    return done;
}
