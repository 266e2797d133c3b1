// SPDX-License-Identifier: MIT
//
// See send_report.h.
#include "watcher/cli/send_report.h"

#include "common/path.h"
#include "watcher/cli/output.h"
#include "watcher/json.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void add_sent(GString *text, const struct dm_send *send, int64_t elapsed_us) {
    int64_t bytes = MAX(send->sent_bytes, MIN(send->wire_bytes, send->bytes));
    g_autofree char *sent = dm_human_bytes(bytes);
    g_autofree char *all = dm_human_bytes(send->bytes);
    g_string_append_printf(text, "sent %zu of %u, %s of %s", send->sent, send->files->len, sent,
                           all);
    if (send->wire_bytes > 0 && elapsed_us > 0 && send->sent < send->files->len) {
        g_autofree char *rate = dm_human_bytes(
            (int64_t)((double)send->wire_bytes * G_USEC_PER_SEC / (double)elapsed_us));
        g_string_append_printf(text, ", %s/s", rate);
    }
}

char *dm_send_progress_text(const struct dm_send *send, int64_t elapsed_us) {
    GString *text = g_string_new(NULL);
    add_sent(text, send, elapsed_us);
    if (send->waits) {
        g_string_append_printf(text, "; %zu done",
                               send->counts[DM_SEND_DONE] + send->counts[DM_SEND_GOT]);
    }
    if (send->counts[DM_SEND_FAILED] > 0) {
        g_string_append_printf(text, "; %zu failed", send->counts[DM_SEND_FAILED]);
    }
    if (send->get_fd >= 0) {
        g_string_append_printf(text, "; %zu got", send->counts[DM_SEND_GOT]);
    }
    return g_string_free(text, FALSE);
}

static void write_list(struct dm_json *json, const char *key, const GPtrArray *texts) {
    dm_json_list(json, key);
    for (guint i = 0; i < texts->len; i++) {
        dm_json_text(json, NULL, texts->pdata[i]);
    }
    dm_json_close(json);
}

void dm_send_write_file(const struct dm_send *send, const struct dm_send_file *file) {
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_path(json, file->path);
    dm_json_text(json, "send", send->name);
    dm_json_text(json, "name", file->name);
    dm_json_text(json, "state", dm_send_state_name(file->state));
    dm_json_text(json, "reason", file->reason != NULL ? file->reason : "");
    dm_json_text(json, "message", file->message != NULL ? file->message : "");
    dm_json_integer(json, "bytes", file->bytes);
    write_list(json, "results", file->results);
    write_list(json, "output", file->kept);
    dm_json_close(json);
    dm_json_print(json);
    fflush(stdout);
}

void dm_send_report_failures(const struct dm_send *send) {
    for (guint i = 0; i < send->files->len; i++) {
        const struct dm_send_file *file = send->files->pdata[i];
        if (file->state == DM_SEND_FAILED) {
            g_autofree char *path = dm_path_display(file->path);
            g_autofree char *message = dm_path_display(file->message);
            g_autofree char *reason = dm_path_display(file->reason);
            dm_cli_say(EX_DATAERR, "%s: %s (%s)", path, message, reason);
        }
    }
}

void dm_send_say_how_to_go_on(const struct dm_send *send) {
    bool is_plain =
        strspn(send->name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.") == strlen(send->name);
    g_autofree char *name = is_plain ? g_strdup(send->name) : g_shell_quote(send->name);
    fprintf(stderr, "%zu of %u sent; the same command with --name %s %s\n", send->sent,
            send->files->len, name,
            send->sent < send->files->len ? "goes on"
            : send->waits                 ? "waits on"
                                          : "and --wait waits for the results");
}
